"""Units, and a choice of them in the making."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

COUNT, VALUE = "count", "value"
OBJECTIVES = (COUNT, VALUE)
Weight = tuple[int, int]
"""How good a choice is: by the objective, then by the other measure. More is better."""


class Unit(NamedTuple):
    """What settles whole or not at all; its place in the list is its place in the queue."""

    effects: tuple[tuple[int, int], ...]
    """(capacity, change): above zero draws on it, below zero adds to it. Each capacity once."""
    payments: int
    """Payments in it: 1, or 2 for a linked pair."""
    value: int
    """What it counts for by value; above zero."""


def weigh(units: Sequence[Unit], chosen: Iterable[int], objective: str) -> Weight:
    """The weight of a choice."""
    count = value = 0
    for place in chosen:
        count += units[place].payments
        value += units[place].value
    return (count, value) if objective == COUNT else (value, count)


def excess(
    capacities: Sequence[int], units: Sequence[Unit], chosen: Iterable[int]
) -> tuple[int, ...]:
    """The capacities that a choice exceeds: none where it is feasible."""
    left = list(capacities)
    for place in chosen:
        for capacity, change in units[place].effects:
            left[capacity] -= change
    return tuple(number for number, rest in enumerate(left) if rest < 0)


def in_sequence(capacities: Sequence[int], units: Sequence[Unit]) -> tuple[int, ...]:
    """Gross FIFO: each unit in turn, where what came before it leaves enough."""
    choice = Choice(capacities, units)
    choice.insert(range(len(units)))
    return choice.result()


class Choice:
    """A choice, and what it leaves of every capacity."""

    def __init__(self, capacities: Sequence[int], units: Sequence[Unit]) -> None:
        """Nothing is chosen."""
        self.units = units
        self.left = list(capacities)
        self.chosen = [False] * len(units)

    def take(self, place: int, sign: int) -> None:
        """Choose a unit (1), or give it back (-1)."""
        self.chosen[place] = sign > 0
        for capacity, change in self.units[place].effects:
            self.left[capacity] -= sign * change

    def insert(self, places: Iterable[int]) -> int:
        """Offer units one by one: whatever fits alone is chosen. How many fitted."""
        left, units, fitted = self.left, self.units, 0
        for place in places:
            if not self.chosen[place]:
                for capacity, change in units[place].effects:
                    if change > left[capacity]:
                        break
                else:
                    self.take(place, 1)
                    fitted += 1
        return fitted

    def outside(self) -> list[int]:
        """What is not chosen, in order."""
        return [place for place, inside in enumerate(self.chosen) if not inside]

    def result(self) -> tuple[int, ...]:
        """What is chosen, in order."""
        return tuple(place for place, inside in enumerate(self.chosen) if inside)
