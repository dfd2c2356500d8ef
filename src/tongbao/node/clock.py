"""The only place where a node reads the clock; tests and the simulator pass their own."""

from __future__ import annotations

import time


def utc_ms() -> int:
    """UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000
