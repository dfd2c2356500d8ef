"""Replicas of one ledger: one leads, the others apply its finished blocks and must agree."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord, Tip, make_header, result_pairs
from tongbao.kernel.genesis import Genesis
from tongbao.kernel.protocols import Protocols
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Opened, Outcome
from tongbao.node.application import Application
from tongbao.node.index import location_rows, set_row
from tongbao.simulator.disk import Image, put_image, take_image, torn_image
from tongbao.simulator.report import ensure

KEEP_VERSIONS = 4


class Replica:
    """One ledger on one store: in memory, or in a folder that survives crashes."""

    def __init__(
        self, name: str, genesis: Genesis, rules: Protocols | Registry, folder: Path | None = None
    ) -> None:
        """Found it, or open what is in `folder`."""
        self.name = name
        self.genesis = genesis
        self.rules = rules
        self.folder = folder
        self.app = self._open()

    def _open(self) -> Application:
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        state = _core.State.open(None if self.folder is None else str(self.folder), KEEP_VERSIONS)
        return Application(state, self.genesis, self.rules, strict=True)

    # ---- following -----------------------------------------------------------------------------

    def follow(self, record: BlockRecord) -> None:
        """Carry out a finished block; everything it claims must come out again."""
        app = self.app
        height = record.height
        ensure(height == app.tip.height + 1, f"{self.name} cannot follow with block {height}")
        opened = self._open_all(record)
        draft = app.state.draft()
        applied = app.apply_block(
            draft, height, record.time_ms, opened, misbehavior=record.misbehavior
        )
        outcomes = tuple(one.encoded for one in applied.executed)
        ensure(outcomes == record.outcomes, f"{self.name}: outcomes of block {height} differ")
        ensure(
            all(one.named for one in applied.executed),
            f"{self.name}: block {height} holds a transaction that uses no name",
        )
        events = Outcome(events=applied.events).encode() if applied.events else b""
        ensure(events == record.events, f"{self.name}: timers of block {height} differ")
        ensure(applied.writes == record.writes, f"{self.name}: rows of block {height} differ")
        root = app.state.stage(draft)
        ensure(root == record.app_hash, f"{self.name}: root of block {height} differs")
        after = app.set_after(draft, app.newest_validators)
        regime = app.regime(height, app.protocol)
        header = make_header(app.tip, record.time_ms, record.transactions, regime)
        ensure(header == record.header, f"{self.name}: header of block {height} differs")
        rows = location_rows(height, record.transactions)
        if after is not None:
            rows.append(set_row(height + 2, after))
            app.note_validators(height + 2, after)
        app.state.commit(draft, [(height, record.encode())], rows)
        app.tip = Tip(
            app.genesis.chain, height, record.time_ms, record.block_id, root,
            _core.results_hash(result_pairs(outcomes)), record.commit,
        )  # fmt: skip

    def _open_all(self, record: BlockRecord) -> list[Opened]:
        prepared = self.app.prepare(record.transactions)
        opened = [one for one in prepared if isinstance(one, Opened)]
        ensure(
            len(opened) == len(prepared),
            f"{self.name}: block {record.height} holds what cannot be opened",
        )
        return opened

    # ---- crashing ------------------------------------------------------------------------------

    def crash(self) -> None:
        """Drop everything in memory and open the folder again: it stands where it stood."""
        assert self.folder is not None
        before = (self.app.state.height(), self.app.state.root(), self.app.tip)
        _swap(self.folder, take_image(self.folder), self.app.state)
        self.app = self._open()
        after = (self.app.state.height(), self.app.state.root(), self.app.tip)
        ensure(after == before, f"{self.name} stands elsewhere after a crash")

    def tear(self, rng: random.Random, write: Callable[[], None]) -> bool:
        """Let `write` happen and the power fail in the midst of it; whether it survived.

        Of the bytes that the write changed in the journal, only the first few reach the disk.
        """
        assert self.folder is not None
        old = (self.app.state.height(), self.app.state.root())
        before = take_image(self.folder)
        write()
        new = (self.app.state.height(), self.app.state.root())
        _swap(self.folder, torn_image(rng, before, take_image(self.folder)), self.app.state)
        self.app = self._open()
        now = (self.app.state.height(), self.app.state.root())
        ensure(now in (old, new), f"{self.name} stands at a half-written block: {now}")
        self.app.state.verify_integrity()
        return now == new

    def close(self) -> None:
        """Release the store."""
        self.app.state.close()


def _swap(folder: Path, image: Image, state: _core.State) -> None:
    """Put an image in place of the folder, as after a crash: what `state` still does is lost."""
    state.close()
    shutil.rmtree(folder)
    put_image(folder, image)


def same_everywhere(replicas: Sequence[Replica]) -> None:
    """All replicas stand at one height with one root."""
    stands = {(r.app.state.height(), r.app.state.root(), r.app.tip.block_id) for r in replicas}
    ensure(len(stands) == 1, f"replicas stand at {len(stands)} different states")
