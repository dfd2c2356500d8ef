"""Connections: how many, for how long without a request, and who has to make room.

HTTP itself is uvicorn's and h11's. Here connections are only counted and timed, so that nobody
needs a proxy for that. Where there are too many, the one that has been without a request for the
longest makes room for the new one, of the client that has most of them: who holds connections open
loses them, and whoever comes with a request is served.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from tongbao.gateway.bounds.settings import Limits
from tongbao.gateway.problems import make_problem
from tongbao.kernel.codes import Value
from tongbao.sdk.api_codes import GatewayCode

log = structlog.get_logger(__name__)
STREAM_PATH = "/v1/events"
SWEEP_SECONDS = 1.0
_END_OF_HEADERS = re.compile(rb"\n\r?\n")


def _answer(code: GatewayCode, status: int | None = None, **values: Value) -> bytes:
    """A problem as a whole answer, for who has not come as far as a request."""
    reported = make_problem("", "en", code, values, status=status)
    lines = [f"HTTP/1.1 {reported.status_code} {HTTPStatus(reported.status_code).phrase}".encode()]
    lines += [name + b": " + value for name, value in reported.raw_headers]
    return b"\r\n".join([*lines, b"connection: close", b"", bytes(reported.body)])


def client_of_address(host: str) -> str:
    """Whom an address belongs to: itself, of IPv6 the network of 64 bits around it."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if address.version == 4:
        return host
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None:
        return str(mapped)
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))


def is_local(client: str) -> bool:
    """Whether it is this machine, which has no other client to be kept from."""
    return client.startswith("127.") or client in ("", "::/64")


@dataclass(slots=True)
class _Held:
    """The connections of one client: those without a request, and those whose body comes."""

    count: int = 0
    idle: OrderedDict[Connection, None] = field(default_factory=OrderedDict)
    uploading: OrderedDict[Connection, None] = field(default_factory=OrderedDict)


