"""`tongbao pay bank`, `pay message`: banks' own messages about payments abroad, in and out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.acting import Sending
from tongbao.cli.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.counter import Counter, message_id
from tongbao.cli.inquiries import cancellations, questions, returns
from tongbao.cli.options import decimals_of, money
from tongbao.cli.output import output
from tongbao.cli.sending import signs
from tongbao.cli.wallets import open_wallet

if TYPE_CHECKING:
    from tongbao.gateway.banking import Order
    from tongbao.gateway.iso20022.interbank import CreditTransfer, TransferMessage
    from tongbao.gateway.iso20022.model import PaymentStatus
    from tongbao.sdk.documents_corridors import PaymentTrack

KINDS = ("pacs.002", "pacs.004", "camt.054")


def register(pay: typer.Typer) -> None:
    """Add the commands to the group `pay`."""
    pay.command("bank")(bank)
    pay.command("message")(message)


@signs
def bank(
    path: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, move nothing.")] = False,
    nonce: Annotated[
        str, typer.Option(help="Of the digests under which both ends were screened.")
    ] = "",
    seal_to: Annotated[
        list[str] | None, typer.Option(help="Seal the travel-rule data to this party; repeat.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of answers; default: beside it.")] = None,
    sign: Annotated[str, typer.Option("--sign", help="Labels of the keys.")] = "",
    *,
    how: Sending,
) -> None:
    """Carry out a bank's message: pacs.008, camt.056, pacs.004 or pacs.028; write its answers."""
    from tongbao.cli.findings import tell_findings
    from tongbao.gateway.iso20022 import DocumentRefused, read_document

    content = path.read_bytes()
    try:
        kind = read_document(content).message[:8]
        if kind != "pacs.008" and kind not in _HANDLERS:
            known = ", ".join(("pacs.008", *_HANDLERS))
            output.fail(f"{path}: {kind} is none of {known}", f"{path}：{kind} 不属于 {known}")
        with client(how.url, how.home) as ledger:
            purse = open_wallet(how.home, how.wallet, how.passphrase_file)
            counter = Counter(
                ledger, purse, decimals_of(ledger),
                out or path.parent, path.stem, hashlib.sha256(content).hexdigest(), sign, nonce,
                tuple(seal_to or ()),
            )  # fmt: skip
            counter.folder.mkdir(parents=True, exist_ok=True)
            if kind == "pacs.008":
                _transfers(counter, content, yes, dry_run)
            else:
                _HANDLERS[kind](counter, content, dry_run)
    except DocumentRefused as refused:
        tell_findings(path, refused)


# ---- pacs.008 ------------------------------------------------------------------------------------


def _transfers(counter: Counter, content: bytes, yes: bool, dry_run: bool) -> None:
    """Each transfer: its costs shown, signed, sent; pacs.002 for all, camt.054 for what settled."""
    from tongbao.gateway import banking, iso20022

    read = iso20022.read_pacs008(content)
    numbers = [n for one in read.transfers for n in
               (one.debtor_account.number, one.creditor_account.number)]  # fmt: skip
    accounts = counter.ledger.resolve(numbers)
    plans: list[Planned] = []
    statuses: list[PaymentStatus] = []
    for transfer in read.transfers:
        try:
            if transfer.accepted:
                plans.append(_planned(counter, transfer, accounts))
        except banking.OrderRefused as fault:
            statuses.append(banking.refused_status(transfer.path, fault))
    _show(plans, statuses, counter)
    if dry_run:
        return
    fresh = any(one.action is not None for one in plans)
    if fresh and not yes and (output.json or not typer.confirm(
        output.text("Sign these payments at exactly these costs?", "按以上费用签署这些付款？")
    )):  # fmt: skip
        output.fail("Nothing was signed; --yes asks nothing.", "未签署；--yes 不再询问。")
    tracks = [track for one in plans if (track := _ordered(counter, one, statuses)) is not None]
    _report(counter, read, statuses, tracks)


