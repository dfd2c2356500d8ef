"""The audit: re-execute the chain from its genesis and compare everything that a block claims."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tongbao import _core
from tongbao.kernel.blocks import (
    CONSENSUS_HASH,
    BlockRecord,
    Tip,
    apply_block,
    result_pairs,
    validators_hash,
)
from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.genesis import found
from tongbao.kernel.laws import broken_anywhere
from tongbao.kernel.money import HOLDING_PREFIX, Holding, HoldingFlag
from tongbao.kernel.pipeline import open_envelope
from tongbao.kernel.protocols import version_at
from tongbao.kernel.proving import verify
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Opened
from tongbao.kernel.validators import validators_of
from tongbao.kernel.views import BlockContext, ReadView, Source
from tongbao.node.application import Application, Validators
from tongbao.node.audit_kept import Kept
from tongbao.node.opening import refuse_origin
from tongbao.node.snapshot import SnapshotFault, open_origin

_PAGE = 4_096
_MISSING = "the block is missing from the store"
Progress = Callable[[int, int], None]


class Finding(NamedTuple):
    """One thing that is not as it should be."""

    height: int
    what: str


class AuditReport(NamedTuple):
    """What the audit found; no findings means that the chain is what it claims to be."""

    height: int
    blocks: int
    transactions: int
    root: str
    findings: tuple[Finding, ...]
    base: int = 0
    """The block from which on there are blocks; above the genesis' own they were compared with the
    signed headers and not executed, for the state before them is gone."""


def audit(
    app: Application, progress: Progress | None = None, origin: Path | None = None
) -> AuditReport:
    """Re-execute every block of the store in memory, and check state and laws at the end.

    Stops at the first block that differs: what follows it could not be compared. A chain that
    continues another is executed from the snapshot in `origin`; StorageFault where that is not as
    it was written.
    """
    if app.oldest_block > app.genesis.founding_height:
        return _audit_kept(app, progress)
    replay = _Replay(app)
    last = app.state.height()
    findings: list[Finding] = list(replay.founded(origin))
    for height in range(app.genesis.founding_height + 1, last + 1):
        if findings:
            break
        record = app.block(height)
        if record is None:
            findings.append(Finding(height, _MISSING))
            break
        findings.extend(Finding(height, what) for what in replay.block(record))
        if progress is not None:
            progress(height, last)
    if not findings:
        findings.extend(Finding(last, what) for what in _final_state(app, replay))
    return AuditReport(
        last, replay.tip.height, replay.transactions, app.state.root().hex(), tuple(findings)
    )


def _audit_kept(app: Application, progress: Progress | None) -> AuditReport:
    """Of a ledger whose first blocks were pruned, or that began with a snapshot."""
    kept = Kept(app)
    findings = [Finding(*one) for one in kept.findings(progress)]
    if not findings:
        findings = [Finding(app.tip.height, what) for what in _newest_state(app)]
    return AuditReport(
        app.tip.height, kept.blocks, kept.transactions, app.state.root().hex(), tuple(findings),
        app.oldest_block,
    )  # fmt: skip


class _Replay:
    """A second ledger in memory that does what the blocks say."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.state = _core.State.open(None)
        self.transactions = 0
        self.tip = Tip.genesis(app.genesis.chain, app.genesis.time_ms, b"")
        self._following: deque[Validators] = deque()
        """Who signs the next block, the one after it, and so on: as the state before stated."""

    def founded(self, origin: Path | None) -> Iterator[Finding]:
        """Found it; where it continues another chain, on that chain's snapshot."""
        genesis = self.app.genesis
        height = genesis.founding_height
        if genesis.before is not None:
            folder = Path("origin") if origin is None else origin
            try:
                self.state = open_origin(folder, genesis)
            except SnapshotFault as fault:
                refuse_origin(folder, fault)
        draft = self.state.draft()
        found(draft, genesis, self.app.protocols.of(genesis.protocol))
        self._following.extend((validators_of(_view(draft, self.tip, 0)),) * 2)
        root = self.state.stage(draft)
        self.state.commit(draft, [(height, b"")], [])
        self.tip = Tip.genesis(genesis.chain, genesis.time_ms, root, height)
        first = self.app.block(height)
        if first is None or first.app_hash != root:
            yield Finding(height, "the state after the genesis is another one")

    def block(self, record: BlockRecord) -> Iterator[str]:
        """Everything about one block; yields what differs."""
        app = self.app
        before = _view(self.state, self.tip, record.height)
        protocol = version_at(before, record.height)
        if record.protocol != protocol:
            yield f"it was applied by protocol {record.protocol}, and {protocol} holds"
            return
        if record.header:
            yield from self._header(record)
        elif record.height < app.tip.height:
            yield "the engine's header and commit are missing"
        registry = app.protocols.at(before, record.height)
        opened, faults = _open_all(record, registry, self.tip.chain)
        if faults:
            yield from faults
            return
        draft = self.state.draft()
        context = BlockContext(self.tip.chain, record.height, record.time_ms)
        applied = apply_block(draft, context, registry, opened, misbehavior=record.misbehavior)
        for place, (one, kept) in enumerate(zip(applied.executed, record.outcomes, strict=True)):
            if one.encoded != kept:
                yield f"transaction {place}: the outcome differs when executed again"
            if one.outcome.code == KernelCode.INTERNAL:
                yield f"transaction {place}: met an internal fault"
        if applied.writes != record.writes:
            yield "the rows kept for the lists differ when it is executed again"
        root = self.state.stage(draft)
        if root != record.app_hash:
            yield f"the state root differs: {root.hex()} against {record.app_hash.hex()}"
        self._following.popleft()
        self._following.append(validators_of(_view(draft, self.tip, record.height)))
        self.state.commit(draft, [(record.height, b"")], [])
        self.transactions += len(opened)
        self.tip = Tip(
            self.tip.chain, record.height, record.time_ms, record.block_id, root,
            _core.results_hash(result_pairs(record.outcomes)), record.commit,
        )  # fmt: skip

    def _header(self, record: BlockRecord) -> Iterator[str]:
        """What header and commit claim, against the chain before and the block itself."""
        validators = [(v.public, v.power) for v in self._following[0]]
        try:
            _core.verify_commit(self.tip.chain, record.header, record.commit, validators)
            header = _core.header_fields(record.header)
        except ValueError as fault:
            yield f"the commit: {fault}"
            return
        before = header["last_block_id"]
        expected = {
            "chain_id": (header["chain_id"], self.tip.chain),
            "height": (header["height"], record.height),
            "time_ms": (header["time_ms"], record.time_ms),
            "last_block_id": (
                before and before[0], self.tip.block_id and self.tip.block_id[0]
            ),
            "data_hash": (header["data_hash"], _core.data_hash(list(record.transactions))),
            "validators_hash": (header["validators_hash"], validators_hash(self._following[0])),
            "next_validators_hash": (
                header["next_validators_hash"], validators_hash(self._following[1])
            ),
            "app_version": (header["app_version"], record.protocol),
            "consensus_hash": (header["consensus_hash"], CONSENSUS_HASH),
            "app_hash": (header["app_hash"], self.tip.app_hash),
            "last_results_hash": (header["last_results_hash"], self.tip.results_hash),
        }  # fmt: skip
        for name, (claimed, found_) in expected.items():
            if claimed != found_:
                yield f"the header's {name} does not follow from the chain before and the block"


