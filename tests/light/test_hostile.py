"""Answers that are made to break who reads them: the node is named, and nothing panics or hangs."""

from __future__ import annotations

import base64
import json
import random
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.gateway.conftest import Node
from tests.light.engines import CHAIN, TOP, Engine, signed_header
from tests.light.nodes import after, genesis_store

from tongbao import _core
from tongbao.kernel.codes import Refusal
from tongbao.sdk.light import (
    EngineProvider,
    GatewayProvider,
    LightClient,
    LightCode,
    start,
)

SPOILED = [
    letter * length + "=" * padding
    for letter in ("A", "/", "é", "\0")
    for length in (*range(12), 85, 86, 87, 88, 89)
    for padding in range(4)
]


@pytest.mark.parametrize("place", ["signature", "validator_address"])
def test_a_signature_in_odd_base64_is_a_value_error_and_no_panic(place: str) -> None:
    """p1: of five characters, for one."""
    for text in SPOILED:
        document = signed_header(CHAIN.block(5))
        document["commit"]["signatures"][0][place] = text
        try:
            _core.signed_header_from_json(json.dumps(document).encode())
        except ValueError:
            continue
        assert base64.b64decode(text, validate=True) is not None


@pytest.mark.parametrize("field", ["app_hash", "data_hash", "proposer_address", "evidence_hash"])
def test_hashes_of_any_length_are_value_errors(field: str) -> None:
    for text in ("A", "ABC", "AB=", "AB==", "é", "G" * 64, "A" * 63, "A" * 65, "AAAAA"):
        document = signed_header(CHAIN.block(5))
        document["header"][field] = text
        with pytest.raises(ValueError, match="not a"):
            _core.signed_header_from_json(json.dumps(document).encode())


def test_bytes_that_are_no_header_no_commit_and_no_message_are_value_errors() -> None:
    sound = CHAIN.block(5)
    readers: list[Any] = [
        _core.header_hash, _core.header_fields, _core.commit_hash, _core.commit_fields,
        _core.signer_read, _core.signed_header_from_json,
        lambda raw: _core.abci_split(raw, 1 << 20),
        lambda raw: _core.signed_header_to_json(raw, raw),
        lambda raw: _core.verify_commit("chain", raw, raw, [(raw[:32], 1)]),
    ]  # fmt: skip
    for document in (sound.header, sound.commit):
        for place in range(0, len(document), 7):
            changed = bytearray(document)
            changed[place] ^= 0xFF
            for raw in (bytes(changed), document[:place], document[place:]):
                for read in readers:
                    try:
                        read(raw)
                    except ValueError:
                        continue


class Spoils(Engine):
    """An engine that answers commits with a signature of five characters."""

    def http(self, request: httpx.Request) -> httpx.Response:
        answer = super().http(request)
        document = answer.json()
        signed = document.get("result", {}).get("signed_header")
        if signed is not None:
            signed["commit"]["signatures"][0]["signature"] = "AAAAA"
        return httpx.Response(answer.status_code, json=document)


def test_a_witness_with_a_spoiled_signature_is_named_as_faulty(tmp_path: Path) -> None:
    good, bad = (
        EngineProvider(url, transport=httpx.MockTransport(engine.http))
        for url, engine in (("http://good", Engine()), ("http://bad", Spoils()))
    )
    follower = LightClient(
        genesis_store(CHAIN), good, [bad], evidence=tmp_path, clock=after(CHAIN, TOP)
    )
    with pytest.raises(Refusal) as refused:
        follower.verify_to(5)
    assert refused.value.code is LightCode.NOT_CONFIRMED
    assert "http://bad" in str(refused.value) and "signed header" in str(refused.value)


def test_a_height_ahead_of_the_chain_is_refused_in_one_sentence_and_soon(node: Node) -> None:
    genesis = node.application.genesis.encode()
    provider = GatewayProvider(node.url)
    store = start_of(genesis, provider)
    began = time.monotonic()
    for ahead in (node.application.tip.height + 1, 10**9, 2**62):
        with pytest.raises(Refusal) as refused:
            LightClient(store, provider).verify_to(ahead)
        assert refused.value.code is LightCode.NO_ANSWER
        assert node.url in refused.value.code.text(refused.value.values)
    assert time.monotonic() - began < 10
    provider.close()


def start_of(genesis: bytes, provider: GatewayProvider) -> Any:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "genesis.json"
        path.write_bytes(genesis)
        return start(str(path), provider)


def spoiled(value: Any, draw: random.Random) -> Any:
    """A document in which one thing is something else."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        place: Any = draw.choice(sorted(value))
        if draw.random() < 0.1:
            return {name: one for name, one in value.items() if name != place}
        return {**value, place: spoiled(value[place], draw)}
    if isinstance(value, list) and value and draw.random() < 0.9:
        place = draw.randrange(len(value))
        if draw.random() < 0.2:
            return value[:place] + value[place:] * draw.choice((0, 2))
        return [*value[:place], spoiled(value[place], draw), *value[place + 1 :]]
    if isinstance(value, str) and len(value) > 4 and draw.random() < 0.7:
        raw = bytearray(base64.b64decode(value + "=" * (-len(value) % 4)))
        for _ in range(draw.randint(1, 3)):
            raw[draw.randrange(len(raw))] = draw.randrange(256)
        return base64.b64encode(raw[: draw.choice((len(raw), len(raw) - 1, 8))]).decode()
    return draw.choice(
        (None, True, -1, 0, 2**63 - 1, -(2**63), 2**70, 1e308, "", "A", [], {}, [[]])
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_gateway_that_spoils_anything_is_refused_or_changes_nothing(seed: int) -> None:
    draw = random.Random(seed)
    sound = CHAIN.block(TOP)
    plain = json.loads(msgspec.json.encode(sound))
    refusals = 0
    for _ in range(60):
        answer = json.dumps(spoiled(plain, draw)).encode()

        def reply(request: httpx.Request, answer: bytes = answer) -> httpx.Response:
            return httpx.Response(200, content=answer)

        node = GatewayProvider("http://node", transport=httpx.MockTransport(reply))
        client = LightClient(genesis_store(CHAIN), node, clock=after(CHAIN, TOP))
        try:
            reached = client.verify_to(TOP)
        except Refusal as refusal:
            refusals += 1
            assert isinstance(refusal.code, LightCode)
        else:
            assert reached.block.hash() == sound.hash()
    assert refusals > 40
