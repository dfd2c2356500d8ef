"""The world of one seed: a leader, two followers, a clock, and everybody who sends something."""

from __future__ import annotations

import random
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.codes import OK, KernelCode, Refusal
from tongbao.kernel.generation import Draw, Generator
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.pipeline import Executed, InternalFault
from tongbao.kernel.protocols import Protocols
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Opened, Transaction
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.modules.governance import NEWEST_VERSION
from tongbao.node.audit import audit
from tongbao.node.composer import Composed, commit, compose
from tongbao.simulator.audit import audit_all, audit_block
from tongbao.simulator.clock import DAY, HOUR, SimClock
from tongbao.simulator.founding import CHAIN, START_MS, consortium
from tongbao.simulator.hostile import MUTATIONS, Surroundings, spoil
from tongbao.simulator.membership import misdeed, signers
from tongbao.simulator.model import Model
from tongbao.simulator.modules import GENERATORS, MODULES
from tongbao.simulator.plays import BY_MODULE, PLAYS, Stage
from tongbao.simulator.replica import Replica, same_everywhere
from tongbao.simulator.report import Report, SimulationFault, ensure
from tongbao.simulator.sealing import Sealed, SimKey, seal

KEEP_SENT = 400
PLAYED, PLAYED_IN_FOCUS = 0.12, 0.5
"""Share of the envelopes that belong to a play."""
EXPIRIES = (1, 60_000, HOUR, 12 * HOUR, DAY)


class Sending(NamedTuple):
    """One envelope on its way."""

    raw: bytes
    tags: tuple[str, ...]
    hostile: bool = False
    """Whether its generator meant it to be refused."""
    mutation: str = ""
    """Which spoiler it went through; empty for none."""


def _weight(tag: str) -> int:
    """How often a kind is drawn: money moves more often than all around it, votes get answers."""
    if tag in ("governance.cast", "settlement.settle_batch"):  # seldom is there one to be drawn
        return 8
    return 3 if tag.startswith(("payments.", "governance.open")) else 1


