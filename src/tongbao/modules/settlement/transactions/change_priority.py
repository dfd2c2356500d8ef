from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.model import SCOPE, check_priority
from tongbao.modules.settlement.state import require_queued
from tongbao.modules.settlement.waiting import OfPayer, move_payment


@transaction(code=6015, scope=SCOPE)
class ChangePriority(OfPayer, tag="settlement.change_priority"):
    """Give a payment another priority; it goes to the back of that."""

    priority: int

    def check(self) -> None:
        check_priority(self.priority)

    def admit(self, view: ReadView) -> None:
        """A change."""
        changed = require_queued(view, self.payment).priority != self.priority
        require(changed, SettlementCode.NOTHING_CHANGES)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it at its new place."""
        payment = require_queued(ledger, self.payment)
        yield move_payment(ledger, payment, self.priority, to_front=False)
        yield Journal(ledger, "settlement.change_priority", subject=payment.id).posted()
