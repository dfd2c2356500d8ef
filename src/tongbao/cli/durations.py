"""Lengths of time as people write them: 30s, 15m, 12h, 7d."""

from __future__ import annotations

import re

_STEPS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_WRITTEN = re.compile(r"([0-9]{1,9})([smhd])")


def duration_ms(written: str) -> int | None:
    """Milliseconds; None where it is no length of time."""
    found = _WRITTEN.fullmatch(written)
    return int(found[1]) * _STEPS[found[2]] if found else None
