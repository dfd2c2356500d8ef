"""The network around a node, and the door to its engine, on a chain of one node."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.gateway.conftest import Node

from tongbao import _core
from tongbao.gateway.routes.engine import ALLOWED, MAX_QUESTION_BYTES
from tongbao.gateway.services import NodeServices
from tongbao.node.view import NetworkView, Peer


class Engine:
    """An engine beside the node, as the gateway sees it."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.away = False
        self.syncing = False

    def relay(self, call: bytes) -> bytes:
        """Answer one call."""
        if self.away:
            raise RuntimeError("it does not answer")
        self.asked.append(json.loads(call))
        return b'{"jsonrpc":"2.0","id":1,"result":{}}'

    def look(self) -> NetworkView:
        """What it says of the network."""
        if self.away:
            raise RuntimeError("it does not answer")
        peer = Peer("1f" * 20, "b", "10.0.0.2:26656", True)
        return NetworkView(
            "cometbft",
            "v0.38.25",
            "2e" * 20,
            "10.0.0.1:26656",
            9,
            self.syncing,
            (peer,),
            3,
            900,
            "ab" * 20,
            6,
        )


@pytest.fixture
def engine(node: Node, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The node as one of a network."""
    made, ours = Engine(), node.server.gateway.services
    beside = NodeServices(ours.application, ours.engine, ours.queries, made.relay, made.look)
    monkeypatch.setattr(node.server.gateway, "services", beside)
    return made


def question(node: Node, body: Any, **more: Any) -> Any:
    """Ask the engine through the gateway."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", **more}
    return node.http.post("/v1/engine", content=content, headers=headers)


def test_a_chain_of_one_node_has_one_validator_and_no_peers(node: Node) -> None:
    reported = node.client().network()
    [validator] = node.application.genesis.validators
    assert (reported.engine, reported.node, reported.peers, reported.fault) == ("solo", "", (), "")
    [known] = reported.validators
    assert (known.name, known.power) == (validator.name, validator.power)
    assert known.address == _core.validator_address(validator.public).hex()
    assert reported.height == reported.engine_height and not reported.syncing


def test_a_network_node_tells_of_peers_mempool_and_snapshot(node: Node, engine: Engine) -> None:
    reported = node.client().network()
    assert (reported.engine_version, reported.address) == ("v0.38.25", "10.0.0.1:26656")
    assert (reported.validator, reported.snapshot_height) == ("ab" * 20, 6)
    assert [(peer.name, peer.outbound) for peer in reported.peers] == [("b", True)]
    assert (reported.mempool, reported.mempool_bytes, reported.engine_height) == (3, 900, 9)


def test_a_node_is_ready_only_while_its_engine_answers_and_has_caught_up(
    node: Node, engine: Engine
) -> None:
    assert node.http.get("/readyz").status_code == 200
    engine.syncing = True
    assert "older blocks" in node.http.get("/readyz").json()["detail"]
    engine.away = True
    answer = node.http.get("/readyz")
    assert answer.status_code == 503 and "does not answer" in answer.json()["detail"]
    assert node.client().network().fault == "it does not answer"


def test_only_the_questions_of_light_clients_reach_the_engine(node: Node, engine: Engine) -> None:
    for method in sorted(ALLOWED):
        given = {"jsonrpc": "2.0", "id": 7, "method": method, "params": {"height": "3"}}
        assert question(node, given).json()["result"] == {}
        assert engine.asked.pop() == given
    for method in ("broadcast_tx_sync", "dial_peers", "unsafe_flush_mempool", "genesis", ""):
        refused = question(node, {"jsonrpc": "2.0", "id": "x", "method": method}).json()
        assert (refused["id"], refused["error"]["code"]) == ("x", -32601)
    for broken in (b"", b"[", b"[1]", b"{}", b'{"method":' + b"[" * 1500):
        assert question(node, broken).json()["name"] == "BAD_BODY"
    large = {"method": "commit", "params": {"height": "1" * MAX_QUESTION_BYTES}}
    assert question(node, large).status_code == 413
    assert engine.asked == []


def test_without_an_engine_there_is_no_door_and_without_its_answer_no_answer(
    node: Node, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.away = True
    assert question(node, {"method": "status"}).json()["name"] == "NOT_READY"
    ours = node.server.gateway.services
    monkeypatch.setattr(
        node.server.gateway, "services", NodeServices(ours.application, ours.engine, ours.queries)
    )
    assert question(node, {"method": "status"}).status_code == 404
