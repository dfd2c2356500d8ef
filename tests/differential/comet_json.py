"""Headers, commits and validator sets: from CometBFT's JSON to the core's bytes."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from tongbao import _core

if TYPE_CHECKING:
    from tongbao._core import BlockId

Validators = list[tuple[bytes, int]]


class Signed(NamedTuple):
    """A signed header and the set that should have signed it."""

    chain: str
    header: bytes
    commit: bytes
    validators: Validators
    hash: bytes
    """The hash that the commit names."""


def times(text: str) -> tuple[int, int]:
    """Milliseconds since 1970 and the nanoseconds beyond them."""
    plain, _, fraction = text.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(plain + "+00:00").timestamp())
    nanos = int(fraction.ljust(9, "0")) if fraction else 0
    return seconds * 1000 + nanos // 1_000_000, nanos % 1_000_000


def block_id(raw: dict[str, Any] | None) -> BlockId | None:
    """A block id; None for no block."""
    if raw is None or not raw["hash"]:
        return None
    parts = raw.get("part_set_header") or raw["parts"]
    return bytes.fromhex(raw["hash"]), int(parts["total"]), bytes.fromhex(parts["hash"])


def header(raw: dict[str, Any]) -> bytes:
    """An encoded header."""
    time_ms, time_ns = times(raw["time"])
    hashes = {
        name: bytes.fromhex(raw[name])
        for name in (
            "last_commit_hash", "data_hash", "validators_hash", "next_validators_hash",
            "consensus_hash", "app_hash", "last_results_hash", "evidence_hash", "proposer_address",
        )
    }  # fmt: skip
    return _core.make_header(
        chain_id=raw["chain_id"],
        height=int(raw["height"]),
        time_ms=time_ms,
        time_ns=time_ns,
        last_block_id=block_id(raw["last_block_id"]),
        app_version=int(raw["version"]["app"]),
        block_version=int(raw["version"]["block"]),
        **hashes,
    )


def commit(raw: dict[str, Any]) -> bytes:
    """An encoded commit; only signatures for the block and absent ones occur."""
    signatures = []
    for one in raw["signatures"]:
        if one["block_id_flag"] == 1:
            signatures.append((b"", 0, b""))
            continue
        assert one["block_id_flag"] == 2
        time_ms, time_ns = times(one["timestamp"])
        assert time_ns == 0
        address = bytes.fromhex(one["validator_address"])
        signatures.append((address, time_ms, base64.b64decode(one["signature"] or "")))
    named = block_id(raw["block_id"])
    assert named is not None
    return _core.make_commit(int(raw["height"]), int(raw["round"]), named, signatures)


def validators(raw: dict[str, Any]) -> Validators:
    """Keys and powers of a set."""
    return [
        (base64.b64decode(one["pub_key"]["value"]), int(one["voting_power"]))
        for one in raw["validators"]
    ]


def signed(raw: dict[str, Any]) -> Signed:
    """A light block."""
    both = raw["signed_header"]
    return Signed(
        both["header"]["chain_id"],
        header(both["header"]),
        commit(both["commit"]),
        validators(raw["validator_set"]),
        bytes.fromhex(both["commit"]["block_id"]["hash"]),
    )
