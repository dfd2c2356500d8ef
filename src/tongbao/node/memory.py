"""Python's search for cycles, in a process that keeps a ledger."""

from __future__ import annotations

import gc

THRESHOLDS = (50_000, 10, 20)
"""So many more containers made than freed before the youngest are searched; then how many searches
of each generation before one of the next. Python's own are 700, 10, 10."""


def search_rarely() -> None:
    """Search what stands now never again, and what comes more rarely.

    Envelopes, outcomes and rows hold no cycles: counting references frees them. With Python's own
    thresholds an eighth of a loaded node's time went into finding none among them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
