"""What operators and attackers meet: health, figures, description, every kind of bad request."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.gateway.conftest import Node, new_envelope, transfer

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.registry import Registry
from tongbao.modules import installed
from tongbao.sdk.api_codes import GatewayCode

JSON = {"content-type": "application/json"}
PROBLEM = "application/problem+json"


def test_alive_ready_and_counted(node: Node) -> None:
    node.client().submit([new_envelope(transfer(1))])
    assert node.http.get("/livez").json() == {"alive": True}
    assert node.http.get("/readyz").json()["ready"] is True
    page = node.http.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    figures = page.text
    for name in ("tongbao_transactions_total", "tongbao_height", "tongbao_submit_seconds_bucket"):
        assert name in figures
    assert 'status="recorded"' in figures and "\ntongbao_caught_seats 0.0\n" in figures


def test_the_description_is_openapi_3_1_and_speaks_of_every_path(node: Node) -> None:
    described: dict[str, Any] = node.http.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert len(described["paths"]) > 25
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], path
            assert operation["tags"], path
            assert PROBLEM in operation["responses"]["default"]["content"], (path, method)


def test_the_description_tells_every_action_and_leads_nowhere_in_vain(node: Node) -> None:
    described = node.http.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    kinds = Registry(installed()).transactions
    assert set(schemas["Action"]["discriminator"]["mapping"]) == set(kinds)
    transfer = schemas["payments.Transfer"]
    assert transfer["properties"]["type"] == {"enum": ["payments.transfer"]}
    assert {"payer", "payee", "asset", "amount_minor"} <= set(transfer["required"])
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert references <= schemas.keys()


def test_every_answer_carries_the_security_headers(node: Node) -> None:
    for path in ("/v1/status", "/nowhere", "/livez"):
        headers = node.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_every_code_is_explained_at_the_type_of_its_problem(node: Node) -> None:
    listed = node.http.get("/v1/codes").json()
    numbers = {one["code"] for one in listed}
    assert set(map(int, KernelCode)) | set(map(int, GatewayCode)) <= numbers
    assert all(one["text"] and one["text_zh"] for one in listed)
    one = node.http.get(f"/v1/codes/{int(KernelCode.NAME_USED)}").json()
    assert one["name"] == "NAME_USED"


def test_answers_do_not_wait_for_the_acknowledgement_of_their_first_packet(node: Node) -> None:
    """asyncio sets TCP_NODELAY only where the listening socket names its protocol."""
    assert node.server._socket.proto == socket.IPPROTO_TCP


def test_a_page_of_another_name_does_not_reach_a_loopback_node(node: Node) -> None:
    answer = node.http.get("/v1/status", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (421, GatewayCode.OTHER_HOST)


MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BAD = {
    "no media type": ("POST", "/v1/transactions", b"{}", {}, 415),
    "another media type": ("POST", "/v1/transactions", b"{}", {"content-type": "text/xml"}, 415),
    "compressed": ("POST", "/v1/transactions", b"x", {**JSON, "content-encoding": "gzip"}, 415),
    "no json": ("POST", "/v1/transactions", b"{", JSON, 400),
    "no utf-8": ("POST", "/v1/transactions", b'{"a":"\xff"}', JSON, 400),
    "deep nesting": ("POST", "/v1/transactions", b"[" * 200_000, JSON, 400),
    "deep simulation": ("POST", "/v1/simulate", b'{"a":' * 200_000, JSON, 400),
    "deep batch": ("POST", "/v1/transactions/batch", b"[" * 200_000, JSON, 400),
    "batch that is no list": ("POST", "/v1/transactions/batch", b"{}", JSON, 400),
    "oversize": ("POST", "/v1/transactions", b" " * (2 * 1_048_576 + 1), JSON, 413),
    "unknown path": ("GET", "/v2/status", b"", {}, 404),
    "path upwards": ("GET", "/v1/../../etc/passwd", b"", {}, 404),
    "wrong method": ("DELETE", "/v1/transactions", b"", {}, 405),
    "short digest": ("GET", "/v1/transactions/abc", b"", {}, 422),
    "nul in a name": ("GET", "/v1/parties/a%00b", b"", {}, 422),
    "huge height": ("GET", "/v1/blocks/99999999999999999999999", b"", {}, 422),
    "numbers that are none": ("POST", "/v1/accounts/resolve", b"[1,2]", JSON, 400),
    "no envelope": ("POST", "/v1/transactions", b'{"body":{},"signatures":[]}', JSON, 400),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_bad_request_is_a_problem_with_a_code(node: Node, what: str) -> None:
    method, path, content, headers, status = BAD[what]
    answer = node.http.request(method, path, content=content, headers=headers)
    reported = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), reported
    assert reported["code"] and reported["detail"] and reported["detail_zh"]
    assert node.http.get("/readyz").status_code == 200


def test_spellings_that_are_not_the_one_are_refused(node: Node) -> None:
    good = new_envelope(transfer(1))
    for spoiled in (
        good + b" ", b" " + good, good.replace(b'"chain":', b'"chain": ', 1),
        good[:-1] + b',"signatures":[]}', good.replace(b'"actions"', b'"memo":"","actions"', 1),
    ):  # fmt: skip
        answer = node.http.post("/v1/transactions", content=spoiled, headers=JSON)
        assert answer.status_code in (400, 403), spoiled[:80]
        assert answer.json()["result"]["status"] == "rejected"
    assert node.http.post("/v1/transactions", content=good, headers=JSON).status_code == 200


@given(content=st.binary(max_size=300), path=st.sampled_from([
    "/v1/transactions", "/v1/transactions/batch", "/v1/simulate", "/v1/accounts/resolve",
]))  # fmt: skip
@MANY
def test_any_bytes_as_a_body_are_answered(node: Node, content: bytes, path: str) -> None:
    answer = node.http.post(path, content=content, headers=JSON)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.json()["code"]


@given(path=st.text(max_size=60), query=st.text(max_size=40))
@MANY
def test_any_path_and_query_are_answered(node: Node, path: str, query: str) -> None:
    try:
        answer = node.http.get("/v1/" + path, params={"cursor": query, "party": query})
    except (UnicodeEncodeError, ValueError):
        return  # the client's own refusal
    except Exception as fault:
        assert type(fault).__name__ == "InvalidURL", fault
        return
    if "event-stream" not in answer.headers.get("content-type", ""):
        assert answer.status_code < 500, (path, query, answer.text)


@pytest.mark.parametrize(
    "stream",
    [
        b"\x00\xff\xfe garbage\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/transactions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/transactions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
    ids=["garbage", "version", "length", "two lengths", "long path", "long header"],
)
def test_what_is_no_http_ends_its_connection_and_no_other(node: Node, stream: bytes) -> None:
    host, _, port = node.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        try:
            connection.sendall(stream)
            connection.shutdown(socket.SHUT_WR)
            received = connection.recv(65_536)
        except OSError:  # it may be gone before we are done
            received = b""
    assert not received or b" 4" in received[:16], received[:80]
    assert node.http.get("/livez").status_code == 200
