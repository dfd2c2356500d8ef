"""What can never happen to a batch, a queue or what a netting leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongbao.kernel.registry import Invariant, Tally
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import RESERVED
from tongbao.modules.settlement.model import Batch, Closing, Counters, Position, Queued, Run
from tongbao.modules.settlement.state import (
    BATCHES,
    BATCHES_BY_GIVER,
    BY_PAYER,
    CLOSINGS,
    COUNTERS,
    ORDER,
    PAIRS,
    POSITIONS,
    PURPOSE,
    QUEUED,
    RUNS,
)

Key = tuple[Any, ...]
Counted = Iterator[tuple[tuple[str, ...], int]]


def _batch(_view: ReadView, _key: Key, _before: Any, after: Batch | None) -> bool:
    """A reservation is the leg's amount or nothing, and stands on an approved, known account."""
    return after is None or all(
        one.reserved_minor == 0
        or (
            one.reserved_minor == one.step.amount_minor
            and after.reserve and one.delivery_approved and one.delivers != ""
        )
        for one in after.instructions
    )  # fmt: skip


def _closing(_view: ReadView, _key: Key, _before: Any, after: Closing | None) -> bool:
    return after is None or (
        after.closing_minor >= 0
        and after.closing_minor == after.opening_minor + after.received_minor - after.paid_minor
    )


def _position(_view: ReadView, _key: Key, _before: Any, after: Position | None) -> bool:
    return after is None or after.net_minor <= after.allowed_minor


def _pair(view: ReadView, key: Key, _before: Any, after: tuple[str, ...] | None) -> bool:
    """One side waits for the other, or both wait."""
    if after is None:
        return True
    found = [view.get(QUEUED, one) for one in after]
    return 1 <= len(after) <= 2 and all(
        one is not None and (one.queue, one.pair_of, one.pair) == key for one in found
    )


def _run(view: ReadView, key: Key, _before: Any, after: Run | None) -> bool:
    counters = view.get(COUNTERS, after.queue) if after is not None else None
    return after is None or (counters is not None and counters.working == key[0])


INVARIANTS = (
    Invariant(BATCHES, "what a batch sets aside is the amount of an approved leg", _batch),
    Invariant(CLOSINGS, "no account that a netting let pay is left below zero", _closing),
    Invariant(POSITIONS, "what flows out, net, never grows beyond its limit", _position),
    Invariant(PAIRS, "a pair has one or two sides, and they wait", _pair),
    Invariant(RUNS, "a queue has one run under way, and knows it", _run),
)


def _set_aside(_key: Key, batch: Batch) -> Counted:
    for one in batch.instructions:
        if one.reserved_minor:
            yield (one.delivers, one.step.asset), one.reserved_minor


def _given(_key: Key, batch: Batch) -> Counted:
    for account, asset in batch.givers:
        yield (account, asset, batch.id), 1


def _listed(key: Key, _value: str) -> Counted:
    yield key, -1


def _reserved(key: Key, amount: int) -> Counted:
    account, asset, purpose = key
    if purpose == PURPOSE:
        yield (account, asset), -amount


def _waits(_key: Key, payment: Queued) -> Counted:
    yield (payment.queue,), 1


def _counted(key: Key, counters: Counters) -> Counted:
    yield (key[0],), -counters.waiting


def _placed(_key: Key, payment: Queued) -> Counted:
    p = payment
    yield (p.queue, f"{p.priority}/{p.order}", p.id), 1


def _ordered(key: Key, _value: str) -> Counted:
    queue, priority, order, payment = key
    yield (queue, f"{priority}/{order}", payment), -1


def _by_payer(key: Key, _value: str) -> Counted:
    queue, _payer, _asset, priority, order, payment = key
    yield (queue, f"{priority}/{order}", payment), -1


TALLIES = (
    Tally("what is set aside for settlement is the sum of the approved legs",
          ((BATCHES, _set_aside), (RESERVED, _reserved))),
    Tally("every batch is found under whoever set something aside for it, and no other is",
          ((BATCHES, _given), (BATCHES_BY_GIVER, _listed))),
    Tally("a queue counts the payments that wait in it", ((QUEUED, _waits), (COUNTERS, _counted))),
    Tally("every payment that waits has its place in the queue, and no other does",
          ((QUEUED, _placed), (ORDER, _ordered))),
    Tally("every payment that waits is found under its payer, and no other is",
          ((QUEUED, _placed), (BY_PAYER, _by_payer))),
)  # fmt: skip
