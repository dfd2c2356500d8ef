"""Settlement batches: propose, amend, withdraw."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Moment, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import require_asset
from tongbao.modules.parties import PARTIES
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import BatchAmended, BatchProposed
from tongbao.modules.settlement.executing import (
    DEADLINE,
    SETTLE,
    advance,
    cancel,
    free,
)
from tongbao.modules.settlement.model import (
    MAX_AHEAD_MS,
    SCOPE,
    Batch,
    Instruction,
    Step,
    check_steps,
    check_text,
)
from tongbao.modules.settlement.state import put_batch, require_batch


def admit_batch(
    view: ReadView, steps: tuple[Step, ...], deadline_at_ms: int, settle_at_ms: int
) -> None:
    """Times to come, parties and assets that are known."""
    now = view.time_ms
    # The clock of its settling is taken back by this time: below zero that could not be done.
    require(settle_at_ms >= 0, SettlementCode.SETTLES_NEVER, settle_at_ms=settle_at_ms)
    require(
        deadline_at_ms > max(now, settle_at_ms), SettlementCode.DEADLINE_PAST,
        deadline_at_ms=deadline_at_ms, time_ms=now,
    )  # fmt: skip
    require(
        deadline_at_ms <= now + MAX_AHEAD_MS, SettlementCode.TOO_FAR_AHEAD,
        deadline_at_ms=deadline_at_ms, limit_ms=MAX_AHEAD_MS,
    )  # fmt: skip
    for step in steps:
        require_asset(view, step.asset)
        for party in (step.sender, step.receiver):
            require(view.has(PARTIES, party), SettlementCode.PARTY_UNKNOWN, party=party)


def fresh(step: Step) -> Instruction:
    """The instruction of a step, with the accounts that it names."""
    return Instruction(step, step.sender_account, step.receiver_account)


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
        """Shape."""
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


@transaction(code=6002, scope=SCOPE)
class AmendBatch(Transaction, tag="settlement.amend_batch"):
    """Change steps or times before it settles; who is not concerned keeps its approvals.

    Approving is about the whole of what a party gives and gets. So where one of its steps changes,
    comes or goes, all of its approvals end; and everybody's do where the batch is to settle at
    another time or may wait longer. The proposer, who amends, keeps those of unchanged steps.
    """

    batch: str
    steps: tuple[Step, ...]
    """All of them, the unchanged too: a step is unchanged where it stands as it stood."""
    deadline_at_ms: Moment
    settle_at_ms: Moment = 0

    def signers(self, view: ReadView) -> Signers:
        """The proposer."""
        return (Approval(require_batch(view, self.batch).proposer, SCOPE),)

    def check(self) -> None:
        """Shape."""
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


@transaction(code=6003, scope=SCOPE)
class WithdrawBatch(Transaction, tag="settlement.withdraw_batch"):
    """Cancel a batch before it settles; what it set aside is free again."""

    batch: str
    reason: str

    def signers(self, view: ReadView) -> Signers:
        """The proposer."""
        return (Approval(require_batch(view, self.batch).proposer, SCOPE),)

    def check(self) -> None:
        """Shape."""
        check_text("reason", self.reason, 1, 140)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Release and forget."""
        journal = Journal(ledger, "settlement.withdraw_batch", subject=self.batch)
        batch = require_batch(ledger, self.batch)
        yield from cancel(ledger, journal, batch, f"withdrawn: {self.reason}")
        yield journal.posted()
