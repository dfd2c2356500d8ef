"""The encoding before CometBFT v0.34, in which the bisection cases are hashed and signed.

It lives in the tests alone: the product trusts v0.38 only. The rules of a step are spelled out
here once more over that encoding; which blocks are asked for, and what follows from each verdict,
is decided by the product's light client.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from fractions import Fraction
from typing import Any

from tongbao import _core
from tongbao.kernel.light import (
    EXPIRED,
    INVALID,
    NOT_ENOUGH_TRUST,
    SUCCESS,
    LightBlock,
    Limits,
    Verdict,
)

_KEY_PREFIX = bytes.fromhex("1624DE6420")


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, payload: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(payload)) + payload


def _number(number: int, value: int) -> bytes:
    return bytes([number << 3]) + _varint(value) if value else b""


def _fixed(number: int, value: int) -> bytes:
    return bytes([number << 3 | 1]) + value.to_bytes(8, "little") if value else b""


def _bytes(hexadecimal: str) -> bytes:
    raw = bytes.fromhex(hexadecimal)
    return _varint(len(raw)) + raw if raw else b""


def _instant(text: str) -> tuple[int, int]:
    plain, _, fraction = text.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(plain + "+00:00").timestamp())
    return seconds, int(fraction.ljust(9, "0")) if fraction else 0


def time_ms(text: str) -> int:
    """Milliseconds since 1970."""
    seconds, nanos = _instant(text)
    return seconds * 1000 + nanos // 1_000_000


def _time(text: str) -> bytes:
    seconds, nanos = _instant(text)
    return _number(1, seconds) + _number(2, nanos)


def _block_id(raw: dict[str, Any]) -> bytes:
    if not raw["hash"]:
        return b""
    named = raw.get("part_set_header") or raw["parts"]
    parts = _number(1, int(named["total"])) + _field(2, bytes.fromhex(named["hash"]))
    return _field(1, bytes.fromhex(raw["hash"])) + _field(2, parts)


def header_hash(raw: dict[str, Any]) -> bytes:
    """The block's hash."""
    version = raw["version"]
    return _core.merkle_root([
        _number(1, int(version["block"])) + _number(2, int(version["app"])),
        _varint(len(raw["chain_id"])) + raw["chain_id"].encode(), _varint(int(raw["height"])),
        _time(raw["time"]), _block_id(raw["last_block_id"]),
        *(_bytes(raw[name]) for name in (
            "last_commit_hash", "data_hash", "validators_hash", "next_validators_hash",
            "consensus_hash", "app_hash", "last_results_hash", "evidence_hash",
            "proposer_address",
        )),
    ])  # fmt: skip


def set_hash(raw: dict[str, Any]) -> bytes:
    """Hash of a validator set, in the order given."""
    return _core.merkle_root([
        _field(1, _KEY_PREFIX + base64.b64decode(one["pub_key"]["value"]))
        + _number(2, int(one["voting_power"]))
        for one in raw["validators"]
    ])  # fmt: skip


def _vote(chain: str, commit: dict[str, Any], timestamp: str) -> bytes:
    """What a validator signed. The canonical block id has hash and total the other way round."""
    named = commit["block_id"].get("part_set_header") or commit["block_id"]["parts"]
    parts = _field(1, bytes.fromhex(named["hash"])) + _number(2, int(named["total"]))
    block_id = _field(1, bytes.fromhex(commit["block_id"]["hash"])) + _field(2, parts)
    vote = (
        _number(1, 2) + _fixed(2, int(commit["height"])) + _fixed(3, int(commit["round"]))
        + _field(4, block_id) + _field(5, _time(timestamp)) + _field(6, chain.encode())
    )  # fmt: skip
    return _varint(len(vote)) + vote


def _signed(raw: dict[str, Any], among: dict[str, Any]) -> bool | Fraction:
    """Share of a set's power that signed; False where a signature does not hold."""
    chain, commit = raw["signed_header"]["header"]["chain_id"], raw["signed_header"]["commit"]
    known = {one["address"]: one for one in among["validators"]}
    signed = 0
    for one in commit["signatures"]:
        validator = known.get(one["validator_address"])
        if one["block_id_flag"] != 2 or validator is None:
            continue
        key = base64.b64decode(validator["pub_key"]["value"])
        vote = _vote(chain, commit, one["timestamp"])
        if not _core.ed25519_verify(key, base64.b64decode(one["signature"]), vote):
            return False
        signed += int(validator["voting_power"])
    return Fraction(signed, sum(int(one["voting_power"]) for one in known.values()))


def is_sound(raw: dict[str, Any]) -> bool:
    """Whether a case's block has the hashes that it names, and votes by the keys that it lists."""
    header, commit = raw["signed_header"]["header"], raw["signed_header"]["commit"]
    return (
        header_hash(header).hex().upper() == commit["block_id"]["hash"]
        and set_hash(raw["validator_set"]).hex().upper() == header["validators_hash"]
        and set_hash(raw["next_validator_set"]).hex().upper() == header["next_validators_hash"]
        and _signed(raw, raw["validator_set"]) is not False
    )


def light_block(raw: dict[str, Any]) -> LightBlock:
    """A case's block as the product carries it; the bytes are the JSON."""
    height = int(raw["signed_header"]["header"]["height"])
    return LightBlock(height, json.dumps(raw).encode(), b"", (), ())


def step(trusted: LightBlock, block: LightBlock, limits: Limits) -> Verdict:
    """The rules of a light client's step over the older encoding."""
    base, new = json.loads(trusted.header), json.loads(block.header)
    old, header = base["signed_header"]["header"], new["signed_header"]["header"]
    commit = new["signed_header"]["commit"]
    if time_ms(old["time"]) + limits.trusting_s * 1000 <= limits.now_ms:
        return Verdict(EXPIRED)
    sound = (
        time_ms(old["time"]) < time_ms(header["time"]) < limits.now_ms + limits.drift_s * 1000
        and header["chain_id"] == old["chain_id"]
        and int(header["height"]) == int(commit["height"]) > int(old["height"])
        and header_hash(header).hex().upper() == commit["block_id"]["hash"]
        and set_hash(new["validator_set"]).hex().upper() == header["validators_hash"]
        and set_hash(new["next_validator_set"]).hex().upper() == header["next_validators_hash"]
    )
    if not sound:
        return Verdict(INVALID, "header")
    if int(header["height"]) == int(old["height"]) + 1:
        if header["validators_hash"] != old["next_validators_hash"]:
            return Verdict(INVALID, "set")
    else:
        overlap = _signed(new, base["next_validator_set"])
        if overlap is False:
            return Verdict(INVALID, "signature")
        if overlap <= Fraction(*limits.level):
            return Verdict(NOT_ENOUGH_TRUST)
    share = _signed(new, new["validator_set"])
    if share is False or share <= Fraction(2, 3):
        return Verdict(INVALID, "two thirds")
    return Verdict(SUCCESS)
