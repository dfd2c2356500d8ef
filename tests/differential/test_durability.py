"""The store: what was acknowledged is there after SIGKILL, whole; altered bytes are noticed."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from committer import ROWS, SLICE, commit_next, record

from tongbao import _core

COMMITTER = Path(__file__).with_name("committer.py")


def check_whole(state: _core.State) -> int:
    """The store stands exactly after one commit; its height."""
    height = state.height()
    if height < 0:
        assert len(state) == 0 and state.block(0) is None
        return height
    number = b"%d" % height
    assert state.get(b"n") == number
    assert [state.get(b"r%d" % row) for row in range(ROWS)] == [number] * ROWS
    assert state.scan(b"only ", None, 9) == [(b"only " + number, b"")]
    assert [state.block(h) for h in range(height + 1)] == [record(h) for h in range(height + 1)]
    assert state.block(height + 1) is None
    rows = state.index_scan(b"i", None, height + 9)
    assert rows == [(b"i%08d" % h, b"%d" % h) for h in range(height + 1)]
    state.verify_integrity()
    return height


def run_until_killed(path: Path, after_s: float, *words: str) -> int:
    """Let a committer run, kill it; the newest height that it acknowledged."""
    command = [sys.executable, str(COMMITTER), str(path), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    acknowledged = int(process.stdout.readline() or -1)
    timer = threading.Timer(after_s, process.send_signal, [signal.SIGKILL])
    timer.start()
    for line in process.stdout:
        acknowledged = int(line) if line.endswith(b"\n") else acknowledged
    timer.join()
    assert process.wait() == -signal.SIGKILL
    return acknowledged


def test_a_killed_process_leaves_whole_commits_and_all_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    dice = random.Random(9)
    path = tmp_path / "ledger"
    heights = []
    for _ in range(12):
        acknowledged = run_until_killed(path, dice.uniform(0.005, 0.4))
        state = _core.State.open(str(path))
        heights.append(check_whole(state))
        # One commit may have become durable without having been stated; it is whole as well.
        assert acknowledged <= heights[-1] <= acknowledged + 2
        state.close()
    assert heights == sorted(heights) and heights[-1] > heights[0]
    print(f"12 kills, {heights[-1]} blocks")


def test_a_process_killed_while_it_prunes_leaves_whole_slices(tmp_path: Path) -> None:
    dice = random.Random(10)
    path = tmp_path / "ledger"
    bases = []
    for _ in range(12):
        acknowledged = run_until_killed(path, dice.uniform(0.05, 0.4), "prune")
        state = _core.State.open(str(path))
        height, base = state.height(), state.block_from(0)
        assert height >= acknowledged
        assert base % SLICE == 0  # never a part of a slice
        found = [h for h in range(height + 1) if state.block(h) is not None]
        assert found == list(range(base, height + 1))
        assert [state.block(h) for h in found] == [record(h) for h in found]
        rows = state.index_scan(b"i", None, height + 9)
        assert [key for key, _ in rows] == [b"i%08d" % h for h in found]
        kept = [key for key, _ in state.index_scan(b"k", None, height + 9)]
        assert kept == [b"k%08d" % low for low in range(0, base, SLICE)]
        state.verify_integrity()
        bases.append(base)
        state.close()
    assert bases[-1] > 0
    print(f"12 kills, pruned up to {bases[-1]}")


def written(path: Path, commits: int) -> int:
    """A closed store of so many commits; its height."""
    state = _core.State.open(str(path))
    for _ in range(commits):
        commit_next(state)
    height = state.height()
    state.close()
    journal = journal_of(path)
    journal.write_bytes(journal.read_bytes().rstrip(b"\0"))  # space reserved ahead
    return height


def journal_of(path: Path) -> Path:
    """The journal, which holds everything in a store as small as these."""
    (journal,) = (path / "rows").glob("*.jnl")
    return journal


def test_a_torn_last_record_is_dropped_and_the_one_before_it_stands(tmp_path: Path) -> None:
    written(tmp_path / "full", 6)
    size = journal_of(tmp_path / "full").stat().st_size
    shorter = tmp_path / "shorter"
    seen = set()
    for cut in range(1, size, size // 40):
        shutil.rmtree(shorter, ignore_errors=True)
        shutil.copytree(tmp_path / "full", shorter)
        with journal_of(shorter).open("r+b") as file:
            file.truncate(size - cut)
        # As after a crash in which nothing beyond was acknowledged.
        (shorter / "height").unlink()
        state = _core.State.open(str(shorter))
        seen.add(check_whole(state))
        commit_next(state)
        check_whole(state)
        state.close()
    assert len(seen) >= 4, seen


def test_blocks_that_were_acknowledged_and_are_gone_are_missed(tmp_path: Path) -> None:
    height = written(tmp_path, 6)
    with journal_of(tmp_path).open("r+b") as file:
        file.truncate(file.seek(0, 2) // 2)
    with pytest.raises(ValueError, match=f"but block {height} was acknowledged"):
        _core.State.open(str(tmp_path))


def test_an_altered_byte_anywhere_is_noticed(tmp_path: Path) -> None:
    """Opening fails, or every row and block is as it was: the byte stood where nothing reads."""
    height = written(tmp_path / "full", 6)
    damaged = tmp_path / "damaged"
    dice = random.Random(3)
    refused = harmless = 0
    for _ in range(80):
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(tmp_path / "full", damaged)
        file = journal_of(damaged)
        raw = bytearray(file.read_bytes())
        raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
        file.write_bytes(raw)
        try:
            state = _core.State.open(str(damaged))
        except ValueError:
            refused += 1
            continue
        assert check_whole(state) == height
        state.close()
        harmless += 1
    print(f"altered bytes: {refused} refused, {harmless} harmless")
    assert refused > 50


def test_a_second_opening_is_refused_and_closing_lets_go(tmp_path: Path) -> None:
    first = _core.State.open(str(tmp_path))
    draft = first.draft()
    with pytest.raises(ValueError, match="another process"):
        _core.State.open(str(tmp_path))
    first.close()
    first.close()
    for call in (first.root, first.height, first.draft, lambda: first.get(b"k")):
        with pytest.raises(ValueError, match="closed"):
            call()
    second = _core.State.open(str(tmp_path))
    assert draft.get(b"k") is None
    second.close()


def test_blocks_are_pruned_from_below_and_index_rows_stay(tmp_path: Path) -> None:
    for path in (str(tmp_path / "disk"), None):
        state = _core.State.open(path)
        while state.height() < 20:
            commit_next(state)
        state.prune(list(range(12)), [b"i%08d" % 4, b"never"], [(b"j", b"new")])
        assert (state.block_from(0), state.block_from(15), state.block_from(99)) == (12, 15, -1)
        assert state.index_get(b"i%08d" % 4) is None and state.index_get(b"j") == b"new"
        assert [h for h in range(25) if state.block(h)] == list(range(12, state.height() + 1))
        assert state.index_get(b"i%08d" % 3) == b"3" and state.index_get(b"none") is None
        assert state.index_scan(b"i", b"i%08d" % 5, 2) == [
            (b"i%08d" % 6, b"6"), (b"i%08d" % 7, b"7"),
        ]  # fmt: skip
        assert state.stats()["leaves"] == len(state)
        with pytest.raises(ValueError, match="newest"):
            state.prune([12, state.height()], [], [])
        state.reclaim()
        assert state.block_from(0) == 12
        state.close()


def test_readers_in_other_threads_see_whole_versions_while_one_commits() -> None:
    state = _core.State.open(None)
    commit_next(state)
    stop = threading.Event()
    faults: list[str] = []

    def read() -> None:
        while not stop.is_set():
            rows = dict(state.scan(b"r", None, ROWS))
            if len(set(rows.values())) != 1:
                faults.append("a torn read")

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(300):
        commit_next(state)
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
