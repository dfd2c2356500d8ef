"""Settling a payment: debit, conversion, credit and every charge, all of them or none."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.kernel.approvals import require_active
from tongbao.kernel.codes import require
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.converting import carry, quoted
from tongbao.modules.corridors.costs import after_charges, bearer_in, charges, in_words, total
from tongbao.modules.corridors.events import Charged, PaymentSettled
from tongbao.modules.corridors.model import CRED, RECEIVE, SEND, SETTLED, Cost, Payment, Step, Terms
from tongbao.modules.corridors.permissions import bank_of
from tongbao.modules.corridors.rules import moved, pass_rules, require_open_now
from tongbao.modules.corridors.serving import require_served
from tongbao.modules.corridors.state import PURPOSE, terms_of
from tongbao.modules.payments import Journal

FEE_REFERENCE = "charges"
"""What the receiver of a charge knows it by."""


def most_debited(payment: Payment, terms: Terms) -> int:
    """The most that the payer's account can be debited with: what is set aside while it waits."""
    most = payment.limit_minor if payment.exact == RECEIVE else payment.instructed_minor
    if bearer_in(terms, payment.bearer) == CRED:
        return most
    # No charge falls as its base grows: what is converted costs at most what the most would.
    return most + total(_send_charges(payment, terms, most))


def require_servers(view: ReadView, payment: Payment, terms: Terms) -> None:
    """Both banks serve the corridor."""
    for account, role in ((payment.payer, "sender"), (payment.payee, "receiver")):
        require_served(view, payment.corridor, terms, bank_of(view, account), role)


def settle(
    ledger: WriteView, journal: Journal, payment: Payment, *, decided: bool = False
) -> tuple[Payment, tuple[Event, ...]]:
    """Carry a payment out; what happened is for the action to yield. What is set aside for it is
    released first.

    The charges are computed again from the terms it was accepted under and from what was really
    converted; they have to be those that were shown and signed, to the unit. The rules are asked
    of what was really converted, now; `decided`: a screener let it go, whatever results say.
    """
    terms = terms_of(ledger, payment)
    require_active(ledger, owner_of(payment.payer))
    require_open_now(ledger, payment)
    if payment.aside_minor:
        journal.release(payment.payer, payment.send_asset, PURPOSE, payment.aside_minor)
    bearer = bearer_in(terms, payment.bearer)
    amount = payment.instructed_minor
    if payment.exact == SEND and bearer == CRED:
        taken = _send_charges(payment, terms, amount)
        amount = after_charges(amount, taken, payment.send_asset)
    _require_maker(ledger, payment, terms)
    happened: list[Event] = []
    converted, arrived = carry(ledger, journal, payment, amount, happened)
    base = moved(payment, converted)
    payment = pass_rules(ledger, payment, base, decided=decided)
    sent = _send_charges(payment, terms, base)
    got = charges(terms, RECEIVE, bearer, payment.receive_asset, payment.payee, arrived)
    require(
        (*sent, *got) == payment.costs, CorridorsCode.COSTS_DIFFER,
        shown=in_words(payment.costs), charged=in_words((*sent, *got)),
    )  # fmt: skip
    credited = after_charges(arrived, got, payment.receive_asset)
    for payer, lines in ((payment.payer, sent), (payment.payee, got)):
        for cost in lines:
            # The payee's limits say what it pays out; charges on what it is paid are not that.
            journal.pay(
                payer, cost.receiver, cost.asset, cost.amount_minor, FEE_REFERENCE,
                counted=payer == payment.payee,
            )  # fmt: skip
    debited = converted + total(sent)
    settled = replace(
        payment, state=SETTLED, aside_minor=0, debited_minor=debited, converted_minor=converted,
        arrived_minor=arrived, credited_minor=credited,
        steps=(*payment.steps, Step(SETTLED, ledger.time_ms)),
    )  # fmt: skip
    reported = PaymentSettled(
        payment.uetr, debited, converted, arrived, credited, payment.limit_minor,
        payment.send_asset, payment.receive_asset, payment.route, payment.quote,
    )  # fmt: skip
    charged = (
        Charged(payment.uetr, one.kind, one.receiver, one.asset, one.amount_minor)
        for one in payment.costs
    )
    return settled, (*happened, *charged, reported)


def _require_maker(view: ReadView, payment: Payment, terms: Terms) -> None:
    """A market maker whose own quote is used serves the corridor."""
    quote = quoted(view, payment)
    if quote is not None and quote.maker:
        maker = owner_of(quote.maker)
        require_served(view, payment.corridor, terms, maker, "maker")


def _send_charges(payment: Payment, terms: Terms, base: int) -> tuple[Cost, ...]:
    bearer = bearer_in(terms, payment.bearer)
    return charges(terms, SEND, bearer, payment.send_asset, payment.payer, base)
