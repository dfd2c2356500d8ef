"""Blocks from another node: trusted where headers prove them, refused where one byte differs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.gateway.conftest import TOKEN, Node, new_envelope

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.validators import Misbehavior
from tongbao.sdk import history as module
from tongbao.sdk.history import HISTORY_BLOCKS, HISTORY_TYPE, History, HistoryFault, check_record
from tongbao.sdk.tokens import Tokens

Change = Callable[[BlockRecord], BlockRecord]


def changed(**values: Any) -> Change:
    """A block with other values."""
    return lambda record: msgspec.structs.replace(record, **values)


@pytest.fixture(scope="module")
def chain(node: Node) -> list[BlockRecord]:
    """Some blocks of the node, the first has number 1."""
    for _ in range(3):
        [answer] = node.engine.submit([new_envelope()]).result(10)
        assert answer.outcome.code == 0
    found = [node.application.block(height) for height in range(1, node.application.tip.height)]
    return [record for record in found if record is not None]


@pytest.fixture
def history(node: Node, chain: list[BlockRecord]) -> Iterator[History]:
    """The node's history up to its last block but one."""
    end = chain[-1]
    made = History(node.application.genesis, end.height, end.block_id[0], [node.url], Tokens(TOKEN))
    yield made
    made.close()


def test_every_block_is_read_as_it_is(history: History, chain: list[BlockRecord]) -> None:
    assert [history.block(record.height) for record in chain] == chain


def test_an_answer_is_bounded_and_starts_where_it_was_asked(
    node: Node, chain: list[BlockRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = node.http.get("/v1/history", params={"from": 2})
    assert answer.headers["content-type"].startswith(HISTORY_TYPE)
    records = [BlockRecord.decode(one) for one in msgspec.msgpack.decode(answer.content)]
    assert records[: len(chain) - 1] == chain[1 : HISTORY_BLOCKS + 1]
    monkeypatch.setattr("tongbao.gateway.routes.history.HISTORY_BYTES", 1)
    [only] = msgspec.msgpack.decode(node.http.get("/v1/history", params={"from": 1}).content)
    assert BlockRecord.decode(only) == chain[0]
    assert node.http.get("/v1/history", params={"from": 10**9}).status_code == 404
    assert node.http.get("/v1/history", params={"from": 0}).status_code == 422


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (changed(transactions=(b"{}",)), "transactions"),
        (changed(app_hash=b"\x01" * 32), "state root"),
        (changed(time_ms=7), "time"),
        (changed(height=7), "height"),
        (changed(protocol=9), "rules"),
        (changed(header=b"\x01"), "unreadable"),
        (changed(outcomes=(b"nonsense",)), "unreadable"),
    ],
)
def test_a_changed_block_is_refused_and_the_change_named(
    chain: list[BlockRecord], change: Change, named: str
) -> None:
    full = next(n for n, record in enumerate(chain) if record.transactions)
    following = chain[full + 1].header
    check_record(chain[full], following)
    with pytest.raises(HistoryFault, match=named):
        check_record(change(chain[full]), following)


def test_changed_results_are_refused(chain: list[BlockRecord]) -> None:
    full = next(n for n, record in enumerate(chain) if record.transactions)
    first, *rest = chain[full].outcomes
    other = first[:-1] + b" }"
    record = msgspec.structs.replace(chain[full], outcomes=(other, *rest))
    with pytest.raises(HistoryFault, match="results"):
        check_record(record, chain[full + 1].header)


def test_a_header_of_another_history_is_refused(chain: list[BlockRecord]) -> None:
    with pytest.raises(HistoryFault, match="header"):
        check_record(chain[0], chain[2].header)


def refused(history: History, monkeypatch: pytest.MonkeyPatch) -> str:
    """Why block 1 is not trusted; the reader goes on asking until it is closed."""
    monkeypatch.setattr(module, "PAUSE_S", 0.05)
    ended = []

    def read() -> None:
        with pytest.raises(HistoryFault, match="stops"):
            history.block(1)
        ended.append(True)

    with capture_logs() as lines:
        thread = threading.Thread(target=read)
        thread.start()
        until = time.monotonic() + 10
        while not any(one["event"] == "history.refused" for one in lines):
            assert time.monotonic() < until
            time.sleep(0.01)
        history._stopping.set()
        thread.join(10)
    assert ended
    return str(next(one["why"] for one in lines if one["event"] == "history.refused"))


def test_a_history_that_does_not_end_at_our_own_block_is_not_believed(
    node: Node, chain: list[BlockRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    end = chain[2]
    made = History(node.application.genesis, end.height, b"\x05" * 32, [node.url], Tokens(TOKEN))
    assert "the snapshot" in refused(made, monkeypatch)
    made.close()


def test_events_that_no_header_covers_have_to_be_the_same_on_two_nodes(
    node: Node, chain: list[BlockRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    end = chain[-1]
    two = [node.url, node.url.replace("127.0.0.1", "localhost")]
    history = History(
        node.application.genesis,
        end.height,
        end.block_id[0],
        two,
        Tokens(named=dict.fromkeys(two, TOKEN)),
    )
    honest = history._records

    def other(place: int, first: int) -> list[BlockRecord]:
        caught = Misbehavior("duplicate_vote", b"\x01" * 20, 1, 1, 1)
        records = honest(place, first)
        return [changed(misbehavior=(caught,))(one) for one in records] if place else records

    monkeypatch.setattr(history, "_records", other)
    assert "other events" in refused(history, monkeypatch)
    history.close()


def test_nonsense_from_a_node_is_refused(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    for raw in (b"", b"\xc1", msgspec.msgpack.encode([b"x"]), msgspec.msgpack.encode([])):
        monkeypatch.setattr(history._nodes[0], "get", lambda path, params, raw=raw: raw)
        with pytest.raises(HistoryFault):
            history._records(0, 1)
