"""A validator that signs twice, by hand: two votes of one key for two blocks at one height."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from tongbao import _core
from tongbao.node.comet.rpc import EngineRpc
from tongbao.node.home import ValidatorKey

PRECOMMIT = 2


def evidence(rpc: EngineRpc, chain: str, key: ValidatorKey, height: int) -> dict[str, Any]:
    """What another node would have noticed: in the form that the engine's RPC takes."""
    listed = rpc.ask("validators", height=str(height), per_page="100")["validators"]
    address = hashlib.sha256(key.public).hexdigest()[:40].upper()
    [(index, own)] = [(n, v) for n, v in enumerate(listed) if v["address"] == address]
    time_text = rpc.ask("header", height=str(height))["header"]["time"]
    blocks = sorted(hashlib.sha256(b"%d" % n).digest() for n in range(2))
    votes = [_vote(chain, key, height, index, address, block, time_text) for block in blocks]
    value = {
        "vote_a": votes[0],
        "vote_b": votes[1],
        "TotalVotingPower": str(sum(int(v["voting_power"]) for v in listed)),
        "ValidatorPower": own["voting_power"],
        "Timestamp": time_text,
    }
    return {"type": "tendermint/DuplicateVoteEvidence", "value": value}


def _vote(
    chain: str, key: ValidatorKey, height: int, index: int, address: str, block: bytes, near: str
) -> dict[str, Any]:
    moment = datetime.fromisoformat(near[:19]).replace(tzinfo=UTC)
    time_ms = int(moment.timestamp()) * 1000
    parts = hashlib.sha256(block).digest()
    signed = _core.commit_sign_bytes(chain, height, 0, (block, 1, parts), time_ms)
    return {
        "type": PRECOMMIT,
        "height": str(height),
        "round": 0,
        "block_id": {
            "hash": block.hex().upper(),
            "parts": {"total": 1, "hash": parts.hex().upper()},
        },
        "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "validator_address": address,
        "validator_index": index,
        "signature": base64.b64encode(key.sign(signed)).decode(),
        "extension": None,
        "extension_signature": None,
    }
