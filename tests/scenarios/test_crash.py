"""Acknowledged means durable: kill -9, torn writes, and what stands afterwards."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tongbao import _core
from tongbao.simulator.disk import JOURNAL, put_image, take_image, torn_image

KILL = Path(__file__).resolve().parents[2] / "benchmarks" / "kill.py"


def test_after_kill_9_nothing_acknowledged_is_lost_and_nothing_half_done_is_visible() -> None:
    done = subprocess.run(
        [sys.executable, str(KILL), "--times", "8", "--seed", "20"],
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert done.stdout, done.stderr.decode()[-2_000:]
    result = json.loads(done.stdout)
    assert result["findings"] == []
    assert result["times"] == 8
    assert result["acknowledged"] > 8
    assert done.returncode == 0


def write(state: _core.State, rng: random.Random) -> None:
    """One commit of some rows, a block and an index row."""
    draft = state.draft()
    height = state.height() + 1
    for _ in range(20):
        draft.put(b"row %d" % rng.randrange(500), rng.randbytes(40))
    draft.put(b"newest", b"%d" % height)
    block, index = (height, rng.randbytes(2_000)), (b"index %d" % height, b"x")
    state.commit(draft, [block], [index])


@pytest.mark.parametrize("seed", range(6))
def test_a_torn_commit_leaves_the_block_before_or_the_block_and_never_a_half(
    tmp_path: Path, seed: int
) -> None:
    """Of what the commit wrote, a first part of any length reaches the disk."""
    rng = random.Random(seed)
    folder = tmp_path / "ledger"
    state = _core.State.open(str(folder))
    for _ in range(rng.randrange(1, 6)):
        write(state, rng)
    for _ in range(2):
        old = (state.height(), state.root())
        before = take_image(folder)
        write(state, rng)
        new = (state.height(), state.root())
        image = torn_image(rng, before, take_image(folder))
        state.close()
        shutil.rmtree(folder)
        put_image(folder, image)
        state = _core.State.open(str(folder))
        assert (state.height(), state.root()) in (old, new)
        state.verify_integrity()
        assert state.get(b"newest") == b"%d" % state.height()
        assert state.block(state.height()) is not None
        assert state.block(state.height() + 1) is None
        assert state.index_get(b"index %d" % (state.height() + 1)) is None


def test_a_changed_byte_inside_what_was_acknowledged_is_noticed_or_changes_nothing(
    tmp_path: Path,
) -> None:
    """A torn tail is forgiven, damage before it is not: the store says so and does not go back."""
    rng = random.Random(5)
    folder = tmp_path / "ledger"
    state = _core.State.open(str(folder))
    for _ in range(8):
        write(state, rng)
    stood = reported(state)
    image = take_image(folder)
    state.close()
    (journal,) = (name for name in image if name.suffix == JOURNAL)
    content = image[journal]
    noticed = 0
    for place in range(0, len(content.written), len(content.written) // 25):
        spoiled = bytearray(content.written)
        spoiled[place] ^= 0x10
        shutil.rmtree(folder)
        put_image(folder, {**image, journal: content._replace(written=bytes(spoiled))})
        try:
            state = _core.State.open(str(folder))
        except ValueError:
            noticed += 1
        else:
            assert reported(state) == stood
            state.close()
    assert noticed > 15


def reported(state: _core.State) -> list[object]:
    """Everything that a store says."""
    heights = range(state.height() + 1)
    blocks = [state.block(height) for height in heights]
    index = [state.index_get(b"index %d" % height) for height in heights]
    return [state.root(), state.scan(b"", None, 10_000), blocks, index]


def test_a_store_that_is_open_is_not_opened_twice(tmp_path: Path) -> None:
    state = _core.State.open(str(tmp_path))
    with pytest.raises(ValueError, match="open in another process"):
        _core.State.open(str(tmp_path))
    state.close()
    _core.State.open(str(tmp_path)).close()
