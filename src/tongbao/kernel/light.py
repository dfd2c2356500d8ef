"""Light blocks: a header, who signed it and who signs the next; and trusting one for another.

The rules are those of CometBFT's light client (trust level, two thirds of the own set, trusting
period, clock drift); their arithmetic is the core's. Time is always given, never looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple, TypeAlias

import msgspec

from tongbao import _core

MAX_VALIDATORS = 10_000
"""What CometBFT allows in one set (`types.MaxVotesCount`)."""
MAX_HEADER_BYTES = 2_048
MAX_COMMIT_BYTES = 2_097_152
FOR_EVER_S = 100 * 365 * 86_400
"""A trusting period for what is past: how long ago does not matter."""
SUCCESS: Literal["success"] = "success"
NOT_ENOUGH_TRUST: Literal["not_enough_trust"] = "not_enough_trust"
INVALID: Literal["invalid"] = "invalid"
EXPIRED: Literal["expired"] = "expired"

_Header = Annotated[bytes, msgspec.Meta(max_length=MAX_HEADER_BYTES)]
_Commit = Annotated[bytes, msgspec.Meta(max_length=MAX_COMMIT_BYTES)]
_Key = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Power = Annotated[int, msgspec.Meta(gt=0, lt=2**60)]
ValidatorSet = Annotated[tuple[tuple[_Key, _Power], ...], msgspec.Meta(max_length=MAX_VALIDATORS)]
Plain: TypeAlias = Sequence[tuple[bytes, int]]
"""(Ed25519 public key, power) of each validator, in any order."""


class LightBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a light client needs of a block. In JSON the bytes are base64."""

    height: Annotated[int, msgspec.Meta(ge=0, lt=2**62)]
    """0 is the genesis, whose header nobody signed: see `genesis_block`."""
    header: _Header
    """protobuf `tendermint.types.Header`."""
    commit: _Commit
    """protobuf `tendermint.types.Commit` over this header."""
    validators: ValidatorSet
    """Who signed it: (Ed25519 public key, power)."""
    next_validators: ValidatorSet
    """Who signs the block after it."""

    def hash(self) -> bytes:
        """The block's hash. Raises ValueError for what is no header."""
        return _core.header_hash(self.header)

    def check(self, chain: str) -> None:
        """Raise ValueError unless its parts belong together and two thirds of its set signed.

        Says nothing yet about whether that set is to be trusted.
        """
        reply = _core.header_fields(self.header)
        if reply["height"] != self.height:
            raise ValueError(f"the header says height {reply['height']}, not {self.height}")
        if _core.validators_hash(list(self.next_validators)) != reply["next_validators_hash"]:
            raise ValueError("the header names another next validator set")
        _core.verify_commit(chain, self.header, self.commit, list(self.validators))


class Limits(NamedTuple):
    """How far trust goes."""

    now_ms: int
    """The time of the one who asks, UTC milliseconds."""
    trusting_s: int = FOR_EVER_S
    """For how long a header stays trusted after its time."""
    level: tuple[int, int] = (1, 3)
    """Which part of the trusted set has to have signed a header further on."""
    drift_s: int = 10
    """How far a header may lie in the future."""


class Verdict(NamedTuple):
    """What became of one step."""

    kind: str
    """`success`, `not_enough_trust` (go by a block between the two), `invalid`, or `expired`:
    what is trusted is too old to base anything on."""
    why: str = ""


def genesis_block(chain: str, validators: Plain, time_ms: int = 0) -> LightBlock:
    """The genesis as something to step from: a header that nobody signed, at height 0.

    `time_ms` has to lie before the first block; it counts for the trusting period alone. Raises
    ValueError for validators that are none.
    """
    known = tuple((public, power) for public, power in validators)
    named = _core.validators_hash(list(known))
    empty = _core.merkle_root([])
    header = _core.make_header(
        chain_id=chain, height=1, time_ms=max(time_ms, 0), last_block_id=None,
        last_commit_hash=empty, data_hash=empty, validators_hash=named, next_validators_hash=named,
        consensus_hash=empty, app_hash=b"", last_results_hash=empty, evidence_hash=empty,
        proposer_address=bytes(20),
    )  # fmt: skip
    return LightBlock(0, header, b"", known, known)


def step(trusted: LightBlock, block: LightBlock, limits: Limits) -> Verdict:
    """Whether `block` may be trusted because `trusted` is. Raises nothing, whatever it is given.

    Where `block.next_validators` is empty nothing can be based on it later.
    """
    try:
        if time_of(trusted) + limits.trusting_s * 1000 <= limits.now_ms:
            return Verdict(EXPIRED, "the trusted block is older than the trusting period")
        if trusted.height == 0 and block.height == 1:
            return _first(trusted, block, limits)
        height = _core.header_fields(block.header)["height"]
        if height != block.height:
            return Verdict(INVALID, f"the header says height {height}, not {block.height}")
        kind, why = _core.light_step(
            trusted.header, list(trusted.next_validators), block.header, block.commit,
            list(block.validators), list(block.next_validators) or None,
            now_ms=limits.now_ms, trusting_s=limits.trusting_s, threshold=limits.level,
            drift_s=limits.drift_s,
        )  # fmt: skip
    except (ValueError, OverflowError) as fault:
        return Verdict(INVALID, str(fault)[:300])
    return Verdict(kind, why[:300])


def _first(genesis: LightBlock, block: LightBlock, limits: Limits) -> Verdict:
    """Block 1 has no signed header before it: the genesis itself names who signs."""
    first = _core.header_fields(block.header)
    start = _core.header_fields(genesis.header)
    if block.next_validators:
        block.check(start["chain_id"])
    else:
        _core.verify_commit(start["chain_id"], block.header, block.commit, list(block.validators))
    if first["height"] != 1 or first["validators_hash"] != start["next_validators_hash"]:
        return Verdict(INVALID, "the first block is not signed by the validators of the genesis")
    if first["time_ms"] >= limits.now_ms + limits.drift_s * 1000:
        return Verdict(INVALID, "the header lies in the future")
    return Verdict(SUCCESS)


def time_of(block: LightBlock) -> int:
    """The header's time, UTC milliseconds. Raises ValueError for what is no header."""
    time_ms: int = _core.header_fields(block.header)["time_ms"]
    return time_ms


def nearest(blocks: Sequence[LightBlock], height: int) -> LightBlock | None:
    """The highest of some blocks that is not above a height."""
    below = [one for one in blocks if one.height <= height]
    return max(below, key=lambda one: one.height, default=None)
