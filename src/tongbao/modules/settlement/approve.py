"""Accounts and approvals of a batch, and settling one that waited."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.fields import AccountId, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import Allocated, Approved, BatchSettled, Revoked
from tongbao.modules.settlement.executing import SETTLE, advance, free, settle
from tongbao.modules.settlement.model import (
    DELIVER,
    MAX_NAME,
    RECEIVE,
    SCOPE,
    SIDES,
    Batch,
    Instruction,
    check_numbers,
    check_text,
)
from tongbao.modules.settlement.state import PURPOSE, put_batch, require_batch


def _put(ledger: WriteView, batch: Batch, changed: dict[int, Instruction]) -> Batch:
    instructions = tuple(changed.get(n, one) for n, one in enumerate(batch.instructions))
    batch = replace(batch, instructions=instructions)
    put_batch(ledger, batch)
    return batch


@transaction(code=6004, scope=SCOPE)
class Allocate(Transaction, tag="settlement.allocate"):
    """Name the account that delivers, or receives, in some instructions."""

    batch: str
    side: str
    """`deliver` or `receive`."""
    account: AccountId
    instructions: tuple[int, ...] = ()
    """Numbers of the instructions; none: all in which the account's owner has that side."""

    def signers(self, view: ReadView) -> Signers:
        """The account's owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def check(self) -> None:
        """Shape."""
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
        batch = _put(ledger, batch, changed)
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


class _OfParty(Transaction):
    """What a party that takes part does."""

    batch: str
    party: PartyId

    def signers(self, view: ReadView) -> Signers:
        """The party."""
        return (Approval(self.party, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """One who takes part."""
        concerned = self.party in require_batch(view, self.batch).parties
        require(concerned, SettlementCode.NOT_CONCERNED, party=self.party[:40], batch=self.batch)


@transaction(code=6005, scope=SCOPE)
class ApproveBatch(_OfParty, tag="settlement.approve"):
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
        batch = _put(ledger, batch, changed)
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


@transaction(code=6006, scope=SCOPE)
class RevokeApproval(_OfParty, tag="settlement.revoke"):
    """Take one's approvals back before the batch settles."""

    reason: str

    def check(self) -> None:
        """Shape."""
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
        batch = _put(ledger, batch, changed)
        ledger.unschedule(batch.settle_at_ms, SETTLE, batch.id)
        yield Revoked(batch.id, self.party, self.reason)
        yield journal.posted()


@transaction(code=6007, scope=SCOPE)
class SettleBatch(_OfParty, tag="settlement.settle_batch"):
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