@dataclass
class Planned:
    """A transfer with what it orders; no action where the ledger has the payment already."""

    transfer: CreditTransfer
    order: Order
    action: Any
    debited: str = ""
    credited: str = ""


def _planned(counter: Counter, transfer: CreditTransfer, accounts: dict[str, str]) -> Planned:
    from tongbao.gateway import banking
    from tongbao.sdk.fx import pay_abroad

    order = banking.order_of(transfer, accounts, counter.ledger)
    if counter.track(order.uetr) is not None:
        return Planned(transfer, order, None)
    options = counter.ledger.corridors.options(
        order.send_asset, order.receive_asset, send=order.send_minor, bearer=order.bearer,
        payer=order.payer, payee=order.payee,
    )  # fmt: skip
    option = next((one for one in options.options if one.corridor), None)
    if option is None:
        raise banking.OrderRefused("NARR", "no corridor carries that amount now")
    if int(option.arrived_minor) < order.least_minor:
        raise banking.OrderRefused("AM09", "less arrives than the interbank settlement amount")
    digests, envelope = _ends(counter, transfer, order.uetr)
    action = pay_abroad(
        options, option, order.payer, order.payee, order.uetr, payee_reference=order.reference,
        purpose=order.purpose, remittance=order.remittance, document=counter.digest,
        originator=digests[0], beneficiary=digests[1], travel_rule=envelope,
    )  # fmt: skip
    return Planned(
        transfer, order, action, money(option.debited_minor, order.send_asset, counter.decimals),
        money(option.credited_minor, order.receive_asset, counter.decimals),
    )  # fmt: skip


def _ends(counter: Counter, transfer: CreditTransfer, uetr: str) -> tuple[tuple[str, str], str]:
    """Digests of the two ends, and the digest of the envelope that is written for them."""
    import base64

    from tongbao.gateway import banking
    from tongbao.sdk import travel_rule

    first, second = banking.people(transfer)
    digests = ("", "")
    if counter.nonce:
        digests = (travel_rule.subject_digest(first, counter.nonce),
                   travel_rule.subject_digest(second, counter.nonce))  # fmt: skip
    if not counter.seal_to:
        return digests, ""
    keys = {
        party: base64.b64decode(counter.ledger.corridors.sealing_key(party).public)
        for party in counter.seal_to
    }
    raw = travel_rule.seal(travel_rule.ivms(first, second), uetr, keys)
    path = counter.folder / f"{counter.stem}.{uetr[:8]}.travel.json"
    path.write_bytes(raw)
    counter.written[f"travel_{uetr[:8]}"] = str(path)
    return digests, travel_rule.envelope_digest(raw)


def _show(plans: list[Planned], refused: list[PaymentStatus], counter: Counter) -> None:
    rows = [
        [one.order.uetr, one.order.payer, one.order.payee,
         one.debited or output.text("known already", "已存在"), one.credited,
         "; ".join(f"{c.kind} {money(c.amount_minor, c.asset, counter.decimals)} > {c.receiver}"
                   for c in (one.action.costs if one.action else ()))]
        for one in plans
    ]  # fmt: skip
    if not output.json:
        columns = ["UETR", "payer", "payee", "debited", "credited", "costs"]
        output.table(output.text("Ordered", "付款指令"), columns, rows)
        for one in refused:
            output.say(f"{one.path}: {one.reason} {' '.join(one.texts)}",
                       f"{one.path}：{one.reason} {' '.join(one.texts)}", "yellow")  # fmt: skip


