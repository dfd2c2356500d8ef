from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.fields import Moment, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.batches import admit_batch, fresh
from tongbao.modules.settlement.events import BatchProposed
from tongbao.modules.settlement.executing import DEADLINE
from tongbao.modules.settlement.model import SCOPE, Batch, Step, check_steps, check_text
from tongbao.modules.settlement.state import put_batch


@transaction(code=6001, scope=SCOPE)
class ProposeBatch(Transaction, tag="settlement.propose_batch"):
    """Propose legs that settle together or not at all: DvP, PvP, or any number of them."""

    proposer: PartyId
    """Party that proposes; it need not take part."""
    steps: tuple[Step, ...]
    deadline_at_ms: Moment
    """Block time at which the batch is cancelled where it has not settled."""
    settle_at_ms: Moment = 0
    """Block time before which it does not settle; 0: as soon as it is complete."""
    receivers_approve: bool = False
    """Whether those who receive have to approve as well as those who deliver."""
    reserve: bool = False
    """Whether approving sets the amount aside, so that settling cannot fail for funds."""
    netted: bool = False
    """Whether legs of one asset are netted before they are posted."""
    title: str = ""

    def signers(self, view: ReadView) -> Signers:
        """The proposer."""
        return (Approval(self.proposer, SCOPE),)

    def check(self) -> None:
        check_steps(self.steps)
        check_text("title", self.title, 0, 140)

    def admit(self, view: ReadView) -> None:
        """Times, parties, assets."""
        admit_batch(view, self.steps, self.deadline_at_ms, self.settle_at_ms)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remember it, and set the clock of its deadline."""
        batch = Batch(
            ledger.next_id(), self.proposer, tuple(fresh(step) for step in self.steps),
            self.deadline_at_ms, self.settle_at_ms, self.receivers_approve, self.reserve,
            self.netted, self.title,
        )  # fmt: skip
        put_batch(ledger, batch)
        ledger.schedule(batch.deadline_at_ms, DEADLINE, batch.id)
        yield BatchProposed(
            batch.id, batch.proposer, self.steps, batch.deadline_at_ms, batch.settle_at_ms,
            batch.receivers_approve, batch.reserve, batch.netted, batch.title,
        )  # fmt: skip
        yield Journal(ledger, "settlement.propose_batch", subject=batch.id).posted()
