"""What the faults of a moment leave: who reaches whom, and whether a quorum is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from tests.network.faults.schedule import Planned

KILLED = ("kill", "kill-asked", "kill-ledger", "two-killed", "all-killed")
CUT = ("isolate", "halves")
UNSURE = ("kill-engine", "disk-full")
"""The node may or may not go on: an engine is started again, a disk has a last free page."""


def hit(active: Iterable[Planned], kinds: Collection[str]) -> set[int]:
    """The nodes that faults of these kinds hold now."""
    return {node for fault in active if fault.kind in kinds for node in fault.nodes}


def parts(active: Sequence[Planned], count: int) -> list[tuple[int, ...]]:
    """The nodes by whom they reach: two do where every cut has both on one side."""
    cuts = [fault.nodes for fault in active if fault.kind in CUT]
    sides: dict[tuple[bool, ...], list[int]] = {}
    for node in range(count):
        sides.setdefault(tuple(node in cut for cut in cuts), []).append(node)
    return [tuple(side) for side in sides.values()]


def quorum(active: Sequence[Planned], count: int, without: Collection[int]) -> bool:
    """Whether more than two thirds reach one another when some nodes do not count."""
    together = max(sum(node not in without for node in part) for part in parts(active, count))
    return 3 * together > 2 * count


def can_decide(active: Sequence[Planned], count: int) -> bool:
    """Whether there may be new blocks. Where not, one would be a second history in the making."""
    return quorum(active, count, hit(active, (*KILLED, "pause")))


def must_decide(active: Sequence[Planned], count: int, weak: Collection[int]) -> bool:
    """Whether new blocks are to be expected, without the nodes that are weak in any way."""
    return quorum(active, count, hit(active, (*KILLED, *UNSURE, "pause")) | set(weak))


def combination(active: Iterable[Planned]) -> str:
    """The kinds at work at one moment: `clock+halves+kill`, `2 kill`."""
    often = Counter(fault.kind for fault in active)
    return "+".join(kind if n == 1 else f"{n} {kind}" for kind, n in sorted(often.items()))
