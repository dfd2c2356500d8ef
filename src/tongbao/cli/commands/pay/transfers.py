"""Banks' transfers (pacs.008, pacs.009) at the counter: judged, shown, signed, sent, answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from tongbao.cli.commands.pay.counter import Counter, message_id
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


def transfers(counter: Counter, read: TransferMessage) -> None:
    """Each transfer: its costs shown, signed, sent; pacs.002 for all, camt.054 for what settled."""
    plans, statuses = _judged(counter, read)
    if counter.dry_run:
        statuses += [told for one in plans if (told := _tried(counter, one)) is not None]
        refused = {one.path for one in statuses}
        plans = [one for one in plans if one.transfer.path not in refused]
    _show(plans, statuses, counter)
    if counter.dry_run:
        _tell_dry(plans, statuses, counter)
        return
    fresh = any(one.action is not None for one in plans)
    if fresh and not counter.yes and (output.json or not typer.confirm(
        output.text("Sign these payments at exactly these costs?")
    )):  # fmt: skip
        output.fail("Nothing was signed; --yes asks nothing.")
    tracks = [track for one in plans if (track := _ordered(counter, one, statuses)) is not None]
    _report(counter, read, statuses, tracks)


def _judged(counter: Counter, read: TransferMessage) -> tuple[list[Planned], list[PaymentStatus]]:
    """What can be ordered, and the answers to the rest."""
    from tongbao.iso20022.model import Status
    from tongbao.iso20022.reasons import status_of
    from tongbao.paymentfiles import banking
    from tongbao.sdk.answers import Problem

    numbers = [n for one in read.transfers for n in
               (one.debtor_account.number, one.creditor_account.number) if n]  # fmt: skip
    accounts = counter.ledger.resolve(numbers)
    plans: list[Planned] = []
    statuses: list[PaymentStatus] = []
    names = banking.payment_uetrs(read, counter.digest)
    for transfer, uetr in zip(read.transfers, names, strict=True):
        if not transfer.accepted:
            rejected = status_of(transfer.path, transfer.findings, {}, Status.REJECTED)
            said = "；".join(one.message_zh for one in transfer.findings)
            counter.told_zh[transfer.path] = said
            statuses.append(rejected)
            continue
        try:
            plans.append(_planned(counter, transfer, accounts, uetr))
            counter.book.remember(uetr, banking.names_of(transfer, read))
        except (banking.OrderRefused, Problem) as fault:
            statuses.append(counter.refused(transfer.path, fault))
    return plans, statuses


def _planned(
    counter: Counter, transfer: CreditTransfer, accounts: dict[str, str], uetr: str
) -> Planned:
    from tongbao.paymentfiles import banking
    from tongbao.sdk.fx import pay_abroad

    known = counter.track(uetr)
    order = banking.order_of(transfer, accounts, counter.ledger, uetr, known)
    if known is not None:
        banking.require_same(order, known)
        return Planned(transfer, order, None)
    banking.require_day(transfer.settlement_date, datetime.now(UTC), counter.zone)
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

    from tongbao.paymentfiles import banking
    from tongbao.sdk import travel_rule

    first, second = banking.people(transfer)
    digests = ("", "")
    if counter.nonce:
        digests = (travel_rule.subject_digest(first, counter.nonce),
                   travel_rule.subject_digest(second, counter.nonce))  # fmt: skip
    if not counter.seal_to or counter.dry_run:
        return digests, ""
    keys = {
        party: base64.b64decode(counter.ledger.corridors.sealing_key(party).public)
        for party in counter.seal_to
    }
    raw = travel_rule.seal(travel_rule.ivms(first, second), uetr, keys)
    counter.keep(f"travel_{uetr}", f"{uetr}.travel.json", raw)
    return digests, travel_rule.envelope_digest(raw)


def _tried(counter: Counter, one: Planned) -> PaymentStatus | None:
    """Why the ledger would refuse it now; None where it would not."""
    from tongbao.kernel.money import owner_of
    from tongbao.paymentfiles import banking

    if one.action is None:
        return None
    tried = counter.try_out(one.action, owner_of(one.order.payer), "pacs008/dry-run")
    if tried.done or tried.name == "NOT_SIGNED":
        return None
    fault = banking.OrderRefused(
        banking.reason_of(tried.name), "{text} ({name})", text=tried.text, name=tried.name
    )
    refused = counter.refused(one.transfer.path, fault)
    counter.told_zh[one.transfer.path] = f"{tried.text_zh}（{tried.name}）"
    counter.broken.add(tried.name)
    return refused


def _costs(one: Planned, counter: Counter) -> list[dict[str, str]]:
    return [
        {"kind": c.kind, "receiver": c.receiver, "asset": c.asset,
         "amount": money(c.amount_minor, c.asset, counter.decimals)}
        for c in (one.action.costs if one.action else ())
    ]  # fmt: skip


def _show(plans: list[Planned], refused: list[PaymentStatus], counter: Counter) -> None:
    """What is ordered, and beside it what is refused and why."""
    if output.json:
        return
    rows = [
        [one.order.uetr, one.order.payer, one.order.payee,
         one.debited or output.text("known already"), one.credited,
         "; ".join(f"{c['kind']} {c['amount']} > {c['receiver']}" for c in _costs(one, counter))]
        for one in plans
    ]  # fmt: skip
    if rows or not refused:
        columns = ["UETR", "payer", "payee", "debited", "credited", "costs"]
        output.table(output.text("Ordered"), columns, rows)
    if refused:
        lines = [[one.reason, counter.why(one), one.path] for one in refused]
        title = output.text("Refused, nothing of these moved")
        output.table(title, ["reason", "why", "place"], lines, ["place"], "place")
        counter.say_ways()


def _refusals(statuses: list[PaymentStatus]) -> list[dict[str, Any]]:
    return [
        {"path": one.path, "reason": one.reason, "why": " ".join(one.texts)}
        for one in statuses
        if one.status.value == "RJCT"
    ]


def _tell_dry(plans: list[Planned], refused: list[PaymentStatus], counter: Counter) -> None:
    value = {
        "dry_run": True, "transfers": len(plans) + len(refused),
        "payments": [
            {"path": one.transfer.path, "uetr": one.order.uetr, "payer": one.order.payer,
             "payee": one.order.payee, "debited": one.debited, "credited": one.credited,
             "known": one.action is None, "costs": _costs(one, counter)}
            for one in plans
        ],
        "refused": _refusals(refused),
    }  # fmt: skip
    output.result(value, lambda: output.say("Nothing was sent."))
    if refused:
        raise SystemExit(EXIT_REFUSED)


def _ordered(counter: Counter, one: Planned, statuses: list[PaymentStatus]) -> PaymentTrack | None:
    from tongbao.kernel.money import owner_of
    from tongbao.paymentfiles import banking
    from tongbao.sdk.answers import Problem

    path = one.transfer.path
    try:
        if one.action is not None:
            counter.submit(one.action, owner_of(one.order.payer), "pacs008", one.order.uetr)
        track = counter.track(one.order.uetr)
    except Problem as problem:
        statuses.append(counter.refused(path, problem))
        return None
    assert track is not None  # it was there before, or has just been ordered
    statuses.append(banking.status(track, path))
    return track


def _report(
    counter: Counter,
    read: TransferMessage,
    statuses: list[PaymentStatus],
    tracks: list[PaymentTrack],
) -> None:
    from tongbao import iso20022
    from tongbao.paymentfiles import banking

    now = datetime.now(UTC)
    name = message_id(now)
    report = iso20022.report_on(read, statuses, message_id=name, created_at=now)
    counter.write("pacs.002", iso20022.write_pacs002(report), name, now)
    notices, untold = [], {}
    for one in tracks:
        if not int(one.debited_minor):
            continue
        try:
            notices.append(banking.debit_notice(one, counter.decimals, counter.account))
        except banking.OrderRefused as fault:
            untold[one.uetr] = str(fault)
    if notices:
        name = message_id(now, "N")
        raw = iso20022.write_camt054(notices, message_id=name, created_at=now)
        counter.write("camt.054", raw, name, now)
    told = {one.path: one.status.value for one in statuses}
    value = {"transfers": len(read.transfers), "statuses": told,
             "uetrs": [one.uetr for one in tracks], "refused": _refusals(statuses),
             **({"no_notice": untold} if untold else {}), **counter.written}  # fmt: skip
    _tell(counter, statuses, tracks, untold, value)


def _tell(
    counter: Counter,
    statuses: list[PaymentStatus],
    tracks: list[PaymentTrack],
    untold: dict[str, str],
    value: dict[str, Any],
) -> None:
    refused = [one for one in statuses if one.status.value == "RJCT"]

    def showing() -> None:
        for one in tracks:
            output.say(
                Both(f"{one.uetr}: {one.state}", f"{one.uetr}：{output.value('state', one.state)}")
            )
        for late in refused:
            why = f"{late.reason} {counter.why(late)}"
            output.say("{path}: refused, {why}", "yellow", path=late.path, why=why)
        counter.say_ways()
        for uetr, why in untold.items():
            output.say(
                "{uetr} is settled; no camt.054 can tell it: {why}", "yellow", uetr=uetr, why=why
            )
        for name in counter.written.values():
            output.say("  {name}", name=name)

    output.result(value, showing)
    if refused:
        raise SystemExit(EXIT_REFUSED)
