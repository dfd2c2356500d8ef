"""Who keeps sending what nobody known has signed: kept for a while, and answered later.

What a submission may cost before its signatures hold is bounded (`node/submissions.py`); here the
memory lies from one submission to the next. The answers of a client whose submissions keep failing
proof wait, the longer the more of them failed lately. Nothing else waits: who pays from the same
address, through a proxy say, is served as before.
"""

from __future__ import annotations

import math
from collections import OrderedDict

from tongbao.gateway.bounds.settings import Limits

FAILED = "tongbao.failed"
"""How many envelopes of a request were signed by nobody known: stated by its route in the scope."""
HALF_LIFE_S = 60.0
"""So long, and half of the failures are forgotten."""
SECONDS_EACH = 0.05
"""An answer waits for so long for each failure beyond the free ones."""
MAX_SOURCES = 4_096
"""Clients that are kept; the one that was quiet for the longest is forgotten."""


class Sources:
    """How often each client failed lately. From the event loop alone."""

    def __init__(self, limits: Limits) -> None:
        """Nobody has failed."""
        self._limits = limits
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self.slowed = 0
        """Answers that had to wait."""

    def __len__(self) -> int:
        """Clients that are kept."""
        return len(self._known)

    def failed(self, client: str, count: int, now: float) -> float:
        """So many envelopes of a client failed proof; for how many seconds their answer waits."""
        failures, at = self._known.pop(client, (0.0, now))
        failures = failures * math.exp2((at - now) / HALF_LIFE_S) + count
        self._known[client] = (failures, now)
        while len(self._known) > MAX_SOURCES:
            self._known.popitem(last=False)
        beyond = failures - self._limits.failed_free
        seconds = min(max(0.0, beyond * SECONDS_EACH), self._limits.failed_seconds)
        self.slowed += seconds > 0
        return seconds
