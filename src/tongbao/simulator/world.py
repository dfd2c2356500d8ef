"""The world of one seed: a leader, two followers, a clock, and everybody who sends something."""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tongbao.kernel.codes import OK, KernelCode, Refusal
from tongbao.kernel.generation import Draw, Generator
from tongbao.kernel.pipeline import Executed
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Opened
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.node.composer import Composed, commit, compose
from tongbao.simulator.audit import audit_block
from tongbao.simulator.clock import DAY, HOUR, SimClock
from tongbao.simulator.founding import CHAIN, START_MS, VALIDATOR, consortium
from tongbao.simulator.hostile import MUTATIONS, Surroundings, spoil
from tongbao.simulator.model import Model
from tongbao.simulator.modules import GENERATORS, MODULES
from tongbao.simulator.replica import Replica, same_everywhere
from tongbao.simulator.report import Report, SimulationFault, ensure
from tongbao.simulator.sealing import Sealed, SimKey, seal

REMEMBER_SENT = 400
EXPIRIES = (1, 60_000, HOUR, 12 * HOUR, DAY)


class Sending(NamedTuple):
    """One envelope on its way."""

    raw: bytes
    tags: tuple[str, ...]
    mutation: str = ""
    """Which spoiler it went through; empty for none."""


class World:
    """Everything that one seed brings about."""

    def __init__(self, seed: int, folder: Path) -> None:
        """Found the consortium on three replicas: two in folders, one in memory."""
        self.rng = random.Random(seed)  # noqa: S311  a simulation, to be replayed
        self.report = Report(seeds=[seed])
        registry = Registry(MODULES)
        genesis = consortium(self.rng)
        self.registry = registry
        self.leader = Replica("leader", genesis, registry, folder / "leader")
        self.followers = (
            Replica("follower on disk", genesis, registry, folder / "follower"),
            Replica("follower in memory", genesis, registry),
        )
        self.clock = SimClock(START_MS)
        self.model = Model(genesis)
        self.sent: deque[tuple[str, str, bytes]] = deque(maxlen=REMEMBER_SENT)
        self.waiting: list[Sending] = []
        self._references = 0
        self._generators: list[Generator] = [GENERATORS[tag] for tag in sorted(GENERATORS)]

    def play(self, steps: int) -> Report:
        """Blocks until `steps` envelopes were sent."""
        same_everywhere((self.leader, *self.followers))
        while self.report.steps < steps:
            self._block(min(self._size(), steps - self.report.steps))
        self._finish()
        return self.report

    def _size(self) -> int:
        return self.rng.choice((0, 1, 1, 2, 3, 5, 8, 13, 21, 34))

    # ---- drawing -------------------------------------------------------------------------------

    def _send(self, view: ReadView) -> Sending:
        """The next envelope: drawn, sealed, now and then spoiled or sent a second time."""
        rng = self.rng
        if self.waiting and rng.random() < 0.3:
            return self.waiting.pop(rng.randrange(len(self.waiting)))
        sealed = self._draw(view)
        tags = tuple(_tag(action) for action in sealed.body.actions)
        if rng.random() < 0.2:
            spoiled = spoil(rng, sealed, Surroundings(view.time_ms, self.sent))
            self.report.mutations[spoiled.name] += 1
            if spoiled.mutation.may_stand:
                self.waiting.append(Sending(sealed.envelope(), tags))
            return Sending(spoiled.raw, tags, spoiled.name)
        sending = Sending(sealed.envelope(), tags)
        if rng.random() < 0.03:
            self.waiting.append(sending)
        return sending

    def _draw(self, view: ReadView) -> Sealed:
        for _ in range(200):
            draw = self.rng.choice(self._generators)(self.rng, view)
            if draw is not None:
                return self._seal(draw, view.time_ms)
        raise SimulationFault("no generator draws anything")

    def _seal(self, draw: Draw, time_ms: int) -> Sealed:
        self._references += 1
        expires = time_ms + self.rng.choice(EXPIRIES)
        keys = (SimKey(party, number) for party, number in draw.signers)
        return seal(CHAIN, draw.party, f"s{self._references}", expires, draw.actions, keys)
