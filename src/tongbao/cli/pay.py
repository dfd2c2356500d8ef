"""`tongbao pay`: payment files and single payments, with maker and checker."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn

import typer

from tongbao.cli.acting import Sending
from tongbao.cli.connect import client
from tongbao.cli.contents import Growing
from tongbao.cli.findings import MAX_SHOWN, tell_findings
from tongbao.cli.output import amount_text, minor_units, output
from tongbao.cli.sending import signs
from tongbao.cli.wallets import open_wallet

if TYPE_CHECKING:
    from tongbao.gateway.desk import Plan, Settled
    from tongbao.gateway.iso20022.findings import DocumentRefused
    from tongbao.gateway.iso20022.model import PaymentFile
    from tongbao.sdk.client import Client

pay = typer.Typer(cls=Growing, help="Pay: a bank's file, or one payment.", no_args_is_help=True)
Signers = Annotated[
    str, typer.Option("--sign", help="Labels of the keys that sign, e.g. maker,checker.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from tongbao.cli import banking, tracking

    tracking.register(pay)
    banking.register(pay)
    app.add_typer(pay, name="pay")


@pay.command("file")
@signs
def file(
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
    """Pay a pain.001: check it, sign each batch, settle, answer with pain.002 and camt.054."""
    from tongbao.gateway import desk
    from tongbao.gateway.iso20022 import DocumentRefused, read_pain001
    from tongbao.modules import protocols

    content = path.read_bytes()
    folder = out or path.parent
    try:
        read = read_pain001(content)
    except DocumentRefused as refused:
        _file_refused(path, folder, refused, write=not dry_run)
    registry = protocols().newest
    with client(how.url, how.home) as ledger:
        directory = desk.HttpDirectory(ledger)
        directory.prepare(_numbers(read))
        planned = desk.plan(read, content, directory, whole=whole)
        if dry_run:
            _dry_run(path, planned, ledger)
            return
        labels = [label for label in sign.split(",") if label]
        purse = open_wallet(how.home, how.wallet, how.passphrase_file)
        status = ledger.status()
        sealed = [
            desk.sign(batch, status.chain, status.time_ms, purse, labels)
            for batch in planned.batches
        ]
        what = output.text("settling", "结算")
        with output.progress(what, sum(len(batch.lines) for batch in planned.batches)) as step:
            settled = desk.send(sealed, ledger, registry, step)
        _answer(path, folder, planned, settled, ledger)


def _numbers(read: PaymentFile) -> list[str]:
    numbers = [group.debtor_account.number for group in read.groups]
    return numbers + [line.creditor_account.number for line in read.lines]


def _file_refused(path: Path, folder: Path, refused: DocumentRefused, *, write: bool) -> NoReturn:
    """Say exactly what is wrong, and answer the customer with a pain.002 that rejects the file."""
    from tongbao.gateway.iso20022 import write_pain002_refusal

    answer = folder / f"{path.stem}.pain.002.xml"
    if write:
        now = datetime.now(UTC)
        answer.write_bytes(
            write_pain002_refusal(refused, message_id=_message_id(now), created_at=now)
        )
    tell_findings(path, refused, pain_002=str(answer) if write else "")


def _message_id(now: datetime) -> str:
    return f"TB{now:%Y%m%d%H%M%S%f}"


def _dry_run(path: Path, planned: Plan, ledger: Client) -> None:
    """Every check that settling would make, and nothing moves."""
    from tongbao.sdk.build import build

    status = ledger.status()
    tried: list[dict[str, Any]] = []
    for batch in planned.batches:
        expires = status.time_ms + 3_600_000
        body = build(status.chain, batch.party, batch.reference, batch.actions, expires)
        outcome = ledger.simulate(body)
        tried.append({
            "reference": batch.reference, "payments": len(batch.lines),
            "total_minor": str(batch.total_minor), "code": outcome.code, "name": outcome.name,
            "text": output.text(outcome.text, outcome.text_zh),
            "approvals": [f"{a.party}/{a.scope}: {a.keys}" for a in outcome.approvals],
        })  # fmt: skip
    refused = _refused_rows(planned)
    value = {"file": str(path), "dry_run": True, "batches": tried, "refused": refused}

    def show() -> None:
        rows = [
            [t["reference"], str(t["payments"]), t["total_minor"], t["name"], t["text"],
             " ".join(t["approvals"])]
            for t in tried
        ]  # fmt: skip
        columns = ["batch", "payments", "total (minor)", "result", "why", "approvals needed"]
        output.table(output.text("Would settle", "试算结果"), columns, rows)
        _show_refused(refused)
        output.say("Nothing moved.", "未发生任何资金移动。")

    output.result(value, show)


def _refused_rows(planned: Plan) -> list[dict[str, Any]]:
    return [
        {"line": r.line.line, "path": r.line.path, "end_to_end_id": r.line.end_to_end_id,
         "value": r.line.creditor_account.number, "reason": r.reason, "rule": r.rule,
         "text": output.text(r.text_en, r.text_zh)}
        for r in planned.refused
    ]  # fmt: skip


def _show_refused(refused: list[dict[str, Any]]) -> None:
    if refused:
        rows = [[str(v) for v in r.values()] for r in refused[:MAX_SHOWN]]
        title = output.text(f"Refused: {len(refused)}", f"被拒绝：{len(refused)} 笔")
        columns = ["line", "path", "end-to-end id", "value", "reason", "rule", "why"]
        output.table(title, columns, rows)


def _answer(
    path: Path, folder: Path, planned: Plan, settled: list[Settled], ledger: Client
) -> None:
    """Write the answers and receipts, and say what happened."""
    from tongbao.gateway import desk

    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    report = folder / f"{path.stem}.pain.002.xml"
    report.write_bytes(
        desk.status_report(planned, settled, message_id=_message_id(now), created_at=now)
    )
    written = {"pain_002": str(report)}
    booked = desk.notification(settled, message_id=_message_id(now)[:34] + "N", created_at=now)
    if booked is not None:
        notice = folder / f"{path.stem}.camt.054.xml"
        notice.write_bytes(booked)
        written["camt_054"] = str(notice)
    receipts: list[str] = []
    for number, batch in enumerate(settled, start=1):
        if batch.height:
            target = folder / f"{path.stem}.receipt-{number}.json"
            target.write_bytes(ledger.receipt(batch.digest))
            receipts.append(str(target))
    paid = [line for batch in settled for line in batch.paid()]
    refusals = _refused_rows(planned) + _ledger_refusals(settled)
    value = {
        "file": str(path), "payments": len(planned.file.lines), "settled": len(paid),
        "refused": len(planned.file.lines) - len(paid), **written, "receipts": receipts,
        "refusals": refusals,
    }  # fmt: skip

    def show() -> None:
        totals: dict[str, int] = {}
        decimals = {line.currency: line.decimals for line in paid}
        for line in paid:
            totals[line.currency] = totals.get(line.currency, 0) + line.amount_minor
        sums = " ".join(f"{amount_text(v, decimals[k])} {k}" for k, v in totals.items())
        output.say(
            f"{len(paid)} of {value['payments']} payments settled, {sums}",
            f"{value['payments']} 笔中 {len(paid)} 笔已结算，共 {sums}",
            "green" if not value["refused"] else "yellow",
        )
        _show_refused(refusals)
        for name in (*written.values(), *receipts):
            output.say(f"  {name}", f"  {name}")

    output.result(value, show)
    if not paid:
        raise SystemExit(1)


def _ledger_refusals(settled: list[Settled]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for batch in settled:
        for place, line in enumerate(batch.batch.lines):
            said = batch.refusal or batch.failed.get(place)
            if said is not None:
                rows.append({
                    "line": line.line, "path": line.path, "end_to_end_id": line.end_to_end_id,
                    "value": line.creditor_account.number, "reason": said.iso_reason,
                    "rule": f"{said.code.name} {int(said.code)}",
                    "text": said.code.text(output.language, dict(said.values)),
                })  # fmt: skip
    return rows


@pay.command("send")
@signs
def send(
    payer: Annotated[str, typer.Argument(help="Account that pays.")],
    payee: Annotated[str, typer.Argument(help="Account, IBAN or number that is paid.")],
    amount: Annotated[str, typer.Argument(help="In the asset's units, e.g. 1250.50.")],
    asset: Annotated[str, typer.Argument(help="Asset, e.g. CNY.")],
    reference: Annotated[str, typer.Option(help="Payee reference, at most 35 characters.")] = "",
    remittance: Annotated[str, typer.Option(help="What it is for.")] = "",
    name: Annotated[
        str, typer.Option("--name", help="Transaction reference; default: a new one.")
    ] = "",
    to: Annotated[
        str, typer.Option("--to", help="Across: exactly AMOUNT is sent, and arrives in this asset.")
    ] = "",
    source: Annotated[
        str, typer.Option("--from", help="Across: exactly AMOUNT arrives, paid from this asset.")
    ] = "",
    corridor: Annotated[str, typer.Option(help="Through this corridor.")] = "",
    bearer: Annotated[str, typer.Option(help="Charges: DEBT, CRED, SHAR or SLEV.")] = "SHAR",
    quote: Annotated[str, typer.Option(help="By a reserved quote.")] = "",
    purpose: Annotated[str, typer.Option(help="ISO purpose code, e.g. GDDS.")] = "",
    originator: Annotated[str, typer.Option(help="Digest of who pays, for screening.")] = "",
    beneficiary: Annotated[str, typer.Option(help="Digest of who is paid.")] = "",
    envelope: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Travel-rule envelope.")
    ] = None,
    uetr: Annotated[str, typer.Option(help="UETR; default: a new one.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    sign: Annotated[str, typer.Option("--sign", help="Labels of the keys that sign.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, move nothing.")] = False,
    *,
    how: Sending,
) -> None:
    """Pay one amount from one account to another; across currencies with --to, --from, --corridor.

    Across, every cost is shown with its receiver and confirmed before anything is signed.
    """
    if to or source or corridor or quote:
        from tongbao.cli.across import Across
        from tongbao.cli.across import pay as pay_across

        wanted = Across(
            payer, payee, amount, asset, to, source, corridor, bearer, quote, reference, purpose,
            remittance, originator, beneficiary, envelope, uetr, yes,
        )  # fmt: skip
        pay_across(wanted, how._replace(reference=name, sign=sign, dry_run=dry_run))
        return
    plain = Plain(payer, payee, amount, asset, reference, remittance, name, purpose, uetr)
    _send_at_home(plain, how._replace(sign=sign or "maker,checker", dry_run=dry_run))


class Plain(NamedTuple):
    """A payment in one asset between two accounts."""

    payer: str
    payee: str
    amount: str
    asset: str
    reference: str
    remittance: str
    name: str
    purpose: str
    uetr: str


def _send_at_home(wanted: Plain, how: Sending) -> None:
    from tongbao.kernel.money import owner_of
    from tongbao.modules.payments import Transfer
    from tongbao.sdk.build import build, new_reference, seal
    from tongbao.sdk.build import uetr as new_uetr

    with client(how.url, how.home) as ledger:
        payer, payee, amount, asset = wanted[:4]
        decimals = ledger.asset(asset).decimals
        minor = minor_units(amount, decimals, asset, "AMOUNT")
        moved = f"{amount_text(minor, decimals)} {asset}"
        target = ledger.resolve([payee]).get(payee, payee)
        party = owner_of(payer)
        transfer = Transfer(
            payer=payer, payee=target, asset=asset, amount_minor=minor,
            payee_reference=wanted.reference, remittance=wanted.remittance, purpose=wanted.purpose,
            uetr=wanted.uetr or new_uetr(),
        )  # fmt: skip
        status = ledger.status()
        expires = status.time_ms + 3_600_000
        body = build(status.chain, party, wanted.name or new_reference("P"), (transfer,), expires)
        if how.dry_run:
            tried = ledger.simulate(body)
            words = output.text(tried.text, tried.text_zh) or output.text("would settle", "可结算")
            output.result({"code": tried.code, "name": tried.name, "text": words},
                          lambda: output.say(words, words))  # fmt: skip
            return
        purse = open_wallet(how.home, how.wallet, how.passphrase_file)
        names = [f"{party}--{label}" for label in how.sign.split(",") if label]
        result = ledger.submit_and_wait(seal(body, purse.sign(body, names, namer=party)))
    value = {"digest": result.digest, "height": result.height, "uetr": transfer.uetr}
    output.result(
        value,
        lambda: output.say(
            f"Settled in block {result.height}: {moved} from {payer} to {target}."
            f" Receipt: tongbao receipt get {result.digest}",
            f"已在区块 {result.height} 结算：{payer} 向 {target} 支付 {moved}。"
            f"回执：tongbao receipt get {result.digest}",
            "green",
        ),
    )
