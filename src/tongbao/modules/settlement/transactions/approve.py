from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.approving import OfParty, put_instructions
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import Approved
from tongbao.modules.settlement.executing import advance
from tongbao.modules.settlement.model import DELIVER, RECEIVE, SCOPE, Batch, Instruction
from tongbao.modules.settlement.state import PURPOSE, require_batch


@transaction(code=6005, scope=SCOPE)
class ApproveBatch(OfParty, tag="settlement.approve"):
    """Approve all of one's own sides; the last approval settles the batch, or sets its clock."""

    revision: int = 0
    """Which state of the batch: how often it was amended before. Refused where it is another, so
    that nobody approves what it has not seen."""

    def admit(self, view: ReadView) -> None:
        """One who takes part, and the batch as it was seen."""
        super().admit(view)
        batch = require_batch(view, self.batch)
        require(
            self.revision == batch.revision, SettlementCode.AMENDED_SINCE, batch=self.batch,
            revision=batch.revision, approved=self.revision,
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Approve, set aside where that was agreed, and settle where nothing is missing."""
        journal = Journal(ledger, "settlement.approve", subject=self.batch)
        batch = require_batch(ledger, self.batch)
        delivers, receives, changed = [], [], {}
        for number, one in enumerate(batch.instructions):
            step = one.step
            if step.sender == self.party and not one.delivery_approved:
                one = self._delivered(journal, batch, number, one)
                delivers.append(number)
            waits = batch.receivers_approve and not one.receipt_approved
            if step.receiver == self.party and waits:
                self._require_account(one.receives, number, RECEIVE)
                one = replace(one, receipt_approved=True)
                receives.append(number)
            changed[number] = one
        require(
            delivers or receives, SettlementCode.NOTHING_TO_APPROVE,
            party=self.party, batch=batch.id,
        )  # fmt: skip
        batch = put_instructions(ledger, batch, changed)
        yield Approved(batch.id, self.party, tuple(delivers), tuple(receives))
        yield from advance(ledger, journal, batch)
        yield journal.posted()

    def _require_account(self, account: str, number: int, side: str) -> None:
        require(account, SettlementCode.NOT_ALLOCATED, number=number, side=side)

    def _delivered(
        self, journal: Journal, batch: Batch, number: int, one: Instruction
    ) -> Instruction:
        self._require_account(one.delivers, number, DELIVER)
        amount = one.step.amount_minor if batch.reserve else 0
        if amount:
            journal.reserve(one.delivers, one.step.asset, PURPOSE, amount)
        return replace(one, delivery_approved=True, reserved_minor=amount)
