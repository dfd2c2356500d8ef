"""Where the time goes, and how far the store was read again: for metrics and benchmarks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

STAGES = ("decode", "verify", "execute", "tree", "seal", "commit", "answer")


class Meter:
    """Seconds spent in each stage since the start. Each stage is written by one thread alone."""

    def __init__(self) -> None:
        """All at zero."""
        self.seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time inside the block to a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - began

    def shares(self) -> dict[str, float]:
        """Each stage's part of all that was counted, 0 to 1."""
        whole = sum(self.seconds.values()) or 1.0
        return {name: round(seconds / whole, 4) for name, seconds in self.seconds.items()}


class Scrubbed:
    """How a node's reading of its own store goes. Written by one thread alone."""

    def __init__(self) -> None:
        """Nothing was read."""
        self.passes = 0
        """Passes that ended without a finding."""
        self.bytes = 0
        """Compared in all passes together."""
        self.total = 0
        """What the present pass has to compare."""
        self.passed_at_s = 0.0
        """When the newest pass ended, Unix time; 0 before the first."""
        self.altered = False
        """Whether something was found that is not as it was written."""

    def began(self, total: int) -> None:
        """A pass over so many bytes begins."""
        self.total = total

    def ended(self) -> None:
        """A pass found nothing."""
        self.passes += 1
        self.passed_at_s = time.time()
