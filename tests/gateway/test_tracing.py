"""A trace goes from the request's header through the transaction to the line of its block."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs
from tests.gateway.conftest import Node, new_envelope

from tongbao.gateway.tracing import trace_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def reported(node: Node, headers: dict[str, str]) -> tuple[str, str, list[dict[str, Any]]]:
    """Submit with headers: the answered request id, the digest, and what was logged."""
    envelope = new_envelope()
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = node.http.post(
            "/v1/transactions",
            content=envelope,
            headers={"content-type": "application/json", **headers},
        )
        assert answer.status_code == 200
        digest = hashlib.sha256(envelope).hexdigest()
        for _ in range(500):  # both lines come after the answer
            block = any(digest in str(one.get("traces")) for one in lines)
            if block and any(one["event"] == "http.request" for one in lines):
                break
            time.sleep(0.02)
    return answer.headers["x-request-id"], digest, [dict(one) for one in lines]


@pytest.mark.parametrize(
    ("headers", "trace"),
    [
        ({"traceparent": PARENT, "x-request-id": "other"}, TRACE),
        ({"x-request-id": "payroll/2026-11"}, "payroll/2026-11"),
    ],
)
def test_a_trace_reaches_the_line_of_the_block_that_holds_its_transaction(
    node: Node, headers: dict[str, str], trace: str
) -> None:
    answered, digest, lines = reported(node, headers)
    assert answered == trace
    submitted = next(one for one in lines if one["event"] == "transactions.submitted")
    assert (submitted["trace_id"], submitted["digests"]) == (trace, [digest])
    block = next(one for one in lines if one["event"] == "block.final" and one["traces"])
    assert block["traces"] == [{"trace_id": trace, "digest": digest}]
    request = next(one for one in lines if one["event"] == "http.request")
    assert (request["trace_id"], request["status"]) == (trace, 200)


def test_who_brings_no_trace_that_can_be_used_gets_a_new_one() -> None:
    for parent, request_id in (
        ("", ""),
        ("00-" + "0" * 32 + "-00f067aa0ba902b7-01", ""),
        (PARENT.upper(), "with blank"),
        ("no trace", "x" * 65),
        (PARENT[:-1], 'line"break'),
    ):
        made = trace_of(parent, request_id)
        assert len(made) == 32 and int(made, 16) and made != TRACE
    assert trace_of("", "") != trace_of("", "")
