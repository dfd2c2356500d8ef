"""How far a light client trusts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tongbao.kernel.light import FOR_EVER_S, Limits

DAY_S = 86_400
Clock = Callable[[], int]
"""UTC milliseconds."""


def utc_ms() -> int:
    """The time of this machine, UTC milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Options:
    """Settings of a light client; the defaults are those of CometBFT but for the period."""

    trusting_s: int = 30 * DAY_S
    """How long validators answer for what they signed. Trust older than this has to be renewed."""
    level: tuple[int, int] = (1, 3)
    """Which part of the trusted validators has to have signed a block further on; 1/3 to 1."""
    drift_s: int = 10
    """How far a header may be ahead of this machine's clock."""
    sequential: bool = False
    """Verify every block instead of skipping."""
    max_steps: int = 100_000
    """Light blocks fetched for one answer, at most."""
    within_s: float = 900.0
    """How long one node may take for a whole verification, all its answers together; then the next
    is asked. Each single answer has a bound of its own."""
    report: bool = True
    """Hand evidence of an attack to every node in reach; it is kept in a file in any case."""

    def __post_init__(self) -> None:
        """Refuse settings that would be no security."""
        above, below = self.level
        if not (0 < above <= below and 3 * above >= below):
            raise ValueError("a trust level lies between 1/3 and 1")
        if not 0 < self.trusting_s <= FOR_EVER_S or self.drift_s < 0 or self.max_steps < 1:
            raise ValueError("trusting period, drift and steps are above zero")
        if not self.within_s > 0:
            raise ValueError("the time for a verification is above zero")

    def limits(self, now_ms: int) -> Limits:
        """For one step at a moment."""
        return Limits(now_ms, self.trusting_s, self.level, self.drift_s)
