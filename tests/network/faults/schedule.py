"""What goes wrong and when: storms of faults that overlap, drawn from a seed and from nothing else.

The bound on a storm is what makes it fair to expect that the network goes on after it: everything
is over `LONGEST_S` after it began, at most one clock is wrong, and at most one disk is full. So
many nodes may be killed, paused or cut off as the dice say: without a quorum nothing may happen,
and that is looked at, too.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

KINDS = (
    "kill", "kill-asked", "kill-ledger", "kill-engine", "two-killed", "all-killed", "pause",
    "isolate", "halves", "clock", "disk-full",
)  # fmt: skip
ONCE = ("clock", "disk-full")
"""At most one of each in a storm. Block time is the median of the votes: with two wrong clocks of
four it would be wrong itself, and so are the expiries of all payments."""
LONGEST_S = 25.0
CALM_S, HOLD_S = (1.0, 5.0), (4.0, 14.0)
CLOCKS_S = (-7_200, -30, 30, 7_200)
A_THIRD, A_FOURTH = 0.6, 0.25
"""How likely a storm has a third fault, and then a fourth."""


@dataclass(frozen=True)
class Planned:
    """One fault to be."""

    kind: str
    nodes: tuple[int, ...]
    """Empty for `kill-asked`: the node that client `choice` asks at that moment."""
    at_s: float
    """Since its storm began."""
    for_s: float
    choice: int = 0
    """Seconds by which a clock is wrong; number of a client."""

    @property
    def ends_s(self) -> float:
        """When it is over, since its storm began."""
        return self.at_s + self.for_s

    def line(self) -> str:
        """As a person reads it."""
        whom = " ".join(map(str, self.nodes)) or f"asked by client {self.choice}"
        more = f" {self.choice:+d} s" if self.kind == "clock" else ""
        return f"{self.kind} {whom}{more} from {self.at_s:.1f} to {self.ends_s:.1f} s"


@dataclass(frozen=True)
class Storm:
    """Faults that overlap, after a while of calm."""

    calm_s: float
    faults: tuple[Planned, ...]

    def line(self) -> str:
        """As a person reads it."""
        return "; ".join(fault.line() for fault in self.faults)


def storms(seed: int, nodes: int, small_disk: int) -> Iterator[Storm]:
    """Without end; every pair of kinds overlaps once before one does again."""
    dice = random.Random(seed)
    deck: list[tuple[str, str]] = []
    while True:
        if not deck:
            deck = list(itertools.combinations(KINDS, 2))
            dice.shuffle(deck)
        kinds = list(deck.pop())
        dice.shuffle(kinds)
        for odds in (A_THIRD, A_FOURTH):
            if dice.random() >= odds:
                break
            kinds.append(dice.choice([one for one in KINDS if one not in ONCE or one not in kinds]))
        yield Storm(_seconds(dice, *CALM_S), tuple(_faults(dice, kinds, nodes, small_disk)))


def _faults(
    dice: random.Random, kinds: list[str], nodes: int, small_disk: int
) -> Iterator[Planned]:
    """The second begins while the first lasts; the others at any time until then."""
    first_s = _seconds(dice, *HOLD_S)
    for place, kind in enumerate(kinds):
        at_s = _seconds(dice, 0.3, 0.7 * first_s) if place else 0.0
        for_s = first_s if place == 0 else _seconds(dice, *HOLD_S)
        for_s = round(min(for_s, LONGEST_S - at_s), 2)
        choice = dice.choice(CLOCKS_S) if kind == "clock" else dice.randrange(1_000)
        yield Planned(kind, _nodes(dice, kind, nodes, small_disk), at_s, for_s, choice)


def _nodes(dice: random.Random, kind: str, nodes: int, small_disk: int) -> tuple[int, ...]:
    if kind == "disk-full":
        return (small_disk,)
    counts = {"kill-asked": 0, "halves": nodes // 2, "two-killed": 2, "all-killed": nodes}
    return tuple(sorted(dice.sample(range(nodes), counts.get(kind, 1))))


def _seconds(dice: random.Random, least: float, most: float) -> float:
    return round(dice.uniform(least, most), 2)
