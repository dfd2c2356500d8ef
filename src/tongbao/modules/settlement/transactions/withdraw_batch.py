from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.executing import cancel
from tongbao.modules.settlement.model import SCOPE, BatchId, check_text
from tongbao.modules.settlement.state import require_batch


@transaction(code=6003, scope=SCOPE)
class WithdrawBatch(Transaction, tag="settlement.withdraw_batch"):
    """Cancel a batch before it settles; what it set aside is free again."""

    batch: BatchId
    reason: str

    def signers(self, view: ReadView) -> Signers:
        """The proposer."""
        return (Approval(require_batch(view, self.batch).proposer, SCOPE),)

    def check(self) -> None:
        check_text("reason", self.reason, 1, 140)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Release and forget."""
        journal = Journal(ledger, "settlement.withdraw_batch", subject=self.batch)
        batch = require_batch(ledger, self.batch)
        yield from cancel(ledger, journal, batch, f"withdrawn: {self.reason}")
        yield journal.posted()
