"""The simulated clock: it creeps, it jumps over deadlines, and now and then it skips days."""

from __future__ import annotations

import random

SECOND = 1_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR


class SimClock:
    """Block time as the simulator wants it. No other clock is read anywhere."""

    def __init__(self, start_ms: int, *, restless: bool = False) -> None:
        """Begin at `start_ms`; where restless, days end more often."""
        self.now_ms = start_ms
        self._hours_until = 0.95 if restless else 0.98

    def advance(self, rng: random.Random, due_ms: int | None) -> None:
        """Go on to the next block; `due_ms` is when the ledger's next timer falls due."""
        way = rng.random()
        far = due_ms is not None and due_ms > self.now_ms + 40 * DAY
        if due_ms is not None and way < (0.002 if far else 0.06):
            # just before the deadline, at it, or after it
            self.now_ms = max(self.now_ms, due_ms + rng.choice((-1, 0, 1, SECOND)))
        elif way < 0.70:
            self.now_ms += rng.randrange(1, 2 * SECOND)
        elif way < 0.94:
            self.now_ms += rng.randrange(SECOND, 600 * SECOND)
        elif way < self._hours_until:
            self.now_ms += rng.randrange(HOUR, 8 * HOUR)
        elif way < 0.99:
            # to the last millisecond of the day, or the first of the next
            self.now_ms += DAY - self.now_ms % DAY - rng.randrange(2)
        else:
            self.now_ms += rng.randrange(DAY, 3 * DAY)
