"""A payment that waits: cancelled, moved within its priority, or given another one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import PaymentEnded, PaymentMoved
from tongbao.modules.settlement.model import SCOPE, Queued, check_priority, check_text
from tongbao.modules.settlement.queueing import erase, leave, write
from tongbao.modules.settlement.state import COUNTERS, counters_of, require_queued


class _OfPayer(Transaction):
    """What the payer does with a payment that waits."""

    payment: str

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(require_queued(view, self.payment).payer), SCOPE),)


@transaction(code=6013, scope=SCOPE)
class CancelPayment(_OfPayer, tag="settlement.cancel"):
    """Take a payment out of its queue before it settles."""

    reason: str

    def check(self) -> None:
        """Shape."""
        check_text("reason", self.reason, 1, 140)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Forget it."""
        payment = require_queued(ledger, self.payment)
        leave(ledger, payment.queue, (payment,))
        yield PaymentEnded(payment.id, f"cancelled: {self.reason}")
        yield Journal(ledger, "settlement.cancel", subject=payment.id).posted()


@transaction(code=6014, scope=SCOPE)
class ReorderPayment(_OfPayer, tag="settlement.reorder"):
    """Move a payment to the front, or the back, of those of its priority."""

    to_front: bool = True

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it at its new place."""
        payment = require_queued(ledger, self.payment)
        yield _moved(ledger, payment, payment.priority, to_front=self.to_front)
        yield Journal(ledger, "settlement.reorder", subject=payment.id).posted()


@transaction(code=6015, scope=SCOPE)
class ChangePriority(_OfPayer, tag="settlement.change_priority"):
    """Give a payment another priority; it goes to the back of that."""

    priority: int

    def check(self) -> None:
        """Shape."""
        check_priority(self.priority)

    def admit(self, view: ReadView) -> None:
        """A change."""
        changed = require_queued(view, self.payment).priority != self.priority
        require(changed, SettlementCode.NOTHING_CHANGES)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it at its new place."""
        payment = require_queued(ledger, self.payment)
        yield _moved(ledger, payment, self.priority, to_front=False)
        yield Journal(ledger, "settlement.change_priority", subject=payment.id).posted()


def _moved(ledger: WriteView, payment: Queued, priority: int, *, to_front: bool) -> PaymentMoved:
    counters = counters_of(ledger, payment.queue)
    if to_front:
        counters = replace(counters, front=counters.front - 1)
        order = counters.front
    else:
        order = counters.back
        counters = replace(counters, back=counters.back + 1)
    ledger.put(COUNTERS, payment.queue, value=counters)
    erase(ledger, payment)
    write(ledger, replace(payment, priority=priority, order=order))
    return PaymentMoved(payment.id, priority, order)
