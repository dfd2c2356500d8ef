"""How a batch comes to its end: complete and settled at once, or cancelled at its deadline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tongbao.kernel.approvals import require_active
from tongbao.kernel.codes import Refusal
from tongbao.kernel.registry import Broken
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import WriteView
from tongbao.modules.assets import decimals_in
from tongbao.modules.payments import Journal, Leg
from tongbao.modules.settlement.events import BatchEnded, BatchSettled, BatchWaits
from tongbao.modules.settlement.model import Batch, Instruction
from tongbao.modules.settlement.state import BATCHES, BATCHES_BY_GIVER, PURPOSE, drop_batch

DEADLINE = "settlement.deadline"
SETTLE = "settlement.settle"


def advance(ledger: WriteView, journal: Journal, batch: Batch) -> Iterator[Event]:
    """What an action made possible: settle now, or set the clock for it."""
    if batch.complete:
        if batch.settle_at_ms <= ledger.time_ms:
            yield from attempt(ledger, journal, batch)
        else:
            ledger.schedule(batch.settle_at_ms, SETTLE, batch.id)


def attempt(ledger: WriteView, journal: Journal, batch: Batch) -> Iterator[Event]:
    """Settle; where a rule stands in the way, say which, and let the batch wait."""
    try:
        with journal.attempt():
            settle(ledger, journal, batch)
    except Refusal as refusal:
        words = refusal.code.text(refusal.values, decimals_in(ledger))
        yield BatchWaits(batch.id, int(refusal.code), words[:280])
    else:
        yield BatchSettled(batch.id, len(batch.instructions))


def settle(ledger: WriteView, journal: Journal, batch: Batch) -> None:
    """Carry every leg out at once, or raise the Refusal that says why not."""
    for party in dict.fromkeys(one.step.sender for one in batch.instructions):
        require_active(ledger, party)
    for one in batch.instructions:
        free(journal, one)
    legs = [
        Leg(one.delivers, one.receives, one.step.asset, one.step.amount_minor, one.step.reference)
        for one in batch.instructions
    ]
    if batch.netted:
        _require_each(journal, legs)
        legs = netted(legs)
    journal.pay_together(legs, counted=batch.netted)
    _forget(ledger, batch)


def _require_each(journal: Journal, legs: Sequence[Leg]) -> None:
    """Freezes, allow-lists and limits hold for the legs themselves, not for their net alone."""
    try:
        with journal.attempt():
            journal.pay_together(legs, counted=True)
            raise _Tried
    except _Tried:
        pass
    for leg in legs:
        journal.count(leg)


class _Tried(Exception):
    """All legs would be applied."""


def netted(legs: Sequence[Leg]) -> list[Leg]:
    """What remains of legs of one asset when they are netted: from net payers to net payees.

    Accounts are matched in order of id; there are fewer legs than accounts. An account that comes
    out even pays and receives nothing.
    """
    positions: dict[str, dict[str, int]] = {}
    for leg in legs:
        of_asset = positions.setdefault(leg.asset, {})
        of_asset[leg.payer] = of_asset.get(leg.payer, 0) - leg.amount
        of_asset[leg.payee] = of_asset.get(leg.payee, 0) + leg.amount
    remaining: list[Leg] = []
    for asset in sorted(positions):
        due = {account: net for account, net in sorted(positions[asset].items()) if net > 0}
        payees = list(due)
        for payer, net in sorted(positions[asset].items()):
            owed = -net
            while owed > 0:
                payee = payees[0]
                amount = min(owed, due[payee])
                remaining.append(Leg(payer, payee, asset, amount, "netted"))
                owed -= amount
                due[payee] -= amount
                if not due[payee]:
                    payees.pop(0)
    return remaining


def free(journal: Journal, instruction: Instruction) -> None:
    """Release what an instruction set aside."""
    if instruction.reserved_minor:
        step = instruction.step
        journal.release(instruction.delivers, step.asset, PURPOSE, instruction.reserved_minor)


def cancel(ledger: WriteView, journal: Journal, batch: Batch, reason: str) -> Iterator[Event]:
    """Release everything, and forget the batch."""
    for one in batch.instructions:
        free(journal, one)
    _forget(ledger, batch)
    yield BatchEnded(batch.id, reason)


def _forget(ledger: WriteView, batch: Batch) -> None:
    drop_batch(ledger, batch)
    ledger.unschedule(batch.deadline_at_ms, DEADLINE, batch.id)
    ledger.unschedule(batch.settle_at_ms, SETTLE, batch.id)


# Each timer tells at least its empty journal: an engine makes a block for events, and what a timer
# wrote in silence would be lost.


def deadline_has_come(ledger: WriteView, batch: str) -> Iterator[Event]:
    """Timer: what has not settled by now does not."""
    journal = Journal(ledger, DEADLINE, subject=batch)
    found = ledger.get(BATCHES, batch)
    if found is not None:  # the same block's time to settle may have come first
        yield from cancel(ledger, journal, found, "deadline")
    yield journal.posted()


def time_to_settle(ledger: WriteView, batch: str) -> Iterator[Event]:
    """Timer: a complete batch's time has come."""
    journal = Journal(ledger, SETTLE, subject=batch)
    found = ledger.get(BATCHES, batch)
    if found is not None and found.complete:
        yield from attempt(ledger, journal, found)
    yield journal.posted()


def give_way(ledger: WriteView, account: str, asset: str, why: str) -> Iterator[Broken]:
    """Cancel the batches for which an account has set an asset aside, for a lawful order."""
    for (_, _, name), _ in list(ledger.scan(BATCHES_BY_GIVER, account, asset)):
        batch = ledger.get(BATCHES, name)
        assert batch is not None  # both rows are written and removed together
        journal = Journal(ledger, "assets.clawback", subject=name)
        reported = tuple(cancel(ledger, journal, batch, f"clawback: {why}"[:140]))
        yield Broken(f"settlement batch {name}", (*reported, journal.posted()))
