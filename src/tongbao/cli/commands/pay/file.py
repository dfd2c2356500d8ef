"""`tongbao pay file`: a bank's file, checked, signed, settled and answered."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from tongbao.cli.client.acting import Sending
from tongbao.cli.client.connect import client
from tongbao.cli.client.findings import MAX_SHOWN, tell_findings
from tongbao.cli.client.sending import signs
from tongbao.cli.client.wallets import open_wallet
from tongbao.cli.shell.output import EXIT_REFUSED, amount_text, output
from tongbao.files import write_private
from tongbao.words import Both, sentence

if TYPE_CHECKING:
    from tongbao.iso20022.findings import DocumentRefused
    from tongbao.paymentfiles import Plan, Settled, Terms
    from tongbao.paymentfiles.paying import Outcome
    from tongbao.sdk import Client

_KIND = re.compile(r"(.*?)((?:\.pain\.002|\.camt\.054)?\.[^.]*|)")
Signers = Annotated[
    str, typer.Option("--sign", help="Labels of the keys that sign, e.g. maker,checker.")
]


@signs
def pay_file(
    path: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, move nothing.")
    ] = False,
    whole: Annotated[
        bool | None, typer.Option("--whole/--each", help="Override BtchBookg.")
    ] = None,
    sign: Signers = "maker,checker",
    out: Annotated[
        Path | None, typer.Option(help="Folder for answers; default: beside the file.")
    ] = None,
    *,
    how: Sending,
) -> None:
    """Pay a pain.001: check it, sign each batch, settle, answer with pain.002 and camt.054.

    A requested date that lies ahead is refused (DT01): the desk waits, this command does not. The
    same file again moves nothing and gives the first answer. Status 1 where any payment of the file
    is refused, 0 where all are settled.
    """
    from tongbao.iso20022 import DocumentRefused
    from tongbao.modules import protocols
    from tongbao.paymentfiles import paying

    content = path.read_bytes()
    folder = out or path.parent
    registry = protocols().newest
    with client(how.url, how.home) as ledger:
        terms = _terms(ledger)
        try:
            found = paying.looked_up(content, ledger, registry, terms, whole=whole)
        except DocumentRefused as refused:
            _file_refused(path, folder, refused, write=not dry_run)
        if dry_run:
            _dry_run(path, found, terms, ledger)
            return
        if found.plan.batches:
            folder.mkdir(parents=True, exist_ok=True)
        outcome = _settle(found, how, sign, ledger)
        _answer(path, folder, outcome, terms, ledger)


def _terms(ledger: Client) -> Terms:
    """Now, and the zone in which the node keeps its accounts."""
    from tongbao.iso20022.dates import zone_named
    from tongbao.node.clock import utc_ms
    from tongbao.paymentfiles import Terms

    return Terms(utc_ms(), zone_named(ledger.status().zone))


def _settle(found: Any, how: Sending, sign: str, ledger: Client) -> Outcome:
    """Sign and send what is missing."""
    from tongbao import paymentfiles
    from tongbao.modules import protocols
    from tongbao.paymentfiles import paying

    labels = [label for label in sign.split(",") if label]
    batches = found.plan.batches
    purse = open_wallet(how.home, how.wallet, how.passphrase_file) if batches else None
    status = ledger.status()

    def seal(batch: paymentfiles.Batch) -> paymentfiles.Sealed:
        assert purse is not None
        return paymentfiles.sign(batch, status.chain, status.time_ms, purse, labels)

    what = output.text("settling")
    with output.progress(what, sum(len(batch.lines) for batch in batches)) as step:
        return paying.pay(found, seal, ledger, protocols().newest, step)


def _file_refused(path: Path, folder: Path, refused: DocumentRefused, *, write: bool) -> NoReturn:
    """Say exactly what is wrong, and answer the customer with a pain.002 that rejects the file."""
    from tongbao.iso20022 import write_pain002_refusal

    answer = ""
    if write:
        now = datetime.now(UTC)
        name = f"TB{now:%Y%m%d%H%M%S%f}"
        content = write_pain002_refusal(refused, message_id=name, created_at=now)
        folder.mkdir(parents=True, exist_ok=True)
        place = free_place(folder / f"{path.stem}.pain.002.xml", content)
        write_private(place, content)
        answer = str(place)
    tell_findings(path, refused, pain_002=answer)


def _dry_run(path: Path, found: Any, terms: Terms, ledger: Client) -> None:
    """Every check that settling would make, and nothing moves."""
    from tongbao.sdk.build import build

    status = ledger.status()
    tried: list[dict[str, Any]] = []
    for batch in found.plan.batches:
        expires = status.time_ms + 3_600_000
        body = build(status.chain, batch.party, batch.reference, batch.actions, expires, batch.memo)
        outcome = ledger.simulate(body)
        alone = sum(len(one.get("failed", ())) for one in outcome.events)
        tried.append({
            "reference": batch.reference, "payments": len(batch.lines),
            "totals": _sums(batch.lines), "refused": len(batch.lines) if outcome.code else alone,
            "code": outcome.code, "name": outcome.name,
            "text": output.text(Both(outcome.text, outcome.text_zh)),
            "approvals": [f"{a.party}/{a.scope}: {a.keys}" for a in outcome.approvals],
        })  # fmt: skip
    refused = _refused_rows(found.plan)
    paid = sum(len(one.paid()) for one in found.settled)
    value = {
        "file": str(path), "dry_run": True, "zone": terms.zone_name, "settled_before": paid,
        "batches": tried, "refused": refused,
    }  # fmt: skip

    def show() -> None:
        rows = [
            [t["reference"], str(t["payments"]), _reported(t["totals"]), t["name"], t["text"],
             " ".join(t["approvals"])]
            for t in tried
        ]  # fmt: skip
        columns = ["batch", "payments", "total", "result", "why", "approvals needed"]
        output.table(output.text("Would settle"), columns, rows)
        _show_refused(refused)
        if paid:
            output.say(
                "{paid} payment(s) of this file were settled before: they are not paid again.",
                "yellow",
                paid=paid,
            )
        output.say("Nothing moved.")

    output.result(value, show)
    if refused or any(one["refused"] for one in tried):
        raise SystemExit(EXIT_REFUSED)


def _sums(lines: Any) -> dict[str, str]:
    """Currency -> sum in units."""
    from tongbao.paymentfiles.plan import totals_of

    decimals = {line.currency: line.decimals for line in lines}
    return {k: amount_text(v, decimals[k]) for k, v in totals_of(lines).items()}


def _reported(sums: dict[str, str]) -> str:
    return ", ".join(f"{amount} {currency}" for currency, amount in sums.items())


def _refused_rows(planned: Plan) -> list[dict[str, Any]]:
    from tongbao.iso20022.reasons import reason_of

    return [
        {"line": one.line, "path": one.path, "end_to_end_id": refused.line.end_to_end_id,
         "value": one.value, "reason": reason_of(one), "rule": one.rule,
         "text": output.text(Both(one.message_en, one.message_zh))}
        for refused in planned.refused
        for one in refused.findings
    ]  # fmt: skip


def _show_refused(refused: list[dict[str, Any]]) -> None:
    if refused:
        rows = [[str(v) for v in r.values()] for r in refused[:MAX_SHOWN]]
        title = output.text("Refused")
        columns = ["line", "path", "end-to-end id", "value", "reason", "rule", "why"]
        output.table(title, columns, rows)
        if len(refused) > MAX_SHOWN:
            output.say(
                "{max_shown} of {count} are shown; all are in the pain.002 and in --json.",
                max_shown=MAX_SHOWN,
                count=len(refused),
            )


def _answer(path: Path, folder: Path, outcome: Outcome, terms: Terms, ledger: Client) -> None:
    """Say what happened, and write answers and receipts. Money that moved is shown first of all:
    an answer that cannot be written changes nothing about it."""
    paid = [line for batch in outcome.settled for line in batch.paid()]
    refusals = _refused_rows(outcome.plan) + _ledger_refusals(outcome.settled)
    refused = len({row["path"] for row in refusals if row["path"]})
    written: dict[str, str] = {}
    receipts: list[str] = []
    unwritten = _write(path, folder, outcome, ledger, written, receipts)
    value = {
        "file": str(path), "payments": len(outcome.plan.file.lines), "settled": len(paid),
        "refused": len(outcome.plan.file.lines) - len(paid), "totals": _sums(paid),
        "earlier": outcome.earlier, "zone": terms.zone_name, **written, "receipts": receipts,
        "refusals": refusals, "unwritten": unwritten, "broken_off": outcome.broken_off,
    }  # fmt: skip
    output.result(value, lambda: _show(value, refusals, outcome))
    if refused or unwritten or outcome.broken_off or not paid:
        raise SystemExit(EXIT_REFUSED)


def _show(value: dict[str, Any], refusals: list[dict[str, Any]], outcome: Outcome) -> None:
    if outcome.earlier:
        at = outcome.answered_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        output.say(
            "This file was paid before ({at}): nothing moved now. This is the earlier answer.",
            "yellow",
            at=at,
        )
    sums = _reported(value["totals"]) or "0"
    output.say(
        "{settled} of {payments} payments settled, {sums}",
        "green" if not value["refused"] else "yellow",
        settled=value["settled"],
        payments=value["payments"],
        sums=sums,
    )
    _show_refused(refusals)
    if outcome.broken_off:
        output.say(
            "The node stopped answering ({broken_off}): run the same command again. What"
            " is settled is not paid twice.",
            "yellow",
            broken_off=outcome.broken_off,
        )
    for kind, why in value["unwritten"].items():
        output.say(
            "{kind} could not be written: {why}. The payments above are settled all the same.",
            "yellow",
            kind=kind,
            why=why,
        )
    for name in (value.get("pain_002"), value.get("camt_054"), *value["receipts"]):
        if name:
            output.say("  {name}", name=name)


def _write(
    path: Path, folder: Path, outcome: Outcome, ledger: Client, written: dict[str, str],
    receipts: list[str],
) -> dict[str, str]:  # fmt: skip
    """Write pain.002, camt.054 and receipts; what could not be written, and why."""
    from tongbao import paymentfiles
    from tongbao.iso20022 import DocumentRefused

    at = outcome.answered_at
    name = f"TB{outcome.digest[:12]}{at:%y%m%d%H%M%S}"
    settled, unwritten = list(outcome.settled), dict[str, str]()
    for kind in ("pain.002", "camt.054"):
        try:
            content = (
                paymentfiles.status_report(
                    outcome.plan, settled, message_id=name + "S", created_at=at
                )
                if kind == "pain.002"
                else paymentfiles.notification(
                    settled,
                    message_id=name + "N",
                    created_at=at,
                    original=outcome.plan.file.message_id,
                )
            )
            if content is not None:
                folder.mkdir(parents=True, exist_ok=True)
                place = free_place(folder / f"{path.stem}.{kind}.xml", content)
                write_private(place, content)
                written[kind.replace(".", "_")] = str(place)
        except (DocumentRefused, OSError) as fault:
            unwritten[kind] = str(fault)
    for number, batch in enumerate(settled, start=1):
        if batch.height:
            place = folder / f"{path.stem}.receipt-{number}.json"
            try:
                write_private(place, ledger.receipt(batch.digest))
                receipts.append(str(place))
            except OSError as fault:
                unwritten[place.name] = str(fault)
    return unwritten


def _ledger_refusals(settled: tuple[Settled, ...]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for batch in settled:
        for place, line in enumerate(batch.batch.lines):
            reply = batch.refusal or batch.failed.get(place)
            if reply is not None:
                rows.append({
                    "line": line.line, "path": line.path, "end_to_end_id": line.end_to_end_id,
                    "value": line.creditor_account.number, "reason": reply.iso_reason,
                    "rule": f"{reply.code.name} {int(reply.code)}",
                    "text": sentence(reply.code.template, dict(reply.values), output.language),
                })  # fmt: skip
    return rows


def free_place(path: Path, content: bytes) -> Path:
    """Where an answer goes: the path itself, unless another answer stands there that tells of
    settled payments; then the next free `<name>.2.<kind>`, so that no good answer is lost."""
    place, number = path, 1
    while _stays(place, content):
        number += 1
        found = _KIND.fullmatch(path.name)
        name, kind = found.groups() if found else (path.name, "")
        place = path.with_name(f"{name}.{number}{kind}")
    return place


def _stays(place: Path, content: bytes) -> bool:
    try:
        there = place.read_bytes()
    except OSError:
        return False
    return there != content and (b">ACSC<" in there or b"BkToCstmrDbtCdtNtfctn" in there)
