from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.model import SCOPE
from tongbao.modules.settlement.state import require_queued
from tongbao.modules.settlement.waiting import OfPayer, move_payment


@transaction(code=6014, scope=SCOPE)
class ReorderPayment(OfPayer, tag="settlement.reorder"):
    """Move a payment to the front, or the back, of those of its priority."""

    to_front: bool = True

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it at its new place."""
        payment = require_queued(ledger, self.payment)
        yield move_payment(ledger, payment, payment.priority, to_front=self.to_front)
        yield Journal(ledger, "settlement.reorder", subject=payment.id).posted()
