"""Evidence of an attack for those who can judge it: an engine with the chain of its own.

An engine takes evidence against *one* block (`LightClientAttackEvidence`), shown against its own
chain. Our evidence holds two blocks, so that any node can tell which of them is not its own.
Whom the engine blames has to be named exactly as it would itself (CometBFT v0.38, types/evidence.go
and evidence/verify.go): that is what most of this is about.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from tongbao import _core
from tongbao.kernel.codes import Refusal, require
from tongbao.kernel.light import LightBlock
from tongbao.sdk.light import engine
from tongbao.sdk.light.attack import Accused, Evidence
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.fetching import Exchange

LUNATIC, EQUIVOCATION, AMNESIA = "lunatic", "equivocation", "amnesia"
_DERIVED = (
    "validators_hash", "next_validators_hash", "consensus_hash", "app_hash", "last_results_hash",
)  # fmt: skip
"""Fields of a header that follow from the blocks before it."""
_SIGNED = 2
"""Flag in a commit: this validator signed this block."""


class Reported(msgspec.Struct, frozen=True):
    """What a node took."""

    height: int
    """Of the block that is not its own."""
    block: str
    """That block's hash, hex."""
    kind: str
    """`lunatic`: its contents follow from no rule; `equivocation`: signed beside the right block in
    the same round; `amnesia`: in another round, for which nobody can be blamed for certain."""
    common_height: int
    """Block whose validators answer for it."""
    evidence: str
    """Hash of the evidence by the engine's reckoning, hex."""
    accused: tuple[Accused, ...]
    """Who will be on the ledger with it; nobody for `amnesia`."""


def tell_engine(node: str, evidence: Evidence) -> Exchange[tuple[Reported, ...]]:
    """Hand evidence to an engine, against each of the two blocks that is not its own.

    Raises Refusal: NOT_TAKEN, NOT_TAKEN_YET where the next block has to come first, or NO_ANSWER.
    """
    require(evidence.holds(), LightCode.NOT_TAKEN, node=node, reason="it proves nothing")
    height = evidence.first.block.height
    own = yield from engine.commit(node, height)
    require(own.final, LightCode.NOT_TAKEN_YET, node=node, height=height)
    ours = _core.header_hash(own.header)
    taken: list[Reported] = []
    objection: Refusal | None = None
    for shown in (evidence.first, evidence.second):
        if shown.block.hash() == ours:
            continue
        try:
            taken.append((yield from _accuse(node, own, evidence.common.height, shown.block)))
        except Refusal as refusal:
            objection = refusal
    if not taken and objection is not None:
        raise objection
    return tuple(taken)


def _accuse(node: str, own: engine.Commit, common: int, block: LightBlock) -> Exchange[Reported]:
    right, wrong = _core.header_fields(own.header), _core.header_fields(block.header)
    if any(right[name] != wrong[name] for name in _DERIVED):
        kind, below = LUNATIC, max(common, (yield from engine.oldest(node)))
        reason = f"there is no block below {block.height} that both follow"
        require(below < block.height, LightCode.NOT_TAKEN, node=node, reason=reason)
    else:
        kind, below = EQUIVOCATION, block.height
    base = own if below == block.height else (yield from engine.commit(node, below))
    known = yield from engine.validators(node, below)
    if kind == LUNATIC:
        guilty = _signers(block.commit)
    elif _round(own.commit) == _round(block.commit):
        guilty = _signers(block.commit) & _signers(own.commit)
    else:
        kind, guilty = AMNESIA, frozenset()
    accused = _in_order(known, guilty)
    reported = _reported(block, below, base, accused, sum(power for _, power in known))
    taken = yield from engine.take_evidence(node, reported)
    return Reported(block.height, block.hash().hex(), kind, below, taken, accused)


def _signers(commit: bytes) -> frozenset[bytes]:
    signatures = _core.commit_fields(commit)["signatures"]
    return frozenset(address for flag, address, _, _ in signatures if flag == _SIGNED)


def _round(commit: bytes) -> int:
    number: int = _core.commit_fields(commit)["round"]
    return number


def _in_order(known: engine.PlainSet, guilty: frozenset[bytes]) -> tuple[Accused, ...]:
    """Those of a set, by falling power, then by address."""
    named = [(_core.validator_address(public), public, power) for public, power in known]
    named.sort(key=lambda one: (-one[2], one[0]))
    return tuple(Accused(a.hex(), public, power) for a, public, power in named if a in guilty)


# ---- the engine's JSON ---------------------------------------------------------------------------


def _reported(
    block: LightBlock, common: int, base: engine.Commit, accused: Sequence[Accused], power: int
) -> dict[str, Any]:
    """`LightClientAttackEvidence` as the engine's JSON decoder wants it, letter by letter."""
    signed = _core.signed_header_to_json(block.header, block.commit)
    members = [_validator(public, one) for public, one in _engine_order(block.validators)]
    value = {
        "ConflictingBlock": {
            "signed_header": msgspec.Raw(signed),
            # Whose turn it was is not under any hash, but somebody's it has to be.
            "validator_set": {"validators": members, "proposer": members[0]},
        },
        "CommonHeight": str(common),
        "ByzantineValidators": [_validator(one.public, one.power) for one in accused],
        "TotalVotingPower": str(power),
        "Timestamp": _moment(base.header),
    }
    return {"type": "tendermint/LightClientAttackEvidence", "value": value}


def _engine_order(validators: Sequence[tuple[bytes, int]]) -> list[tuple[bytes, int]]:
    return sorted(validators, key=lambda one: (-one[1], _core.validator_address(one[0])))


def _validator(public: bytes, power: int) -> dict[str, Any]:
    return {
        "address": _core.validator_address(public).hex().upper(),
        "pub_key": {
            "type": "tendermint/PubKeyEd25519", "value": base64.b64encode(public).decode(),
        },
        "voting_power": str(power), "proposer_priority": "0",
    }  # fmt: skip


def _moment(header: bytes) -> str:
    """A header's time, to the nanosecond."""
    fields = _core.header_fields(header)
    seconds, beyond = divmod(int(fields["time_ms"]), 1000)
    nanos = beyond * 1_000_000 + int(fields["time_ns"])
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{nanos:09d}Z"
