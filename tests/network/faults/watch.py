"""Looks at the heights of all nodes while faults go on.

Without a quorum no height may grow; with a whole one it has to. What lies between, a node that has
just come back or an engine that may have lost its disk, is expected neither to go on nor to stop.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.network.faults.condition import can_decide, hit, must_decide
from tests.network.faults.schedule import KINDS, Planned

LOOK_S = 0.5
SETTLES_S = 3.0
"""After a quorum is gone, the blocks under way may still be finished for so long."""
WEAK_S = 20.0
"""A node that was held by a fault has so long to find its peers again."""
LIVES_S = 45.0
"""With a whole quorum there is a new block within this; mostly it takes a second."""
UNSEEN = 3
"""So many blocks may a node have that came back and was held before anybody looked."""


@dataclass
class Watch:
    """One pair of eyes on a network."""

    heights: Callable[[], Sequence[int]]
    count: int
    broken: list[str] = field(default_factory=list)
    without: int = 0
    """Windows without a quorum that lasted long enough to be looked at."""
    stood: int = 0
    """Of these, how many without a new block."""
    stillest_s: float = 0.0
    """Longest time without a new block while a quorum was whole."""
    top: int = -1
    """Highest block that any node has shown."""

    def __post_init__(self) -> None:
        """Nothing is wrong yet."""
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._active: tuple[Planned, ...] = ()
        self._since = time.monotonic()
        self._least: int | None = None
        self._weak: dict[int, float] = {}
        self._whole_since: float | None = time.monotonic()
        self._grew = time.monotonic()
        self._thread = threading.Thread(target=self._look_on, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no longer."""
        self._stopping.set()
        self._thread.join(15)

    def _look_on(self) -> None:
        while not self._stopping.wait(LOOK_S):
            self.look()

    def turn(self, active: Sequence[Planned]) -> None:
        """Other faults are at work from now on; call it before they begin and before they end."""
        self.look()
        with self._lock:
            now = time.monotonic()
            released = hit(self._active, KINDS) - hit(active, KINDS)
            self._weak |= dict.fromkeys(released, now + WEAK_S)
            if self._least is not None:
                self.stood += 1
            self._active, self._since, self._least = tuple(active), now, None

    def look(self) -> None:
        """Hold the heights of this moment against what the faults allow."""
        before = self._active
        asked = time.monotonic()
        highest = max(self.heights())
        with self._lock:
            grown = highest > self.top
            if self._active is before:
                self._without_quorum(asked, highest)
                self._with_quorum(asked, grown)
            self.top = max(self.top, highest)

    def _weak_now(self, now: float) -> set[int]:
        return {node for node, until in self._weak.items() if until > now}

    def _without_quorum(self, now: float, highest: int) -> None:
        if can_decide(self._active, self.count) or now - self._since < SETTLES_S:
            return
        if self._least is None:
            self._least = max(highest, self.top)
            self.without += 1
            return
        allowed = UNSEEN if self._weak_now(now) else 0
        if highest > self._least + allowed:
            at_work = "; ".join(fault.line() for fault in self._active)
            self.broken.append(f"{self._least} to {highest} without a quorum: {at_work}")
            self._least = highest
            self.stood -= 1

    def _with_quorum(self, now: float, grown: bool) -> None:
        if grown:
            self._grew = now
        if not must_decide(self._active, self.count, self._weak_now(now)):
            self._whole_since = None
            return
        if self._whole_since is None:
            self._whole_since = now
        still_s = now - max(self._grew, self._whole_since)
        self.stillest_s = max(self.stillest_s, round(still_s, 1))
        if still_s > LIVES_S:
            at_work = "; ".join(fault.line() for fault in self._active)
            self.broken.append(f"no block in {still_s:.0f} s with a whole quorum: {at_work}")
            self._grew = now
