from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.approving import OfParty, put_instructions
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import Revoked
from tongbao.modules.settlement.executing import SETTLE, free
from tongbao.modules.settlement.model import SCOPE, check_text
from tongbao.modules.settlement.state import require_batch


@transaction(code=6006, scope=SCOPE)
class RevokeApproval(OfParty, tag="settlement.revoke"):
    """Take one's approvals back before the batch settles."""

    reason: str

    def check(self) -> None:
        check_text("reason", self.reason, 1, 140)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Release, and clear."""
        journal = Journal(ledger, "settlement.revoke", subject=self.batch)
        batch = require_batch(ledger, self.batch)
        changed = {}
        for number, one in enumerate(batch.instructions):
            cleared = one
            if one.step.sender == self.party and one.delivery_approved:
                free(journal, one)
                cleared = replace(cleared, delivery_approved=False, reserved_minor=0)
            if one.step.receiver == self.party and one.receipt_approved:
                cleared = replace(cleared, receipt_approved=False)
            if cleared is not one:
                changed[number] = cleared
        require(changed, SettlementCode.NOTHING_TO_REVOKE, party=self.party, batch=batch.id)
        batch = put_instructions(ledger, batch, changed)
        ledger.unschedule(batch.settle_at_ms, SETTLE, batch.id)
        yield Revoked(batch.id, self.party, self.reason)
        yield journal.posted()
