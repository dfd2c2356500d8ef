from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId, Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import CancellationAsked
from tongbao.modules.corridors.holding import require_short, require_state, stop
from tongbao.modules.corridors.journal import journal_of
from tongbao.modules.corridors.model import (
    CANCELLED,
    CLEARED,
    PAID,
    WAITING,
    Cancellation,
    Step,
    check_text,
)
from tongbao.modules.corridors.permissions import PAYMENTS as PAYMENT_SCOPE
from tongbao.modules.corridors.permissions import payee_side, payer_side, require_one_of
from tongbao.modules.corridors.state import put_payment, require_payment


@transaction(code=7016, scope=PAYMENT_SCOPE)
class AskCancellation(Transaction, tag="corridors.ask_cancellation"):
    """Ask to cancel. A cleared payment is its payer's own: there it is cancelled at once."""

    uetr: Uetr
    by: PartyId
    """Payer, payee, or the bank of one of them."""
    reason: str
    """ISO 20022 external cancellation reason, e.g. DUPL, CUST, FRAD, AM09."""
    note: str = ""

    def signers(self, view: ReadView) -> Signers:
        """Who asks."""
        return (Approval(self.by, PAYMENT_SCOPE),)

    def check(self) -> None:
        check_text("reason", self.reason, 1, 4)
        check_text("note", self.note, 0, 140)

    def admit(self, view: ReadView) -> None:
        """One of the two sides, a payment that can be cancelled, nobody else asking."""
        payment = require_payment(view, self.uetr)
        sides = (*payer_side(view, payment), *payee_side(view, payment))
        require_one_of(self.by, sides)
        require_state(payment, *WAITING, *PAID)
        require_short(payment)
        free = payment.cancellation is None
        require(free, CorridorsCode.CANCELLATION_OPEN, uetr=self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the request, or cancel where nobody else has a say."""
        payment = require_payment(ledger, self.uetr)
        journal = journal_of(ledger, "corridors.ask_cancellation", payment)
        asked = Cancellation(self.by, self.reason, ledger.time_ms, self.note)
        step = Step("cancellation_asked", ledger.time_ms, self.by, self.reason, self.note)
        payment = replace(payment, cancellation=asked, steps=(*payment.steps, step))
        yield CancellationAsked(self.uetr, self.by, self.reason, self.note)
        if payment.state == CLEARED and self.by in payer_side(ledger, payment):
            payment = replace(payment, cancellation=None)
            step = Step(CANCELLED, ledger.time_ms, self.by, self.reason, self.note)
            yield stop(ledger, journal, payment, step)
        else:
            put_payment(ledger, payment)
        yield journal.posted()
