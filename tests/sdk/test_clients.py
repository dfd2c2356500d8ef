"""The blocking client and its twin for asyncio, against a real node."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterator

import httpx
import pytest
from tests.gateway.conftest import TOKEN, Node, new_body, new_envelope, sign, transfer

from tongbao.modules.payments import PaymentsCode
from tongbao.sdk import AsyncClient, Client, Problem, RetryPolicy, calls
from tongbao.sdk.verifier import explain, verify_file

QUICK = RetryPolicy(attempts=4, first_seconds=0.001, most_seconds=0.002)


def test_build_simulate_sign_submit_and_verify(client: Client) -> None:
    body = new_body(transfer(125))
    tried = client.simulate(body)
    assert tried.done
    assert [one.party for one in tried.approvals] == ["hengtong"]
    result = client.submit_and_wait(sign(body, "hengtong"))
    assert result.done and result.final
    assert client.transaction(result.digest).events[0]["amount_minor"] == "125"
    proven = verify_file(client.receipt(result.digest), client.genesis())
    assert "1.25" in explain(proven)
    assert "1.25" in explain(proven, "zh")


def test_a_refusal_is_raised_with_code_sentence_and_what_may_be_done(client: Client) -> None:
    with pytest.raises(Problem, match="INSUFFICIENT_FUNDS") as caught:
        client.submit_and_wait(new_envelope(transfer(10**15)))
    document = caught.value.document
    assert document.code == PaymentsCode.INSUFFICIENT_FUNDS
    assert document.retry == "after_change"
    assert document.result is not None
    assert document.result.final


def test_many_envelopes_are_sent_in_batches_and_answered_in_order(client: Client) -> None:
    envelopes = [new_envelope(transfer(n)) for n in range(1, 26)]
    results = client.submit(envelopes, batch=10)
    assert [
        client.transaction(one.digest).body["actions"][0]["amount_minor"] for one in results
    ] == [str(n) for n in range(1, 26)]
    assert [one.status for one in client.submit(envelopes)] == ["duplicate"] * 25


def test_a_client_speaks_the_language_it_was_made_with(node: Node) -> None:
    with pytest.raises(Problem, match="可用"):
        node.client("zh").submit_and_wait(new_envelope(transfer(10**15)))


def test_the_async_client_does_what_the_blocking_one_does(node: Node, client: Client) -> None:
    async def use() -> None:
        async with AsyncClient(node.url, token=TOKEN) as ledger:
            body = new_body(transfer(31))
            assert (await ledger.simulate(body)).done
            result = await ledger.submit_and_wait(sign(body, "hengtong"))
            assert await ledger.transaction(result.digest) == client.transaction(result.digest)
            assert await ledger.receipt(result.digest) == client.receipt(result.digest)
            assert [one async for one in ledger.parties.list()] == list(client.parties.list())
            assert [one async for one in ledger.assets.list()] == list(client.assets.list())
            newest = [one async for one in ledger.transactions(party="hengtong")]
            assert newest == list(client.transactions(party="hengtong"))
            numbers = ["mingda/main"]
            assert await ledger.accounts.resolve(numbers) == client.accounts.resolve(numbers)
            with pytest.raises(Problem):
                await ledger.submit_and_wait(new_envelope(transfer(10**15)))

    asyncio.run(use())


def test_the_async_client_follows_events_while_it_submits(node: Node) -> None:
    async def use() -> list[str]:
        async with (
            AsyncClient(node.url, token=TOKEN) as ledger,
            AsyncClient(node.url, token=TOKEN) as other,
        ):
            seen: list[str] = []

            async def follow(count: int) -> None:
                async for item in ledger.events(event="payments.transferred"):
                    seen.append(item.digest)
                    if len(seen) == count:
                        return

            watcher = asyncio.create_task(follow(5))
            await asyncio.sleep(0.3)
            results = await other.submit([new_envelope(transfer(n)) for n in range(1, 6)])
            await asyncio.wait_for(watcher, 20)
            assert seen == [one.digest for one in results]
            return seen

    assert len(asyncio.run(use())) == 5


def answering(*answers: Callable[[], httpx.Response]) -> tuple[httpx.MockTransport, list[bytes]]:
    """A line that answers in turn, and what was sent over it."""
    sent: list[bytes] = []
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return left.pop(0)()

    return httpx.MockTransport(handle), sent


def lost() -> httpx.Response:
    raise httpx.ConnectError("the line is down")


def busy() -> httpx.Response:
    return httpx.Response(503, headers={"retry-after": "0"}, content=b"busy")


def fine() -> httpx.Response:
    content = b'{"status":"duplicate","digest":"00","height":1,"position":0,"code":0}'
    return httpx.Response(200, content=content)


def test_the_same_bytes_are_sent_again_over_a_bad_line() -> None:
    line, sent = answering(lost, busy, fine)
    client = Client("http://node", retry=QUICK, transport=line)
    assert client.submit_and_wait(b"{}").status == "duplicate"
    assert sent == [b"{}"] * 3


def test_a_client_gives_up_after_its_attempts_and_tells_why() -> None:
    line, sent = answering(busy, busy, busy, busy)
    with pytest.raises(Problem, match="NOT_FROM_THE_NODE"):
        Client("http://node", retry=QUICK, transport=line).submit_and_wait(b"{}")
    assert len(sent) == 4
    line, sent = answering(lost, lost, lost, lost)
    with pytest.raises(httpx.ConnectError):
        Client("http://node", retry=QUICK, transport=line).submit_and_wait(b"{}")


def test_what_is_refused_is_not_sent_again() -> None:
    line, sent = answering(lambda: httpx.Response(422, content=b"no"))
    with pytest.raises(Problem):
        Client("http://node", retry=QUICK, transport=line).submit_and_wait(b"{}")
    assert len(sent) == 1


def test_an_answer_that_cannot_be_read_is_a_problem_not_a_crash() -> None:
    line, _ = answering(lambda: httpx.Response(200, content=b"<html>"))
    with pytest.raises(Problem, match="unreadable answer"):
        Client("http://node", retry=QUICK, transport=line).submit_and_wait(b"{}")


def test_envelopes_are_cut_into_batches_by_count_and_by_size() -> None:
    assert list(map(len, calls.batches([b"x"] * 25, 10))) == [10, 10, 5]
    large = [b"x" * (calls.BATCH_BYTES // 2)] * 3
    assert list(map(len, calls.batches(large))) == [1, 1, 1]
    assert list(calls.batches([])) == []


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 10_000


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda: httpx.Response(200, content=endless()), "more than 100000 bytes"),
        (lambda: httpx.Response(500, content=endless()), "more than 100000 bytes"),
        (
            lambda: httpx.Response(
                200, content=iter([gzip.compress(bytes(10))]), headers={"content-encoding": "gzip"}
            ),
            "packed",
        ),
    ],
    ids=["endless", "an endless problem", "packed"],
)
def test_no_answer_takes_more_memory_than_was_asked_for(
    answer: Callable[[], httpx.Response], says: str
) -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return answer()

    call = calls.Call("GET", "/v1/origin", bytes, most_bytes=100_000)
    with pytest.raises(httpx.DecodingError, match=says):
        Client("http://node", retry=QUICK, transport=httpx.MockTransport(handle)).call(call)
    assert asked == ["identity"]


@pytest.mark.parametrize(
    "content", [b'{"status":"\xff"}', b'{"x":' + b"[" * 100_000], ids=["no text", "deep"]
)
def test_an_answer_that_is_no_text_or_nests_too_deep_is_a_problem_not_a_crash(
    content: bytes,
) -> None:
    for status in (200, 422):
        line, _ = answering(lambda status=status: httpx.Response(status, content=content))
        with pytest.raises(Problem):
            Client("http://node", retry=QUICK, transport=line).submit_and_wait(b"{}")


@pytest.mark.parametrize("url", ["127.0.0.1:8420", "nonsense", "ftp://node", "http://", ""])
def test_what_is_no_address_of_a_node_is_told_when_a_client_is_made(url: str) -> None:
    for kind in (Client, AsyncClient):
        with pytest.raises(ValueError, match="begins with http"):
            kind(url)


def test_a_node_that_is_not_there_is_named_with_what_to_do() -> None:
    with (
        Client("http://127.0.0.1:9", retry=RetryPolicy(attempts=1)) as nobody,
        pytest.raises(httpx.ConnectError) as fault,
    ):
        nobody.status()
    [note] = fault.value.__notes__
    assert "http://127.0.0.1:9" in note and "see whether it runs" in note
