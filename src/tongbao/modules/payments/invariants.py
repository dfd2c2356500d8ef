"""What can never happen to a payment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongbao.kernel.registry import Invariant, Tally
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import RESERVED
from tongbao.modules.payments.model import PAID, PENDING, Known, OpenHold
from tongbao.modules.payments.state import HOLDS, PURPOSE, UETRS
from tongbao.modules.payments.uetrs import period

Counted = Iterator[tuple[tuple[str, ...], int]]


def _within(_view: ReadView, _key: tuple[Any, ...], _before: Any, after: OpenHold | None) -> bool:
    return after is None or 0 < after.remaining_minor <= after.amount_minor


def _held(_key: tuple[Any, ...], hold: OpenHold) -> Counted:
    yield (hold.payer, hold.asset), hold.remaining_minor


def _reserved(key: tuple[Any, ...], amount: int) -> Counted:
    account, asset, purpose = key
    if purpose == PURPOSE:
        yield (account, asset), -amount


_TERMS = ("payer", "payee", "asset", "amount_minor", "payee_reference", "of")


def _stays(view: ReadView, key: tuple[Any, ...], before: Known | None, after: Known | None) -> bool:
    if before is None:
        return True
    if after is None:
        # Its period is forgotten, or a scheduled transfer ended and moved to the current period.
        return before.state == PENDING or key[0] + 1 < period(view.time_ms)
    same = all(getattr(before, name) == getattr(after, name) for name in _TERMS)
    goes_on = before.state in (after.state, PENDING)
    return same and goes_on and after.returns[: len(before.returns)] == before.returns


def _returned_within(
    _view: ReadView, _key: tuple[Any, ...], _before: Known | None, after: Known | None
) -> bool:
    if after is None or not (after.returns or after.asked):
        return True
    positive = all(one.amount_minor > 0 for one in after.returns)
    return after.state == PAID and positive and after.returned_minor <= after.amount_minor


INVARIANTS = (
    Invariant(HOLDS, "what remains of a hold is above zero and at most what was held", _within),
    Invariant(UETRS, "what a UETR names keeps its terms and its returns", _stays),
    Invariant(UETRS, "no more of a payment is returned than was paid", _returned_within),
)
TALLIES = (
    Tally("what is set aside for holds is the sum of the open holds",
          ((HOLDS, _held), (RESERVED, _reserved))),
)  # fmt: skip
