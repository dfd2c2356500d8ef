"""Three names for three owners of a hash; all are SHA-256 today."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
import pytest

from tongbao.kernel import hashing


@pytest.mark.parametrize(
    "made", [hashing.chain_hash, hashing.state_hash, hashing.content_digest]
)  # fmt: skip
@pytest.mark.parametrize("content", [b"", b"abc", bytes(10_000)])
def test_every_digest_is_sha256_of_bytes_and_of_raw_json(
    made: Callable[[bytes | msgspec.Raw], bytes], content: bytes
) -> None:
    expected = hashlib.sha256(content).digest()
    assert made(content) == made(msgspec.Raw(content)) == expected


def test_many_at_once_are_hashed_as_each_alone() -> None:
    items = [bytes([n]) * n for n in range(200)]
    assert hashing.chain_hashes(items) == [hashing.chain_hash(one) for one in items]
    assert hashing.state_hashes(items) == [hashing.state_hash(one) for one in items]
