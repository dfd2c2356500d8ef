"""What can never happen to a payment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongbao.kernel.registry import Invariant, Tally
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import RESERVED
from tongbao.modules.payments.model import OpenHold
from tongbao.modules.payments.state import HOLDS, PURPOSE

Counted = Iterator[tuple[tuple[str, ...], int]]


def _within(_view: ReadView, _key: tuple[Any, ...], _before: Any, after: OpenHold | None) -> bool:
    return after is None or 0 < after.remaining_minor <= after.amount_minor


def _held(_key: tuple[Any, ...], hold: OpenHold) -> Counted:
    yield (hold.payer, hold.asset), hold.remaining_minor


def _reserved(key: tuple[Any, ...], amount: int) -> Counted:
    account, asset, purpose = key
    if purpose == PURPOSE:
        yield (account, asset), -amount


INVARIANTS = (
    Invariant(HOLDS, "what remains of a hold is above zero and at most what was held", _within),
)
TALLIES = (
    Tally("what is set aside for holds is the sum of the open holds",
          ((HOLDS, _held), (RESERVED, _reserved))),
)  # fmt: skip