class Connection(H11Protocol):
    """uvicorn's connection, counted by its keeper."""

    keeper: Keeper
    client_name = ""
    since = 0.0
    """When it was opened, or its last answer was given."""
    asked_at: float | None = None
    """When the first byte of a request came; None before."""
    served_at: float | None = None
    """When a request was there with its headers; None while there is none."""
    paused_at: float | None = None
    """Since when what is answered is not read."""
    answered = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count it; where there is no room, answer so and close."""
        super().connection_made(transport)
        self.client_name = client_of_address(self.client[0]) if self.client else ""
        if not self.keeper.opened(self):
            limit = self.keeper.limits.connections
            transport.write(_answer(GatewayCode.BUSY, None, limit=limit, kind="connection"))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self.keeper.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Note when a request begins, and when its headers are there."""
        if self.asked_at is None and not self.serving:
            self.asked_at = self.loop.time()
        most = self.keeper.limits.header_bytes
        waiting = not self.serving and self.conn.their_state is h11.IDLE
        if waiting and len(data) > most and not _END_OF_HEADERS.search(data, 0, most):
            # h11 bounds headers that are incomplete; of one large part it would parse every line.
            self.send_400_response(f"request line and headers are more than {most} bytes")
            return
        super().data_received(data)
        self.keeper.heard(self)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused as everything else is, with a problem."""
        if not self.serving:  # else it comes behind a request whose answer has begun
            self.transport.write(_answer(GatewayCode.REFUSED_BY_HTTP, 400, reason=msg[:200]))
        self.transport.close()

    def on_response_complete(self) -> None:
        """Note that it is without a request again."""
        self.answered += 1
        if self.answered >= self.keeper.limits.connection_requests and self.cycle is not None:
            self.transport.close()
        self.since, self.served_at, self.asked_at = self.loop.time(), None, None
        super().on_response_complete()
        self.keeper.heard(self)

    def pause_writing(self) -> None:
        """What is answered is not read as fast as it comes."""
        self.paused_at = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """It was read."""
        self.paused_at = None
        super().resume_writing()

    @property
    def serving(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def uploading(self) -> bool:
        """Whether the body of its request is not all there."""
        return self.serving and self.conn.their_state is h11.SEND_BODY

    @property
    def streaming(self) -> bool:
        """Whether it is answered with a stream, which has no end."""
        return self.serving and str(self.cycle.scope["path"]) == STREAM_PATH

    def overdue(self, now: float) -> str:
        """What it took too long for; empty where it did not."""
        limits = self.keeper.limits
        if self.paused_at is not None and now - self.paused_at > limits.unread_seconds:
            return "answer not read"
        if self.serving:
            started = self.served_at or now
            late = now - started > limits.request_seconds and not self.streaming
            return "request" if late else ""
        if self.asked_at is not None:
            return "headers" if now - self.asked_at > limits.header_seconds else ""
        quiet = limits.idle_seconds if self.answered else limits.header_seconds
        return "idle" if now - self.since > quiet else ""


class Keeper:
    """All connections of one server. From its event loop alone."""

    def __init__(self, limits: Limits) -> None:
        """Nobody is connected yet."""
        self.limits = limits
        self.cut = 0
        """Connections that were ended because they took too long, or to make room."""
        self._all: set[Connection] = set()
        self._clients: dict[str, _Held] = {}
        self._sweeper: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many are open."""
        return len(self._all)

    def protocol(self) -> type[Connection]:
        """The class of connections that this keeper counts."""
        return type("KeptConnection", (Connection,), {"keeper": self})

    def opened(self, one: Connection) -> bool:
        """Take in a connection, another one making room if need be; whether there is any."""
        one.since = one.loop.time()
        held = self._clients.get(one.client_name)
        most = self.limits.client_connections
        if held is not None and held.count >= most and not is_local(one.client_name):
            if not self._make_room(held):
                return False
        elif len(self._all) >= self.limits.connections:
            fullest = max(self._clients.values(), key=lambda held: held.count)
            if not self._make_room(fullest):
                return False
        held = self._clients.setdefault(one.client_name, _Held())
        held.count += 1
        held.idle[one] = None
        self._all.add(one)
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = one.loop.create_task(self._sweep())
        return True

    def closed(self, one: Connection) -> None:
        """Forget a connection."""
        if one not in self._all:
            return
        self._all.discard(one)
        held = self._clients[one.client_name]
        held.count -= 1
        held.idle.pop(one, None)
        held.uploading.pop(one, None)
        if not held.count:
            del self._clients[one.client_name]

    def heard(self, one: Connection) -> None:
        """Something came, or an answer went: where does it stand now?"""
        if one not in self._all:
            return
        held = self._clients[one.client_name]
        if not one.serving:
            if one not in held.idle:
                held.uploading.pop(one, None)
                held.idle[one] = None
            return
        held.idle.pop(one, None)
        if one.served_at is None:
            one.served_at = one.loop.time()
        if one.uploading:
            held.uploading.setdefault(one, None)
        else:
            held.uploading.pop(one, None)

    def _make_room(self, held: _Held) -> bool:
        for waiting in (held.idle, held.uploading):
            for one in waiting:
                self._end(one, "room")
                return True
        return False

    def _end(self, one: Connection, why: str) -> None:
        self.cut += 1
        log.debug("connection.cut", client=one.client_name, why=why)
        self.closed(one)
        one.transport.abort()

    async def _sweep(self) -> None:
        while self._all:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep(asyncio.get_running_loop().time())

    def sweep(self, now: float) -> None:
        """End what took too long, and what holds too much that nobody reads."""
        for one in list(self._all):
            if why := one.overdue(now):
                self._end(one, why)
        unread = [(_unread(one), one) for one in self._all if one.paused_at is not None]
        total = sum(size for size, _ in unread)
        for size, one in sorted(unread, key=lambda pair: pair[1].paused_at or 0.0):
            if total <= self.limits.unread_bytes:
                return
            self._end(one, "unread")
            total -= size


def _unread(one: Connection) -> int:
    transport: Any = one.transport
    return int(transport.get_write_buffer_size())
