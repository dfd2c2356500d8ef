"""The only place where a node reads clocks; tests and the simulator pass their own.

A chain's time never goes back, so one block made by a clock that was years ahead would stop every
payment until that year. Two clocks are compared therefore: the wall clock, which somebody may set,
and a steady one, which nobody can. What follows from that: docs/decisions/time.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from tongbao.kernel.wording import Text, WordedFault, message

log = structlog.get_logger(__name__)

TOLERANCE_MS = 60_000
"""How far the wall clock may move away from the steady one before it is no longer trusted."""
SETTLE_MS = 600_000
"""How often a wall clock that is trusted becomes the measure anew: it may be slewed, not set."""
LONGEST_REST_MS = 400 * 86_400_000
"""A clock further than this ahead of the newest block, as the node starts, has to be confirmed."""
UNEXPLAINED_MS = 86_400_000
"""After a rest longer than this, timers alone make no block in the first `GRACE_MS`."""
GRACE_MS = 60_000

_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def utc_ms() -> int:
    """UTC milliseconds since 1970, as the machine's wall clock has it."""
    return time.time_ns() // 1_000_000


def steady_ms() -> int:
    """Milliseconds of a clock that is never set and counts while the machine sleeps."""
    return time.clock_gettime_ns(_BOOT) // 1_000_000


class ClockRefused(WordedFault):
    """The wall clock is so far from the chain that the node does not start by it."""

    def __init__(self, wall_ms: int, block_ms: int) -> None:
        """Tell both times, and how to confirm the clock."""
        super().__init__(
            "the clock says {wall}, and the newest block is of {block}: more than {days} days lie"
            " between them. Set the clock right; where it is right, start once with --accept-clock",
            wall=moment_text(wall_ms), block=moment_text(block_ms),
            days=LONGEST_REST_MS // 86_400_000,
        )  # fmt: skip


class Reading(NamedTuple):
    """What time it is, and whether the wall clock says so."""

    time_ms: int
    """UTC milliseconds by which blocks are made."""
    ahead_ms: int
    """How far the wall clock is ahead of that; negative where it is behind."""

    @property
    def trusted(self) -> bool:
        """Whether the wall clock agrees."""
        return self.ahead_ms == 0

    @property
    def text(self) -> Text:
        """What is wrong, for an operator; empty where nothing is."""
        if self.trusted:
            return Text("")
        return Text(_AHEAD if self.ahead_ms > 0 else _BEHIND, span=_span(self.ahead_ms))


_AHEAD = message(
    "the clock of this machine is {span} ahead of the time that the chain goes by, and is not"
    " trusted; blocks go on by the time that has passed. Set it right; where it is right, start"
    " the node again"
)
_BEHIND = message(
    "the clock of this machine is {span} behind the time that the chain goes by, and is not"
    " trusted; blocks go on by the time that has passed. Set it right; where it is right, start"
    " the node again"
)


class ChainClock:
    """The time by which one node makes blocks. Not thread-safe for writers: one thread reads it.

    Others may call `read` as well: at worst they tell of a jump a moment late.
    """

    def __init__(
        self,
        newest_block_ms: int,
        wall: Callable[[], int] = utc_ms,
        steady: Callable[[], int] = steady_ms,
        *,
        accept: bool = False,
    ) -> None:
        """Begin where the chain stands; ClockRefused where the wall clock needs confirming.

        `accept` is the operator's word that the wall clock is right.
        """
        self._wall, self._steady = wall, steady
        self._newest_block_ms = newest_block_ms
        now = wall()
        if not accept and now > newest_block_ms + LONGEST_REST_MS:
            raise ClockRefused(now, newest_block_ms)
        self._began_at = steady()
        self._rested_ms = 0 if accept else now - newest_block_ms
        self._committed = accept
        self._set(max(now, newest_block_ms), self._began_at)
        self._behind = now < newest_block_ms - TOLERANCE_MS
        self._reported = True

    def _set(self, time_ms: int, steady: int) -> None:
        self._anchor = (time_ms, steady)

    def read(self) -> Reading:
        """The time now."""
        wall, steady = self._wall(), self._steady()
        time_ms, since = self._anchor
        expected = time_ms + max(0, steady - since)
        if abs(wall - expected) > TOLERANCE_MS and self._may_be_corrected(wall):
            self._set(wall, steady)
            self._behind = False
            expected = wall
        ahead = wall - expected
        if abs(ahead) <= TOLERANCE_MS:
            self._behind = False
            if steady - since >= SETTLE_MS:
                self._set(wall, steady)
            self._tell(Reading(wall, 0))
            return Reading(wall, 0)
        self._tell(Reading(expected, ahead))
        return Reading(expected, ahead)

    def now_ms(self) -> int:
        """UTC milliseconds by which the next block is made."""
        return self.read().time_ms

    def committed(self) -> None:
        """A block bears this clock's time: from here on it cannot be set back."""
        self._committed = True

    def waits_for_timers(self) -> bool:
        """Whether it is too early to let a timer alone make a block."""
        rested = not self._committed and self._rested_ms > UNEXPLAINED_MS
        return rested and self._steady() - self._began_at < GRACE_MS

    def _may_be_corrected(self, wall: int) -> bool:
        """A clock that was wrong as the node started may be set right before a block bears it.

        Also afterwards where it was behind the chain: blocks went on by the steady clock then.
        """
        possible = self._newest_block_ms <= wall <= self._newest_block_ms + LONGEST_REST_MS
        back = not self._committed and wall < self._anchor[0]
        return possible and (back or self._behind)

    def _tell(self, reading: Reading) -> None:
        if reading.trusted == self._reported:
            return
        self._reported = reading.trusted
        if reading.trusted:
            log.info("clock.trusted")
        else:
            log.error("clock.not_trusted", ahead_ms=reading.ahead_ms, meaning=reading.text)


def moment_text(time_ms: int) -> str:
    """A time as people read it; milliseconds where no calendar has it."""
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{time_ms} ms"


def _span(ms: int) -> str:
    """A length of time in its largest unit: `3 d`, `2 h`, `90 s`."""
    seconds = abs(ms) // 1000
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
