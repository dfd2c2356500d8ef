"""Making blocks with every key in reach: each, and at once an empty one whose header proves it.

The solo engine has one key, which is all there are. The simulator has those of every validator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import structlog

from tongbao import _core
from tongbao.kernel.blocks import Applied, BlockRecord, Regime, Tip, make_header, result_pairs
from tongbao.kernel.pipeline import Executed
from tongbao.kernel.protocols import version_at
from tongbao.kernel.transaction import Opened, Outcome
from tongbao.kernel.validators import Misbehavior, Validator, address_of
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.kernel.wording import WordedFault
from tongbao.node.application import Application, Validators
from tongbao.node.index import location_rows, set_row

log = structlog.get_logger(__name__)
MAX_SEALS = 64
"""Empty blocks after one with content, in one commit; what timers still do then comes later."""


class BlockSigner(Protocol):
    """The validator's key."""

    @property
    def public(self) -> bytes:
        """Ed25519 public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature."""
        ...


class CannotSign(WordedFault):
    """The keys in reach do not hold two thirds of the power: these blocks are for an engine."""


class Composed(NamedTuple):
    """Blocks ready to be committed, and what became of each transaction that was offered."""

    draft: _core.Draft
    records: tuple[BlockRecord, ...]
    executed: tuple[Executed, ...]
    tip: Tip
    sets: tuple[tuple[int, Validators], ...] = ()
    """Who signs from a height on, where these blocks changed that."""


def compose(
    app: Application,
    time_ms: int,
    offered: Sequence[Opened],
    *signers: BlockSigner,
    misbehavior: Sequence[Misbehavior] = (),
) -> Composed:
    """Carry out what is offered, make the block and seal it; no records where nothing happened.

    Transactions whose name was not used up do not stand in the block. Nothing is durable yet.
    """
    height = app.tip.height + 1
    time_ms = max(time_ms, app.tip.time_ms + 1)
    draft = app.state.draft()
    making = _Making(app, draft, signers)
    applied = making.apply_block(height, time_ms, offered, tuple(misbehavior))
    executed = tuple(applied.executed)
    for opened, one in zip(offered, executed, strict=True):
        if one.fault:
            log.critical("transaction.fault", digest=opened.digest.hex(), fault=one.fault)
    kept = [
        (opened.raw, one.encoded)
        for opened, one in zip(offered, executed, strict=True)
        if one.named
    ]
    # A timer may write and announce nothing: only a state that is the same needs no block.
    if not kept and not applied.events and app.state.stage(draft) == app.tip.app_hash:
        return Composed(draft, (), executed, app.tip)
    making.add(applied, kept)
    # Timers may fall due in a seal too (a run of the netting goes on in every block): then the
    # state has changed once more, and another one proves it.
    for _ in range(MAX_SEALS):
        proven = making.tip.app_hash
        sealed = making.apply_block(making.tip.height + 1, making.tip.time_ms + 1, (), ())
        making.add(sealed, [])
        if making.tip.app_hash == proven:
            break
    return Composed(draft, tuple(making.records), executed, making.tip, tuple(making.sets))


