"""The netting for any size: prune, insert, and improve in neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tongbao import _core
from tongbao.modules.settlement.netting.choosing import COUNT, Choice, Unit, weigh
from tongbao.modules.settlement.netting.exact import EXACT, best_mask, exhaustive
from tongbao.modules.settlement.netting.pruning import Rule, prune

MAX_ROUNDS = 8
"""How often what was left out is offered again."""
NEIGHBOURHOODS = 160
NEIGHBOURS_OUT, NEIGHBOURS_IN = 6, 4
"""Of a neighbourhood: how many that are left out, how many that are chosen."""


LARGEST = 2**126
"""Below which the sum of everything has to stay for the core to take it."""


def net(capacities: Sequence[int], units: Sequence[Unit], objective: str) -> tuple[int, ...]:
    """Places of the units that settle together, ascending. By the core, which answers as `spell`.

    `capacities` are zero or more; `units` stand in order of priority, then sequence.
    """
    whole = sum(capacities)
    for unit in units:
        whole += unit.payments + unit.value + sum(abs(change) for _, change in unit.effects)
    if whole >= LARGEST:
        return spell(capacities, units, objective)
    return tuple(_core.net_payments(capacities, units, objective == COUNT, False))


def spell(capacities: Sequence[int], units: Sequence[Unit], objective: str) -> tuple[int, ...]:
    """The specification, in Python: for numbers of any size, and to hold the core against."""
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
    drawing = _drawing(units, outside)
    for number in range(NEIGHBOURHOODS):
        if not outside:
            return
        if number % 2 == 1 or not inside:
            near = _walk(units, outside, drawing, steps)
        else:
            near = {outside[steps.below(len(outside))] for _ in range(NEIGHBOURS_OUT)}
            near |= {inside[steps.below(len(inside))] for _ in range(NEIGHBOURS_IN)}
        places = sorted(near)
        before = [place for place in places if choice.chosen[place]]
        for place in before:
            choice.take(place, -1)
        these = [units[place] for place in places]
        mask = best_mask(_touched(choice, these), _renumbered(these), objective) or 0
        after = [place for bit, place in enumerate(places) if mask >> bit & 1]
        better = weigh(units, after, objective) > weigh(units, before, objective)
        for place in after if better else before:
            choice.take(place, 1)
        if better:
            outside, inside = choice.outside(), list(choice.result())
            drawing = _drawing(units, outside)


def _drawing(units: Sequence[Unit], places: Sequence[int]) -> dict[int, list[int]]:
    """Who draws on each capacity."""
    drawing: dict[int, list[int]] = {}
    for place in places:
        for capacity, change in units[place].effects:
            if change > 0:
                drawing.setdefault(capacity, []).append(place)
    return drawing


def _walk(
    units: Sequence[Unit], outside: Sequence[int], drawing: dict[int, list[int]], steps: _Steps
) -> set[int]:
    """From one left out to another that is paid from it, and on: so rings come together."""
    place = outside[steps.below(len(outside))]
    near = {place}
    for _ in range(NEIGHBOURS_OUT + NEIGHBOURS_IN - 1):
        paid = (drawing[c] for c, change in units[place].effects if change < 0 and c in drawing)
        following = next(paid, outside)
        place = following[steps.below(len(following))]
        near.add(place)
    return near


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
