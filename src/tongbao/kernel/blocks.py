"""Blocks: applying a block's transactions, and chaining headers in CometBFT's v0.38 encoding.

In that encoding a block's results and state root stand in the next header, so a block is proven
once its successor is signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple, Protocol

import msgspec

from tongbao import _core
from tongbao.kernel.hashing import state_hashes
from tongbao.kernel.identity import VerifiedCache
from tongbao.kernel.names import sweep_names
from tongbao.kernel.pipeline import Executed, InternalFault, check_laws, execute, placed_in
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Event, Opened
from tongbao.kernel.validators import Misbehavior, Validator
from tongbao.kernel.views import TIMERS, BlockContext, DraftSource, ReadView, WriteView

MAX_TIMERS_PER_BLOCK = 1_000
EMPTY_HASH = _core.merkle_root([])
MAX_BLOCK_BYTES = 4 * 1_048_576
CONSENSUS_HASH = _core.consensus_params_hash(MAX_BLOCK_BYTES, -1)
BlockId = tuple[bytes, int, bytes]
"""Header hash, number of parts, hash of the parts."""


class BlockDraft(DraftSource, Protocol):
    """A draft for a whole block; can tell the double-entry law."""

    def holding_deltas(self) -> list[tuple[str, int]]:
        """Per asset the sum of all changes of posted balances; only those that are not zero."""
        ...


class LawBroken(Exception):
    """A law of the kernel does not hold after a block. The node halts; nothing is committed."""


class Written(NamedTuple):
    """A row of a listed table, as a transaction of a block left it."""

    position: int
    """Place of the transaction in the block; -1 for evidence and timers."""
    key: bytes
    value: bytes | None
    """None where the row was there before, and was only removed."""
    gone: bool
    """Whether it was removed, after it had the value."""


class Applied(NamedTuple):
    """What a block did, before it is committed."""

    executed: list[Executed]
    """One for each transaction given, in order."""
    events: tuple[Event, ...]
    """From evidence and timers, before the first transaction."""
    faults: tuple[str, ...] = ()
    """Bugs that timers met, for the node's alarm; what such a timer wrote was undone."""
    writes: tuple[Written, ...] = ()
    """What was written to tables that people list: first by evidence and timers."""


def apply_block(
    draft: BlockDraft,
    block: BlockContext,
    registry: Registry,
    transactions: Sequence[Opened],
    *,
    misbehavior: Sequence[Misbehavior] = (),
    strict: bool = False,
    composing: bool = False,
) -> Applied:
    """Evidence, timers, then every transaction in order, then the laws of the kernel.

    While `composing`, the block will hold only those whose name is used up; the others wrote
    nothing, so that applying the finished block gives the same state.
    """
    writes: list[Written] = []
    events = _tell_misbehavior(draft, block, registry, misbehavior, writes)
    fired, faults = _run_timers(draft, block, registry, strict, writes)
    executed: list[Executed] = []
    place, verified_cache = 0, VerifiedCache()
    for opened in transactions:
        one = execute(
            draft, block, registry, opened, place,
            strict=strict, composing=composing, verified_cache=verified_cache,
        )  # fmt: skip
        executed.append(one)
        writes.extend(Written(place, *row) for row in one.writes)
        place += one.named or not composing
    if place:
        sweep_names(draft, ReadView(draft, block), place)
    unbalanced = draft.holding_deltas()
    if unbalanced:
        raise LawBroken(f"double entry: block {block.height} does not balance: {unbalanced}")
    return Applied(executed, events + fired, faults, tuple(writes))


def _tell_misbehavior(
    draft: DraftSource,
    block: BlockContext,
    registry: Registry,
    found: Sequence[Misbehavior],
    writes: list[Written],
) -> tuple[Event, ...]:
    ledger = WriteView(draft, block, registry, party="evidence", reference=str(block.height))
    listeners = [m.on_misbehavior for m in registry.modules.values() if m.on_misbehavior]
    events = tuple(event for one in found for tell in listeners for event in tell(ledger, one))
    writes.extend(Written(-1, *row) for row in ledger.writes())
    return events


def _run_timers(
    draft: DraftSource,
    block: BlockContext,
    registry: Registry,
    strict: bool,
    writes: list[Written],
) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """Timers that fell due, held to the laws as transactions are; the events and the faults."""
    events: list[Event] = []
    faults: list[str] = []
    for key, _ in draft.scan(TIMERS.prefix, None, MAX_TIMERS_PER_BLOCK, False):
        due_at_ms, kind, subject = TIMERS.parts(key)
        if due_at_ms > block.time_ms:
            break
        if draft.get(key) is None:  # an earlier one took it back
            continue
        draft.delete(key)
        ledger = WriteView(draft, block, registry, party="timer", reference=f"{kind}/{subject}")
        draft.begin()
        try:
            happened = list(registry.timers[kind](ledger, subject))
            check_laws(ledger)
        except Exception as fault:
            draft.rollback()
            reported = f"timer {kind} {subject}: {fault}"
            if strict:
                raise InternalFault(reported) from fault
            faults.append(reported[:500])
        else:
            draft.accept()
            events.extend(happened)
            writes.extend(Written(-1, *row) for row in ledger.writes())
    return tuple(events), tuple(faults)


