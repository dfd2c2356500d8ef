from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Amount, RowId, Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.holding import require_state
from tongbao.modules.corridors.journal import TIMER, journal_of
from tongbao.modules.corridors.model import CLEARED, Cost, Hops, Payment, check_text
from tongbao.modules.corridors.permissions import PAYMENTS as PAYMENT_SCOPE
from tongbao.modules.corridors.screening import (
    SCREENING_HIT,
    SCREENING_MISSING,
    require_no_hit_since,
)
from tongbao.modules.corridors.settling import settle
from tongbao.modules.corridors.state import put_payment, require_payment, terms_of
from tongbao.modules.corridors.terms import check_costs, check_route


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
        settled, reported = settle(ledger, journal, payment, decided=_was_screened(payment))
        put_payment(ledger, settled)
        yield from reported
        yield journal.posted()


def _was_screened(payment: Payment) -> bool:
    """Whether whoever released it decided on its two ends: it was held for them, not for less."""
    return any(reason in payment.held_for for reason in (SCREENING_HIT, SCREENING_MISSING))