def _ordered(counter: Counter, one: Planned, statuses: list[PaymentStatus]) -> PaymentTrack | None:
    from tongbao.gateway import banking
    from tongbao.kernel.money import owner_of
    from tongbao.sdk.answers import Problem

    path = one.transfer.path
    try:
        if one.action is not None:
            reference = f"pacs008/{counter.digest[:16]}/{one.order.uetr[:8]}"
            counter.submit(one.action, owner_of(one.order.payer), reference)
        track = counter.ledger.corridors.payment(one.order.uetr)
    except Problem as problem:
        statuses.append(banking.refused_status(path, problem))
        return None
    statuses.append(banking.status(track, path))
    return track


def _report(
    counter: Counter,
    read: TransferMessage,
    statuses: list[PaymentStatus],
    tracks: list[PaymentTrack],
) -> None:
    from tongbao.gateway import banking, iso20022

    now = datetime.now(UTC)
    report = iso20022.report_on(read, statuses, message_id=message_id(now), created_at=now)
    counter.write("pacs.002", iso20022.write_pacs002(report))
    settled = [one for one in tracks if int(one.debited_minor)]
    notices = [banking.debit_notice(one, counter.decimals) for one in settled]
    if notices:
        counter.write("camt.054", iso20022.write_camt054(
            notices, message_id=message_id(now, "N"), created_at=now
        ))  # fmt: skip
    told = {one.path: one.status.value for one in statuses}
    value = {"transfers": len(read.transfers), "statuses": told,
             "uetrs": [one.uetr for one in tracks], **counter.written}  # fmt: skip

    def showing() -> None:
        for one in tracks:
            output.say(f"{one.uetr}: {one.state}", f"{one.uetr}：{one.state}")
        for name in counter.written.values():
            output.say(f"  {name}", f"  {name}")

    output.result(value, showing)


_HANDLERS: dict[str, Callable[[Counter, bytes, bool], None]] = {
    "camt.056": cancellations, "pacs.004": returns, "pacs.028": questions,
}  # fmt: skip


# ---- out -----------------------------------------------------------------------------------------


def message(
    uetr: Annotated[str, typer.Argument(metavar="UETR")],
    kind: Annotated[str, typer.Option("--as", help=", ".join(KINDS))],
    side: Annotated[str, typer.Option(help="camt.054 for the payer or the payee.")] = "payer",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """A payment as a bank's message: its status, its returns, or the notice for one side."""
    from tongbao.gateway import banking, iso20022
    from tongbao.gateway.iso20022.interbank import Original, ReturnMessage
    from tongbao.gateway.iso20022.writing import iso_time

    if kind not in KINDS:
        output.fail(f"{kind} is none of {', '.join(KINDS)}", f"{kind} 不属于 {', '.join(KINDS)}")
    with client(url, home) as ledger:
        track, decimals = ledger.corridors.payment(uetr), decimals_of(ledger)
    now = datetime.now(UTC)
    if kind == "pacs.002":
        original = Original(end_to_end_id=track.payee_reference or banking.NOT_PROVIDED,
                            uetr=track.uetr)  # fmt: skip
        told = iso20022.transaction_status(original, banking.status(track, ""))
        report = iso20022.StatusReport("", message_id(now), iso_time(now), transactions=(told,))
        raw = iso20022.write_pacs002(report)
    elif kind == "pacs.004":
        if not track.returns:
            output.fail(f"nothing of {uetr} was returned", f"{uetr} 没有退回")
        returns = tuple(banking.payment_return(track, one) for one in track.returns)
        raw = iso20022.write_pacs004(
            ReturnMessage("", message_id(now), iso_time(now), "INDA", returns=returns)
        )
    else:
        if not int(track.debited_minor):
            output.fail(f"{uetr} is not settled: nothing is booked", f"{uetr} 尚未结算，没有记账")
        notice = banking.credit_notice if side == "payee" else banking.debit_notice
        raw = iso20022.write_camt054(
            [notice(track, decimals)], message_id=message_id(now), created_at=now
        )
    if out is None:
        typer.echo(raw.decode())
        return
    out.write_bytes(raw)
    output.result({"file": str(out)}, lambda: output.say(str(out), str(out)))
