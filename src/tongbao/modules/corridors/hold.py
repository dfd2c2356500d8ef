"""What is held: released, refused, executed on new terms, or ended by time."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import Refusal, Value, require
from tongbao.kernel.fields import Amount, PartyId, RowId, Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.registry import Broken
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import decimals_in
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.empowered import (
    PAYMENTS as PAYMENT_SCOPE,
)
from tongbao.modules.corridors.empowered import SCREENING, require_screener
from tongbao.modules.corridors.events import PaymentStepped
from tongbao.modules.corridors.model import (
    CLEARED,
    ENDED,
    HELD,
    MAX_STEPS,
    REFUSED,
    WAITING,
    Cost,
    Hops,
    Payment,
    Step,
    check_text,
)
from tongbao.modules.corridors.pay import TIMER, journal_of
from tongbao.modules.corridors.rules import uncounted
from tongbao.modules.corridors.screen import (
    SCREENING_HIT,
    SCREENING_MISSING,
    TRAVEL_RULE_MISSING,
    require_no_hit_since,
)
from tongbao.modules.corridors.settling import settle
from tongbao.modules.corridors.state import (
    PURPOSE,
    WAITING_BY_PAYER,
    put_payment,
    require_payment,
    terms_of,
)
from tongbao.modules.corridors.terms import check_costs, check_route
from tongbao.modules.payments import Journal


def require_state(payment: Payment, *wanted: str) -> None:
    """Refuse where a payment is in another state."""
    require(
        payment.state in wanted, CorridorsCode.WRONG_STATE,
        uetr=payment.uetr, state=payment.state, wanted=" or ".join(wanted),
    )  # fmt: skip


def require_short(payment: Payment) -> None:
    """Refuse what would let the record of a payment grow without end."""
    count = len(payment.steps)
    there: dict[str, Value] = {"uetr": payment.uetr, "limit": MAX_STEPS}
    require(count < MAX_STEPS, CorridorsCode.TOO_MANY_STEPS, **there)


def stop(ledger: WriteView, journal: Journal, payment: Payment, step: Step) -> PaymentStepped:
    """End a payment that waits: its money is free again, and it counts for no day.

    The step's name is its last state.
    """
    ledger.unschedule(payment.deadline_ms, TIMER, payment.uetr)
    journal.release(payment.payer, payment.send_asset, PURPOSE, payment.aside_minor)
    steps = (*payment.steps, step)
    payment = uncounted(ledger, payment)
    stopped = replace(payment, state=step.name, aside_minor=0, cancellation=None, steps=steps)
    put_payment(ledger, stopped)
    return PaymentStepped(payment.uetr, step.name, step.name, step.by, step.reason, step.note)


class _Decision(Transaction):
    """What one of the corridor's screeners, or a supervisor, decides on a held payment."""

    uetr: Uetr
    by: PartyId
    note: str
    """Why, in words."""

    def signers(self, view: ReadView) -> Signers:
        """Who decides."""
        return (Approval(self.by, SCREENING),)

    def check(self) -> None:
        """Shape."""
        check_text("note", self.note, 1, 140)

    def admit(self, view: ReadView) -> None:
        """A held payment, by one who may."""
        payment = require_payment(view, self.uetr)
        require_screener(view, terms_of(view, payment), self.by)
        require_state(payment, HELD)


