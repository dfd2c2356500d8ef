from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.events import PaymentEnded
from tongbao.modules.settlement.model import SCOPE, check_text
from tongbao.modules.settlement.queueing import leave
from tongbao.modules.settlement.state import require_queued
from tongbao.modules.settlement.waiting import OfPayer


@transaction(code=6013, scope=SCOPE)
class CancelPayment(OfPayer, tag="settlement.cancel"):
    """Take a payment out of its queue before it settles."""

    reason: str

    def check(self) -> None:
        check_text("reason", self.reason, 1, 140)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Forget it."""
        payment = require_queued(ledger, self.payment)
        leave(ledger, payment.queue, (payment,))
        yield PaymentEnded(payment.id, f"cancelled: {self.reason}")
        yield Journal(ledger, "settlement.cancel", subject=payment.id).posted()
