"""Light blocks from an engine's own RPC."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.light.forms import engine_provider, light_client
from tests.light.nodes import after, genesis_store

from tongbao import _core
from tongbao.kernel.codes import Refusal
from tongbao.kernel.light import LightBlock
from tongbao.sdk.light import (
    AsyncEngineProvider,
    EngineProvider,
    LightCode,
    async_provider_of,
    provider_of,
)
from tongbao.simulator.headers import HeaderChain, rotating

pytestmark = pytest.mark.usefixtures("form")
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
    said = _core.header_fields(block.header)
    hashes = {name: value.hex().upper() for name, value in said.items() if type(value) is bytes}
    header = {
        **hashes, "version": {"block": str(said["block_version"]), "app": str(said["app_version"])},
        "chain_id": said["chain_id"], "height": str(said["height"]),
        "time": moment(said["time_ms"]), "last_block_id": named(said["last_block_id"]),
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

    def __init__(self, beside: int = 0) -> None:
        self.asked: list[str] = []
        self.beside = beside

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """One question."""
        call = json.loads(request.content)
        self.asked.append(call["method"])
        asked = call["params"]
        height = int(asked.get("height", TOP)) + self.beside
        if call["method"] == "commit":
            return httpx.Response(
                200, json={"result": {"signed_header": signed_header(CHAIN.block(height))}}
            )
        known = CHAIN.block(height).validators
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
        return httpx.Response(
            200, json={"result": {"validators": validators, "total": str(len(known))}}
        )


def test_an_engine_gives_the_same_light_blocks() -> None:
    engine = Engine()
    provider = engine_provider("http://engine", transport=httpx.MockTransport(engine))
    assert provider.light_block(None) == CHAIN.block(TOP)
    assert provider.light_block(3) == CHAIN.block(3)
    client = light_client(genesis_store(CHAIN), provider, clock=after(CHAIN, TOP))
    assert client.verify_to().block == CHAIN.block(TOP)
    provider.close()


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"message": "no such height"}}, {"result": {}},
        {"result": {"signed_header": {"header": {}, "commit": {}}}}, [], 5,
    ],
    ids=["error", "nothing", "empty", "list", "number"],
)  # fmt: skip
def test_an_engine_that_answers_something_else_is_refused(answer: Any) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    with pytest.raises(Refusal) as caught:
        engine_provider("http://engine", transport=transport).light_block(3)
    said = isinstance(answer, dict) and "error" in answer
    assert caught.value.code is (LightCode.NO_ANSWER if said else LightCode.UNREADABLE)


def test_an_engine_that_answers_with_another_height_is_found_out() -> None:
    provider = engine_provider("http://engine", transport=httpx.MockTransport(Engine(beside=1)))
    with pytest.raises(Refusal) as caught:
        provider.light_block(3)
    assert caught.value.code is LightCode.WRONG_HEIGHT


def test_an_address_tells_what_kind_of_node_is_asked() -> None:
    engine = provider_of("engine+http://127.0.0.1:26657")
    assert isinstance(engine, EngineProvider)
    assert isinstance(async_provider_of("engine+http://127.0.0.1:26657"), AsyncEngineProvider)
    assert not isinstance(async_provider_of("http://127.0.0.1:8080"), AsyncEngineProvider)
    assert engine.name == "http://127.0.0.1:26657"
    assert not isinstance(provider_of("http://127.0.0.1:8080"), EngineProvider)
