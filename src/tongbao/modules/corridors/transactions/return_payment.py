from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import Rounding, check_amount, divide, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.converting import carry
from tongbao.modules.corridors.events import PaymentReturned
from tongbao.modules.corridors.holding import require_short, require_state
from tongbao.modules.corridors.journal import journal_of
from tongbao.modules.corridors.model import (
    PAID,
    RECEIVE,
    RETURNED,
    SEND,
    TREATMENTS,
    Payment,
    Return,
    ReturnTerms,
    Step,
    check_text,
)
from tongbao.modules.corridors.permissions import PAYMENTS as PAYMENT_SCOPE
from tongbao.modules.corridors.state import PAYMENTS, RETURNS, put_payment, require_payment
from tongbao.modules.payments import Journal, check_uetr, claim_uetr

ORIGINAL_RATE, CURRENT_RATE, BENEFICIARY_CURRENCY = TREATMENTS


def check_return_terms(back: ReturnTerms) -> None:
    """A new UETR, and amounts that can be."""
    require(back.return_uetr, CorridorsCode.UETR_MISSING)
    check_uetr(back.return_uetr)
    known = back.treatment in TREATMENTS
    words = " ".join(TREATMENTS)
    require(known, CorridorsCode.BAD_TREATMENT, treatment=back.treatment[:24], known=words)
    check_amount(back.amount_minor, low=0)
    check_amount(back.limit_minor, "limit_minor", low=0)
    check_text("quote", back.quote, 0, 160)


def admit_return(view: ReadView, payment: Payment, back: ReturnTerms) -> None:
    """A new name, a payment that its payee has, no more than remains of it."""
    require_state(payment, *PAID)
    if back.amount_minor:
        require_short(payment)
    used = view.has(PAYMENTS, back.return_uetr) or view.has(RETURNS, back.return_uetr)
    require(not used, CorridorsCode.UETR_USED, uetr=back.return_uetr)
    converted = _is_converted(payment, back)
    fits = bool(back.route) != bool(back.quote) if converted else not (back.route or back.quote)
    require(fits, CorridorsCode.QUOTE_OR_ROUTE)
    check_amount(back.limit_minor, "limit_minor", low=int(converted))
    _within(payment, back.amount_minor, payment.credited_minor - payment.returned_minor,
            payment.receive_asset)  # fmt: skip


def _require_no_gain(payment: Payment, sent_back: int, apart: int) -> None:
    """Refuse what would give the payer more than it gave, in its own asset.

    A rate that moved in its favour does not, nor do several treatments together: what went back
    unconverted (`apart`) counts with what was given for that part, rounded up.
    """
    given, _ = divide(apart * payment.converted_minor, payment.arrived_minor, Rounding.UP)
    rest = payment.converted_minor - payment.returned_sent_minor - given
    _within(payment, sent_back, max(0, rest), payment.send_asset)


def _within(payment: Payment, amount: int, remaining: int, asset: str) -> None:
    require(
        amount <= remaining, CorridorsCode.RETURN_TOO_MUCH,
        uetr=payment.uetr, amount=str(amount), asset=asset, remaining=str(remaining),
    )  # fmt: skip


def _is_converted(payment: Payment, back: ReturnTerms) -> bool:
    two = payment.send_asset != payment.receive_asset
    return two and back.treatment != BENEFICIARY_CURRENCY