class World:
    """Everything that one seed brings about."""

    def __init__(self, seed: int, folder: Path, focus: Sequence[str] = ()) -> None:
        """Found the consortium on three replicas: two in folders, one in memory.

        `focus`: modules whose transactions and plays alone are drawn; empty for all of them.
        """
        self.rng = random.Random(seed)  # noqa: S311  a simulation, to be replayed
        self.report = Report(seeds=[seed])
        # The rules are the same under every version: what changes is who has to notice.
        rules = Protocols(Registry(MODULES, version) for version in range(1, NEWEST_VERSION + 1))
        genesis = consortium(self.rng)
        self.leader = Replica("leader", genesis, rules, folder / "leader")
        self.followers = (
            Replica("follower on disk", genesis, rules, folder / "follower"),
            Replica("follower in memory", genesis, rules),
        )
        self.clock = SimClock(START_MS, restless=bool(focus))
        self.model = Model(genesis)
        self.sent: deque[tuple[str, str, bytes]] = deque(maxlen=KEEP_SENT)
        self.waiting: list[Sending] = []
        self._references = 0
        self._generators: list[Generator] = [
            GENERATORS[tag] for tag in sorted(GENERATORS) for _ in range(_weight(tag))
            if not focus or tag.partition(".")[0] in focus
        ]  # fmt: skip
        plays = (play for module in focus for play in BY_MODULE.get(module, ()))
        self._stage = Stage(tuple(dict.fromkeys(plays)) if focus else PLAYS)
        self._played = PLAYED_IN_FOCUS if focus else PLAYED

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
        draw = self._stage.draw(rng, view) if rng.random() < self._played else None
        played = draw is not None
        draw = draw or self._draw(view)
        sealed = self._seal(draw, view.time_ms)
        tags = tuple(_tag(action) for action in sealed.body.actions)
        if not (draw.hostile or played) and rng.random() < 0.2:
            spoiled = spoil(rng, sealed, Surroundings(view.time_ms, tuple(self.sent)))
            self.report.mutations[spoiled.name] += 1
            if spoiled.mutation.may_stand:
                self.waiting.append(Sending(sealed.envelope(), tags))
            return Sending(spoiled.raw, tags, mutation=spoiled.name)
        sending = Sending(sealed.envelope(), tags, draw.hostile)
        if rng.random() < 0.03:
            self.waiting.append(sending)
        return sending

    def _draw(self, view: ReadView) -> Draw:
        for _ in range(200):
            draw = self.rng.choice(self._generators)(self.rng, view)
            if draw is not None:
                return draw
        raise SimulationFault("no generator draws anything")

    def _seal(self, draw: Draw, time_ms: int) -> Sealed:
        self._references += 1
        expires = time_ms + self.rng.choice(EXPIRIES)
        keys = (SimKey(party, number) for party, number in draw.signers)
        return seal(CHAIN, draw.party, f"s{self._references}", expires, draw.actions, keys)

    # ---- a block -------------------------------------------------------------------------------

    def _block(self, size: int) -> None:
        """Draw, make the block, let the power fail now and then, follow, audit."""
        app = self.leader.app
        self.clock.advance(self.rng, app.next_due_ms())
        time_ms = max(self.clock.now_ms, app.tip.time_ms + 1)
        block = BlockContext(CHAIN, app.tip.height + 1, time_ms)
        sendings = [self._send(ReadView(app.state, block)) for _ in range(size)]
        self.report.steps += size
        offered: list[tuple[Sending, Opened]] = []
        prepared = app.prepare([one.raw for one in sendings])
        for sending, one in zip(sendings, prepared, strict=True):
            if isinstance(one, Refusal):
                self._judge(sending, int(one.code), named=False)
            else:
                offered.append((sending, one))
        opened = [one for _, one in offered]
        composed = self._make(time_ms, opened)
        for (sending, one), executed in zip(offered, composed.executed, strict=True):
            self._note(sending, one, executed)
        for record in composed.records:
            for follower in self.followers:
                follower.follow(record)
            self.model.block(record)
            self.report.timers += len(_events(record))
        self.report.blocks += len(composed.records)
        if self.rng.random() < 0.01:
            self.followers[0].crash()
            self.report.crashes += 1
        same_everywhere((self.leader, *self.followers))
        audit_block(self.leader.app, self.model)
        if self.rng.random() < 0.02:
            audit_all(self.leader.app, self.model)

    def _make(self, time_ms: int, opened: Sequence[Opened]) -> Composed:
        """The leader's block, committed, whatever happens on the way."""
        leader, way = self.leader, self.rng.random()
        keys, caught = signers(leader.app), misdeed(self.rng, leader.app)
        composed = compose(leader.app, time_ms, opened, *keys, misbehavior=caught)
        if way < 0.02:
            # Applied and never committed: nothing of it may remain.
            again = compose(leader.app, time_ms, opened, *keys, misbehavior=caught)
            ensure(again.records == composed.records, "applied twice, the blocks differ")
            composed = again
        if not composed.records:
            return composed
        if 0.02 <= way < 0.04:
            self.report.torn += 1
            if not leader.tear(self.rng, lambda: commit(leader.app, composed)):
                again = compose(leader.app, time_ms, opened, *keys, misbehavior=caught)
                ensure(again.records == composed.records, "after a torn write another block")
                commit(leader.app, again)
            self.report.crashes += 1
            return composed
        commit(leader.app, composed)
        if way > 0.99:
            leader.crash()
            self.report.crashes += 1
        return composed

    # ---- what became of it ---------------------------------------------------------------------

    def _note(self, sending: Sending, opened: Opened, executed: Executed) -> None:
        name = (opened.body.party, opened.body.reference)
        code = executed.outcome.code
        if executed.named:
            self.sent.append((*name, opened.raw))
            if sending.mutation == "other_under_used_name":
                self.report.names_forgotten += 1
        counter = self.report.done if code == OK else self.report.refused
        if executed.named:
            counter.update(sending.tags)
        self._judge(sending, code, named=executed.named)

    def _judge(self, sending: Sending, code: int, *, named: bool) -> None:
        """Hold an answer against what the sender had in mind."""
        self.report.codes[code] += 1
        ensure(code != KernelCode.INTERNAL, f"{sending.tags} met an internal fault")
        if not sending.mutation:
            return
        mutation = MUTATIONS[sending.mutation]
        ensure(mutation.may_stand or not named, f"{sending.mutation} came to stand in a block")
        expected = not mutation.codes or code in mutation.codes
        ensure(expected, f"{sending.mutation} was answered with {code}: {sending.raw[:200]!r}")

    def _finish(self) -> None:
        """Everything once more at the end, and the chain from its genesis."""
        audit_all(self.leader.app, self.model)
        findings = audit(self.leader.app).findings
        ensure(not findings, f"the audit of the chain: {findings[:3]}")
        tip = self.leader.app.tip
        header = b"" if tip.block_id is None else tip.block_id[0]
        self.report.digest = content_digest(header + self.leader.app.state.root()).hex()

    def close(self) -> None:
        """Release the stores."""
        for replica in (self.leader, *self.followers):
            replica.close()


def _tag(action: Transaction) -> str:
    return str(action.__struct_config__.tag)


def _events(record: BlockRecord) -> list[Any]:
    return msgspec.json.decode(record.events)["events"] if record.events else []


def _what(fault: Exception) -> str:
    if isinstance(fault, SimulationFault):
        return fault.what
    known = isinstance(fault, InternalFault)
    return f"a bug: {fault}" if known else f"a bug: {type(fault).__name__}: {fault}"


def run(seed: int, steps: int, focus: Iterable[str] = ()) -> Report:
    """Play one seed in this process, all of it or focused on some modules.

    Raises SimulationFault, which says how to replay it and keeps what was reached until then.
    """
    started, modules = time.perf_counter(), tuple(focus)
    with tempfile.TemporaryDirectory(prefix="tongbao-sim-") as folder:
        world = World(seed, Path(folder), modules)
        try:
            report = world.play(steps)
        except Exception as fault:
            so_far = world.report
            so_far.elapsed_s = time.perf_counter() - started
            raise SimulationFault(
                _what(fault), seed, steps, so_far.steps, so_far, modules
            ) from fault
        finally:
            world.close()
    report.elapsed_s = time.perf_counter() - started
    return report
