"""How many envelopes go into the next block, so that no block takes long.

Who comes while a block is made waits for it and for the next one. A block is bounded in number and
bytes, but what an envelope costs differs by three orders of magnitude: so its bound follows the
time that whole blocks take. A part of that is the same for every block, and a smaller block does
not save it: so a full block that took little lets the next one be larger. What a node proposes
is its own choice, not a rule of the ledger: a clock may be read here.
"""

from __future__ import annotations

TARGET_S = 0.06
"""How long the work on a block may take, where smaller ones are possible."""
GROWTH = 2.0
"""How much larger the next block may be at most."""


class Pace:
    """The bound of the next block. Written by one thread alone."""

    def __init__(self, most: int) -> None:
        """At most `most` envelopes; nothing is known of their cost yet."""
        self._most = most
        self._bound = float(most)

    def bound(self) -> int:
        """Envelopes of the next block, at least one."""
        return int(self._bound)

    def made(self, count: int, seconds: float) -> None:
        """A block of so many envelopes took so long."""
        if count and seconds > TARGET_S:
            self._bound = max(1.0, min(self._bound, count * TARGET_S / seconds))
        elif count >= self.bound():
            spare = TARGET_S / seconds if seconds else GROWTH
            self._bound = min(float(self._most), self._bound * min(GROWTH, spare))
