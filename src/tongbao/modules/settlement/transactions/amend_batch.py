from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.fields import Moment
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.batches import admit_batch, fresh
from tongbao.modules.settlement.events import BatchAmended
from tongbao.modules.settlement.executing import DEADLINE, SETTLE, advance, free
from tongbao.modules.settlement.model import SCOPE, Batch, BatchId, Step, check_steps
from tongbao.modules.settlement.state import put_batch, require_batch


@transaction(code=6002, scope=SCOPE)
class AmendBatch(Transaction, tag="settlement.amend_batch"):
    """Change steps or times before it settles; who is not concerned keeps its approvals.

    Approving is about the whole of what a party gives and gets. So where one of its steps changes,
    comes or goes, all of its approvals end; and everybody's do where the batch is to settle at
    another time or may wait longer. The proposer, who amends, keeps those of unchanged steps.
    """

    batch: BatchId
    steps: tuple[Step, ...]
    """All of them, the unchanged too: a step is unchanged where it stands as it stood."""
    deadline_at_ms: Moment
    settle_at_ms: Moment = 0

    def signers(self, view: ReadView) -> Signers:
        """The proposer."""
        return (Approval(require_batch(view, self.batch).proposer, SCOPE),)

    def check(self) -> None:
        check_steps(self.steps)

    def admit(self, view: ReadView) -> None:
        """Times, parties, assets."""
        admit_batch(view, self.steps, self.deadline_at_ms, self.settle_at_ms)

    def _kept(self, batch: Batch) -> tuple[int, ...]:
        """Numbers of the unchanged instructions that no approval has to be taken from."""
        old = batch.instructions
        same = [
            number for number, step in enumerate(self.steps)
            if number < len(old) and old[number].step == step
        ]  # fmt: skip
        changed = [one.step for number, one in enumerate(old) if number not in same]
        changed += [step for number, step in enumerate(self.steps) if number not in same]
        touched = dict.fromkeys(p for step in changed for p in (step.sender, step.receiver))
        retimed = self.settle_at_ms != batch.settle_at_ms
        retimed = retimed or self.deadline_at_ms > batch.deadline_at_ms

        def stands(party: str) -> bool:
            return party == batch.proposer or not (retimed or party in touched)

        return tuple(
            number for number in same
            if (not old[number].delivery_approved or stands(old[number].step.sender))
            and (not old[number].receipt_approved or stands(old[number].step.receiver))
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Keep what is the same, free what is not, set the clocks anew."""
        journal = Journal(ledger, "settlement.amend_batch", subject=self.batch)
        batch = require_batch(ledger, self.batch)
        old, kept = batch.instructions, self._kept(batch)
        for number, one in enumerate(old):
            if number not in kept:
                free(journal, one)
        instructions = tuple(
            old[number] if number in kept else fresh(step) for number, step in enumerate(self.steps)
        )
        ledger.unschedule(batch.deadline_at_ms, DEADLINE, batch.id)
        ledger.unschedule(batch.settle_at_ms, SETTLE, batch.id)
        batch = replace(
            batch, instructions=instructions, deadline_at_ms=self.deadline_at_ms,
            settle_at_ms=self.settle_at_ms, revision=batch.revision + 1,
        )  # fmt: skip
        put_batch(ledger, batch)
        ledger.schedule(batch.deadline_at_ms, DEADLINE, batch.id)
        yield BatchAmended(batch.id, self.steps, kept, batch.deadline_at_ms, batch.settle_at_ms)
        yield from advance(ledger, journal, batch)
        yield journal.posted()
