"""Making blocks as the only validator: each, and at once the empty one whose header proves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import structlog

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord, Tip, make_header, result_pairs
from tongbao.kernel.pipeline import Executed
from tongbao.kernel.transaction import Event, Opened, Outcome
from tongbao.node.application import Application, location_rows

log = structlog.get_logger(__name__)


class BlockSigner(Protocol):
    """The validator's key."""

    @property
    def public(self) -> bytes:
        """Ed25519 public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature."""
        ...


class Composed(NamedTuple):
    """Blocks ready to be committed, and what became of each transaction that was offered."""

    draft: _core.Draft
    records: tuple[BlockRecord, ...]
    executed: tuple[Executed, ...]
    tip: Tip


def compose(
    app: Application, time_ms: int, offered: Sequence[Opened], signer: BlockSigner
) -> Composed:
    """Carry out what is offered and make the block and its seal; no records where nothing happened.

    Transactions whose name was not used up do not stand in the block. Nothing is durable yet.
    """
    height = app.tip.height + 1
    time_ms = max(time_ms, app.tip.time_ms + 1)
    draft = app.state.draft()
    carried = app.carry_out(draft, height, time_ms, offered, composing=True)
    executed = tuple(carried.executed)
    for opened, one in zip(offered, executed, strict=True):
        if one.fault:
            log.critical("transaction.fault", digest=opened.digest.hex(), fault=one.fault)
    kept = [
        (opened.raw, one.encoded)
        for opened, one in zip(offered, executed, strict=True)
        if one.named
    ]
    if not kept and not carried.events:
        return Composed(draft, (), executed, app.tip)
    with app.meter.stage("tree"):
        app_hash = app.state.stage(draft)
    block, tip = _sign(app, app.tip, time_ms, kept, carried.events, app_hash, signer)
    sealed = app.carry_out(draft, height + 1, time_ms + 1, (), composing=True)
    if sealed.events:
        app_hash = app.state.stage(draft)
    seal, tip = _sign(app, tip, time_ms + 1, [], sealed.events, app_hash, signer)
    return Composed(draft, (block, seal), executed, tip)


def _sign(
    app: Application,
    tip: Tip,
    time_ms: int,
    kept: Sequence[tuple[bytes, bytes]],
    events: tuple[Event, ...],
    app_hash: bytes,
    signer: BlockSigner,
) -> tuple[BlockRecord, Tip]:
    with app.meter.stage("seal"):
        return _sealed(app, tip, time_ms, kept, events, app_hash, signer)


def _sealed(
    app: Application,
    tip: Tip,
    time_ms: int,
    kept: Sequence[tuple[bytes, bytes]],
    events: tuple[Event, ...],
    app_hash: bytes,
    signer: BlockSigner,
) -> tuple[BlockRecord, Tip]:
    height = tip.height + 1
    transactions = [raw for raw, _ in kept]
    outcomes = tuple(encoded for _, encoded in kept)
    header = make_header(tip, time_ms, transactions, app.validators)
    block_id = _core.block_id(header, transactions, tip.commit)
    address = _core.validator_address(signer.public)
    vote = _core.commit_sign_bytes(tip.chain, height, 0, block_id, time_ms)
    commit = _core.make_commit(height, 0, block_id, [(address, time_ms, signer.sign(vote))])
    encoded = Outcome(events=events).encode() if events else b""
    record = BlockRecord(
        height, time_ms, header, block_id, commit, app_hash, tuple(transactions), outcomes, encoded
    )
    results = _core.results_hash(result_pairs(outcomes))
    return record, Tip(tip.chain, height, time_ms, block_id, app_hash, results, commit)


def commit(app: Application, composed: Composed) -> None:
    """Make composed blocks durable, all in one write and one sync."""
    with app.meter.stage("commit"):
        rows: list[tuple[bytes, bytes]] = []
        for record in composed.records:
            rows += location_rows(record.height, record.transactions)
        blocks = [(record.height, record.encode()) for record in composed.records]
        app.state.commit(composed.draft, blocks, rows)
    app.tip = composed.tip
