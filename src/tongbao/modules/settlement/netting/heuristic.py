"""The netting for any size: prune, insert, and improve in neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tongbao.modules.settlement.netting.choosing import COUNT, Choice, Unit, weigh
from tongbao.modules.settlement.netting.exact import EXACT, best_mask, exhaustive
from tongbao.modules.settlement.netting.pruning import Rule, prune

MAX_ROUNDS = 8
"""How often what was left out is offered again."""
NEIGHBOURHOODS = 96
NEIGHBOURS_OUT, NEIGHBOURS_IN = 6, 4
"""Of a neighbourhood: how many that are left out, how many that are chosen."""


def net(capacities: Sequence[int], units: Sequence[Unit], objective: str) -> tuple[int, ...]:
    """Places of the units that settle together, ascending.

    `capacities` are zero or more; `units` stand in order of priority, then sequence.
    """
    if len(units) <= EXACT:
        return exhaustive(capacities, units, objective)
    return approximate(capacities, units, objective)


def approximate(
    capacities: Sequence[int], units: Sequence[Unit], objective: str
) -> tuple[int, ...]:
    """The heuristic, whatever the size."""
    order = _order(units, objective)
    best: Choice | None = None
    best_weight = (-1, -1)
    for build in (_from_whole(rule, objective) for rule in Rule):
        choice = Choice(capacities, units)
        build(choice, order)
        weight = weigh(units, choice.result(), objective)
        if weight > best_weight:
            best, best_weight = choice, weight
    sequence = Choice(capacities, units)
    _in_sequence(sequence, order)
    if best is None or weigh(units, sequence.result(), objective) > best_weight:
        best = sequence
    _improve(best, objective)
    _fill(best, order)
    return best.result()


def _order(units: Sequence[Unit], objective: str) -> list[int]:
    """In which what is left out is offered one by one: small draws, or large values, first."""
    if objective == COUNT:
        return sorted(
            range(len(units)),
            key=lambda place: (max((c for _, c in units[place].effects), default=0), place),
        )
    return sorted(range(len(units)), key=lambda place: (-units[place].value, place))


def _from_whole(rule: Rule, objective: str) -> Callable[[Choice, Sequence[int]], None]:
    def build(choice: Choice, order: Sequence[int]) -> None:
        for _ in range(MAX_ROUNDS):
            stayed = prune(choice, choice.outside(), rule, objective)
            if not choice.insert(order) and not stayed:
                break
        _fill(choice, order)

    return build


def _in_sequence(choice: Choice, order: Sequence[int]) -> None:
    choice.insert(range(len(order)))
    _fill(choice, order)


def _fill(choice: Choice, order: Sequence[int]) -> None:
    """One by one until nothing fits any more."""
    while choice.insert(order):
        pass


class _Steps:
    """A fixed sequence that jumps about: which neighbours are tried. The same everywhere."""

    def __init__(self) -> None:
        self._state = 1

    def below(self, limit: int) -> int:
        """The next number below a limit (Knuth's MMIX generator, its upper bits)."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % limit


def _improve(choice: Choice, objective: str) -> None:
    """Solve small neighbourhoods of the choice exactly; each can only better it."""
    units, steps = choice.units, _Steps()
    outside, inside = choice.outside(), list(choice.result())
    for _ in range(NEIGHBOURHOODS):
        if not outside:
            return
        places = sorted(
            {outside[steps.below(len(outside))] for _ in range(NEIGHBOURS_OUT)}
            | {inside[steps.below(len(inside))] for _ in range(NEIGHBOURS_IN) if inside}
        )
        before = [place for place in places if choice.chosen[place]]
        for place in before:
            choice.take(place, -1)
        there = [units[place] for place in places]
        mask = best_mask(_touched(choice, there), _renumbered(there), objective) or 0
        after = [place for number, place in enumerate(places) if mask >> number & 1]
        better = weigh(units, after, objective) > weigh(units, before, objective)
        for place in after if better else before:
            choice.take(place, 1)
        if better:
            outside, inside = choice.outside(), list(choice.result())


def _numbers(units: Sequence[Unit]) -> dict[int, int]:
    touched = sorted({capacity for unit in units for capacity, _ in unit.effects})
    return {capacity: number for number, capacity in enumerate(touched)}


def _touched(choice: Choice, units: Sequence[Unit]) -> list[int]:
    """What is left of the capacities that some units touch."""
    return [choice.left[capacity] for capacity in _numbers(units)]


def _renumbered(units: Sequence[Unit]) -> list[Unit]:
    numbers = _numbers(units)
    return [
        unit._replace(effects=tuple((numbers[capacity], c) for capacity, c in unit.effects))
        for unit in units
    ]
