"""Merkle trees over lists: RFC 6962, as CometBFT uses it for transactions and results."""

from __future__ import annotations

from collections.abc import Sequence

from tongbao.kernel.hashing import chain_hash


def leaf_hash(leaf: bytes) -> bytes:
    """0x00 stands before a leaf, so that no inner node passes for one (RFC 6962)."""
    return chain_hash(b"\x00" + leaf)


def inner_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return chain_hash(b"\x01" + left + right)


def split_point(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << (count - 1).bit_length() - 1


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over a list; SHA-256 of nothing for the empty list."""
    if not leaves:
        return chain_hash(b"")
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = split_point(len(leaves))
    return inner_hash(merkle_root(leaves[:split]), merkle_root(leaves[split:]))


def merkle_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Sibling hashes of one leaf, bottom-up."""
    if not 0 <= index < len(leaves):
        raise IndexError("the index is outside the list")
    if len(leaves) == 1:
        return []
    split = split_point(len(leaves))
    if index < split:
        return [*merkle_path(leaves[:split], index), merkle_root(leaves[split:])]
    return [*merkle_path(leaves[split:], index - split), merkle_root(leaves[:split])]


def merkle_verify(root: bytes, leaf: bytes, index: int, total: int, path: Sequence[bytes]) -> bool:
    """Whether `leaf` stands at `index` of a list of `total` leaves with this root."""
    return 0 <= index < total and _climb(leaf, index, total, path) == root


def _climb(leaf: bytes, index: int, total: int, path: Sequence[bytes]) -> bytes | None:
    if total == 1:
        return leaf_hash(leaf) if not path else None
    if not path or len(path[-1]) != 32:
        return None
    split = split_point(total)
    if index < split:
        left = _climb(leaf, index, split, path[:-1])
        return None if left is None else inner_hash(left, path[-1])
    right = _climb(leaf, index - split, total - split, path[:-1])
    return None if right is None else inner_hash(path[-1], right)
