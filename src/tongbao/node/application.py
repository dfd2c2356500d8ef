"""The application: one ledger on one store. Engines order transactions; this carries them out.

It is the same for every engine and knows none of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tongbao import _core
from tongbao.kernel.blocks import (
    BlockRecord,
    Carried,
    Tip,
    carry_out,
    next_due_ms,
    result_pairs,
)
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import Founded, Genesis, found, read_genesis
from tongbao.kernel.identity import Approvals
from tongbao.kernel.names import Name, name_of
from tongbao.kernel.pipeline import open_envelope, simulate, verify
from tongbao.kernel.receipts import Receipt, make_receipt
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Body, Opened, Outcome
from tongbao.kernel.validators import Misbehavior, Validator
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.node.meter import Meter

LOCATION_PREFIX = b"t"
"""Index rows: `t` + SHA-256 of the envelope -> height and place, 8 + 4 bytes."""
CERTIFICATE_PREFIX = b"c"
"""Index rows: `c` + height -> header, block id and commit, where they came after the block."""
SETS_PREFIX = b"v"
"""Index rows: `v` + height -> the validators that sign from that height on."""

Validators = tuple[Validator, ...]


class Located(NamedTuple):
    """Where a transaction stands."""

    height: int
    position: int


class StorageFault(Exception):
    """The store cannot be opened or does not belong to this genesis."""


class Application:
    """A ledger: its genesis, its rules, its store. Not thread-safe but for reads."""

    def __init__(
        self, state: _core.State, genesis: Genesis, registry: Registry, *, strict: bool = False
    ) -> None:
        """Open the ledger on `state`, founding it where the store is new."""
        self.state = state
        self.genesis = genesis
        self.registry = registry
        self.strict = strict
        self.meter = Meter()
        self._sets: list[tuple[int, Validators]] = []
        if state.block(0) is None:
            self._found()
        self.reopen(state)

    def reopen(self, state: _core.State) -> None:
        """Go on with the ledger on `state`, which was founded by the same genesis."""
        self.state = state
        record = BlockRecord.decode(self._block_bytes(0))
        if record.header != self.genesis.digest().encode():
            raise StorageFault("the store was founded by another genesis")
        self.tip: Tip = self._tip()
        self._load_sets()

    def _found(self) -> None:
        draft = self.state.draft()
        founded: Founded = found(draft, self.genesis, self.registry)
        events = Outcome(events=founded.events).encode()
        record = BlockRecord(
            0, self.genesis.time_ms, self.genesis.digest().encode(), (b"", 0, b""), b"",
            self.state.stage(draft), (), (), events,
        )  # fmt: skip
        self.state.commit(draft, [(0, record.encode())], [])

    def _tip(self) -> Tip:
        height = self.state.height()
        record = self.block(height)
        if record is None:
            raise StorageFault(f"block {height}, the newest, is missing")
        if height == 0:
            return Tip.genesis(self.genesis.chain, record.time_ms, record.app_hash)
        return Tip(
            self.genesis.chain, height, record.time_ms, record.block_id, record.app_hash,
            _core.results_hash(result_pairs(record.outcomes)), record.commit,
        )  # fmt: skip

    # ---- reading -------------------------------------------------------------------------------

    def view(self) -> ReadView:
        """The committed state."""
        return ReadView(
            self.state, BlockContext(self.genesis.chain, self.tip.height, self.tip.time_ms)
        )

    def _block_bytes(self, height: int) -> bytes:
        raw = self.state.block(height)
        if raw is None:
            raise StorageFault(f"block {height} is not in the store")
        return raw

    def block(self, height: int) -> BlockRecord | None:
        """The block at a height, or None where there is none (or it was pruned).

        Where an engine signs blocks after they were carried out, header and commit are empty until
        `certify` has brought them.
        """
        raw = self.state.block(height)
        if raw is None:
            return None
        record = BlockRecord.decode(raw)
        if record.header:
            return record
        certificate = self.state.index_get(CERTIFICATE_PREFIX + height.to_bytes(8, "big"))
        return record if certificate is None else record.certified(certificate)

    def certify(self, height: int, header: bytes, commit: bytes) -> None:
        """Keep header and commit of a block that was carried out before it had them.

        Raises ValueError where they are not this block's, or too few have signed.
        """
        record = self.block(height)
        if record is None or record.header:
            return
        if _core.header_hash(header) != record.block_id[0]:
            raise ValueError(f"the header is not that of block {height}")
        plain = [(one.public, one.power) for one in self.validators_at(height)]
        _core.verify_commit(self.genesis.chain, header, commit, plain)
        certificate = BlockRecord.certificate(header, commit)
        self.state.annotate([(CERTIFICATE_PREFIX + height.to_bytes(8, "big"), certificate)])

    # ---- validators ----------------------------------------------------------------------------

    def _load_sets(self) -> None:
        first = tuple(Validator(v.public, v.power) for v in self.genesis.validators)
        self._sets = [(0, first)]
        for key, value in self.state.index_scan(SETS_PREFIX, None, 1_000_000):
            known = msgspec.msgpack.decode(value, type=Validators)
            self._sets.append((int.from_bytes(key[len(SETS_PREFIX) :], "big"), known))

    def validators_at(self, height: int) -> Validators:
        """Who signs the block at a height."""
        return next(known for start, known in reversed(self._sets) if start <= height)

    @property
    def validators(self) -> Validators:
        """Who signs the next block."""
        return self.validators_at(self.tip.height + 1)

    @property
    def newest_validators(self) -> Validators:
        """The set that the newest change leads to."""
        return self._sets[-1][1]

    def validator_sets_from(self, height: int) -> tuple[tuple[int, Validators], ...]:
        """The sets that sign from a height on, each with the height from which it does."""
        current = max(start for start, _ in self._sets if start <= height)
        return tuple(one for one in self._sets if one[0] >= current)

    def note_validators(self, height: int, validators: Validators) -> tuple[bytes, bytes]:
        """Remember who signs from a height on; the index row that keeps it."""
        self._sets.append((height, validators))
        return SETS_PREFIX + height.to_bytes(8, "big"), msgspec.msgpack.encode(validators)

    def locate(self, digest: bytes) -> Located | None:
        """Where the envelope with this SHA-256 stands."""
        raw = self.state.index_get(LOCATION_PREFIX + digest)
        if raw is None:
            return None
        return Located(int.from_bytes(raw[:8], "big"), int.from_bytes(raw[8:12], "big"))

    def locate_name(self, party: str, reference: str) -> Name | None:
        """Where the transaction called (party, reference) stands."""
        return name_of(self.view(), party, reference)

    def receipt(self, height: int, position: int) -> Receipt | None:
        """The receipt of a transaction; None while its block has no successor, or for no such."""
        record, following = self.block(height), self.block(height + 1)
        if record is None or following is None or not 0 <= position < len(record.transactions):
            return None
        if not record.header or not following.header:
            return None
        validators = self.validators_at(following.height)
        return make_receipt(self.genesis.chain, record, following, position, validators)

    def next_due_ms(self) -> int | None:
        """When time alone will next change the ledger."""
        return next_due_ms(self.view())

    # ---- before a block ------------------------------------------------------------------------

    def prepare(self, envelopes: Sequence[bytes]) -> list[Opened | Refusal]:
        """Decode, check and verify many envelopes; what the ledger says comes in the block."""
        prepared: list[Opened | Refusal] = []
        with self.meter.stage("decode"):
            for raw in envelopes:
                try:
                    prepared.append(open_envelope(raw, self.registry, self.genesis.chain))
                except Refusal as refusal:
                    prepared.append(refusal)
        opened = [one for one in prepared if isinstance(one, Opened)]
        with self.meter.stage("verify"):
            verdicts = iter(verify(opened))
        return [one if isinstance(one, Refusal) else (next(verdicts) or one) for one in prepared]

    def simulate(self, body: Body[Any], approvals: Approvals | None = None) -> Outcome[Any]:
        """What would become of a body if it stood in the next block."""
        block = BlockContext(self.genesis.chain, self.tip.height + 1, self.tip.time_ms)
        return simulate(self.state.draft(), block, self.registry, body, approvals)

    # ---- a block -------------------------------------------------------------------------------

    def carry_out(
        self,
        draft: _core.Draft,
        height: int,
        time_ms: int,
        transactions: Sequence[Opened],
        *,
        misbehavior: Sequence[Misbehavior] = (),
        composing: bool = False,
    ) -> Carried:
        """Carry out a block's transactions in a draft."""
        block = BlockContext(self.genesis.chain, height, time_ms)
        with self.meter.stage("execute"):
            return carry_out(
                draft,
                block,
                self.registry,
                transactions,
                misbehavior=misbehavior,
                strict=self.strict,
                composing=composing,
            )


def digest_at(record: BlockRecord, position: int) -> bytes:
    """SHA-256 of the envelope at a place of a block."""
    return hashlib.sha256(record.transactions[position]).digest()


def location_rows(height: int, transactions: Sequence[bytes | None]) -> list[tuple[bytes, bytes]]:
    """Index rows by which a block's transactions are found again; None where one is not to be."""
    where = height.to_bytes(8, "big")
    return [
        (LOCATION_PREFIX + hashlib.sha256(raw).digest(), where + position.to_bytes(4, "big"))
        for position, raw in enumerate(transactions)
        if raw is not None
    ]


def open_application(home: Path, registry: Registry, *, strict: bool = False) -> Application:
    """Open the ledger in a node's folder: `genesis.json` and `ledger/`."""
    genesis = read_genesis((home / "genesis.json").read_bytes())
    try:
        state = _core.State.open(str(home / "ledger"))
    except ValueError as fault:
        raise StorageFault(str(fault)) from fault
    return Application(state, genesis, registry, strict=strict)
