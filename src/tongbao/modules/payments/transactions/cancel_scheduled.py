from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments.events import ScheduleEnded
from tongbao.modules.payments.model import CANCELLED, SCOPE, ScheduleId, check_text
from tongbao.modules.payments.scheduled import TIMER, remove_scheduled, require_scheduled


@transaction(code=4007, scope=SCOPE)
class CancelScheduled(Transaction, tag="payments.cancel_scheduled"):
    """Take a scheduled transfer back before its time."""

    schedule: ScheduleId
    reason: str

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(require_scheduled(view, self.schedule).payer), SCOPE),)

    def check(self) -> None:
        check_text("reason", self.reason, 1, 140)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Forget it."""
        one = require_scheduled(ledger, self.schedule)
        remove_scheduled(ledger, one, CANCELLED)
        ledger.unschedule(one.due_at_ms, TIMER, one.id)
        yield ScheduleEnded(one.id, self.reason)
