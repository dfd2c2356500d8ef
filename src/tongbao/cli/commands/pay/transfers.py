"""Banks' transfers (pacs.008, pacs.009) at the counter: judged, shown, signed, sent, answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from tongbao.cli.commands.pay.teller import Teller, message_id
from tongbao.cli.shell.options import money
from tongbao.cli.shell.output import EXIT_REFUSED, output
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.iso20022.interbank.model import CreditTransfer, TransferMessage
    from tongbao.iso20022.model import PaymentStatus
    from tongbao.paymentfiles.banking import Order
    from tongbao.sdk.documents_corridors import PaymentTrack


@dataclass
class Planned:
    """A transfer with what it orders; no action where the ledger has the payment already."""

    transfer: CreditTransfer
    order: Order
    action: Any
    debited: str = ""
    credited: str = ""


def transfers(teller: Teller, read: TransferMessage) -> None:
    """Each transfer: its costs shown, signed, sent; pacs.002 for all, camt.054 for what settled."""
    plans, statuses = _judged(teller, read)
    if teller.dry_run:
        statuses += [reported for one in plans if (reported := _tried(teller, one)) is not None]
        refused = {one.path for one in statuses}
        plans = [one for one in plans if one.transfer.path not in refused]
    _show(plans, statuses, teller)
    if teller.dry_run:
        _tell_dry(plans, statuses, teller)
        return
    fresh = any(one.action is not None for one in plans)
    if fresh and not teller.yes and (output.json or not typer.confirm(
        output.text("Sign these payments at exactly these costs?")
    )):  # fmt: skip
        output.fail("Nothing was signed; --yes asks nothing.")
    tracks = [track for one in plans if (track := _ordered(teller, one, statuses)) is not None]
    _report(teller, read, statuses, tracks)


def _judged(teller: Teller, read: TransferMessage) -> tuple[list[Planned], list[PaymentStatus]]:
    """What can be ordered, and the answers to the rest."""
    from tongbao.iso20022.model import Status
    from tongbao.iso20022.reasons import status_of
    from tongbao.paymentfiles import banking
    from tongbao.sdk.answers import Problem

    numbers = [n for one in read.transfers for n in
               (one.debtor_account.number, one.creditor_account.number) if n]  # fmt: skip
    accounts = teller.ledger.accounts.resolve(numbers)
    plans: list[Planned] = []
    statuses: list[PaymentStatus] = []
    names = banking.payment_uetrs(read, teller.digest)
    for transfer, uetr in zip(read.transfers, names, strict=True):
        if not transfer.accepted:
            rejected = status_of(transfer.path, transfer.findings, {}, Status.REJECTED)
            reply = "；".join(one.message_zh for one in transfer.findings)
            teller.text_zh[transfer.path] = reply
            statuses.append(rejected)
            continue
        try:
            plans.append(_planned(teller, transfer, accounts, uetr))
            teller.book.remember(uetr, banking.names_of(transfer, read))
        except (banking.OrderRefused, Problem) as fault:
            statuses.append(teller.refused(transfer.path, fault))
    return plans, statuses


def _planned(
    teller: Teller, transfer: CreditTransfer, accounts: dict[str, str], uetr: str
) -> Planned:
    from tongbao.paymentfiles import banking
    from tongbao.sdk.fx import pay_abroad

    known = teller.track(uetr)
    order = banking.order_of(transfer, accounts, teller.ledger, uetr, known)
    if known is not None:
        banking.require_same(order, known)
        return Planned(transfer, order, None)
    banking.require_day(transfer.settlement_date, datetime.now(UTC), teller.zone)
    options = teller.ledger.corridors.options(
        order.send_asset, order.receive_asset, send=order.send_minor, bearer=order.bearer,
        payer=order.payer, payee=order.payee,
    )  # fmt: skip
    option = next((one for one in options.options if one.corridor), None)
    if option is None:
        raise banking.OrderRefused("NARR", "no corridor carries that amount now")
    if int(option.arrived_minor) < order.least_minor:
        raise banking.OrderRefused("AM09", "less arrives than the interbank settlement amount")
    digests, envelope = _ends(teller, transfer, order.uetr)
    action = pay_abroad(
        options, option, order.payer, order.payee, order.uetr, payee_reference=order.reference,
        purpose=order.purpose, remittance=order.remittance, document=teller.digest,
        originator=digests[0], beneficiary=digests[1], travel_rule=envelope,
    )  # fmt: skip
    return Planned(
        transfer, order, action, money(option.debited_minor, order.send_asset, teller.decimals),
        money(option.credited_minor, order.receive_asset, teller.decimals),
    )  # fmt: skip


def _ends(teller: Teller, transfer: CreditTransfer, uetr: str) -> tuple[tuple[str, str], str]:
    """Digests of the two ends, and the digest of the envelope that is written for them."""
    import base64

    from tongbao.paymentfiles import banking
    from tongbao.sdk import travel_rule

    first, second = banking.people(transfer)
    digests = ("", "")
    if teller.nonce:
        digests = (travel_rule.subject_digest(first, teller.nonce),
                   travel_rule.subject_digest(second, teller.nonce))  # fmt: skip
    if not teller.seal_to or teller.dry_run:
        return digests, ""
    keys = {
        party: base64.b64decode(teller.ledger.corridors.sealing_key(party).public)
        for party in teller.seal_to
    }
    raw = travel_rule.seal(travel_rule.ivms(first, second), uetr, keys)
    teller.keep(f"travel_{uetr}", f"{uetr}.travel.json", raw)
    return digests, travel_rule.envelope_digest(raw)


def _tried(teller: Teller, one: Planned) -> PaymentStatus | None:
    """Why the ledger would refuse it now; None where it would not."""
    from tongbao.kernel.money import owner_of
    from tongbao.paymentfiles import banking

    if one.action is None:
        return None
    tried = teller.try_out(one.action, owner_of(one.order.payer), "pacs008/dry-run")
    if tried.done or tried.name == "NOT_SIGNED":
        return None
    fault = banking.OrderRefused(
        banking.reason_of(tried.name), "{text} ({name})", text=tried.text, name=tried.name
    )
    refused = teller.refused(one.transfer.path, fault)
    teller.text_zh[one.transfer.path] = f"{tried.text_zh}（{tried.name}）"
    teller.broken.add(tried.name)
    return refused


def _costs(one: Planned, teller: Teller) -> list[dict[str, str]]:
    return [
        {"kind": c.kind, "receiver": c.receiver, "asset": c.asset,
         "amount": money(c.amount_minor, c.asset, teller.decimals)}
        for c in (one.action.costs if one.action else ())
    ]  # fmt: skip


def _show(plans: list[Planned], refused: list[PaymentStatus], teller: Teller) -> None:
    """What is ordered, and beside it what is refused and why."""
    if output.json:
        return
    rows = [
        [one.order.uetr, one.order.payer, one.order.payee,
         one.debited or output.text("known already"), one.credited,
         "; ".join(f"{c['kind']} {c['amount']} > {c['receiver']}" for c in _costs(one, teller))]
        for one in plans
    ]  # fmt: skip
    if rows or not refused:
        columns = ["UETR", "payer", "payee", "debited", "credited", "costs"]
        output.table(output.text("Ordered"), columns, rows)
    if refused:
        lines = [[one.reason, teller.why(one), one.path] for one in refused]
        title = output.text("Refused, nothing of these moved")
        output.table(title, ["reason", "why", "place"], lines, ["place"], "place")
        teller.list_options()


def _refusals(statuses: list[PaymentStatus]) -> list[dict[str, Any]]:
    return [
        {"path": one.path, "reason": one.reason, "why": " ".join(one.texts)}
        for one in statuses
        if one.status.value == "RJCT"
    ]


def _tell_dry(plans: list[Planned], refused: list[PaymentStatus], teller: Teller) -> None:
    value = {
        "dry_run": True, "transfers": len(plans) + len(refused),
        "payments": [
            {"path": one.transfer.path, "uetr": one.order.uetr, "payer": one.order.payer,
             "payee": one.order.payee, "debited": one.debited, "credited": one.credited,
             "known": one.action is None, "costs": _costs(one, teller)}
            for one in plans
        ],
        "refused": _refusals(refused),
    }  # fmt: skip
    output.result(value, lambda: output.say("Nothing was sent."))
    if refused:
        raise SystemExit(EXIT_REFUSED)


def _ordered(teller: Teller, one: Planned, statuses: list[PaymentStatus]) -> PaymentTrack | None:
    from tongbao.kernel.money import owner_of
    from tongbao.paymentfiles import banking
    from tongbao.sdk.answers import Problem

    path = one.transfer.path
    try:
        if one.action is not None:
            teller.submit(one.action, owner_of(one.order.payer), "pacs008", one.order.uetr)
        track = teller.track(one.order.uetr)
    except Problem as problem:
        statuses.append(teller.refused(path, problem))
        return None
    assert track is not None  # it was there before, or has just been ordered
    statuses.append(banking.status(track, path))
    return track


def _report(
    teller: Teller,
    read: TransferMessage,
    statuses: list[PaymentStatus],
    tracks: list[PaymentTrack],
) -> None:
    from tongbao import iso20022
    from tongbao.paymentfiles import banking

    now = datetime.now(UTC)
    name = message_id(now)
    report = iso20022.report_on(read, statuses, message_id=name, created_at=now)
    teller.write("pacs.002", iso20022.write_pacs002(report), name, now)
    notices, unsent = [], {}
    for one in tracks:
        if not int(one.debited_minor):
            continue
        try:
            notices.append(banking.debit_notice(one, teller.decimals, teller.account))
        except banking.OrderRefused as fault:
            unsent[one.uetr] = str(fault)
    if notices:
        name = message_id(now, "N")
        raw = iso20022.write_camt054(notices, message_id=name, created_at=now)
        teller.write("camt.054", raw, name, now)
    reported = {one.path: one.status.value for one in statuses}
    value = {"transfers": len(read.transfers), "statuses": reported,
             "uetrs": [one.uetr for one in tracks], "refused": _refusals(statuses),
             **({"no_notice": unsent} if unsent else {}), **teller.written}  # fmt: skip
    _tell(teller, statuses, tracks, unsent, value)


def _tell(
    teller: Teller,
    statuses: list[PaymentStatus],
    tracks: list[PaymentTrack],
    unsent: dict[str, str],
    value: dict[str, Any],
) -> None:
    refused = [one for one in statuses if one.status.value == "RJCT"]

    def showing() -> None:
        for one in tracks:
            output.say(
                Both(f"{one.uetr}: {one.state}", f"{one.uetr}：{output.value('state', one.state)}")
            )
        for late in refused:
            why = f"{late.reason} {teller.why(late)}"
            output.say("{path}: refused, {why}", "yellow", path=late.path, why=why)
        teller.list_options()
        for uetr, why in unsent.items():
            output.say(
                "{uetr} is settled; no camt.054 can tell it: {why}", "yellow", uetr=uetr, why=why
            )
        for name in teller.written.values():
            output.say("  {name}", name=name)

    output.result(value, showing)
    if refused:
        raise SystemExit(EXIT_REFUSED)
