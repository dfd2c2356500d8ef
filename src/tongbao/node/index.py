"""Rows of the store's index: beside the state, and never part of its root."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.hashing import chain_hash, chain_hashes
from tongbao.kernel.validators import Validator

LOCATION_PREFIX = b"t"
"""Index rows: `t` + SHA-256 of the envelope -> height and place, 8 + 4 bytes."""
CERTIFICATE_PREFIX = b"c"
"""Index rows: `c` + height -> header, block id and commit, where they came after the block."""
SETS_PREFIX = b"v"
"""Index rows: `v` + height -> the validators that sign from that height on."""


def set_row(height: int, validators: tuple[Validator, ...]) -> tuple[bytes, bytes]:
    """The index row that keeps who signs from a height on."""
    return SETS_PREFIX + height.to_bytes(8, "big"), msgspec.msgpack.encode(validators)


def digest_at(record: BlockRecord, position: int) -> bytes:
    """SHA-256 of the envelope at a place of a block."""
    return chain_hash(record.transactions[position])


def location_rows(height: int, transactions: Sequence[bytes | None]) -> list[tuple[bytes, bytes]]:
    """Index rows by which a block's transactions are found again; None where one is not to be."""
    where = height.to_bytes(8, "big")
    placed = [(position, raw) for position, raw in enumerate(transactions) if raw is not None]
    digests = chain_hashes([raw for _, raw in placed])
    return [
        (LOCATION_PREFIX + digest, where + position.to_bytes(4, "big"))
        for (position, _), digest in zip(placed, digests, strict=True)
    ]