@transaction(code=7011, scope=SCREENING)
class ReleasePayment(_Decision, tag="corridors.release"):
    """Let a held payment go on: it settles at once as it was signed.

    Where that is no longer possible (the price moved, the quote expired, the corridor is closed) it
    is `cleared`: its money stays aside and its payer may execute it on new terms.
    """

    def admit(self, view: ReadView) -> None:
        """Nothing that it lacks is still missing."""
        super().admit(view)
        payment = require_payment(view, self.uetr)
        lacks = TRAVEL_RULE_MISSING in payment.held_for and not payment.travel_rule
        require(not lacks, CorridorsCode.ENVELOPE_MISSING, uetr=self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Settle, or clear and say why it could not settle."""
        payment = require_payment(ledger, self.uetr)
        step = Step("released", ledger.time_ms, self.by, note=self.note)
        payment = replace(payment, steps=(*payment.steps, step))
        journal = journal_of(ledger, "corridors.release", payment)
        try:
            with ledger.attempt():
                settled, told = settle(ledger, journal, payment, decided=True)
        except Refusal as refusal:
            journal = journal_of(ledger, "corridors.release", payment)
            words = refusal.code.text(refusal.values, decimals_in(ledger))[:140]
            why = Step(CLEARED, ledger.time_ms, reason=str(int(refusal.code)), note=words)
            cleared = replace(payment, state=CLEARED, steps=(*payment.steps, why))
            put_payment(ledger, cleared)
            yield PaymentStepped(payment.uetr, "released", HELD, self.by, note=self.note)
            yield PaymentStepped(payment.uetr, CLEARED, CLEARED, reason=why.reason, note=words)
        else:
            ledger.unschedule(payment.deadline_ms, TIMER, payment.uetr)
            put_payment(ledger, settled)
            yield PaymentStepped(payment.uetr, "released", HELD, self.by, note=self.note)
            yield from told
        yield journal.posted()


@transaction(code=7012, scope=SCREENING)
class RefusePayment(_Decision, tag="corridors.refuse"):
    """Refuse a held payment, with a reason: its money is free again."""

    reason: str = "RR04"
    """ISO 20022 external status reason; RR04 is a regulatory one."""

    def check(self) -> None:
        """Shape."""
        super().check()
        check_text("reason", self.reason, 1, 4)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """End it."""
        payment = require_payment(ledger, self.uetr)
        journal = journal_of(ledger, "corridors.refuse", payment)
        step = Step(REFUSED, ledger.time_ms, self.by, self.reason, self.note)
        yield stop(ledger, journal, payment, step)
        yield journal.posted()


@transaction(code=7013, scope=PAYMENT_SCOPE)
class ExecutePayment(Transaction, tag="corridors.execute"):
    """Settle a cleared payment on a price and costs of now, signed by its payer again.

    Every rule is asked of what moves now: what it was measured at when it was accepted, and what
    its former limit was, counts for nothing.
    """

    uetr: Uetr
    limit_minor: Amount = 0
    """As in the payment: least that arrives, or most that is converted."""
    costs: tuple[Cost, ...] = ()
    route: Hops = ()
    quote: RowId = ""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        payment = require_payment(view, self.uetr)
        return (Approval(owner_of(payment.payer), PAYMENT_SCOPE),)

    def check(self) -> None:
        """Shape."""
        check_amount(self.limit_minor, "limit_minor", low=0)
        check_costs(self.costs)
        check_route(self.route)
        check_text("quote", self.quote, 0, 160)

    def admit(self, view: ReadView) -> None:
        """A cleared payment; a route or a quote where it is converted."""
        payment = require_payment(view, self.uetr)
        require_state(payment, CLEARED)
        released = max(step.at_ms for step in payment.steps if step.name == CLEARED)
        require_no_hit_since(view, terms_of(view, payment), payment, released)
        two = payment.send_asset != payment.receive_asset
        fits = bool(self.route) != bool(self.quote) if two else not (self.route or self.quote)
        require(fits, CorridorsCode.QUOTE_OR_ROUTE)
        check_amount(self.limit_minor, "limit_minor", low=int(two))

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Settle."""
        old = require_payment(ledger, self.uetr)
        two = old.send_asset != old.receive_asset
        limit = self.limit_minor if two else old.limit_minor
        payment = replace(
            old, limit_minor=limit, costs=self.costs, route=self.route, quote=self.quote
        )
        journal = journal_of(ledger, "corridors.execute", payment)
        ledger.unschedule(payment.deadline_ms, TIMER, payment.uetr)
        settled, told = settle(ledger, journal, payment, decided=_was_screened(payment))
        put_payment(ledger, settled)
        yield from told
        yield journal.posted()


def _was_screened(payment: Payment) -> bool:
    """Whether whoever released it decided on its two ends: it was held for them, not for less."""
    return any(reason in payment.held_for for reason in (SCREENING_HIT, SCREENING_MISSING))


def hold_ends(ledger: WriteView, uetr: str) -> Iterator[Event]:
    """Timer: nobody decided in time, or the payer did not execute: the money is free again."""
    payment = require_payment(ledger, uetr)
    require_state(payment, *WAITING)
    journal = journal_of(ledger, TIMER, payment)
    yield stop(ledger, journal, payment, Step(ENDED, ledger.time_ms, reason="deadline"))
    yield journal.posted()


def give_way(ledger: WriteView, account: str, asset: str, why: str) -> Iterator[Broken]:
    """Refuse the waiting payments of an account for a lawful order, the next to end first."""
    for (_, _, _, uetr), _ in list(ledger.scan(WAITING_BY_PAYER, account, asset)):
        payment = require_payment(ledger, uetr)
        journal = journal_of(ledger, "assets.clawback", payment)
        step = Step(REFUSED, ledger.time_ms, "", "RR04", f"clawback: {why}"[:140])
        told = stop(ledger, journal, payment, step)
        yield Broken(f"payment {uetr}", (told, journal.posted()))
