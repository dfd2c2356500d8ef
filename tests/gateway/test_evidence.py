"""Evidence of an attack comes in over HTTP: bounded, judged by the engine, refused with reason."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import Node
from tests.light.engines import Engine

from tongbao.gateway.routes import evidence as routes_evidence
from tongbao.gateway.services import NodeServices
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.light import Evidence, GatewayProvider, LightCode, report
from tongbao.sdk.light.attack import Shown, make_evidence
from tongbao.simulator.headers import HeaderChain, constant

URL = "/v1/light/evidence"


@pytest.fixture
def chain(node: Node) -> HeaderChain:
    """Headers under the name of the node's chain."""
    return HeaderChain(constant(4), node.application.genesis.chain)


@pytest.fixture
def engine(node: Node, chain: HeaderChain, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The node as one of a network whose engine has those headers."""
    made, ours = Engine(chain=chain), node.server.gateway.services
    beside = NodeServices(ours.application, ours.engine, ours.queries, made.relay)
    monkeypatch.setattr(node.server.gateway, "services", beside)
    return made


def evidence_of(chain: HeaderChain, height: int = 9) -> Evidence:
    """Two signed blocks of one height."""
    shown = Shown("a", chain.block(height)), Shown("b", chain.fork(height).block(height))
    return make_evidence(chain.chain, chain.block(height - 1), *shown, now_ms=1)


def sent(node: Node, body: bytes, kind: str = "application/json") -> Any:
    """What comes of it."""
    answer = node.http.post(URL, content=body, headers={"content-type": kind})
    return answer.status_code, answer.json()


def test_the_engine_takes_it_and_the_answer_names_the_accused(
    node: Node, chain: HeaderChain, engine: Engine
) -> None:
    status, [reported] = sent(node, evidence_of(chain).encode())
    assert (status, reported["kind"], reported["height"], reported["common_height"]) == (
        202,
        "lunatic",
        9,
        8,
    )
    assert len(reported["accused"]) == 4 and len(engine.evidence) == 1
    outcome = report([evidence_of(chain)], [GatewayProvider(node.url)])
    assert outcome.taken == (node.url,) and len(outcome.reports[0].accused) == 4


def test_what_is_no_evidence_is_refused_before_the_engine_hears_of_it(
    node: Node, chain: HeaderChain, engine: Engine
) -> None:
    good = evidence_of(chain)
    for broken in (b"", b"{}", b"[" * 100_000, b"\xff", good.encode().replace(b"/1", b"/2")):
        status, reported = sent(node, broken)
        assert (status, reported["code"]) == (400, GatewayCode.BAD_BODY)
    large = b" " * (routes_evidence.MAX_EVIDENCE_BYTES + 1)
    assert sent(node, large)[1]["code"] == GatewayCode.BODY_TOO_LARGE
    assert sent(node, good.encode(), "text/plain")[1]["code"] == GatewayCode.UNSUPPORTED_MEDIA_TYPE
    other = msgspec.structs.replace(good, chain="another-1")
    assert sent(node, other.encode())[1]["code"] == LightCode.OTHER_CHAIN
    same = msgspec.structs.replace(good, second=good.first)
    assert sent(node, same.encode())[1]["code"] == LightCode.NOT_TAKEN
    assert engine.asked == []


def test_the_next_block_is_waited_for(
    node: Node, chain: HeaderChain, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes_evidence, "LOOK_S", 0.0)
    engine.final = False
    seen: list[str] = engine.asked
    relay = engine.relay

    def later(call: bytes) -> bytes:
        engine.final = len(seen) > 3
        return relay(call)

    ours = node.server.gateway.services
    beside = NodeServices(ours.application, ours.engine, ours.queries, later)
    monkeypatch.setattr(node.server.gateway, "services", beside)
    assert sent(node, evidence_of(chain).encode())[0] == 202
    assert seen.count("commit") > 3
    monkeypatch.setattr(routes_evidence, "WAIT_S", 0.0)
    monkeypatch.setattr(node.server.gateway, "services", NodeServices(
        ours.application, ours.engine, ours.queries, relay
    ))  # fmt: skip
    engine.final = False
    status, reported = sent(node, evidence_of(chain).encode())
    assert (status, reported["code"], reported["retry"]) == (
        503,
        LightCode.NOT_TAKEN_YET,
        "same_bytes",
    )


def test_an_engine_that_objects_or_is_away_is_told_of(
    node: Node, chain: HeaderChain, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.objects = "evidence is too old"
    status, reported = sent(node, evidence_of(chain).encode())
    assert (status, reported["code"]) == (422, LightCode.NOT_TAKEN)
    assert "too old" in reported["detail"] and "未受理" in reported["detail_zh"]
    outcome = report([evidence_of(chain)], [GatewayProvider(node.url)])
    assert outcome.taken == () and "too old" in outcome.refused[node.url]

    def away(_: bytes) -> bytes:
        raise RuntimeError("it does not answer")

    ours = node.server.gateway.services
    beside = NodeServices(ours.application, ours.engine, ours.queries, away)
    monkeypatch.setattr(node.server.gateway, "services", beside)
    assert sent(node, evidence_of(chain).encode())[1]["code"] == GatewayCode.NOT_READY


def test_a_node_that_orders_alone_has_nobody_to_accuse(node: Node, chain: HeaderChain) -> None:
    status, reported = sent(node, evidence_of(chain).encode())
    assert (status, reported["code"]) == (501, GatewayCode.NO_OTHER_VALIDATORS)
