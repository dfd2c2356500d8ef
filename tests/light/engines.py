"""A CometBFT engine's interface, answered from a chain of headers."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import httpx

from tongbao import _core
from tongbao.kernel.light import LightBlock
from tongbao.simulator.headers import HeaderChain, rotating

CHAIN = HeaderChain(rotating(5, 2))
TOP = 12


def moment(time_ms: int) -> str:
    """As the engine writes it."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def named(block_id: Any) -> dict[str, Any]:
    """A block id in the engine's JSON."""
    if block_id is None:
        return {"hash": "", "parts": {"total": 0, "hash": ""}}
    digest, total, parts = block_id
    return {"hash": digest.hex().upper(), "parts": {"total": total, "hash": parts.hex().upper()}}


def signed_header(block: LightBlock) -> dict[str, Any]:
    """Header and commit in the engine's JSON."""
    reply = _core.header_fields(block.header)
    hashes = {name: value.hex().upper() for name, value in reply.items() if type(value) is bytes}
    header = {
        **hashes,
        "version": {"block": str(reply["block_version"]), "app": str(reply["app_version"])},
        "chain_id": reply["chain_id"], "height": str(reply["height"]),
        "time": moment(reply["time_ms"]), "last_block_id": named(reply["last_block_id"]),
    }  # fmt: skip
    commit = _core.commit_fields(block.commit)
    signatures = [
        {
            "block_id_flag": flag, "validator_address": address.hex().upper(),
            "timestamp": moment(time_ms), "signature": base64.b64encode(signature).decode(),
        }
        for flag, address, time_ms, signature in commit["signatures"]
    ]  # fmt: skip
    return {
        "header": header,
        "commit": {
            "height": str(commit["height"]), "round": commit["round"],
            "block_id": named(commit["block_id"]), "signatures": signatures,
        },
    }  # fmt: skip


class Engine:
    """Answers as CometBFT does, two validators a page."""

    HASH = "AB" * 32

    def __init__(
        self,
        *,
        chain: HeaderChain = CHAIN,
        top: int = TOP,
        beside: int = 0,
        oldest: int = 1,
        final: bool = True,
        objects: str = "",
        missing: int = 0,
        rounds: int = 0,
    ) -> None:
        """`beside` shifts heights; of each commit `missing` signatures are unknown, and it is of a
        round that is `rounds` further; `objects` is what it says against evidence."""
        self.chain = chain
        self.top = top
        self.beside = beside
        self.oldest = oldest
        self.final = final
        self.objects = objects
        self.missing = missing
        self.rounds = rounds
        self.asked: list[str] = []
        self.evidence: list[Any] = []

    def http(self, request: httpx.Request) -> httpx.Response:
        """One question over HTTP."""
        status = 500 if b"error" in (reply := self.relay(request.content)) else 200
        return httpx.Response(status, content=reply)

    def relay(self, call: bytes) -> bytes:
        """One question."""
        question = json.loads(call)
        self.asked.append(question["method"])
        asked = question["params"]
        height = int(asked.get("height", self.top)) + self.beside
        if height > self.top + 1:
            return self._error(f"height {height} must be less than {self.top}")
        answer = getattr(self, f"_{question['method']}")(height, asked)
        return answer if isinstance(answer, bytes) else json.dumps({"result": answer}).encode()

    def _error(self, why: str) -> bytes:
        error = {"code": -32603, "message": "Internal error", "data": why}
        return json.dumps({"jsonrpc": "2.0", "id": 0, "error": error}).encode()

    def _commit(self, height: int, _: Any) -> Any:
        if height > self.top:
            return self._error(f"height {height} must be less than {self.top}")
        reply = signed_header(self.chain.block(height))
        for one in reply["commit"]["signatures"][: self.missing]:
            one.update(
                block_id_flag=1, validator_address="", signature="",
                timestamp="0001-01-01T00:00:00Z",
            )  # fmt: skip
        reply["commit"]["round"] += self.rounds
        return {"signed_header": reply, "canonical": self.final}

    def _validators(self, height: int, asked: Any) -> Any:
        known = self.chain.block(height).validators
        first = (int(asked["page"]) - 1) * 2
        validators = [
            {
                "pub_key": {
                    "type": "tendermint/PubKeyEd25519", "value": base64.b64encode(public).decode()
                },
                "voting_power": str(power),
            }
            for public, power in known[first : first + 2]
        ]  # fmt: skip
        return {"validators": validators, "total": str(len(known))}

    def _status(self, _: int, __: Any) -> Any:
        return {"sync_info": {"earliest_block_height": str(self.oldest)}}

    def _broadcast_evidence(self, _: int, asked: Any) -> Any:
        if self.objects:
            return self._error(self.objects)
        self.evidence.append(asked["evidence"])
        return {"hash": self.HASH}
