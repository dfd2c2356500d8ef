"""After a payment within the ledger: the same commands as after one abroad, by its UETR."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tongbao.cli.client.looking import moment
from tongbao.cli.shell.options import money
from tongbao.cli.shell.output import output
from tongbao.kernel.wording import message

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from tongbao.kernel.transaction import Transaction
    from tongbao.sdk import Client
    from tongbao.sdk.documents import Found
    from tongbao.sdk.documents_corridors import PaymentTrack
    from tongbao.sdk.documents_payments import LedgerPayment

STATES = {
    "waiting": message("waits for its time"),
    "settled": message("settled, for good"),
    "returned": message("returned"), "cancelled": message("cancelled"),
    "refused": message("refused when its time came"),
}  # fmt: skip
REQUESTS = {
    "open": message("return requested, awaits the payee's answer"),
    "returned": message("accepted: returned"),
    "declined": message("declined"),
    "lapsed": message("lapsed without an answer"),
}


def abroad_or_within(ledger: Client, uetr: str) -> PaymentTrack | LedgerPayment:
    """The payment abroad or within the ledger that a UETR, or that of a return of it, names."""
    from tongbao.sdk.answers import Problem

    try:
        return ledger.corridors.track(uetr)
    except Problem as problem:
        if problem.status != 404:
            raise
        return ledger.payments.payment(uetr)


def is_within(found: PaymentTrack | LedgerPayment) -> TypeIs[LedgerPayment]:
    """Whether it is one within the ledger."""
    return not hasattr(found, "corridor")


def settled_under(ledger: Client, uetr: str) -> list[Found]:
    """Settled payments with a UETR of which the lists alone still know; each is final."""
    return [one for one in ledger.search(uetr, kind="payment") if one.uetr == uetr]


def show_settled(uetr: str, settled: list[Found], decimals: dict[str, int]) -> None:
    """Transfers within the ledger, as one value or as a table."""
    rows = [
        [moment(one.time_ms), one.payer, one.payee,
         money(one.amount_minor or "0", one.asset, decimals), one.payee_reference, one.remittance,
         str(one.height)]
        for one in settled
    ]  # fmt: skip
    columns = ["time (UTC)", "payer", "payee", "amount", "reference", "remittance", "block"]
    title = output.text("{uetr}: settled, for good", uetr=uetr)
    value = {
        "uetr": uetr, "state": "settled",
        "payments": [msgspec.to_builtins(one) for one in settled],
    }  # fmt: skip
    output.result(value, lambda: output.table(title, columns, rows))


def show(ledger: Client, found: LedgerPayment, decimals: dict[str, int]) -> None:
    """A payment for people: what it was, its returns, the request for one."""
    reported = settled_under(ledger, found.uetr)
    value = {
        **msgspec.to_builtins(found), "payments": [msgspec.to_builtins(one) for one in reported],
    }  # fmt: skip
    output.result(value, lambda: _tell(found, reported, decimals))


def _tell(found: LedgerPayment, reported: list[Found], decimals: dict[str, int]) -> None:
    returned = money(found.returned_minor, found.asset, decimals)
    facts = {
        output.text("payment"): found.uetr,
        output.text("state"): output.text(STATES.get(found.state, found.state)),
        output.text("since (UTC)"): moment(found.at_ms),
        output.text("from"): found.payer, output.text("to"): found.payee,
        output.text("amount"): money(found.amount_minor, found.asset, decimals),
        output.text("returned"): returned if found.returns else "",
        output.text("reference"): found.payee_reference,
        output.text("purpose"): " ".join(one.remittance for one in reported),
        output.text("block"): " ".join(str(one.height) for one in reported),
    }  # fmt: skip
    if found.request is not None:
        one = found.request
        words = output.text(REQUESTS.get(one.state, one.state))
        facts[output.text("request")] = " ".join(filter(None, (words, one.reason, one.note)))
    output.facts("", {name: value for name, value in facts.items() if value})
    if found.returns:
        lines = [
            [moment(r.at_ms), r.return_uetr, money(r.amount_minor, found.asset, decimals),
             r.reason, r.note]
            for r in found.returns
        ]  # fmt: skip
        columns = ["time (UTC)", "UETR", "came back", "reason", "note"]
        output.table(output.text("Returns"), columns, lines)


def returning(
    found: LedgerPayment, minor: int, reason: str, note: str, name: str = ""
) -> Transaction:
    """Its return, of an amount or (0) of all that remains, under a new UETR."""
    from tongbao.modules.payments import ReturnTransfer
    from tongbao.sdk.build import uetr

    return ReturnTransfer(found.uetr, name or uetr(), reason, minor, note)


def cancelling(found: LedgerPayment, reason: str, note: str) -> Transaction:
    """What its payer can do: cancel what waits; ask for the return of what is settled."""
    from tongbao.modules.payments import CancelScheduled, RequestReturn

    if found.state == "waiting":
        return CancelScheduled(found.schedule, f"{reason} {note}".strip()[:140])
    return RequestReturn(found.uetr, reason, note)


def answering(found: LedgerPayment, reason: str, note: str, *, accept: bool) -> Transaction:
    """The payee's answer to a request: a return of all that remains, or a refusal of it."""
    from tongbao.modules.payments import DeclineReturn

    if not accept:
        return DeclineReturn(found.uetr, reason, note)
    if found.request is None or found.request.state != "open":
        output.fail(
            "nobody asks for the return of {uetr}; `tongbao pay return` gives it back",
            uetr=found.uetr,
        )
    return returning(found, 0, reason, note)


def confirm(found: LedgerPayment) -> None:
    """Settlement within the ledger credits the payee itself: there is nothing left to confirm."""
    if found.state not in ("settled", "returned"):
        output.fail(
            "{uetr} is {state}: nothing was credited yet",
            uetr=found.uetr,
            state=output.value("state", found.state),
        )
    value = {**msgspec.to_builtins(found), "credited_minor": found.amount_minor}
    output.result(
        value,
        lambda: output.say(
            "{uetr} was credited to {payee} when it settled, {at} UTC: nothing is left to confirm.",
            uetr=found.uetr,
            payee=found.payee,
            at=moment(found.at_ms),
        ),
    )
