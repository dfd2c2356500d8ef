"""The application: one ledger on one store. Engines order transactions; this applies them.

It is the same for every engine and knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
import structlog

from tongbao import _core
from tongbao.kernel.blocks import (
    Applied,
    BlockRecord,
    Regime,
    Tip,
    apply_block,
    next_due_ms,
    result_pairs,
)
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import Founded, Genesis, found
from tongbao.kernel.identity import Approvals
from tongbao.kernel.names import Name, name_of
from tongbao.kernel.pipeline import simulate
from tongbao.kernel.protocols import (
    Protocols,
    Step,
    agreed_step,
    as_protocols,
    suites_of,
    version_at,
)
from tongbao.kernel.proving import open_all, verify
from tongbao.kernel.receipts import Receipt, make_receipt
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Body, Opened, Outcome
from tongbao.kernel.validators import Misbehavior, Validator, changes, validators_of
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.kernel.wording import Text, WordedFault, message
from tongbao.node.index import CERTIFICATE_PREFIX, LOCATION_PREFIX, SETS_PREFIX
from tongbao.node.meter import Meter, Scrubbed

log = structlog.get_logger(__name__)

Validators = tuple[Validator, ...]


class Located(NamedTuple):
    """Where a transaction stands."""

    height: int
    position: int


REPAIR = message("Put back the newest backup (`tongbao restore`), or the ledger's newest copy")
BACK = message(
    "Put back the genesis.json that belongs to it (a backup holds one), or the ledger that belongs"
    " to this genesis.json"
)


class StorageFault(WordedFault):
    """The store cannot be opened or does not belong to this genesis."""


class StoreBusy(WordedFault):
    """Another process has the store open: it may let go of it."""


class Application:
    """A ledger: its genesis, its rules, its store. Not thread-safe but for reads."""

    def __init__(
        self,
        state: _core.State,
        genesis: Genesis,
        rules: Protocols | Registry,
        *,
        strict: bool = False,
    ) -> None:
        """Open the ledger on `state`, founding it where the store is new.

        `rules` are those that this program knows; UnknownProtocol where they do not suffice for
        the next block.
        """
        self.state = state
        self.genesis = genesis
        self.protocols = as_protocols(rules)
        self._rules: tuple[int, int, tuple[str, ...]] = (-1, 0, ())
        self.strict = strict
        self.meter = Meter()
        self.scrubbed = Scrubbed()
        self._sets: list[tuple[int, Validators]] = []
        self.clock: Callable[[], int] | None = None
        if state.block(genesis.founding_height) is None:
            if genesis.before is None and state.height() >= 0:
                raise StorageFault(
                    "block {founding_height} is missing beside the state. {repair}",
                    founding_height=genesis.founding_height,
                    repair=Text(REPAIR),
                )
            self._found()
        self.reopen(state)

    def reopen(self, state: _core.State) -> None:
        """Go on with the ledger on `state`, which was founded by the same genesis."""
        self.state = state
        record = BlockRecord.decode(self._block_bytes(self.genesis.founding_height))
        if record.header != self.genesis.digest().encode():
            raise StorageFault("the store was founded by another genesis. {back}", back=Text(BACK))
        self.tip: Tip = self._tip()
        self.oldest_block = self._oldest()
        self._rules = (-1, 0, ())
        self._load_sets()
        self.require_known_protocol()

    def _found(self) -> None:
        before, height = self.genesis.before, self.genesis.founding_height
        if before and (self.state.height(), self.state.root()) != (before.height, before.app_hash):
            raise StorageFault(
                "the genesis continues {chain} after block {height}: put the snapshot of"
                " it that other nodes have as `origin` into the node's folder, and remove"
                " `ledger` (root {hex}...)",
                chain=before.chain,
                height=before.height,
                hex=before.app_hash.hex()[:16],
            )
        draft = self.state.draft()
        registry = self.protocols.of(self.genesis.protocol)
        founded: Founded = found(draft, self.genesis, registry)
        events = Outcome(events=founded.events).encode()
        record = BlockRecord(
            height, self.genesis.time_ms, self.genesis.digest().encode(), (b"", 0, b""), b"",
            self.state.stage(draft), (), (), events, protocol=self.genesis.protocol,
            writes=founded.writes,
        )  # fmt: skip
        self.state.commit(draft, [(height, record.encode())], [])

    def _tip(self) -> Tip:
        height = self.state.height()
        record = self.block(height)
        if record is None:
            raise StorageFault("block {height}, the newest, is missing", height=height)
        if height == self.genesis.founding_height:
            return Tip.genesis(self.genesis.chain, record.time_ms, record.app_hash, height)
        return Tip(
            self.genesis.chain, height, record.time_ms, record.block_id, record.app_hash,
            _core.results_hash(result_pairs(record.outcomes)), record.commit,
        )  # fmt: skip

    def _oldest(self) -> int:
        """The height from which every block is here; that of the founding where none is missing."""
        founding = self.genesis.founding_height
        low = self.state.block_from(founding + 1)
        if low < 0 or low == founding + 1:
            return founding
        record = self.block(low)
        # Of the block that a snapshot is of there is no more than the hash.
        return low if record is not None and record.header else low + 1

    def forget(
        self, blocks: Sequence[int], gone: Sequence[bytes], kept: Sequence[tuple[bytes, bytes]]
    ) -> None:
        """Remove block records and index rows, write others: all of it or nothing."""
        self.oldest_block = max(self.oldest_block, blocks[-1] + 1)  # asked no more from here on
        self.state.prune(blocks, gone, kept)

    # ---- the rules -----------------------------------------------------------------------------

    @property
    def protocol(self) -> int:
        """Version of the rules by which the next block is applied."""
        return self._next_rules()[0]

    def _next_rules(self) -> tuple[int, tuple[str, ...]]:
        """Version and accepted suites of the next block, by the state; looked up once a block."""
        height, version, suites = self._rules
        if height != self.tip.height:
            view, height = self.view(), self.tip.height
            version, suites = version_at(view, height + 1), suites_of(view)
            self._rules = (height, version, suites)
        return version, suites

    @property
    def registry(self) -> Registry:
        """The rules of the next block; where they are not known, the newest that are."""
        version, suites = self._next_rules()
        known = self.protocols.knows(version)
        return self.protocols.of(version if known else self.protocols.newest.version, 0, suites)

    def registry_of(self, record: BlockRecord) -> Registry:
        """The rules by which a block was applied. A suite that was accepted stays so."""
        return self.protocols.of(record.protocol, record.height, self._next_rules()[1])

    @property
    def agreed_step(self) -> Step | None:
        """The next change of the rules that is agreed on, or None."""
        return agreed_step(self.view())

    def require_known_protocol(self) -> None:
        """UnknownProtocol where the next block follows rules that this program does not have."""
        self.protocols.of(self.protocol, self.tip.height + 1)

    # ---- reading -------------------------------------------------------------------------------

    @property
    def time_ms(self) -> int:
        """The ledger's time: that of the newest block, or of the engine's clock where it is later.

        A block made now would bear it, and expiry is measured against that.
        """
        return self.tip.time_ms if self.clock is None else max(self.tip.time_ms, self.clock())

    def view(self) -> ReadView:
        """The committed state, at the ledger's time."""
        return ReadView(self.state, BlockContext(self.genesis.chain, self.tip.height, self.time_ms))

    def _block_bytes(self, height: int) -> bytes:
        raw = self.state.block(height)
        if raw is None:
            raise StorageFault("block {height} is not in the store", height=height)
        return raw

    def block(self, height: int) -> BlockRecord | None:
        """The block at a height, or None where there is none (or it was pruned).

        Where an engine signs blocks after they were applied, header and commit are empty until
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

    def signed_header(self, height: int) -> tuple[bytes, bytes] | None:
        """Header and commit at a height, also of a block that was pruned; None where not here."""
        record = self.block(height)
        if record is not None:
            return (record.header, record.commit) if record.header and record.commit else None
        raw = self.state.index_get(CERTIFICATE_PREFIX + height.to_bytes(8, "big"))
        return None if raw is None else BlockRecord.read_certificate(raw)

    def certify(self, height: int, header: bytes, commit: bytes) -> None:
        """Keep header and commit of a block that was applied before it had them.

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
        sets = {0: tuple(Validator(v.public, v.power) for v in self.genesis.validators)}
        for key, value in self.state.index_scan(SETS_PREFIX, None, 1_000_000):
            known = msgspec.msgpack.decode(value, type=Validators)
            sets[int.from_bytes(key[len(SETS_PREFIX) :], "big")] = known
        self._sets = sorted(sets.items())

    def validators_at(self, height: int) -> Validators:
        """Who signs the block at a height."""
        return next(known for start, known in reversed(self._sets) if start <= height)

    def is_turn(self, height: int) -> bool:
        """Whether the validators of the next block, or of this one, sign for the first time."""
        return bool({height, height + 1} & {start for start, _ in self._sets if start})

    def turns(self) -> tuple[int, ...]:
        """The heights of which `is_turn` holds, upwards."""
        starts = (start for start, _ in self._sets if start)
        return tuple(sorted({height for start in starts for height in (start - 1, start)}))

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

    def set_after(self, draft: _core.Draft, known: Validators) -> Validators | None:
        """The set that a block leads to, by its draft; None where it is `known` already."""
        after = validators_of(ReadView(draft, BlockContext(self.genesis.chain, 0, 0)))
        return after if changes(known, after) else None

    def note_validators(self, height: int, validators: Validators) -> None:
        """Remember who signs from a height on."""
        self._sets.append((height, validators))

    def regime(self, height: int, protocol: int) -> Regime:
        """What the header at a height says of those who sign."""
        return Regime(self.validators_at(height), self.validators_at(height + 1), protocol)

    def locate(self, digest: bytes) -> Located | None:
        """Where the envelope with this SHA-256 stands."""
        raw = self.state.index_get(LOCATION_PREFIX + digest)
        if raw is None:
            return None
        height = int.from_bytes(raw[:8], "big")
        # A block that is just committed is shown once what goes with it is durable as well.
        shown = height <= self.tip.height
        return Located(height, int.from_bytes(raw[8:12], "big")) if shown else None

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

    def prepare(
        self, envelopes: Sequence[bytes], view: ReadView | None = None
    ) -> list[Opened | Refusal]:
        """Decode, check and verify many envelopes; what the ledger says comes in the block.

        With a view, as strangers' envelopes are opened: no signature by a key that is not live.
        """
        with self.meter.stage("decode"):
            prepared = open_all(envelopes, self.registry, self.genesis.chain, view)
        opened = [one for one in prepared if isinstance(one, Opened)]
        with self.meter.stage("verify"):
            verdicts = iter(verify(opened, self.registry))
        return [one if isinstance(one, Refusal) else (next(verdicts) or one) for one in prepared]

    def simulate(self, body: Body[Any], approvals: Approvals | None = None) -> Outcome[Any]:
        """What would become of a body if it stood in the next block."""
        block = BlockContext(self.genesis.chain, self.tip.height + 1, self.time_ms)
        return simulate(self.state.draft(), block, self.registry, body, approvals)

    # ---- a block -------------------------------------------------------------------------------

    def apply_block(
        self,
        draft: _core.Draft,
        height: int,
        time_ms: int,
        transactions: Sequence[Opened],
        *,
        misbehavior: Sequence[Misbehavior] = (),
        composing: bool = False,
    ) -> Applied:
        """Carry out a block's transactions in a draft, by the rules of its height."""
        block = BlockContext(self.genesis.chain, height, time_ms)
        registry = self.protocols.at(ReadView(draft, block), height)
        with self.meter.stage("execute"):
            applied = apply_block(
                draft, block, registry, transactions, misbehavior=misbehavior,
                strict=self.strict, composing=composing,
            )  # fmt: skip
        for fault in applied.faults:
            log.critical("timer.fault", height=height, fault=fault)
        return applied