class _Making:
    """The blocks of one draft, one after the other."""

    def __init__(
        self, app: Application, draft: _core.Draft, signers: Sequence[BlockSigner]
    ) -> None:
        self.app = app
        self.draft = draft
        self.tip = app.tip
        self.records: list[BlockRecord] = []
        self.sets: list[tuple[int, Validators]] = []
        self._keys = {signer.public: signer for signer in signers}
        self._time_ms = 0
        self._protocol = 0
        self._misbehavior: tuple[Misbehavior, ...] = ()

    def apply_block(
        self,
        height: int,
        time_ms: int,
        offered: Sequence[Opened],
        misbehavior: tuple[Misbehavior, ...],
    ) -> Applied:
        """Do what the block at a height does; its rules are those of the state before it."""
        view = ReadView(self.draft, BlockContext(self.tip.chain, height, time_ms))
        self._time_ms, self._misbehavior = time_ms, misbehavior
        self._protocol = version_at(view, height)
        return self.app.apply_block(
            self.draft, height, time_ms, offered, misbehavior=misbehavior, composing=True
        )

    def add(self, applied: Applied, kept: Sequence[tuple[bytes, bytes]]) -> None:
        """Make the block of what was applied, and sign it."""
        with self.app.meter.stage("tree"):
            app_hash = self.app.state.stage(self.draft)
        height = self.tip.height + 1
        known = self.sets[-1][1] if self.sets else self.app.newest_validators
        after = self.app.set_after(self.draft, known)
        if after is not None:
            self.sets.append((height + 2, after))
        with self.app.meter.stage("seal"):
            self._seal(applied, kept, app_hash)

    def _seal(self, applied: Applied, kept: Sequence[tuple[bytes, bytes]], app_hash: bytes) -> None:
        tip, height, time_ms = self.tip, self.tip.height + 1, self._time_ms
        transactions = [raw for raw, _ in kept]
        outcomes = tuple(encoded for _, encoded in kept)
        regime = Regime(self._signing(height), self._signing(height + 1), self._protocol)
        header = make_header(tip, time_ms, transactions, regime)
        block_id = _core.block_id(header, transactions, tip.commit)
        vote = _core.commit_sign_bytes(tip.chain, height, 0, block_id, time_ms)
        commit = _core.make_commit(height, 0, block_id, self._votes(regime, time_ms, vote))
        encoded = Outcome(events=applied.events).encode() if applied.events else b""
        self.records.append(BlockRecord(
            height, time_ms, header, block_id, commit, app_hash, tuple(transactions), outcomes,
            encoded, self._misbehavior, self._protocol, applied.writes,
        ))  # fmt: skip
        results = _core.results_hash(result_pairs(outcomes))
        self.tip = Tip(tip.chain, height, time_ms, block_id, app_hash, results, commit)

    def _signing(self, height: int) -> Validators:
        """Who signs the block at a height, with what these blocks changed."""
        changed = [known for start, known in self.sets if start <= height]
        return changed[-1] if changed else self.app.validators_at(height)

    def _votes(
        self, regime: Regime, time_ms: int, message: bytes
    ) -> list[tuple[bytes, int, bytes]]:
        """One signature a validator, in CometBFT's order; empty where the key is not in reach."""
        votes: list[tuple[bytes, int, bytes]] = []
        signed = 0
        for one in in_order(regime.validators):
            signer = self._keys.get(one.public)
            if signer is None:
                votes.append((b"", 0, b""))
            else:
                votes.append((address_of(one.public), time_ms, signer.sign(message)))
                signed += one.power
        total = sum(one.power for one in regime.validators)
        if 3 * signed <= 2 * total:
            raise CannotSign(
                "{signed} of {total} voting power can sign here; more than two thirds are needed",
                signed=signed,
                total=total,
            )
        return votes


def in_order(validators: Sequence[Validator]) -> list[Validator]:
    """CometBFT's order: by falling power, then by address."""
    return sorted(validators, key=lambda one: (-one.power, address_of(one.public)))


def commit(
    app: Application, composed: Composed, note: Callable[[int, bytes], None] | None = None
) -> None:
    """Make composed blocks durable, all in one write and one sync.

    `note` keeps height and hash of the newest elsewhere before anybody is shown one of them.
    """
    with app.meter.stage("commit"):
        rows = [set_row(height, known) for height, known in composed.sets]
        for record in composed.records:
            rows += location_rows(record.height, record.transactions)
        blocks = [(record.height, record.encode()) for record in composed.records]
        app.state.commit(composed.draft, blocks, rows)
        if note is not None and composed.tip.block_id is not None:
            note(composed.tip.height, composed.tip.block_id[0])
    for height, known in composed.sets:
        app.note_validators(height, known)
    app.tip = composed.tip
