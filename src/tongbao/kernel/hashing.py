"""Which hash stands where: three names, and no other way to a digest in the house.

All three are SHA-256 today. They are apart because they are not decided in one place: CometBFT
fixes the first, a chain's genesis names the second, whoever exchanges documents fixes the third.
So the place where a digest is made says on whom it depends.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from tongbao import _core

if TYPE_CHECKING:
    import msgspec

STATE_HASHES = ("sha256",)
"""The state hashes of which this release has an implementation: what a genesis may name."""


def chain_hash(data: bytes | msgspec.Raw) -> bytes:
    """What CometBFT fixes as SHA-256: transactions in a block, addresses of validators, the lists
    under a header and the header itself (CometBFT v0.38, spec/core/data_structures)."""
    return sha256(data).digest()


def state_hash(data: bytes | msgspec.Raw) -> bytes:
    """What stands under the state root or in a result: the state tree, names of transactions and
    of keys, outcomes. By the hash that the genesis names (`Genesis.hash`)."""
    return sha256(data).digest()


def content_digest(data: bytes | msgspec.Raw) -> bytes:
    """The SHA-256 of content, by which people and programs outside know it too: the signed body,
    a document, a file, a sealed envelope, the preimage of a hashlock."""
    return sha256(data).digest()


def chain_hashes(items: Sequence[bytes]) -> list[bytes]:
    """`chain_hash` of each; on all cores where there is much to do."""
    return _core.sha256_many(items)


def state_hashes(items: Sequence[bytes]) -> list[bytes]:
    """`state_hash` of each; on all cores where there is much to do."""
    return _core.sha256_many(items)
