from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.fields import AccountId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.approving import put_instructions
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import Allocated
from tongbao.modules.settlement.executing import advance
from tongbao.modules.settlement.model import (
    DELIVER,
    MAX_NAME,
    SCOPE,
    SIDES,
    Batch,
    BatchId,
    Instruction,
    check_numbers,
    check_text,
)
from tongbao.modules.settlement.state import require_batch


@transaction(code=6004, scope=SCOPE)
class Allocate(Transaction, tag="settlement.allocate"):
    """Name the account that delivers, or receives, in some instructions."""

    batch: BatchId
    side: str
    """`deliver` or `receive`."""
    account: AccountId
    instructions: tuple[int, ...] = ()
    """Numbers of the instructions; none: all in which the account's owner has that side."""

    def signers(self, view: ReadView) -> Signers:
        """The account's owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def check(self) -> None:
        require(self.side in SIDES, SettlementCode.BAD_SIDE, side=self.side[:20])
        check_numbers(self.instructions)
        check_text("account", self.account, 1, MAX_NAME)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the account into each."""
        batch = require_batch(ledger, self.batch)
        numbers = self.instructions or self._all_of(batch)
        delivering = self.side == DELIVER
        changed = {}
        for number in numbers:
            one = self._mine(batch, number)
            changed[number] = (
                replace(one, delivers=self.account) if delivering
                else replace(one, receives=self.account)
            )  # fmt: skip
        batch = put_instructions(ledger, batch, changed)
        journal = Journal(ledger, "settlement.allocate", subject=batch.id)
        yield Allocated(batch.id, self.side, self.account, numbers)
        # Where receivers need not approve, their account may be what was still missing.
        yield from advance(ledger, journal, batch)
        yield journal.posted()

    def _party_of(self, one: Instruction) -> str:
        return one.step.sender if self.side == DELIVER else one.step.receiver

    def _all_of(self, batch: Batch) -> tuple[int, ...]:
        party = owner_of(self.account)
        mine = tuple(
            number for number, one in enumerate(batch.instructions)
            if self._party_of(one) == party
        )  # fmt: skip
        require(mine, SettlementCode.NOT_CONCERNED, party=party, batch=batch.id)
        return mine

    def _mine(self, batch: Batch, number: int) -> Instruction:
        if number >= len(batch.instructions):
            refuse(SettlementCode.INSTRUCTION_UNKNOWN, batch=batch.id, number=number)
        one, party = batch.instructions[number], owner_of(self.account)
        require(
            self._party_of(one) == party, SettlementCode.NOT_ITS_SIDE,
            number=number, party=party, side=self.side,
        )  # fmt: skip
        approved = one.delivery_approved if self.side == DELIVER else one.receipt_approved
        require(not approved, SettlementCode.APPROVED_ALREADY, party=party, number=number)
        return one
