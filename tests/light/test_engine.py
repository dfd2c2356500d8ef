"""Light blocks from an engine's own RPC."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from tests.light.engines import CHAIN, TOP, Engine
from tests.light.forms import engine_provider, light_client
from tests.light.nodes import after, genesis_store

from tongbao import _core
from tongbao.kernel.codes import Refusal
from tongbao.kernel.light import LightBlock
from tongbao.sdk.light import (
    AsyncEngineProvider,
    EngineProvider,
    Evidence,
    LightCode,
    Reported,
    async_provider_of,
    provider_of,
)
from tongbao.sdk.light.attack import Shown, make_evidence

pytestmark = pytest.mark.usefixtures("form")


def test_an_engine_gives_the_same_light_blocks() -> None:
    engine = Engine()
    provider = engine_provider("http://engine", transport=httpx.MockTransport(engine.http))
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
    reply = isinstance(answer, dict) and "error" in answer
    assert caught.value.code is (LightCode.NO_ANSWER if reply else LightCode.UNREADABLE)


def test_an_engine_that_answers_with_another_height_is_found_out() -> None:
    transport = httpx.MockTransport(Engine(beside=1).http)
    provider = engine_provider("http://engine", transport=transport)
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


# ---- evidence ------------------------------------------------------------------------------------


def evidence_of(false: LightBlock, common: LightBlock | None = None) -> Evidence:
    """Evidence that a block of the chain has a false twin."""
    common = common or CHAIN.block(false.height - 1)
    right = Shown("a", CHAIN.block(false.height))
    return make_evidence(CHAIN.chain, common, Shown("b", false), right, now_ms=1)


def reported_to(engine: Engine, evidence: Evidence) -> tuple[tuple[Reported, ...], Any]:
    """What an engine took, and in which form it was shown."""
    provider = engine_provider("http://engine", transport=httpx.MockTransport(engine.http))
    taken = provider.report(evidence)
    return taken, engine.evidence[-1]


def test_an_engine_is_told_of_a_false_block_in_its_own_words() -> None:
    engine = Engine()
    members = CHAIN.schedule(9)
    false = CHAIN.make(9, CHAIN.block(8), members=members[1:4], salt=b"false")
    [one], reported = reported_to(engine, evidence_of(false))
    assert (one.kind, one.height, one.common_height) == ("lunatic", 9, 8)
    assert reported["type"] == "tendermint/LightClientAttackEvidence"
    value = reported["value"]
    assert set(value) == {
        "ConflictingBlock", "CommonHeight", "ByzantineValidators", "TotalVotingPower", "Timestamp",
    }  # fmt: skip
    assert (value["CommonHeight"], value["TotalVotingPower"]) == ("8", "50")
    assert value["Timestamp"].startswith("2026-") and value["Timestamp"].endswith("000Z")
    block = value["ConflictingBlock"]
    assert _core.signed_header_from_json(json.dumps(block["signed_header"]).encode()) == (
        false.header, false.commit,
    )  # fmt: skip
    assert block["validator_set"]["proposer"] in block["validator_set"]["validators"]
    # Those of block 8 who signed, in the engine's order; who came with block 9 does not answer.
    there = {one.public for one in CHAIN.schedule(8)} & {one.public for one in members[1:4]}
    addresses = [each["address"] for each in value["ByzantineValidators"]]
    assert addresses == sorted(_core.validator_address(one).hex().upper() for one in there)
    assert [one.address.upper() for one in one.accused] == addresses
    assert one.evidence == engine.HASH.lower()


@pytest.mark.parametrize(("rounds", "kind", "count"), [(0, "equivocation", 4), (1, "amnesia", 0)])
def test_a_second_block_that_follows_the_rules_is_blamed_on_who_signed_both(
    rounds: int, kind: str, count: int
) -> None:
    """The engine may know fewer signatures of its own block than there are."""
    engine = Engine(missing=1, rounds=rounds)
    reply = {"app_hash": _core.header_fields(CHAIN.block(9).header)["app_hash"]}
    false = CHAIN.make(9, CHAIN.block(8), reply={**reply, "data_hash": bytes(32)})
    [one], reported = reported_to(engine, evidence_of(false))
    assert (one.kind, len(one.accused), one.common_height) == (kind, count, 9)
    assert len(reported["value"]["ByzantineValidators"]) == count


def test_where_trust_begins_with_the_genesis_the_engines_oldest_block_is_the_common_one() -> None:
    engine = Engine(oldest=4)
    false = CHAIN.make(9, CHAIN.block(8), salt=b"false")
    [one], _ = reported_to(engine, evidence_of(false, CHAIN.genesis))
    assert one.common_height == 4
    nothing_below = Engine(oldest=9)
    with pytest.raises(Refusal) as caught:
        reported_to(nothing_below, evidence_of(false, CHAIN.genesis))
    assert caught.value.code is LightCode.NOT_TAKEN and nothing_below.evidence == []


def test_a_node_on_a_third_history_is_told_of_both_blocks() -> None:
    engine = Engine(chain=CHAIN.fork(9, salt=b"third"))
    false = CHAIN.make(9, CHAIN.block(8), salt=b"false")
    taken, _ = reported_to(engine, evidence_of(false))
    assert len(taken) == len(engine.evidence) == 2


def test_an_engine_that_cannot_judge_yet_or_objects_says_so() -> None:
    false = CHAIN.make(9, CHAIN.block(8), salt=b"false")
    refused: list[LightCode] = []
    for engine in (Engine(final=False), Engine(objects="too old"), Engine(top=8)):
        with pytest.raises(Refusal) as caught:
            reported_to(engine, evidence_of(false))
        refused.append(caught.value.code)  # type: ignore[arg-type]
    assert refused == [LightCode.NOT_TAKEN_YET, LightCode.NOT_TAKEN, LightCode.NO_ANSWER]
    unsigned = CHAIN.make(9, CHAIN.block(8), signers=CHAIN.schedule(9)[:2], salt=b"x")
    with pytest.raises(Refusal) as caught:
        reported_to(Engine(), evidence_of(unsigned))
    assert "proves nothing" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "power"),
    [(b"\x01" * 32, 0), (b"\x01" * 32, -1), (b"\x01" * 32, 2**63), (b"\x01" * 31, 1)],
)
def test_validators_that_could_be_of_no_chain_are_not_taken(key: bytes, power: int) -> None:
    class Strange(Engine):
        def _validators(self, height: int, asked: Any) -> Any:
            value = base64.b64encode(key).decode()
            one = {"pub_key": {"value": value}, "voting_power": str(power)}
            return {"validators": [one], "total": "1"}

    provider = engine_provider("http://engine", transport=httpx.MockTransport(Strange().http))
    with pytest.raises(Refusal) as caught:
        provider.light_block(3)
    assert caught.value.code is LightCode.UNREADABLE


def test_an_answer_that_comes_packed_is_not_unpacked() -> None:
    """Some bytes, packed several times over, become any number."""
    packed = gzip.compress(gzip.compress(bytes(1_000_000)))
    headers = {"content-encoding": "gzip, gzip"}

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "identity"
        return httpx.Response(200, stream=Streamed(packed), headers=headers)

    provider = engine_provider("http://engine", transport=httpx.MockTransport(handle))
    with pytest.raises(Refusal) as caught:
        provider.light_block(3)
    assert caught.value.code is LightCode.UNREADABLE and "packed" in str(caught.value)


class Streamed(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Bytes as they come over a line."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self.content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content