def next_due_ms(view: ReadView) -> int | None:
    """Block time at which the earliest timer falls due, or None."""
    return next((key[0] for key, _ in view.scan(TIMERS)), None)


class Tip(NamedTuple):
    """Where a chain stands: what the next header has to say about its predecessor."""

    chain: str
    height: int
    time_ms: int
    block_id: BlockId | None
    app_hash: bytes
    results_hash: bytes
    commit: bytes | None
    """Commit over block `height`; None before the first block."""

    @staticmethod
    def genesis(chain: str, time_ms: int, app_hash: bytes, height: int = 0) -> Tip:
        """The tip before the first block."""
        return Tip(chain, height, time_ms, None, app_hash, EMPTY_HASH, None)


class BlockRecord(msgspec.Struct, frozen=True, array_like=True):
    """A block as it is kept: enough to answer with receipts and to re-execute."""

    height: int
    time_ms: int
    header: bytes
    """protobuf `tendermint.types.Header`"""
    block_id: BlockId
    commit: bytes
    """protobuf `tendermint.types.Commit` over this block."""
    app_hash: bytes
    """State root after this block; stands in the next header."""
    transactions: tuple[bytes, ...]
    outcomes: tuple[bytes, ...]
    """Encoded outcome of each transaction."""
    events: bytes
    """JSON array of the events of evidence and timers."""
    misbehavior: tuple[Misbehavior, ...] = ()
    """Evidence in this block."""
    protocol: int = 1
    """Version of the rules by which it was applied: what decodes transactions and outcomes."""
    writes: tuple[Written, ...] = ()
    """What it wrote to tables that people list."""

    def encode(self) -> bytes:
        """MessagePack bytes for the store."""
        return _RECORD_ENCODE(self)

    @staticmethod
    def certificate(header: bytes, commit: bytes) -> bytes:
        """Header and commit in one, for `certified`."""
        block_id = _core.commit_fields(commit)["block_id"]
        return msgspec.msgpack.encode((header, block_id, commit))

    def certified(self, certificate: bytes) -> BlockRecord:
        """This block with the header and the commit that it got later."""
        header, block_id, commit = _CERTIFICATE_DECODE(certificate)
        return msgspec.structs.replace(self, header=header, block_id=block_id, commit=commit)

    @staticmethod
    def read_certificate(certificate: bytes) -> tuple[bytes, bytes]:
        """Header and commit of a certificate."""
        header, _, commit = _CERTIFICATE_DECODE(certificate)
        return header, commit

    @staticmethod
    def decode(raw: bytes) -> BlockRecord:
        """The inverse of `encode`."""
        return _RECORD_DECODE(raw)


_RECORD_ENCODE = msgspec.msgpack.Encoder().encode
_RECORD_DECODE = msgspec.msgpack.Decoder(BlockRecord).decode
_CERTIFICATE_DECODE = msgspec.msgpack.Decoder(tuple[bytes, BlockId, bytes]).decode


class Head(msgspec.Struct, frozen=True):
    """The one field of an outcome that the results hash covers beside its digest."""

    code: Annotated[int, msgspec.Meta(ge=0, lt=2**32)] = 0


_HEAD = msgspec.json.Decoder(Head).decode


def result_pairs(outcomes: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """(code, data) of each outcome, as `ExecTxResult` takes them."""
    total = len(outcomes)
    placed = [placed_in(outcome, index, total) for index, outcome in enumerate(outcomes)]
    return list(zip(map(code_of, outcomes), state_hashes(placed), strict=True))


def code_of(outcome: bytes) -> int:
    """The code of an encoded outcome. Raises msgspec.DecodeError for other bytes."""
    return _HEAD(outcome).code


class Regime(NamedTuple):
    """Who signs a block and by which rules it goes: what its header says beside its content."""

    validators: tuple[Validator, ...]
    next_validators: tuple[Validator, ...]
    """Who signs the block after it."""
    protocol: int


def validators_hash(validators: Sequence[Validator]) -> bytes:
    """The hash of a set, in CometBFT's order whatever the order given."""
    return _core.validators_hash([(v.public, v.power) for v in validators])


def make_header(tip: Tip, time_ms: int, transactions: Sequence[bytes], regime: Regime) -> bytes:
    """The header that follows `tip`, proposed by the first validator."""
    return _core.make_header(
        chain_id=tip.chain,
        height=tip.height + 1,
        time_ms=time_ms,
        last_block_id=tip.block_id,
        last_commit_hash=EMPTY_HASH if tip.commit is None else _core.commit_hash(tip.commit),
        data_hash=_core.data_hash(list(transactions)),
        validators_hash=validators_hash(regime.validators),
        next_validators_hash=validators_hash(regime.next_validators),
        consensus_hash=CONSENSUS_HASH,
        app_hash=tip.app_hash,
        last_results_hash=tip.results_hash,
        evidence_hash=EMPTY_HASH,
        proposer_address=_core.validator_address(regime.validators[0].public),
        app_version=regime.protocol,
    )
