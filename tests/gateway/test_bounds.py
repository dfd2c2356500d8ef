"""What no key is needed for costs no more than its bound: connections, headers, bodies, places."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.gateway.conftest import AS_NODE, TOKEN, Node, new_envelope, start_node, transfer

from tongbao.gateway.bounds import connections, uploads
from tongbao.gateway.bounds.admission import kind_of
from tongbao.gateway.bounds.connections import client_of_address
from tongbao.gateway.bounds.settings import KINDS, Kind, Limits, Settings
from tongbao.gateway.hub import SHARED
from tongbao.gateway.viewers.access import Access, Grant, digest_of
from tongbao.sdk.api_codes import GatewayCode

JSON = {"content-type": "application/json"}
FEW = Limits(
    connections=8, refusal_seconds=0.0,
    header_seconds=0.4, idle_seconds=0.4, body_grace_seconds=0.5,
    upload_bytes=1_500_000, client_upload_bytes=1_500_000,
    kinds={**KINDS, "simulate": Kind(1, 0), "heavy": Kind(0, 5)},
)  # fmt: skip


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that has room for very little."""
    folder = tmp_path_factory.mktemp("tight")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connections, "SWEEP_SECONDS", 0.05)
        patched.setattr(uploads, "SILENT_SECONDS", 0.0)
        yield from start_node(folder, Settings(desk_file=folder / "desk.db", limits=FEW))


