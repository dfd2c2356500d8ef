"""What a payer may do with a payment that waits in a queue."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.settlement.events import PaymentMoved
from tongbao.modules.settlement.model import SCOPE, Queued, QueuedId
from tongbao.modules.settlement.queueing import erase, write
from tongbao.modules.settlement.state import COUNTERS, counters_of, require_queued


class OfPayer(Transaction):
    """What the payer does with a payment that waits."""

    payment: QueuedId

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(require_queued(view, self.payment).payer), SCOPE),)


def move_payment(
    ledger: WriteView, payment: Queued, priority: int, *, to_front: bool
) -> PaymentMoved:
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
