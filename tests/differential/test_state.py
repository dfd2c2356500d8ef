"""The state tree: random histories, versions, proofs and snapshots against the twin."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongbao import _core
from tongbao.kernel.twin import tree as twin

KEYS = st.integers(0, 40).map(lambda n: b"key%d" % n)
BLOCKS = st.lists(st.dictionaries(KEYS, st.one_of(st.none(), st.binary(max_size=9))), max_size=8)
Rows = dict[bytes, bytes]


def commit_writes(
    state: _core.State, rows: Rows, writes: dict[bytes, bytes | None], height: int
) -> Rows:
    """One block in both; the rows after it."""
    draft = state.draft()
    after = dict(rows)
    for key, value in writes.items():
        if value is None:
            draft.delete(key)
            after.pop(key, None)
        else:
            draft.put(key, value)
            after[key] = value
    root = state.stage(draft)
    assert state.commit(draft, [(height, b"block %d" % height)], []) == root == state.root()
    return after


@settings(max_examples=60, deadline=None)
@given(BLOCKS)
def test_every_version_of_a_random_history_is_the_twins(blocks: list[dict]) -> None:
    state = _core.State.open(None)
    history: list[Rows] = []
    rows: Rows = {}
    for height, writes in enumerate(blocks):
        rows = commit_writes(state, rows, writes, height)
        history.append(rows)
        assert state.root() == twin.state_root(rows) == _core.state_root(sorted(rows.items()))
        assert state.scan(b"", None, 100) == sorted(rows.items())
        assert len(state) == len(rows)
    assert state.versions() == list(range(len(blocks)))
    state.verify_integrity()
    for height, old in enumerate(history):
        assert state.root_at(height) == twin.state_root(old)
        for key in (b"key%d" % n for n in range(0, 42, 3)):
            assert state.get_at(height, key) == old.get(key)
            proof = state.prove(key, height)
            assert proof == twin.prove(old, key)
            root = state.root_at(height)
            assert twin.state_verify(root, key, old.get(key), proof)
            assert _core.state_verify(root, key, old.get(key), proof)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(KEYS, st.binary(max_size=4), max_size=20),
    KEYS,
    KEYS,
    st.binary(max_size=4),
    st.integers(0, 5),
    st.data(),
)
def test_damaged_proofs_are_judged_alike(
    rows: Rows, proved: bytes, claimed: bytes, value: bytes, damage: int, data: st.DataObject
) -> None:
    proof = twin.prove(rows, proved)
    for name in ("exists", "left", "right"):
        one = proof[name]  # type: ignore[literal-required]
        if one is not None and damage:
            key, old, steps = one
            at = data.draw(st.integers(0, max(len(steps) - 1, 0)))
            turned = [(not s, h) if i == at else (s, h) for i, (s, h) in enumerate(steps)]
            damaged = {
                1: (key, old, steps[:at]),
                2: (key, value, steps),
                3: (claimed, old, steps),
                4: (key, old, turned),
                5: None,
            }[damage]
            if data.draw(st.booleans()):
                proof[name] = damaged  # type: ignore[literal-required]
    root = twin.state_root(rows)
    for claim in (None, value, rows.get(claimed)):
        verdict = _core.state_verify(root, claimed, claim, proof)
        assert verdict == twin.state_verify(root, claimed, claim, proof)
        assert not verdict or rows.get(claimed) == claim


def test_a_root_does_not_depend_on_order_or_history() -> None:
    dice = random.Random(1)
    rows = {b"k%d" % i: b"v%d" % i for i in range(3_000)}
    root = _core.state_root(list(rows.items()))
    for parts in (1, 2, 40):
        state = _core.State.open(None)
        order = list(rows)
        dice.shuffle(order)
        strangers = [b"gone%d" % i for i in range(500)]
        draft = state.draft()
        for key in strangers:
            draft.put(key, b"x")
        state.commit(draft, [(0, b"")], [])
        for part in range(parts):
            draft = state.draft()
            for key in order[part::parts]:
                draft.put(key, rows[key])
            for key in strangers[part::parts]:
                draft.delete(key)
            state.commit(draft, [(part + 1, b"")], [])
        assert state.root() == root


def test_a_proof_of_another_shape_proves_nothing() -> None:
    for proof in ({}, {"exists": 7}, {"exists": None, "left": (b"", b"", [(1, 2)])}, {"left": "x"}):
        assert not _core.state_verify(b"\x01" * 32, b"k", None, proof)  # type: ignore[arg-type]
    assert _core.state_verify(bytes(32), b"k", None, {"exists": None, "left": None, "right": None})


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.binary(max_size=3), max_size=30, unique=True),
    st.binary(max_size=2),
    st.none() | st.binary(max_size=3),
    st.integers(0, 9),
    st.booleans(),
)
def test_scans_stop_at_the_prefix_and_start_after_the_cursor(
    keys: list[bytes], prefix: bytes, after: bytes | None, limit: int, reverse: bool
) -> None:
    state = _core.State.open(None)
    commit_writes(state, {}, {key: b"v" + key for key in keys}, 0)
    expected = [
        (key, b"v" + key)
        for key in sorted(keys, reverse=reverse)
        if key.startswith(prefix) and (after is None or (key < after if reverse else key > after))
    ][:limit]
    assert state.scan(prefix, after, limit, reverse) == expected
    assert state.draft().scan(prefix, after, limit, reverse) == expected


def test_stale_drafts_wrong_heights_and_open_savepoints_are_refused() -> None:
    state = _core.State.open(None)
    assert state.height() == -1 and state.root() == bytes(32) and state.block_from(0) == -1
    first, second = state.draft(), state.draft()
    first.put(b"a", b"1")
    state.commit(first, [(0, b"")], [])
    for stale in (first, second):
        with pytest.raises(ValueError, match="since the draft was made"):
            state.stage(stale)
    draft = state.draft()
    for heights in ([], [0], [2], [1, 3], [2, 1]):
        with pytest.raises(ValueError, match="block"):
            state.commit(draft, [(height, b"") for height in heights], [])
    draft.begin()
    with pytest.raises(ValueError, match="savepoint"):
        state.commit(draft, [(1, b"")], [])
    with pytest.raises(ValueError, match="another state"):
        _core.State.open(None).stage(draft)
    draft.rollback()
    state.commit(draft, [(1, b"one"), (2, b"two")], [])
    assert state.height() == 2 and state.versions() == [0, 1, 2]
    assert state.root_at(1) == state.root_at(2)


def test_staging_again_after_more_writes_gives_the_new_root() -> None:
    state = _core.State.open(None)
    draft = state.draft()
    draft.put(b"a", b"1")
    assert state.stage(draft) == twin.state_root({b"a": b"1"})
    draft.put(b"b", b"2")
    assert state.stage(draft) == twin.state_root({b"a": b"1", b"b": b"2"})
    draft.begin()
    draft.delete(b"a")
    assert state.stage(draft) == twin.state_root({b"b": b"2"})
    draft.rollback()
    assert state.commit(draft, [(0, b"")], []) == twin.state_root({b"a": b"1", b"b": b"2"})


def test_only_so_many_versions_are_kept() -> None:
    state = _core.State.open(None, 7)
    rows: Rows = {}
    for height in range(20):
        rows = commit_writes(state, rows, {b"n": b"%d" % height}, height)
    assert state.versions() == list(range(13, 20))
    assert [state.get_at(h, b"n") for h in range(13, 20)] == [b"%d" % h for h in range(13, 20)]
    for forgotten in (12, 20):
        with pytest.raises(ValueError, match="not kept"):
            state.prove(b"n", forgotten)


@pytest.mark.parametrize("count", [0, 1, 2_000])
def test_a_snapshot_is_imported_under_its_root_alone(tmp_path: Path, count: int) -> None:
    state = _core.State.open(None)
    rows = commit_writes(state, {}, {b"k%d" % i: b"v%d" % i for i in range(count)}, 41)
    folder = str(tmp_path / "snapshot")
    hashes = state.export_snapshot(folder, 4096)
    assert len(hashes) == len(list((tmp_path / "snapshot").iterdir()))
    target = str(tmp_path / "ledger")
    with pytest.raises(ValueError, match="do not give the root"):
        _core.State.import_snapshot(target, folder, b"\x01" * 32, 41)
    assert not (tmp_path / "ledger").exists()
    blocks = [(41, b"block 41")]
    made = _core.State.import_snapshot(target, folder, state.root(), 41, blocks)
    assert made.root() == twin.state_root(rows) and made.height() == 41
    made.annotate([(b"k", b"v")], [(39, b"block 39"), (40, b"block 40")])
    for height in (-1, 41, 42):
        with pytest.raises(ValueError, match="only blocks below 41"):
            made.annotate([], [(height, b"another")])
    made.close()
    again = _core.State.open(target)
    assert again.scan(b"", None, 5_000) == sorted(rows.items())
    assert again.block(41) == b"block 41" and again.block_from(0) == 39
    assert again.block(40) == b"block 40" and again.index_get(b"k") == b"v"


def test_a_snapshot_cut_short_is_refused(tmp_path: Path) -> None:
    state = _core.State.open(None)
    commit_writes(state, {}, {b"k%d" % i: b"v" for i in range(50)}, 0)
    state.export_snapshot(str(tmp_path), 1 << 20)
    chunk = tmp_path / "chunk-000000"
    whole = chunk.read_bytes()
    for size in (0, 3, 9, len(whole) - 1):
        chunk.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"cut short|do not give"):
            _core.State.import_snapshot(None, str(tmp_path), state.root(), 0)
