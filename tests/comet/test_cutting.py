"""A snapshot is written beside the blocks, of the version it is due at."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.comet.conftest import pay, side_of
from tests.node.conftest import founded

from tongbao import _core
from tongbao.node.comet.statesync import CHUNK_BYTES, StateSync


def test_a_version_is_written_as_it_was_though_blocks_go_on(tmp_path: Path) -> None:
    side = side_of(founded(None), tmp_path)
    side.decide([side.envelope()])
    state = side.ledger.app.state
    at_once = state.export_snapshot(str(tmp_path / "at once"), 4_096)
    held = state.frozen()
    for amount in (1, 2, 3):
        side.decide([side.envelope(pay(amount))])
    assert (held.height, state.height()) == (1, 4)
    assert held.export_snapshot(str(tmp_path / "later"), 4_096) == at_once
    assert state.export_snapshot(str(tmp_path / "newest"), 4_096) != at_once
    blocks = [(1, b"any")]
    made = _core.State.import_snapshot(None, str(tmp_path / "later"), held.root, 1, blocks)
    assert made.root() == held.root != state.root()


def test_a_commit_does_not_wait_and_a_snapshot_under_way_passes_the_next_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, began = threading.Event(), threading.Event()
    write = StateSync._write

    def slowly(self: StateSync, *what: object) -> None:
        began.set()
        assert go_on.wait(20)
        write(self, *what)  # type: ignore[arg-type]

    monkeypatch.setattr(StateSync, "_write", slowly)
    side = side_of(founded(None), tmp_path)
    sync = StateSync(side.ledger.app, tmp_path / "snapshots", tmp_path / "ledger", 2)
    for amount in range(1, 6):
        side.decide([side.envelope(pay(amount))])
        record = side.ledger.app.block(amount)
        assert record is not None
        sync.take(record)
    assert began.wait(20) and sync.newest() == 0
    go_on.set()
    sync.finish()
    assert sync.newest() == 2
    side.decide([side.envelope()])
    record = side.ledger.app.block(6)
    assert record is not None
    sync.take(record)
    sync.finish()
    assert sync.newest() == 6
    [_, newest] = sync.offered({})["snapshots"]
    digests = side.ledger.app.state.export_snapshot(str(tmp_path / "now"), CHUNK_BYTES)
    assert newest["chunks"] == len(digests)


def test_a_snapshot_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    side = side_of(founded(None), tmp_path)
    (tmp_path / "snapshots").write_bytes(b"in the way")
    sync = StateSync(side.ledger.app, tmp_path / "snapshots", tmp_path / "ledger", 1)
    side.decide([side.envelope()])
    record = side.ledger.app.block(1)
    assert record is not None
    sync.take(record)
    sync.finish()
    assert sync.newest() == 0
