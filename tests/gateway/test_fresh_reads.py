"""Whoever submits reads what they wrote: over plain HTTP, with a client, on a ledger just begun."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from tests.gateway.conftest import TOKEN, Node, new_envelope, transfer

from tongbao.kernel.blocks import BlockRecord
from tongbao.sdk import AsyncClient
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.calls import one
from tongbao.sdk.documents import Row

ENTRIES = "/v1/entries?account=mingda/main"
MISSING = 2**40


@contextmanager
def lists_behind(node: Node, seconds: float) -> Iterator[None]:
    """The read model takes its time over every block."""
    quick = node.read_model.apply

    def slow(records: list[BlockRecord]) -> None:
        threading.Event().wait(seconds)
        quick(records)

    node.read_model.apply = slow  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        node.read_model.apply = quick  # type: ignore[method-assign]


def submitted(node: Node, amount: int = 100) -> httpx.Response:
    """A payment, as anybody's HTTP client sends it."""
    json = {"Content-Type": "application/json"}
    envelope = new_envelope(transfer(amount))
    return node.http.post("/v1/transactions", content=envelope, headers=json)


def test_the_answer_of_a_write_says_which_block_lists_have_to_show(node: Node) -> None:
    done, refused = submitted(node), submitted(node, 10**15)
    assert done.headers["Tongbao-Height"] == str(done.json()["height"])
    assert refused.status_code == 422
    assert refused.headers["Tongbao-Height"] == str(refused.json()["result"]["height"])
    lines = b"\n".join(new_envelope(transfer(n)) for n in (1, 2))
    kind = {"Content-Type": "application/x-ndjson"}
    many = node.http.post("/v1/transactions/batch", content=lines, headers=kind)
    assert many.headers["Tongbao-Height"] == str(max(one["height"] for one in many.json()))


@pytest.mark.parametrize("how", ["query", "header"])
def test_a_read_waits_for_the_height_that_it_asks_for(node: Node, how: str) -> None:
    with lists_behind(node, 0.7):
        done = submitted(node)
        height = done.headers["Tongbao-Height"]
        asked = {"params": {"min_height": height}} if how == "query" else {
            "headers": {"Tongbao-At-Least-Height": height}
        }  # fmt: skip
        answer = node.http.get("/v1/transactions", **asked)  # type: ignore[arg-type]
    assert int(answer.headers["Tongbao-Height"]) >= int(height)
    assert done.json()["digest"] in [one["digest"] for one in answer.json()["items"]]


def test_another_program_finds_what_was_answered_without_asking_for_a_height(node: Node) -> None:
    for _ in range(10):
        digest = submitted(node).json()["digest"]
        listed = node.http.get("/v1/transactions?limit=5").json()["items"]
        assert digest in [one["digest"] for one in listed]


@pytest.mark.parametrize("path", ["/v1/parties", ENTRIES, "/v1/events"])
def test_a_height_that_does_not_come_in_time_is_a_problem_to_try_again(
    node: Node, path: str
) -> None:
    answer = node.http.get(
        path, params={"min_height": MISSING}, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (503, GatewayCode.READ_MODEL_BEHIND)
    assert int(answer.headers["Retry-After"]) > 0
    assert str(MISSING) in answer.json()["detail"]


def test_a_client_sends_the_height_of_its_last_write_and_block_0_before_it(node: Node) -> None:
    client = node.client()
    assert client.session.headers(one("/v1/parties/x", Row))["Tongbao-At-Least-Height"] == "0"
    with lists_behind(node, 0.3):
        for amount in (1, 2):
            result = client.submit_and_wait(new_envelope(transfer(amount)))
            assert client.session.seen_height >= result.height
            newest = next(iter(client.transactions()))
            assert newest.digest == result.digest


def test_the_awaited_client_reads_what_it_wrote_too(node: Node) -> None:
    async def play() -> None:
        async with AsyncClient(node.url, token=TOKEN) as client:
            result = await client.submit_and_wait(new_envelope(transfer(3)))
            async for newest in client.transactions():
                assert newest.digest == result.digest
                break

    with lists_behind(node, 0.3):
        asyncio.run(play())


def test_a_read_that_asks_for_no_height_is_answered_where_as_many_wait_as_may(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node.server.gateway.hub, "_most", 0)
    with lists_behind(node, 0.7):
        height = submitted(node).headers["Tongbao-Height"]
        assert node.http.get("/v1/transactions").status_code == 200
        asked = node.http.get("/v1/transactions", params={"min_height": height})
    assert (asked.status_code, asked.json()["code"]) == (503, GatewayCode.BUSY)


def test_block_0_counts_as_a_height(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lists of a ledger just begun do not hold it yet: then they wait, and never show nothing
    as if it were all."""
    waited: list[int] = []
    height = node.read_model.height

    def begun(_: object) -> int:
        waited.append(1)
        return -1 if len(waited) < 5 else height

    monkeypatch.setattr(type(node.read_model), "height", property(begun))
    answer = node.http.get("/v1/parties")
    assert answer.json()["items"]
    assert len(waited) >= 5
