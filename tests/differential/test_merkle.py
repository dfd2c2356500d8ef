"""Merkle lists: the core and its twin on the same lists."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongbao import _core
from tongbao.kernel.twin import merkle as twin

LISTS = st.lists(st.binary(max_size=40), max_size=70)


@given(LISTS)
def test_roots_and_paths_are_the_twins(leaves: list[bytes]) -> None:
    tree = _core.MerkleList(leaves)
    assert _core.merkle_root(leaves) == tree.root() == twin.merkle_root(leaves)
    paths = [twin.merkle_path(leaves, index) for index in range(len(leaves))]
    assert _core.merkle_paths(leaves) == paths
    assert [tree.path(index) for index in range(len(tree))] == paths
    assert all(_core.merkle_path(leaves, i) == path for i, path in enumerate(paths))


@given(LISTS, st.integers(-3, 80), st.integers(-3, 80), st.integers(0, 8), st.data())
def test_verdicts_on_right_and_wrong_paths_are_the_twins(
    leaves: list[bytes], index: int, total: int, damage: int, data: st.DataObject
) -> None:
    if leaves and damage < 5:
        index, total = index % len(leaves), len(leaves)
    path = _core.merkle_path(leaves, index) if 0 <= index < len(leaves) else [bytes(32)]
    if damage == 1 and path:
        path[data.draw(st.integers(0, len(path) - 1))] = bytes(31)
    if damage == 2:
        path.append(bytes(32))
    if damage == 3:
        path = path[:-1]
    leaf = leaves[index] if 0 <= index < len(leaves) else b"?"
    root = _core.merkle_root(leaves)
    verdict = _core.merkle_verify(root, leaf, index, total, path)
    assert verdict == twin.merkle_verify(root, leaf, index, total, path)
    if damage == 0 and leaves:
        assert verdict


def test_a_path_proves_one_place() -> None:
    """In a list of known length; the length itself is not under the root, neither in CometBFT."""
    leaves = [bytes([i]) for i in range(9)]
    root = _core.merkle_root(leaves)
    for index, leaf in enumerate(leaves):
        path = _core.merkle_path(leaves, index)
        shown = [place for place in range(12) if _core.merkle_verify(root, leaf, place, 9, path)]
        assert shown == [index]


def test_a_long_list_is_hashed_on_all_cores_to_the_same_root() -> None:
    leaves = [i.to_bytes(4, "big") for i in range(5_001)]
    assert _core.merkle_root(leaves) == twin.merkle_root(leaves)


def test_the_empty_list_and_places_outside() -> None:
    assert _core.merkle_root([]) == hashlib.sha256().digest()
    assert not _core.merkle_verify(_core.merkle_root([]), b"", 0, 0, [])
    for outside in (1, -1):
        with pytest.raises(IndexError):
            _core.merkle_path([b"a"], outside)
    assert not _core.merkle_verify(bytes(32), b"a", 2**62, 2**62 + 1, [bytes(32)] * 70)
