"""What the engine asks about blocks: propose, judge, apply, make durable.

A block is applied once a node, the first time it is seen whole; the draft waits until the
engine has decided. What stands in a decided block is applied whatever it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import structlog

from tongbao import _core
from tongbao.kernel.blocks import Applied, BlockRecord, Tip, result_pairs
from tongbao.kernel.codes import KernelCode
from tongbao.kernel.protocols import version_at
from tongbao.kernel.transaction import Event, Opened, Outcome
from tongbao.kernel.validators import Misbehavior, Validator, changes
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.node.application import Application, Validators
from tongbao.node.comet.verified import Verified
from tongbao.node.index import location_rows, set_row

log = structlog.get_logger(__name__)

ACCEPT, REJECT = 1, 2
MAX_BLOCK_TRANSACTIONS = 8_000
DRAFTS_KEPT = 2
LASTING = frozenset((KernelCode.EXPIRED, KernelCode.ALREADY_RECORDED, KernelCode.NAME_USED))
"""Refusals that no later block can take back. Such a transaction may stand in a block, so that
it leaves every mempool; what could still come to be good may not."""


class HaltFault(Exception):
    """Two thirds of the validators decided what no honest one would; the node stops."""


class Asked(NamedTuple):
    """What a block's state depends on."""

    height: int
    time_ns: int
    misbehavior: tuple[Misbehavior, ...]
    txs: list[bytes]


class Work(NamedTuple):
    """A block that was applied and waits for the decision."""

    asked: Asked
    draft: _core.Draft
    opened: Sequence[Opened]
    applied: Applied
    root: bytes


class Decided(NamedTuple):
    """A decided block that waits to be made durable."""

    work: Work
    record: BlockRecord
    after: Validators | None
    """Who signs from two blocks later on, where the block changed that."""
    results: bytes
    """Hash of the results, for the next header."""