def _open_all(
    record: BlockRecord, registry: Registry, chain: str
) -> tuple[list[Opened], list[str]]:
    opened: list[Opened] = []
    faults: list[str] = []
    for place, raw in enumerate(record.transactions):
        try:
            opened.append(open_envelope(raw, registry, chain))
        except Refusal as refusal:
            faults.append(f"transaction {place}: {refusal}")
    if not faults:
        verdicts = verify(opened, registry)
        faults = [f"transaction {place}: {v}" for place, v in enumerate(verdicts) if v is not None]
    return opened, faults


def _view(source: Source, tip: Tip, height: int) -> ReadView:
    return ReadView(source, BlockContext(tip.chain, height, tip.time_ms))


def _final_state(app: Application, replay: _Replay) -> Iterator[str]:
    if replay.state.root() != app.state.root():
        yield "the state in the store is not the state after the last block"
    yield from _newest_state(app)


def _newest_state(app: Application) -> Iterator[str]:
    """What the state says of itself."""
    try:
        app.state.verify_integrity()
    except ValueError as fault:
        yield f"the store: {fault}"
    if sorted(app.newest_validators) != sorted(validators_of(app.view())):
        yield "the seats are not the set that the engine was given"
    yield from state_findings(app)


def state_findings(app: Application) -> Iterator[str]:
    """The laws of kernel and modules over every row of the state as it stands."""
    yield from _double_entry(app.state)
    for broken in broken_anywhere(app.view(), app.registry):
        yield f"law broken: {broken}"


def _rows(state: _core.State, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    after: bytes | None = None
    while rows := state.scan(prefix, after, _PAGE):
        yield from rows
        after = rows[-1][0]


def holdings(state: _core.State) -> Iterator[tuple[str, str, Holding]]:
    """(account, asset, holding) of every holding there is, in key order."""
    for key, value in _rows(state, HOLDING_PREFIX):
        account, _, asset = key[len(HOLDING_PREFIX) :].decode().partition("\0")
        yield account, asset, Holding.decode(value)


def _double_entry(state: _core.State) -> Iterator[str]:
    sums: dict[str, int] = {}
    for account, asset, holding in holdings(state):
        sums[asset] = sums.get(asset, 0) + holding.posted
        issuing = HoldingFlag.ISSUING in holding.flags
        if not issuing and holding.reserved > holding.posted:
            yield f"holding {account} {asset}: more is reserved than posted"
    for asset, total in sorted(sums.items()):
        if total:
            yield f"law 1: the holdings of {asset} sum to {total}, not to zero"
