"""Plays: hostile sequences that go on over many blocks, where a rule needs several transactions.

A play is a coroutine: it yields what to send next (or None: nothing yet) and is sent the ledger as
it stands in a later block. It ends when its trick is done or can no longer be done.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from tongbao.kernel.generation import Draw
from tongbao.kernel.views import ReadView
from tongbao.simulator.plays import bounds, corridors, exchange, money, promises, returns
from tongbao.simulator.plays.staging import Play, Script

PLAYS: tuple[Play, ...] = (
    *money.PLAYS, *exchange.PLAYS, *corridors.PLAYS, *returns.PLAYS, *bounds.PLAYS, *promises.PLAYS,
)  # fmt: skip
BY_MODULE: dict[str, tuple[Play, ...]] = {
    "accounts": (*money.PLAYS, bounds.many_numbers, bounds.sell_and_leave),
    "assets": money.PLAYS,
    "payments": (*money.PLAYS, *returns.PLAYS, *promises.MONEY),
    "parties": (*money.PLAYS, bounds.many_keys),
    "exchange": (*exchange.PLAYS, bounds.sell_and_leave, *promises.MARKET),
    "governance": (bounds.many_votes,),
    "corridors": (*corridors.PLAYS, *promises.ABROAD),
    "settlement": promises.LEGS,
}
"""Which plays belong to a world that is focused on a module."""
AT_ONCE = 4
"""Plays that are under way at a time."""
PATIENCE = 60
"""Blocks after which a play is given up."""


class _Running:
    def __init__(self, script: Script, height: int) -> None:
        self.script = script
        self.began = self.height = height


class Stage:
    """The plays under way in one world."""

    def __init__(self, plays: Sequence[Play]) -> None:
        """Which plays may begin."""
        self._plays = tuple(plays)
        self._running: list[_Running] = []

    def draw(self, rng: random.Random, view: ReadView) -> Draw | None:
        """The next transaction of one that waits for this block, or the first one of another."""
        if not self._plays:
            return None
        height = view.block.height
        waiting = [one for one in self._running if one.height < height]
        if waiting and (len(self._running) >= AT_ONCE or rng.randrange(4)):
            return self._go_on(rng.choice(waiting), view)
        if len(self._running) >= AT_ONCE:
            return None
        one = _Running(rng.choice(self._plays)(rng, view), height)
        draw = next(one.script, None)
        if draw is not None:
            self._running.append(one)
        return draw

    def _go_on(self, one: _Running, view: ReadView) -> Draw | None:
        one.height = view.block.height
        try:
            draw = one.script.send(view)
        except StopIteration:
            draw, one.began = None, -PATIENCE
        if one.height - one.began > PATIENCE:
            one.script.close()
            self._running.remove(one)
        return draw
