"""From too much to what fits: units are removed where a capacity is exceeded, until none is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Protocol

from tongbao.modules.settlement.netting.choosing import COUNT, Choice, Unit


class Rule(Enum):
    """Which unit goes where a capacity is exceeded."""

    FEWEST = 0
    """The smallest that suffices alone, else the largest: few are removed."""
    GENTLEST = 1
    """The one that lowers the sum of all excesses most for what it is worth: who is paid by it
    can do without."""
    LATEST = 2
    """The last in the queue: the rule of the published exercise."""


class Debtors(Protocol):
    """Those who draw on one capacity."""

    def next(self, choice: Choice, short: int) -> int:
        """Whom to remove now, with so much exceeded."""
        ...


def prune(choice: Choice, places: Sequence[int], rule: Rule, objective: str) -> int:
    """Take all of `places`, then remove of them until no capacity is exceeded; how many stayed."""
    for place in places:
        choice.take(place, 1)
    units, left = choice.units, choice.left
    drawing: dict[int, list[int]] = {}
    for place in places:
        for capacity, change in units[place].effects:
            if change > 0:
                drawing.setdefault(capacity, []).append(place)
    debtors: dict[int, Debtors] = {}
    short = deque(sorted(capacity for capacity in drawing if left[capacity] < 0))
    waiting = set(short)
    removed = 0
    while short:
        capacity = short.popleft()
        waiting.discard(capacity)
        if left[capacity] >= 0:
            continue
        if capacity not in debtors:
            debtors[capacity] = _debtors(units, drawing[capacity], capacity, rule, objective)
        while left[capacity] < 0:
            place = debtors[capacity].next(choice, -left[capacity])
            choice.take(place, -1)
            removed += 1
            for other, _ in units[place].effects:
                if left[other] < 0 and other != capacity and other not in waiting:
                    waiting.add(other)
                    short.append(other)
    return len(places) - removed


def _debtors(
    units: Sequence[Unit], places: Iterable[int], capacity: int, rule: Rule, objective: str
) -> Debtors:
    if rule is Rule.LATEST:
        return _Latest(places)
    drawn = [(dict(units[place].effects)[capacity], place) for place in places]
    return _Fewest(drawn) if rule is Rule.FEWEST else _Gentlest(units, drawn, objective)


class _Latest:
    """A stack: whoever was removed elsewhere is passed over."""

    def __init__(self, places: Iterable[int]) -> None:
        self._places = sorted(places)

    def next(self, choice: Choice, short: int) -> int:
        while not choice.chosen[self._places[-1]]:
            self._places.pop()
        return self._places.pop()


class _Row:
    """Units ascending by what they draw; of equal ones the later in the queue comes first.

    Removed units are passed over by two forests of pointers with halved paths, so that a look-up
    costs about log n, however many are gone.
    """

    def __init__(self, drawn: Iterable[tuple[int, int]]) -> None:
        ranked = sorted(drawn, key=lambda one: (one[0], -one[1]))
        self._amounts = [amount for amount, _ in ranked]
        self.places = [place for _, place in ranked]
        self._above = list(range(len(ranked) + 1))
        self._below = list(range(len(ranked) + 1))

    def at_least(self, chosen: Sequence[bool], amount: int) -> int | None:
        """The smallest that draws so much or more."""
        position = self._upper(bisect_left(self._amounts, amount), chosen)
        return self.places[position] if position < len(self.places) else None

    def at_most(self, chosen: Sequence[bool], amount: int | None = None) -> int | None:
        """The largest that draws so much or less; the largest of all without an amount."""
        end = len(self.places) if amount is None else bisect_right(self._amounts, amount)
        position = self._lower(end, chosen)
        if position < 0:
            return None
        same = bisect_left(self._amounts, self._amounts[position])
        return self.places[self._upper(same, chosen)]

    def _upper(self, position: int, chosen: Sequence[bool]) -> int:
        above, places = self._above, self.places
        while position < len(places) and not chosen[places[position]]:
            further = above[position]
            above[position] = above[further] if further != position else position + 1
            position = max(further, position + 1)
        return position

    def _lower(self, end: int, chosen: Sequence[bool]) -> int:
        below, places = self._below, self.places
        while end > 0 and not chosen[places[end - 1]]:
            further = below[end]
            below[end] = below[further] if further != end else end - 1
            end = min(further, end - 1)
        return end - 1


class _Fewest:
    """One row."""

    def __init__(self, drawn: Iterable[tuple[int, int]]) -> None:
        self._row = _Row(drawn)

    def next(self, choice: Choice, short: int) -> int:
        place = self._row.at_least(choice.chosen, short)
        if place is None:
            place = self._row.at_most(choice.chosen)
        assert place is not None  # who exceeds a capacity draws on it
        return place


class _Gentlest:
    """One row for each set of capacities that units touch: for each who is paid, as it were."""

    def __init__(
        self, units: Sequence[Unit], drawn: Iterable[tuple[int, int]], objective: str
    ) -> None:
        self._units = units
        self._by_count = objective == COUNT
        alike: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for amount, place in drawn:
            touched = tuple(capacity for capacity, _ in units[place].effects)
            alike.setdefault(touched, []).append((amount, place))
        self._rows = [_Row(alike[touched]) for touched in sorted(alike)]

    def next(self, choice: Choice, short: int) -> int:
        best: tuple[int, int, int] | None = None
        for place in self._offered(choice, short):
            unit = self._units[place]
            one = (
                _relief(choice.left, unit),
                unit.payments if self._by_count else unit.value,
                place,
            )
            if best is None or _gentler(one, best):
                best = one
        assert best is not None  # who exceeds a capacity draws on it
        return best[2]

    def _offered(self, choice: Choice, short: int) -> Iterator[int]:
        for row in self._rows:
            enough = row.at_least(choice.chosen, short)
            if enough is not None:
                yield enough
            if enough is None or not self._by_count:
                part = row.at_most(choice.chosen, None if enough is None else short)
                if part is not None:
                    yield part


def _relief(left: Sequence[int], unit: Unit) -> int:
    """How much less exceeded all capacities together are without the unit; below zero: more."""
    relief = 0
    for capacity, change in unit.effects:
        rest = left[capacity]
        if change > 0:
            relief += max(0, min(change, -rest))
        else:
            relief -= max(0, min(-change, -change - rest))
    return relief


def _gentler(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Whether (relief, weight, place) is better: relief per weight; where worse comes of it, the
    lighter harm; of equal ones the later in the queue."""
    (relief, weight, place), (least, most, latest) = one, other
    if (relief >= 0) != (least >= 0):
        return relief >= 0
    mine, theirs = (relief * most, least * weight) if relief >= 0 else (
        relief * weight, least * most
    )  # fmt: skip
    return (mine, place) > (theirs, latest)
