"""What can never happen to a payment."""

from __future__ import annotations

from typing import Any

from tongbao.kernel.registry import Invariant
from tongbao.kernel.views import ReadView
from tongbao.modules.payments.model import OpenHold
from tongbao.modules.payments.state import HOLDS, HOLDS_BY_PAYER


def _within(_view: ReadView, _key: tuple[Any, ...], _before: Any, after: OpenHold | None) -> bool:
    return after is None or 0 < after.remaining_minor <= after.amount_minor


def _covered(
    view: ReadView, _key: tuple[Any, ...], before: OpenHold | None, after: OpenHold | None
) -> bool:
    hold = after or before
    if hold is None:
        return True
    rows = view.scan(HOLDS_BY_PAYER, hold.payer, hold.asset)
    holds = [view.get(HOLDS, key[2]) for key, _ in rows]
    holding = view.holding(hold.payer, hold.asset)
    reserved = 0 if holding is None else holding.reserved
    return reserved == sum(one.remaining_minor for one in holds if one is not None)


INVARIANTS = (
    Invariant(HOLDS, "what remains of a hold is above zero and at most what was held", _within),
    Invariant(HOLDS, "what a holding reserves is the sum of its open holds", _covered),
)
