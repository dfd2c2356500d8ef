"""Asking a node that may be hostile: bounded size, bounded time, no redirects.

How often and what is asked again is written once (`asked`); a `Line` sends, an `AsyncLine` awaits.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn, TypeAlias, TypeVar

import httpx
import msgspec

from tongbao.kernel.codes import refuse
from tongbao.kernel.wording import Text
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.steps import drive, drive_async
from tongbao.sdk.transport import PIECE_BYTES, PLAIN, packing, plain_transport

MAX_ANSWER_BYTES = 8 * 1_048_576
ANSWER_S = 30.0
TRIES = 3
PAUSE_S = 0.2
_AGAIN = frozenset((429, 502, 503, 504))
T = TypeVar("T")


class Question(NamedTuple):
    """One request; with a body it is a POST of JSON."""

    path: str
    params: Mapping[str, str] = {}
    body: bytes | None = None

    def request(self, http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """As httpx sends it."""
        if self.body is None:
            return http.build_request("GET", self.path, params=dict(self.params))
        headers = {"Content-Type": "application/json"}
        return http.build_request("POST", self.path, content=self.body, headers=headers)


class HttpAnswer(NamedTuple):
    """An answer: HTTP status and bytes."""

    status: int
    content: bytes

    @property
    def detail(self) -> str:
        """What a problem says of itself."""
        try:
            return msgspec.json.decode(self.content, type=_Problem).detail
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ""


def bearer(token: str) -> dict[str, str]:
    """The header by which a token is shown; none where there is no token."""
    return {"Authorization": f"Bearer {token}"} if token else {}


class _Problem(msgspec.Struct):
    detail: str = ""


class Pause(NamedTuple):
    """Nothing to be sent for so long."""

    seconds: float


Exchange: TypeAlias = Generator[Question | Pause, Any, T]
"""Questions to one node, and what comes of them. A question gets an `HttpAnswer`; an
httpx.HTTPError is thrown in where no answer came."""


def asked(node: str, question: Question) -> Exchange[bytes]:
    """An answer's bytes; asks again where the node is only busy or the line broke."""
    reply = yield from tried(node, question)
    if reply.status in (httpx.codes.OK, httpx.codes.ACCEPTED):
        return reply.content
    reason = f"HTTP {reply.status} {reply.detail}".strip()[:200]
    return refuse(LightCode.NO_ANSWER, node=node, reason=reason)


def tried(node: str, question: Question) -> Exchange[HttpAnswer]:
    """An answer, whatever its status; asks again where the node is only busy or the line broke."""
    reason = ""
    reply: HttpAnswer | None = None
    for attempt in range(TRIES):
        if attempt:
            yield Pause(PAUSE_S * attempt)
        try:
            reply = yield question
        except httpx.HTTPError as fault:
            reason, reply = f"{type(fault).__name__} {fault}"[:200], None
            continue
        if reply.status not in _AGAIN:
            break
    return reply or refuse(LightCode.NO_ANSWER, node=node, reason=reason)


def unreadable(node: str, fault: Exception) -> NoReturn:
    """Refuse an answer that cannot be read."""
    refuse(LightCode.UNREADABLE, node=node, reason=str(fault)[:200])


@dataclass
class _Reading:
    """An answer as it comes in: not too much, not for too long."""

    node: str
    seconds: float
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def __post_init__(self) -> None:
        self.until = time.monotonic() + self.seconds

    def begin(self, answer: httpx.Response) -> None:
        """Refuse what is packed: a few bytes could unpack to any number."""
        if packed := packing(answer):
            refuse(
                LightCode.UNREADABLE,
                node=self.node,
                reason=Text("packed as {packed}", packed=packed[:40]),
            )

    def add(self, part: bytes) -> None:
        self.size += len(part)
        if self.size > MAX_ANSWER_BYTES:
            reason = f"an answer of more than {MAX_ANSWER_BYTES} bytes"
            refuse(LightCode.UNREADABLE, node=self.node, reason=reason)
        if time.monotonic() > self.until:
            raise httpx.ReadTimeout(f"no whole answer within {self.seconds:.0f} s")
        self.parts.append(part)


class Line:
    """The way to one node over HTTP, under the name by which the node is reported."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = ANSWER_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """The node at `url`; nothing is sent yet."""
        self.name = url.rstrip("/")
        self._seconds = timeout_s
        self._http = httpx.Client(
            base_url=self.name, headers={**PLAIN, **(headers or {})}, timeout=timeout_s,
            transport=transport or plain_transport(self.name),
        )  # fmt: skip

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, str]) -> bytes:
        """One answer's bytes."""
        return self.run(asked(self.name, Question(path, params)))

    def run(self, exchange: Exchange[T]) -> T:
        """Ask what an exchange asks; what it ends with."""
        return drive(exchange, self._do, httpx.HTTPError)

    def _do(self, wish: Question | Pause) -> HttpAnswer | None:
        if isinstance(wish, Pause):
            time.sleep(wish.seconds)
            return None
        reading = _Reading(self.name, self._seconds)
        answer = self._http.send(wish.request(self._http), stream=True)
        try:
            reading.begin(answer)
            for part in answer.iter_bytes(PIECE_BYTES):
                reading.add(part)
        finally:
            answer.close()
        return HttpAnswer(answer.status_code, b"".join(reading.parts))


class AsyncLine:
    """The same, awaited; several exchanges at once may run over it."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = ANSWER_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """The node at `url`; nothing is sent yet."""
        self.name = url.rstrip("/")
        self._seconds = timeout_s
        self._http = httpx.AsyncClient(
            base_url=self.name,
            headers={**PLAIN, **(headers or {})},
            timeout=timeout_s,
            transport=transport,
        )

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def run(self, exchange: Exchange[T]) -> T:
        """Ask what an exchange asks; what it ends with."""
        return await drive_async(exchange, self._do, httpx.HTTPError)

    async def _do(self, wish: Question | Pause) -> HttpAnswer | None:
        if isinstance(wish, Pause):
            await asyncio.sleep(wish.seconds)
            return None
        reading = _Reading(self.name, self._seconds)
        answer = await self._http.send(wish.request(self._http), stream=True)
        try:
            reading.begin(answer)
            async for part in answer.aiter_bytes(PIECE_BYTES):
                reading.add(part)
        finally:
            await answer.aclose()
        return HttpAnswer(answer.status_code, b"".join(reading.parts))
