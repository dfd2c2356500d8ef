"""Every choice weighed: the answer for few units, and for the neighbourhoods of a larger one."""

from __future__ import annotations

from collections.abc import Sequence

from tongbao.modules.settlement.netting.choosing import COUNT, Unit

EXACT = 16
"""Up to so many units, all 65,536 choices are weighed."""


def exhaustive(capacities: Sequence[int], units: Sequence[Unit], objective: str) -> tuple[int, ...]:
    """The best choice there is; of equal ones the one that holds the earliest in the queue."""
    mask = best_mask(list(capacities), units, objective) or 0
    return tuple(place for place in range(len(units)) if mask >> place & 1)


def best_mask(left: list[int], units: Sequence[Unit], objective: str) -> int | None:
    """The best choice as bits; None where not even the empty one is feasible.

    Choices follow each other in the order of a Gray code, so that each differs from the one before
    in one unit. `left` is used up.
    """
    exceeded = sum(rest < 0 for rest in left)
    best = None if exceeded else 0
    best_weight = (0, 0, 0) if best == 0 else (-1, 0, 0)
    count = value = mask = 0
    size = len(units)
    for step in range(1, 1 << size):
        place = (step & -step).bit_length() - 1
        unit = units[place]
        sign = -1 if mask >> place & 1 else 1
        mask ^= 1 << place
        for capacity, change in unit.effects:
            before = left[capacity]
            left[capacity] = after = before - sign * change
            exceeded += (after < 0) - (before < 0)
        count += sign * unit.payments
        value += sign * unit.value
        if not exceeded:
            first = (count, value) if objective == COUNT else (value, count)
            weight = (*first, _earliest(mask, size))
            if best is None or weight > best_weight:
                best, best_weight = mask, weight
    return best


def _earliest(mask: int, size: int) -> int:
    """The bits read backwards: a choice with the earlier unit has the larger number."""
    return int(f"{mask:0{size}b}"[::-1], 2)
