"""Submitting, repeating, trying and finding transactions over HTTP."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.gateway.conftest import (
    Node,
    new_body,
    new_envelope,
    sign,
    start_node,
    transfer,
)

from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.viewers.access import Access, Grant, digest_of
from tongbao.kernel.codes import KernelCode
from tongbao.modules.payments import PaymentsCode
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.verifier import verify_file

JSON = {"content-type": "application/json"}
PROBLEM = "application/problem+json"


def submit(node: Node, envelope: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    answer = node.http.post("/v1/transactions", content=envelope, headers={**JSON, **headers})
    return answer.status_code, answer.json()


def balance(node: Node, account: str) -> int:
    holding = node.application.view().holding(account, "CNY")
    return 0 if holding is None else holding.posted


def test_a_submitted_transaction_is_final_when_the_answer_comes(node: Node) -> None:
    before = balance(node, "mingda/main")
    envelope = new_envelope(transfer(125))
    status, reported = submit(node, envelope)
    assert (status, reported["status"], reported["code"]) == (200, "recorded", 0)
    assert reported["digest"] == hashlib.sha256(envelope).hexdigest()
    assert reported["events"][0]["amount_minor"] == "125"
    assert balance(node, "mingda/main") == before + 125


def test_the_same_bytes_again_are_answered_alike_and_paid_once(node: Node) -> None:
    envelope = new_envelope(transfer(10))
    _, first = submit(node, envelope)
    paid = balance(node, "mingda/main")
    status, again = submit(node, envelope)
    assert (status, again["status"]) == (200, "duplicate")
    assert {**again, "status": "recorded"} == first
    assert balance(node, "mingda/main") == paid


def test_other_bytes_under_a_used_name_are_a_conflict(node: Node) -> None:
    submit(node, new_envelope(transfer(1), reference="conflict/1"))
    status, reported = submit(node, new_envelope(transfer(2), reference="conflict/1"))
    assert (status, reported["code"], reported["result"]["status"]) == (
        409, KernelCode.NAME_USED, "rejected",
    )  # fmt: skip


def test_a_refused_transaction_stands_in_a_block_and_its_problem_says_so(node: Node) -> None:
    envelope = new_envelope(transfer(10**15))
    answer = node.http.post("/v1/transactions", content=envelope, headers=JSON)
    reported = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert reported["code"] == PaymentsCode.INSUFFICIENT_FUNDS
    assert reported["type"] == f"/v1/codes/{reported['code']}"
    assert reported["result"]["height"] > 0
    assert reported["retry"] == "after_change"
    assert "available" in reported["values"]


def test_a_transaction_short_of_an_approval_keeps_its_name_and_may_be_completed(
    node: Node,
) -> None:
    body = new_body(transfer(5))
    status, reported = submit(node, sign(body, "hengtong", ("maker",)))
    assert (status, reported["code"]) == (403, KernelCode.APPROVAL_MISSING)
    assert reported["result"]["height"] == 0
    status, _ = submit(node, sign(body, "hengtong"))
    assert status == 200


@pytest.mark.parametrize(("wanted", "word"), [("zh-CN,zh;q=0.9,en;q=0.5", "可用"), ("fr", "has")])
def test_a_problem_speaks_the_language_that_is_asked_for(
    node: Node, wanted: str, word: str
) -> None:
    envelope = new_envelope(transfer(10**15))
    _, reported = submit(node, envelope, **{"accept-language": wanted})
    assert word in reported["detail"]
    assert "可用" in reported["detail_zh"]


def test_an_idempotency_key_goes_with_one_body_only(node: Node) -> None:
    first, other = new_envelope(transfer(3)), new_envelope(transfer(4))
    key = {"idempotency-key": '"order-77"'}
    assert submit(node, first, **key)[0] == 200
    assert submit(node, first, **key)[1]["status"] == "duplicate"
    status, reported = submit(node, other, **key)
    assert (status, reported["code"]) == (422, GatewayCode.IDEMPOTENCY_KEY_REUSED)
    assert submit(node, other)[0] == 200


def test_an_idempotency_key_of_what_was_not_recorded_is_free_again(node: Node) -> None:
    body = new_body(transfer(3))
    key = {"idempotency-key": "order-78"}
    assert submit(node, sign(body, "hengtong", ("maker",)), **key)[0] == 403
    assert submit(node, sign(body, "hengtong"), **key)[0] == 200
    status, reported = submit(node, sign(body, "hengtong"), **{"idempotency-key": "x" * 256})
    assert (status, reported["code"]) == (400, GatewayCode.BAD_IDEMPOTENCY_KEY)


def test_two_parties_may_use_the_same_idempotency_key(node: Node) -> None:
    """D04: a key belongs to the party that proves itself."""
    key = {"idempotency-key": "20261128-0001"}
    assert submit(node, new_envelope(transfer(100)), **key)[0] == 200
    other = new_envelope(transfer(100, "bank-south", "bank-north"), party="bank-south")
    assert submit(node, other, **key)[0] == 200


@pytest.mark.parametrize("query", ["", "?wait=false"])
def test_a_badly_signed_envelope_keeps_no_idempotency_key(node: Node, query: str) -> None:
    """d7: nor does it learn whether its owner has used it."""
    body = new_body(transfer(2))
    forged = sign(body, "mingda")
    key = {"idempotency-key": f"INV-77{query}", "content-type": "application/json"}
    for spoiled in (forged, b"{}", sign(body, "hengtong")[:-200]):
        answer = node.http.post(f"/v1/transactions{query}", content=spoiled, headers=key)
        assert answer.status_code in (400, 403), answer.text
    assert submit(node, sign(body, "hengtong"), **key)[0] == 200
    answer = node.http.post(f"/v1/transactions{query}", content=forged, headers=key)
    assert answer.json()["code"] != GatewayCode.IDEMPOTENCY_KEY_REUSED


@pytest.mark.parametrize("kind", ["json", "ndjson"])
def test_a_batch_answers_each_in_its_place(node: Node, kind: str) -> None:
    envelopes = [new_envelope(transfer(1)), b'{"x":1}', new_envelope(transfer(10**15))]
    if kind == "json":
        content, media = b"[" + b",".join(envelopes) + b"]", "application/json"
    else:
        content, media = b"\n".join(envelopes), "application/x-ndjson"
    answer = node.http.post(
        "/v1/transactions/batch", content=content, headers={"content-type": media}
    )
    reported = answer.json()
    assert [one["status"] for one in reported] == ["recorded", "rejected", "recorded"]
    assert [one["code"] for one in reported] == [
        0, KernelCode.MALFORMED, PaymentsCode.INSUFFICIENT_FUNDS,
    ]  # fmt: skip
    assert "events" not in reported[0]


def test_a_batch_of_too_many_is_refused_whole(node: Node) -> None:
    content = b"\n".join([b"{}"] * 2_001)
    answer = node.http.post(
        "/v1/transactions/batch", content=content, headers={"content-type": "application/x-ndjson"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, GatewayCode.TOO_MANY_IN_BATCH)


def test_without_waiting_the_answer_tells_where_to_ask(node: Node) -> None:
    envelope = new_envelope(transfer(2))
    answer = node.http.post("/v1/transactions?wait=false", content=envelope, headers=JSON)
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    for _ in range(200):
        found = node.http.get(answer.headers["location"])
        if found.status_code == 200:
            break
    assert found.json()["body"]["party"] == "hengtong"


def test_simulation_tells_the_outcome_and_who_has_to_approve_and_writes_nothing(
    node: Node,
) -> None:
    root = node.application.state.root()
    answer = node.http.post("/v1/simulate", content=new_body(transfer(7)), headers=JSON).json()
    assert (answer["code"], answer["events"][0]["amount_minor"]) == (0, "7")
    assert answer["approvals"] == [
        {"party": "hengtong", "scope": "payments", "keys": 2, "weight": 2}
    ]
    refused = node.http.post("/v1/simulate", content=new_body(transfer(10**15)), headers=JSON)
    assert refused.json()["code"] == PaymentsCode.INSUFFICIENT_FUNDS
    assert node.application.state.root() == root


def test_a_transaction_is_found_by_digest_and_by_name_and_its_receipt_proves_it(
    node: Node,
) -> None:
    envelope = new_envelope(transfer(11), reference="found/here")
    _, reported = submit(node, envelope)
    by_digest = node.http.get(f"/v1/transactions/{reported['digest']}").json()
    by_name = node.http.get("/v1/parties/hengtong/transactions/found/here").json()
    assert by_digest == by_name
    assert by_digest["body"]["actions"][0]["amount_minor"] == "11"
    receipt = node.http.get(f"/v1/receipts/{reported['digest']}").content
    genesis = node.http.get("/v1/genesis").content
    proven = verify_file(receipt, genesis)
    assert proven.height == reported["height"]


def test_what_is_not_there_is_a_problem(node: Node) -> None:
    for path in (f"/v1/transactions/{'0' * 64}", "/v1/parties/hengtong/transactions/none",
                 f"/v1/receipts/{'0' * 64}", "/v1/blocks/999999", "/v1/assets/NOSUCH",
                 "/v1/accounts/no/one", "/v1/parties/no"):  # fmt: skip
        answer = node.http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM), path


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Node]:
    """A node that knows two people."""
    grants = [Grant(digest_of(f"secret-{one}"), party=one) for one in ("hengtong", "mingda")]
    yield from start_node(tmp_path, Settings(access=Access(grants=grants)))


def test_who_shows_a_token_is_known_by_it_and_who_shows_a_wrong_one_is_refused(
    guarded: Node,
) -> None:
    def shown(header: str) -> httpx.Response:
        return guarded.http.get("/v1/whoami", headers={"authorization": header})

    refused = shown("Bearer secret")
    assert (refused.status_code, refused.json()["code"]) == (401, GatewayCode.UNAUTHORISED)
    assert refused.headers["www-authenticate"] == "Bearer"
    assert shown("Bearer secret-mingda").json()["party"] == "mingda"
    known = {"node:secret-mingda": 200, "secret-mingda:": 401, ":": 401, "node": 401}
    for user, status in known.items():
        coded = base64.b64encode(user.encode()).decode()
        assert shown(f"Basic {coded}").status_code == status, user
    for header in ("Basic ===", "Basic /w==", "Digest secret-mingda", "secret-mingda"):
        assert shown(header).status_code == 401, header
    nobody = httpx.get(f"{guarded.url}/v1/whoami")
    assert nobody.json() == {"party": "", "person": "", "roles": []}


def test_amounts_beyond_what_browsers_count_are_texts(node: Node) -> None:
    described = msgspec.json.decode(node.http.get("/openapi.json").content)
    holding = described["components"]["schemas"]["Holding"]["properties"]["posted_minor"]
    assert holding["type"] == "string"