def connect(node: Node, reply: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", node.server.port), timeout=20)
    made.sendall(reply)
    return made


def post_of(length: int, path: str = "/v1/transactions") -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def pays(node: Node) -> bool:
    with httpx.Client(base_url=node.url, timeout=20, headers=AS_NODE) as http:
        reply = http.post("/v1/transactions", content=new_envelope(transfer(1)), headers=JSON)
    return reply.status_code == 200


def test_connections_without_a_request_make_room_for_who_comes_with_one(tight: Node) -> None:
    held = [connect(tight) for _ in range(30)]
    assert pays(tight)
    assert len(tight.server.keeper) <= FEW.connections
    for one in held:
        one.close()


def test_headers_that_do_not_end_are_cut(tight: Node) -> None:
    slow = connect(tight, b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-A: ")
    assert slow.recv(100) == b""
    idle = connect(tight)
    assert idle.recv(100) == b""
    assert pays(tight)


def test_a_body_that_comes_too_slowly_is_refused_and_takes_no_place_meanwhile(tight: Node) -> None:
    slow = connect(tight, post_of(1_000_000) + b"{")
    until(lambda: len(tight.server.gateway.uploads) == 1)
    assert sum(tight.server.gateway.admission.serving.values()) == 0
    assert pays(tight)
    reply = slow.recv(10_000)
    assert b" 408 " in reply and b"retry-after" in reply.lower()
    until(lambda: len(tight.server.gateway.uploads) == 0)


def test_bodies_in_memory_are_bounded_and_the_silent_one_makes_room(tight: Node) -> None:
    first = connect(tight, post_of(2_000_000) + b" " * 1_200_000)
    held = tight.server.gateway.uploads.held
    until(lambda: held() > 1_000_000)
    second = connect(tight, post_of(2_000_000) + b" " * 1_200_000)
    assert b" 503 " in first.recv(10_000)
    assert held() <= FEW.upload_bytes
    second.close()
    first.close()
    until(lambda: held() == 0)
    assert pays(tight)


def test_many_headers_and_long_paths_are_refused(tight: Node) -> None:
    many = tight.http.get("/livez", headers={f"x-{n}": "y" for n in range(120)})
    assert (many.status_code, many.json()["code"]) == (431, GatewayCode.HEADERS_TOO_LARGE)
    long = tight.http.get("/livez?a=" + "b" * 9_000)
    assert long.status_code == 431
    assert "connection" not in long.headers or pays(tight)


def test_headers_in_one_large_part_are_refused_before_a_line_of_them_is_read(tight: Node) -> None:
    lines = b"".join(b"X-%d: y\r\n" % number for number in range(20_000))
    with connect(
        tight, b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n"
    ) as made:
        answer = made.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"request line and headers are more than 32768 bytes" in answer


def test_a_kind_without_room_is_refused_with_when_to_come_again(tight: Node) -> None:
    own = tight.http.post("/v1/simulate", content=b"{}", headers=JSON)
    assert (own.status_code, own.json()["code"]) == (429, GatewayCode.TOO_MANY_AT_ONCE)
    everybody = tight.http.get("/openapi.json")
    assert (everybody.status_code, everybody.json()["code"]) == (503, GatewayCode.BUSY)
    assert own.headers["retry-after"] and everybody.headers["retry-after"]
    assert pays(tight), "other kinds are not concerned"


def test_large_desk_orders_lie_on_disk_while_they_come(tight: Node) -> None:
    order = connect(tight, post_of(8_000_000, "/v1/desk/files"))
    order.sendall(b" " * 5_000_000)
    waiting = tight.server.gateway.uploads
    until(lambda: waiting.held(disk=True) >= 4_000_000)
    assert waiting.held() <= uploads.SPOOLED_FROM + 100_000
    order.close()
    until(lambda: waiting.held(disk=True) == 0)


def test_an_oversize_body_is_refused_whatever_length_it_claims(tight: Node) -> None:
    for length in (10**18, 3_000_000):
        made = connect(tight, post_of(length) + b"{")
        reply = made.recv(10_000)
        assert b" 408 " in reply or b" 413 " in reply
        made.close()


def test_clients_are_addresses_and_networks_of_ipv6() -> None:
    assert client_of_address("10.0.0.7") == "10.0.0.7"
    assert client_of_address("::ffff:10.0.0.7") == "10.0.0.7"
    one, other = client_of_address("2001:db8::1"), client_of_address("2001:db8::ffff:2")
    assert one == other != client_of_address("2001:db8:0:1::1")
    assert client_of_address("no address") == "no address"


@pytest.mark.parametrize(
    ("method", "path", "query", "kind"),
    [
        ("POST", "/v1/transactions", b"", "submit"),
        ("POST", "/v1/transactions/batch", b"", "submit"),
        ("POST", "/v1/simulate", b"", "simulate"),
        ("POST", "/v1/desk/files", b"", "desk"),
        ("GET", "/v1/events", b"after=0", "stream"),
        ("GET", "/v1/proofs/holdings/a/b/c", b"", "heavy"),
        ("GET", "/v1/transactions", b"limit=1000", "heavy"),
        ("GET", "/v1/transactions", b"limit=20", "read"),
        ("GET", "/v1/transactions", b"xlimit=5&limit=1000", "heavy"),
        ("GET", "/v1/transactions", b"limit=1&limit=1000", "heavy"),
        ("GET", "/v1/transactions", b"lim%69t=1000", "heavy"),
        ("GET", "/v1/events", b"limit=5", "stream"),
        ("GET", "/v1/accounts/a/b/statement", b"", "heavy"),
        ("POST", "/v1/accounts/resolve", b"", "heavy"),
        ("GET", "/livez", b"", "health"),
    ],
)
def test_every_request_is_of_a_kind(method: str, path: str, query: bytes, kind: str) -> None:
    assert kind_of(method, path, query) == kind


def test_a_page_of_events_is_a_read_and_a_stream_is_one_whatever_it_is_asked_with() -> None:
    assert kind_of("GET", "/v1/events", b"", "application/json") == "read"
    assert kind_of("GET", "/v1/events", b"limit=5", "text/event-stream") == "stream"


def test_a_question_with_a_body_takes_a_place_as_one_without(tight: Node) -> None:
    reply = (
        b"GET /v1/exchange/routes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        b"Connection: close\r\n\r\nx"
    )
    asking = connect(tight, reply)
    assert b" 503 " in asking.recv(200).split(b"\r\n")[0]
    asking.close()


def test_limits_are_documented_with_their_defaults() -> None:
    page = Path(__file__).parents[2] / "docs" / "concepts" / "limits.md"
    reported = page.read_text(encoding="utf-8")
    for name in (*Limits.__dataclass_fields__, *KINDS):
        assert f"`{name}`" in reported, name


def test_a_stranger_is_not_shown_the_neighbours_of_a_row_that_is_not_there(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    known = Access(grants=[
        Grant(digest_of("operator"), "operator"), Grant(digest_of("client"), party="hengtong"),
        Grant(digest_of("other"), party="mingda"),
    ])  # fmt: skip
    settings = Settings(access=known)
    for node in start_node(tmp_path_factory.mktemp("absence"), settings):
        absent, present = (
            f"/v1/proofs/holdings/hengtong/{name}/CNY" for name in ("nothing", "main")
        )

        def ask(path: str, token: str, node: Node = node) -> httpx.Response:
            return node.http.get(path, headers={"authorization": f"Bearer {token}"})

        ready = {"authorization": "Bearer operator", **JSON}
        node.http.post("/v1/transactions", content=new_envelope(transfer(1)), headers=ready)
        assert ask(absent, "operator").status_code == 200
        assert ask(present, "client").status_code == 200
        for path, token in ((absent, "client"), (absent, "other"), (present, "other")):
            refused = ask(path, token)
            assert refused.status_code == 403
            assert refused.json()["code"] == GatewayCode.ABSENCE_RESERVED


def test_descriptions_are_made_once(node: Node) -> None:
    made = node.server.gateway._made
    for path in ("/openapi.json", "/v1/transaction-types", "/v1/codes"):
        first = node.http.get(path)
        count = len(made)
        assert first.status_code == 200 and node.http.get(path).content == first.content
        assert len(made) == count


def test_reads_that_wait_for_a_height_are_bounded(node: Node) -> None:
    hub = node.server.gateway.hub
    assert hub is not None
    height = node.application.tip.height
    ahead = {"Tongbao-At-Least-Height": str(height + 1)}
    before, hub._most = hub._most, 0
    try:
        full = node.http.get("/v1/parties", headers=ahead)
    finally:
        hub._most = before
    assert (full.status_code, full.json()["code"]) == (503, GatewayCode.BUSY)
    began = time.monotonic()
    far = node.http.get("/v1/parties", headers={"Tongbao-At-Least-Height": "999999999"})
    assert far.json()["code"] == GatewayCode.READ_MODEL_BEHIND
    assert time.monotonic() - began < node.server.gateway.settings.behind_seconds


def test_a_refused_order_leaves_nothing_of_its_body_in_memory(tight: Node) -> None:
    """Without the collector of circles, which a node lets run rarely."""
    content = b'{"no order": "' + b"x" * 4_000_000 + b'"}'

    def resident_kb() -> int:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(one for one in lines if one.startswith("VmRSS")).split()[1])

    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not tell a process's memory there")
    gc.disable()
    try:
        for count in range(30):
            if count == 10:
                before = resident_kb()
            refused = tight.http.post("/v1/desk/files", content=content, headers=JSON)
            assert refused.status_code == 400, refused.text
        assert resident_kb() - before < 40_000, "twenty bodies are 80 MB"
    finally:
        gc.enable()


def test_streams_at_one_place_share_one_question_and_a_failed_one_is_asked_again(
    tight: Node,
) -> None:
    _, hub = tight.server.gateway.read_model()
    asked: list[str] = []

    async def answer(reply: str) -> str:
        asked.append(reply)
        await asyncio.sleep(0.01)
        if reply == "fault":
            raise OSError(reply)
        return reply

    async def work() -> None:
        several = [hub.shared(("a",), lambda: answer("a")) for _ in range(20)]
        assert await asyncio.gather(*several) == ["a"] * 20
        assert asked == ["a"]
        for _ in range(2):
            with pytest.raises(OSError, match="fault"):
                await hub.shared(("f",), lambda: answer("fault"))
        assert asked == ["a", "fault", "fault"]
        for number in range(SHARED + 5):
            await hub.shared(("n", number), lambda: answer("n"))
        assert len(hub._shared) <= SHARED

    asyncio.run(work())


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A node that waits for readers a moment alone."""
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.05)
    yield from start_node(tmp_path, Settings(limits=Limits(unread_seconds=0.3)))


def test_a_stream_that_nobody_reads_is_cut_and_its_place_is_free_again(impatient: Node) -> None:
    server = impatient.server
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    slow.connect(("127.0.0.1", server.port))
    slow.sendall(
        b"GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: Bearer of-the-node\r\n\r\n"
    )
    until(lambda: server.gateway.admission.serving["stream"] == 1)
    end = time.monotonic() + 60
    while not server.keeper.cut:
        assert time.monotonic() < end
        lines = b"\n".join(new_envelope(transfer(1)) for _ in range(100))
        kind = {"content-type": "application/x-ndjson"}
        reply = impatient.http.post("/v1/transactions/batch", content=lines, headers=kind)
        assert reply.status_code == 200
    until(lambda: server.gateway.admission.serving["stream"] == 0)
    assert pays(impatient)
    slow.close()
