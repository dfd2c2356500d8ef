from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.approving import OfParty
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import BatchSettled
from tongbao.modules.settlement.executing import settle
from tongbao.modules.settlement.model import SCOPE
from tongbao.modules.settlement.state import require_batch


@transaction(code=6007, scope=SCOPE)
class SettleBatch(OfParty, tag="settlement.settle_batch"):
    """Settle a complete batch that could not settle before; a refusal says what is in the way."""

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """All legs at once."""
        batch = require_batch(ledger, self.batch)
        missing = sum(
            (not one.delivers) + (not one.receives) + (not one.delivery_approved)
            + (batch.receivers_approve and not one.receipt_approved)
            for one in batch.instructions
        )  # fmt: skip
        require(not missing, SettlementCode.NOT_COMPLETE, batch=batch.id, missing=missing)
        due = batch.settle_at_ms <= ledger.time_ms
        require(due, SettlementCode.NOT_DUE, batch=batch.id, settle_at_ms=batch.settle_at_ms)
        journal = Journal(ledger, "settlement.settle_batch", subject=batch.id)
        settle(ledger, journal, batch)
        yield BatchSettled(batch.id, len(batch.instructions))
        yield journal.posted()
