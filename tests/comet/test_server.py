"""The ABCI socket: order, framing, hostile bytes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.comet import wire
from tests.comet.conftest import Side, pay

from tongbao import _core
from tongbao.node.comet.server import AbciServer


@pytest.fixture
def faults() -> list[BaseException]:
    return []


@pytest.fixture
def path(side: Side, tmp_path: Path, faults: list[BaseException]) -> Iterator[Path]:
    server = AbciServer(tmp_path / "abci.sock", side.service.answer, faults.append)
    server.start()
    yield server.path
    server.stop()
    assert not server.path.exists()


def talk(path: Path, stream: bytes, expected: int) -> list[tuple[int, bytes]]:
    """Send bytes; the answers until there are enough or the connection ends."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(path))
        connection.sendall(stream)
        received = b""
        while True:
            try:
                if len(found := wire.answers(received)) >= expected:
                    return found
            except (ValueError, AssertionError):
                pass
            more = connection.recv(65_536)
            if not more:
                return wire.answers(received)
            received += more


def test_questions_in_one_stream_are_answered_in_their_order(side: Side, path: Path) -> None:
    good, bad = side.envelope(pay(3)), b"rubbish"
    stream = b"".join([
        wire.request("echo", wire.blob(1, b"hello")),
        *(wire.request("check_tx", wire.blob(1, tx)) for tx in (good, bad, good)),
        wire.request("info"), wire.request("flush"),
    ])  # fmt: skip
    found = talk(path, stream, 6)
    assert [number for number, _ in found] == [2, 9, 9, 9, 4, 3]
    codes = [wire.fields(content).get(1, [0])[0] for _, content in found[1:4]]
    assert codes[0] == codes[2] == 0
    assert codes[1] != 0


def test_only_the_owner_reaches_the_socket(path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0


def test_a_message_in_pieces_is_put_together(side: Side, path: Path) -> None:
    stream = wire.request("check_tx", wire.blob(1, side.envelope())) + wire.request("flush")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(path))
        for start in range(0, len(stream), 97):
            connection.sendall(stream[start : start + 97])
        received = b""
        while len(received) < 4 or not received.endswith(b"\x02\x1a\x00"):
            received += connection.recv(4096)
    assert [number for number, _ in wire.answers(received)] == [9, 3]


def test_rubbish_ends_its_connection_and_no_other(path: Path, faults: list[BaseException]) -> None:
    assert talk(path, b"\xff" * 20, 1) == []
    assert talk(path, wire.varint(10**9) + b"x", 1) == []
    assert [number for number, _ in talk(path, wire.request("flush"), 1)] == [3]
    assert all(isinstance(fault, ValueError) for fault in faults)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_requests_or_a_sentence(stream: bytes) -> None:
    try:
        calls, taken = _core.abci_split(stream, 1_000)
    except ValueError as fault:
        assert str(fault)
    else:
        assert 0 <= taken <= len(stream)
        assert all(isinstance(kind, str) for kind, _ in calls)


def test_events_reach_the_engine_with_every_field_that_is_not_empty(side: Side) -> None:
    answer = side.decide([side.envelope(pay(7), reference="r-7")])
    [(number, content)] = wire.answers(_core.abci_answer("finalize_block", answer))
    assert number == wire.NUMBERS["finalize_block"] + 1
    result = wire.fields(bytes(wire.fields(content)[2][0]))  # type: ignore[arg-type]
    reported = {}
    for one in result[7]:
        event = wire.fields(bytes(one))  # type: ignore[arg-type]
        pairs = [wire.fields(bytes(pair)) for pair in event[2]]  # type: ignore[arg-type]
        reported[event[1][0]] = {pair[1][0]: pair[2][0] for pair in pairs}
    moved = reported[b"payments.transferred"]
    assert (moved[b"payer"], moved[b"payee"]) == (b"hengtong/main", b"mingda/main")
    assert moved[b"amount_minor"] == b"7"
    assert all(value for value in moved.values())


def test_an_event_s_attribute_without_a_value_is_refused() -> None:
    event = {"type": "x", "attributes": ["name"]}
    with pytest.raises(ValueError, match="no value"):
        _core.abci_answer("finalize_block", {"results": [], "events": [event], "app_hash": b""})


def test_a_disk_that_fails_while_a_question_is_answered_is_a_fault_and_no_lost_connection(
    tmp_path: Path, faults: list[BaseException]
) -> None:
    def failing(calls: object) -> list[tuple[str, dict[str, object]]]:
        raise OSError("the disk is full")

    server = AbciServer(tmp_path / "failing.sock", failing, faults.append)
    server.start()
    assert talk(server.path, wire.request("flush"), 1) == []
    server.stop()
    assert [str(one) for one in faults] == ["the disk is full"]
