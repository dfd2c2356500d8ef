"""What approvals of a batch share: who takes part, and how instructions change."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.model import SCOPE, Batch, BatchId, Instruction
from tongbao.modules.settlement.state import put_batch, require_batch


def put_instructions(ledger: WriteView, batch: Batch, changed: dict[int, Instruction]) -> Batch:
    instructions = tuple(changed.get(n, one) for n, one in enumerate(batch.instructions))
    batch = replace(batch, instructions=instructions)
    put_batch(ledger, batch)
    return batch


class OfParty(Transaction):
    """What a party that takes part does."""

    batch: BatchId
    party: PartyId

    def signers(self, view: ReadView) -> Signers:
        """The party."""
        return (Approval(self.party, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """One who takes part."""
        concerned = self.party in require_batch(view, self.batch).parties
        require(concerned, SettlementCode.NOT_CONCERNED, party=self.party[:40], batch=self.batch)
