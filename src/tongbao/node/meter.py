"""Where the time goes: seconds by stage, for metrics and benchmarks."""

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