def return_money(
    ledger: WriteView, journal: Journal, payment: Payment, back: ReturnTerms, why: tuple[str, str]
) -> tuple[Payment, PaymentReturned, tuple[Event, ...]]:
    """Carry a return out; what was given back is counted on the original, on both sides.

    `why`: ISO reason and note. Gives the original as it is now, the return, and what happened at
    the exchange.
    """
    reason, note = why
    claim_uetr(ledger, back.return_uetr)
    part = back.amount_minor or payment.credited_minor - payment.returned_minor
    happened: list[Event] = []
    spent, received = _carry_back(ledger, journal, payment, back, part, happened)
    unconverted = back.treatment == BENEFICIARY_CURRENCY
    sent_back = 0 if unconverted else received
    apart = payment.returned_unconverted_minor + (part if unconverted else 0)
    _require_no_gain(payment, sent_back, apart)
    whole = payment.returned_minor + part == payment.credited_minor
    state = RETURNED if whole else payment.state
    step = Step(RETURNED if whole else "returned_part", ledger.time_ms, owner_of(payment.payee),
                reason, note)  # fmt: skip
    changed = replace(
        payment, state=state, returned_minor=payment.returned_minor + part,
        returned_sent_minor=payment.returned_sent_minor + sent_back,
        returned_unconverted_minor=apart,
        steps=(*payment.steps, step),
    )  # fmt: skip
    asset = payment.receive_asset if unconverted else payment.send_asset
    ledger.put(RETURNS, back.return_uetr, value=Return(
        payment.uetr, payment.payer, payment.payee, back.treatment, part, spent, asset, received,
        reason, ledger.time_ms, note,
    ))  # fmt: skip
    reported = PaymentReturned(
        payment.uetr, back.return_uetr, back.treatment, part, spent, asset, received, state,
        reason, note,
    )  # fmt: skip
    return changed, reported, tuple(happened)


def _carry_back(
    ledger: WriteView,
    journal: Journal,
    payment: Payment,
    back: ReturnTerms,
    part: int,
    happened: list[Event],
) -> tuple[int, int]:
    """(what left the payee's account, what came into the payer's)."""
    if not _is_converted(payment, back):
        reference = payment.payee_reference or "return"
        journal.pay(payment.payee, payment.payer, payment.receive_asset, part, reference)
        return part, part
    original = back.treatment == ORIGINAL_RATE
    # Rounded down, so that parts never add up to more than the whole; the payee keeps the rest.
    amount = (
        divide(part * payment.converted_minor, payment.arrived_minor, Rounding.DOWN)[0]
        if original
        else part
    )
    there: dict[str, Value] = {"amount": str(part), "asset": payment.receive_asset}
    require(amount > 0, CorridorsCode.RETURN_TOO_SMALL, **there)
    backward = replace(
        payment, payer=payment.payee, payee=payment.payer, send_asset=payment.receive_asset,
        receive_asset=payment.send_asset, exact=RECEIVE if original else SEND,
        limit_minor=back.limit_minor, route=back.route, quote=back.quote,
        payee_reference=payment.payee_reference or "return",
    )  # fmt: skip
    carried = carry(ledger, journal, backward, amount, happened)
    return carried.converted, carried.arrived


@transaction(code=7015, scope=PAYMENT_SCOPE)
class ReturnPayment(Transaction, tag="corridors.return"):
    """Give a payment back, whole or in part (pacs.004)."""

    uetr: Uetr
    """Of the original."""
    back: ReturnTerms
    reason: str
    """ISO 20022 external return reason, e.g. AC04, FOCR, MS03."""
    note: str = ""

    def signers(self, view: ReadView) -> Signers:
        """The payee's owner: it is its money."""
        payment = require_payment(view, self.uetr)
        return (Approval(owner_of(payment.payee), PAYMENT_SCOPE),)

    def check(self) -> None:
        check_text("reason", self.reason, 1, 4)
        check_text("note", self.note, 0, 140)
        check_return_terms(self.back)

    def admit(self, view: ReadView) -> None:
        """A payment that its payee has, and enough of it left."""
        admit_return(view, require_payment(view, self.uetr), self.back)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Give it back."""
        payment = require_payment(ledger, self.uetr)
        journal = return_journal(ledger, "corridors.return", payment, self.back)
        why = (self.reason, self.note)
        changed, reported, happened = return_money(ledger, journal, payment, self.back, why)
        put_payment(ledger, changed)
        yield from happened
        yield reported
        yield journal.posted()


def return_journal(ledger: WriteView, cause: str, payment: Payment, back: ReturnTerms) -> Journal:
    """A journal under the return's own UETR, about the original."""
    texts = replace(payment, uetr=back.return_uetr, remittance=f"return of {payment.uetr}")
    return journal_of(ledger, cause, texts)
