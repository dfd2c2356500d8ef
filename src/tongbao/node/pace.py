"""How many envelopes go into the next block, so that no block takes long.

Who comes while a block is made waits for it and for the next one. A block is bounded in number and
bytes, but what an envelope costs differs by three orders of magnitude: so its bound follows the
time that envelopes of the newest blocks took. What a node proposes is its own choice, not a rule of
the ledger: a clock may be read here.
"""

from __future__ import annotations

TARGET_S = 0.1
"""How long the work on a block may take, where smaller ones are possible."""
LEARNT = 0.5
"""How much of what is known the newest block makes up."""


class Pace:
    """The bound of the next block. Written by one thread alone."""

    def __init__(self, most: int) -> None:
        """At most `most` envelopes; nothing is known of their cost yet."""
        self._most = most
        self._each_s = 0.0

    def bound(self, *, shared: bool = False) -> int:
        """Envelopes of the next block, at least one; half as many where several parties wait.

        One party's own envelopes wait for one another in any case: they go in larger blocks.
        """
        target = TARGET_S / 2 if shared else TARGET_S
        if self._each_s * self._most <= target:
            return self._most
        return max(1, int(target / self._each_s))

    def made(self, count: int, seconds: float) -> None:
        """A block of so many envelopes took so long.

        A small block that took little says nothing of what many cost: most of it is what every
        block takes.
        """
        if not count or (count < self.bound(shared=True) and seconds < TARGET_S / 2):
            return
        each = seconds / count
        known = self._each_s or each
        self._each_s = known + (each - known) * LEARNT
