from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.fields import PartyId, Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import CancellationAnswered
from tongbao.modules.corridors.holding import require_state, stop
from tongbao.modules.corridors.journal import journal_of
from tongbao.modules.corridors.model import (
    CANCELLED,
    HELD,
    PAID,
    WAITING,
    Payment,
    ReturnTerms,
    Step,
    check_text,
)
from tongbao.modules.corridors.permissions import PAYMENTS as PAYMENT_SCOPE
from tongbao.modules.corridors.permissions import (
    SCREENING,
    payer_side,
    require_one_of,
    require_screener,
)
from tongbao.modules.corridors.state import put_payment, require_payment, terms_of
from tongbao.modules.corridors.transactions.return_payment import (
    admit_return,
    check_return_terms,
    return_journal,
    return_money,
)


@transaction(code=7017, scope=PAYMENT_SCOPE)
class AnswerCancellation(Transaction, tag="corridors.answer_cancellation"):
    """Accept or reject a request to cancel, with a reason.

    While a payment waits, its corridor's screeners (or a supervisor) answer: money under a
    sanctions hold does not leave by the back door. Once the payee has it, the payee answers, and
    accepting returns all of it in the same transaction.
    """

    uetr: Uetr
    by: PartyId
    accepted: bool
    reason: str
    """ISO 20022 external reason, e.g. CUST, LEGL, ARDT."""
    note: str = ""
    back: ReturnTerms | None = None
    """How a settled payment is returned."""

    def signers(self, view: ReadView) -> Signers:
        """Who answers: on a held payment that is a decision of screening, as release is."""
        held = require_payment(view, self.uetr).state == HELD
        return (Approval(self.by, SCREENING if held else PAYMENT_SCOPE),)

    def check(self) -> None:
        check_text("reason", self.reason, 1, 4)
        check_text("note", self.note, 0, 140)
        if self.back is not None:
            check_return_terms(self.back)

    def admit(self, view: ReadView) -> None:
        """A request, one who may answer it, and the return that accepting takes."""
        payment = require_payment(view, self.uetr)
        if payment.cancellation is None:
            refuse(CorridorsCode.CANCELLATION_UNKNOWN, uetr=self.uetr)
        require_state(payment, *WAITING, *PAID)
        if payment.state in WAITING:
            self._admit_waiting(view, payment)
            return
        require_one_of(self.by, (owner_of(payment.payee),))
        if self.accepted:
            whole = self.back is not None and not self.back.amount_minor
            require(whole, CorridorsCode.RETURN_NEEDED, uetr=self.uetr)
            assert self.back is not None
            admit_return(view, payment, self.back)

    def _admit_waiting(self, view: ReadView, payment: Payment) -> None:
        if payment.state == HELD:
            require_screener(view, terms_of(view, payment), self.by)
        else:
            require_one_of(self.by, payer_side(view, payment))

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Answer; accepting ends the payment or gives it back."""
        payment = require_payment(ledger, self.uetr)
        cause = "corridors.answer_cancellation"
        name = "cancellation_accepted" if self.accepted else "cancellation_rejected"
        step = Step(name, ledger.time_ms, self.by, self.reason, self.note)
        payment = replace(payment, cancellation=None, steps=(*payment.steps, step))
        journal = journal_of(ledger, cause, payment)
        yield CancellationAnswered(self.uetr, self.by, self.accepted, self.reason, self.note)
        if not self.accepted:
            put_payment(ledger, payment)
        elif payment.state in WAITING:
            end = Step(CANCELLED, ledger.time_ms, self.by, self.reason, self.note)
            yield stop(ledger, journal, payment, end)
        else:
            assert self.back is not None
            journal = return_journal(ledger, cause, payment, self.back)
            why = (self.reason, self.note)
            changed, reported, happened = return_money(ledger, journal, payment, self.back, why)
            put_payment(ledger, replace(changed, state=CANCELLED))
            yield from happened
            yield replace(reported, state=CANCELLED)
        yield journal.posted()
