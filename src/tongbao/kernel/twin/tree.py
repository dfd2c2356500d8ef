"""The state tree: a binary Merkle radix tree over SHA-256 of the keys, from a plain dict.

Every inner node has two children, so the shape follows from the set of keys alone. Leaf and inner
operation are those of an ICS-23 proof spec: leaf prefix 0x00, key and value hashed first, no
length; inner prefix 0x01, two children of 32 bytes; proofs of absence by neighbours, keys compared
by their hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from tongbao.kernel.hashing import state_hash

EMPTY_ROOT = bytes(32)
PATH_BITS = 256

Rows = Sequence[tuple[int, bytes, bytes]]
"""(path, key, value), in order of path; a path is the key's SHA-256 as a number."""
Existence = tuple[bytes, bytes, list[tuple[bool, bytes]]]
"""Key, value, and from the leaf up: whether the sibling stands on the left, and its hash."""


class Proof(TypedDict):
    """Existence, or the neighbours of what is absent."""

    exists: Existence | None
    left: Existence | None
    right: Existence | None


def path_of(key: bytes) -> int:
    """Where a key stands: its SHA-256, most significant bit first."""
    return int.from_bytes(state_hash(key), "big")


def leaf_hash(key: bytes, value: bytes) -> bytes:
    """Hash of a row."""
    return state_hash(b"\x00" + state_hash(key) + state_hash(value))


def inner_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return state_hash(b"\x01" + left + right)


def sorted_rows(rows: Mapping[bytes, bytes]) -> Rows:
    """Rows in order of path."""
    return sorted((path_of(key), key, value) for key, value in rows.items())


def _split(rows: Rows) -> int:
    """Where two or more rows part: at the first bit that is not common to all."""
    bit = (rows[0][0] ^ rows[-1][0]).bit_length() - 1
    return next(place for place, row in enumerate(rows) if row[0] >> bit & 1)


def root_of_rows(rows: Rows) -> bytes:
    """Root over rows in order of path."""
    if not rows:
        return EMPTY_ROOT
    if len(rows) == 1:
        return leaf_hash(rows[0][1], rows[0][2])
    place = _split(rows)
    return inner_hash(root_of_rows(rows[:place]), root_of_rows(rows[place:]))


def state_root(rows: Mapping[bytes, bytes]) -> bytes:
    """Root over a dict."""
    return root_of_rows(sorted_rows(rows))


def _existence(rows: Rows, index: int) -> Existence:
    if len(rows) == 1:
        return rows[0][1], rows[0][2], []
    place = _split(rows)
    low, high = rows[:place], rows[place:]
    if index < place:
        key, value, steps = _existence(low, index)
        return key, value, [*steps, (False, root_of_rows(high))]
    key, value, steps = _existence(high, index - place)
    return key, value, [*steps, (True, root_of_rows(low))]


def prove(rows: Mapping[bytes, bytes], key: bytes) -> Proof:
    """Prove that a key has its value, or is absent."""
    ordered = sorted_rows(rows)
    path = path_of(key)
    before = sum(row[0] < path for row in ordered)
    if key in rows:
        return {"exists": _existence(ordered, before), "left": None, "right": None}
    return {
        "exists": None,
        "left": _existence(ordered, before - 1) if before else None,
        "right": _existence(ordered, before) if before < len(ordered) else None,
    }


def _root_of_existence(one: Existence) -> bytes:
    key, value, steps = one
    found = leaf_hash(key, value)
    for on_left, sibling in steps:
        found = inner_hash(sibling, found) if on_left else inner_hash(found, sibling)
    return found


def state_verify(root: bytes, key: bytes, value: bytes | None, proof: Proof) -> bool:
    """Whether a proof shows that `key` has `value`, or is absent where that is None."""
    exists, left, right = proof["exists"], proof["left"], proof["right"]
    shown = [one for one in (exists, left, right) if one is not None]
    if any(len(one[2]) > PATH_BITS or _root_of_existence(one) != root for one in shown):
        return False
    if value is not None:
        return exists is not None and exists[:2] == (key, value) and left is None and right is None
    if exists is not None:
        return False
    if left is not None and path_of(left[0]) >= path_of(key):
        return False
    if right is not None and path_of(right[0]) <= path_of(key):
        return False
    if left is None and right is None:
        return root == EMPTY_ROOT
    return _are_neighbours(left[2] if left else None, right[2] if right else None)


def _are_neighbours(
    left: list[tuple[bool, bytes]] | None, right: list[tuple[bool, bytes]] | None
) -> bool:
    """Whether no row stands between; None for the end of the tree on that side."""
    low, high = list(left or []), list(right or [])
    if left is not None and right is not None:
        while low and high and low[-1] == high[-1]:
            low.pop()
            high.pop()
        if not low or not high or low.pop()[0] or not high.pop()[0]:
            return False
    return all(on_left for on_left, _ in low) and not any(on_left for on_left, _ in high)
