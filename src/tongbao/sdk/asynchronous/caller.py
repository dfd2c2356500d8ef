"""Sending calls to one node: again where that is safe, never more bytes than were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self, TypeVar

import httpx
from httpx_sse import EventSource

from tongbao.sdk import calls
from tongbao.sdk.answers import Problem
from tongbao.sdk.asynchronous.walking import AsyncWalk
from tongbao.sdk.calls import AGAIN, Call, Listing, RetryPolicy, Session
from tongbao.sdk.documents import Document, EventItem, Row
from tongbao.sdk.streaming import EventReader
from tongbao.sdk.transport import (
    PIECE_BYTES,
    PLAIN,
    Whole,
    node_url,
    not_reached,
    plain_async_transport,
)

T = TypeVar("T")
D = TypeVar("D", bound=Document | Row)


class AsyncCaller:
    """Talks to one node."""

    def __init__(
        self,
        url: str,
        *,
        language: str = "en",
        token: str = "",
        timeout_seconds: float = 60.0,
        retry: RetryPolicy | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """A client of the node at `url`; `token` where the node asks for one."""
        self.session = Session(language, token)
        self.retry = retry or RetryPolicy()
        self._http = httpx.AsyncClient(
            base_url=node_url(url), headers=PLAIN, timeout=timeout_seconds,
            transport=transport or plain_async_transport(url),
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def call(self, call: Call[T]) -> T:
        """Send a call, again where that is safe and may help. Raises Problem or httpx.HTTPError."""
        pauses = self.retry.pauses()
        while True:
            retry_after: str | None = None
            try:
                async with self._http.stream(
                    call.method, call.path, params=call.params, content=call.content,
                    headers=self.session.headers(call),
                ) as answer:  # fmt: skip
                    whole = Whole(answer, call.most_bytes)
                    async for part in answer.aiter_bytes(PIECE_BYTES):
                        whole.add(part)
                content = whole.content()
                if answer.status_code not in AGAIN:
                    height = answer.headers.get(calls.HEIGHT, "")
                    return self.session.read(call, answer.status_code, content, height)
                retry_after = answer.headers.get("retry-after")
                fault: Exception = calls.read_problem(answer.status_code, content)
            except httpx.TransportError as lost:
                fault = not_reached(lost, self._http.base_url)
            pause = self.retry.pause(pauses, retry_after)
            if pause is None:
                raise fault
            await asyncio.sleep(pause)

    def walk(self, listing: Listing[D]) -> AsyncWalk[D]:
        """Every item of a list, page by page."""
        return AsyncWalk(self.call, listing)

    async def events(
        self,
        after: str | None = None,
        *,
        party: str | None = None,
        account: str | None = None,
        event: str | None = None,
    ) -> AsyncIterator[EventItem]:
        """What happens, endlessly; from now, or after an event id ("0": from the beginning).

        A lost connection is taken up where it broke: no event is missed or comes twice.
        """
        reader = EventReader(after, party=party, account=account, event=event)
        pauses = self.retry.pauses()
        while True:
            try:
                async for item in self._stream(reader):
                    pauses = self.retry.pauses()
                    yield item
                fault: Exception = httpx.RemoteProtocolError("the node ended the stream")
            except httpx.TransportError as lost:
                fault = not_reached(lost, self._http.base_url)
            except Problem as problem:
                if problem.status not in AGAIN:
                    raise
                fault = problem
            pause = self.retry.pause(pauses, None)
            if pause is None:
                raise fault
            await asyncio.sleep(pause)

    async def _stream(self, reader: EventReader) -> AsyncIterator[EventItem]:
        headers = {**self.session.common(), **reader.headers()}
        async with self._http.stream(
            "GET", reader.path, params=reader.params, headers=headers, timeout=reader.timeout
        ) as answer:
            if answer.status_code >= 400:
                raise calls.read_problem(answer.status_code, await answer.aread())
            async for event in EventSource(answer).aiter_sse():
                item = reader.take(event)
                if item is not None:
                    yield item


class AsyncLists:
    """What a module lists, through a client."""

    def __init__(self, client: AsyncCaller) -> None:
        """Ask through this client."""
        self._client = client

    def _list(
        self, path: str, kind: type[D], *, oldest_first: bool, **filters: object
    ) -> AsyncWalk[D]:
        order = calls.in_order(oldest_first)
        return self._client.walk(calls.listing(path, kind, order=order, **filters))

    async def _one(self, path: str, kind: type[D], key: str) -> D:
        return await self._client.call(calls.one(f"{path}/{calls.segment(key)}", kind))