class BlockWork:
    """The application's side of consensus. One thread at a time: the engine's own order."""

    def __init__(self, app: Application, verified: Verified) -> None:
        """Work on `app`; `verified` remembers signatures."""
        self.app = app
        self._verified = verified
        self._drafts: list[Work] = []
        self._decided: Decided | None = None

    # ---- proposing and judging -----------------------------------------------------------------

    def propose(self, asked: dict[str, Any]) -> list[bytes]:
        """The transactions of a block: those offered that may stand in one, in their order."""
        opened = self._verified.open(asked["txs"])
        good = [one for one in opened if isinstance(one, Opened)][:MAX_BLOCK_TRANSACTIONS]
        work = self._apply(asked, good)
        if all(map(may_stand, work.applied.executed)):
            self._keep(work)
            return [one.raw for one in good]
        kept = [
            one.raw
            for one, executed in zip(good, work.applied.executed, strict=True)
            if may_stand(executed)
        ]
        log.info("proposal.dropped", height=asked["height"], dropped=len(good) - len(kept))
        return kept

    def judge(self, asked: dict[str, Any]) -> int:
        """ACCEPT a proposal whose transactions may all stand in a block; REJECT any other."""
        try:
            return self._judge(asked)
        except Exception as fault:  # a proposal never takes a node down
            log.critical("proposal.fault", height=asked["height"], error=str(fault), exc_info=True)
            return REJECT

    def _judge(self, asked: dict[str, Any]) -> int:
        if self._applied(asked) is not None:
            return ACCEPT
        if len(asked["txs"]) > MAX_BLOCK_TRANSACTIONS:
            return self._reject(asked, "too many transactions")
        good = [one for one in self._verified.open(asked["txs"]) if isinstance(one, Opened)]
        if len(good) != len(asked["txs"]):
            return self._reject(asked, "a transaction that cannot be opened")
        work = self._apply(asked, good)
        bad = [one for one in work.applied.executed if not may_stand(one)]
        if bad:
            return self._reject(asked, f"a transaction that may not stand: {bad[0].outcome.code}")
        self._keep(work)
        return ACCEPT

    def _reject(self, asked: dict[str, Any], why: str) -> int:
        log.warning("proposal.rejected", height=asked["height"], why=why)
        return REJECT

    def _keep(self, work: Work) -> None:
        self._drafts = [*self._drafts, work][-DRAFTS_KEPT:]

    def _applied(self, asked: dict[str, Any]) -> Work | None:
        """The work on this very block, where it was done."""
        wanted = asked_of(asked, asked["txs"])
        return next((work for work in self._drafts if work.asked == wanted), None)

    def _apply(self, asked: dict[str, Any], opened: Sequence[Opened]) -> Work:
        app = self.app
        draft = app.state.draft()
        applied = app.apply_block(
            draft, asked["height"], time_ms_of(asked), opened, misbehavior=misbehavior_of(asked)
        )
        for one, executed in zip(opened, applied.executed, strict=True):
            if executed.fault:
                log.critical("transaction.fault", digest=one.digest.hex(), fault=executed.fault)
        with app.meter.stage("tree"):
            root = app.state.stage(draft)
        return Work(asked_of(asked, [one.raw for one in opened]), draft, opened, applied, root)

    # ---- a decided block -----------------------------------------------------------------------

    def finalize(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Carry out a decided block; nothing is durable before `commit`."""
        app = self.app
        height = asked["height"]
        if height != app.tip.height + 1:
            raise HaltFault(f"block {height} does not follow block {app.tip.height}")
        work = self._applied(asked)
        if work is None:
            opened = [one for one in self._verified.open(asked["txs"]) if isinstance(one, Opened)]
            if len(opened) != len(asked["txs"]):
                raise HaltFault(f"block {height} holds a transaction that cannot be opened")
            work = self._apply(asked, opened)
        self._drafts.clear()
        record = self._record(asked, work)
        known = app.newest_validators
        after = app.set_after(work.draft, known)
        pairs = result_pairs(record.outcomes)
        self._decided = Decided(work, record, after, _core.results_hash(pairs))
        return {
            "results": [
                {"code": code, "data": data, "events": typed_events(one.outcome.events)}
                for (code, data), one in zip(pairs, work.applied.executed, strict=True)
            ],
            "events": typed_events(work.applied.events),
            "validator_updates": _updates(known, after),
            "app_version": self._next_version(height, work.draft),
            "app_hash": work.root,
        }

    def _next_version(self, height: int, draft: _core.Draft) -> int:
        """The protocol version that the next header has to name; 0 where it stays."""
        view = ReadView(draft, BlockContext(self.app.genesis.chain, height, 0))
        following = version_at(view, height + 1)
        return following if following != self.app.protocol else 0

    def _record(self, asked: dict[str, Any], work: Work) -> BlockRecord:
        events = work.applied.events
        return BlockRecord(
            asked["height"], time_ms_of(asked), b"", (asked["hash"], 0, b""), b"", work.root,
            tuple(asked["txs"]), tuple(one.encoded for one in work.applied.executed),
            Outcome(events=events).encode() if events else b"", misbehavior_of(asked),
            self.app.protocol, work.applied.writes,
        )  # fmt: skip

    def commit(self) -> BlockRecord:
        """Make the decided block durable: one write, one sync."""
        if self._decided is None:
            raise HaltFault("the engine commits before it has decided")
        work, record, after, results = self._decided
        self._decided = None
        app = self.app
        named: list[bytes | None] = [
            one.raw if executed.named else None
            for one, executed in zip(work.opened, work.applied.executed, strict=True)
        ]
        with app.meter.stage("commit"):
            rows = location_rows(record.height, named)
            if after is not None:
                rows.append(set_row(record.height + 2, after))
            app.state.commit(work.draft, [(record.height, record.encode())], rows)
        if after is not None:
            app.note_validators(record.height + 2, after)
        app.tip = Tip(
            app.genesis.chain, record.height, record.time_ms, record.block_id, work.root, results,
            None,
        )  # fmt: skip
        self._verified.forget([one.digest for one in work.opened])
        return record


def _updates(known: Validators, after: Validators | None) -> list[dict[str, Any]]:
    """What the engine is given about the validators; it obeys two blocks later."""
    updates: tuple[Validator, ...] = () if after is None else changes(known, after)
    return [{"public": one.public, "power": one.power} for one in updates]


def may_stand(executed: Any) -> bool:
    """Whether a transaction with this outcome may stand in a block."""
    return executed.named or executed.outcome.code in LASTING


def time_ms_of(asked: dict[str, Any]) -> int:
    """Block time in whole milliseconds; the engine's grows by at least one from block to block."""
    return int(asked["time_ns"]) // 1_000_000


def misbehavior_of(asked: dict[str, Any]) -> tuple[Misbehavior, ...]:
    """The evidence in a block."""
    kinds = {1: "duplicate_vote", 2: "light_client_attack"}
    return tuple(
        Misbehavior(
            kinds.get(one["type"], "unknown"), one["address"], one["height"],
            one["time_ns"] // 1_000_000, one["power"],
        )
        for one in asked["misbehavior"]
    )  # fmt: skip


def asked_of(asked: dict[str, Any], txs: list[bytes]) -> Asked:
    """What the state of a block depends on that holds these transactions."""
    return Asked(asked["height"], asked["time_ns"], misbehavior_of(asked), txs)


def typed_events(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Our events as the engine's: type, and each plain field that is not empty as an attribute."""
    reported: list[dict[str, Any]] = []
    for event in events:
        attributes: list[str] = []  # name, value, name, value: they are many
        for name in event.__struct_fields__:
            value = getattr(event, name)
            if value.__class__ is str:
                if value:  # most fields are optional, and an absent attribute says the same
                    attributes += (name, value)
            elif isinstance(value, str | int):
                attributes += (name, str(value))
        reported.append({"type": event.__struct_config__.tag, "attributes": attributes})
    return reported
