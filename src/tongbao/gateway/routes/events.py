"""What happens on the ledger: as a stream (Server-Sent Events), or in pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tongbao.gateway import openapi
from tongbao.gateway.asking import Filter, Freshly
from tongbao.gateway.bounds.admission import wants_stream
from tongbao.gateway.encoding import JsonResponse, plain_event
from tongbao.gateway.gateway import Gateway, gateway_of, in_thread
from tongbao.gateway.hub import Hub
from tongbao.kernel.codes import refuse
from tongbao.kernel.transaction import Event
from tongbao.readmodel import Page, Row, SqlQueries
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.documents import EventItem

STREAM_PAGE = 200
_ENCODE = msgspec.json.Encoder().encode
_ID = r"^[0-9.\-]{1,64}$"
router = APIRouter(tags=["events"], default_response_class=JsonResponse)
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A stream without end, or one page with `Accept: application/json`.",
        "content": {
            **openapi.content(openapi.page_ref(EventItem)),
            **openapi.content({"type": "string"}, media="text/event-stream"),
        },
    }
}


@router.get("/v1/events", summary="What happens", responses=_RESPONSES)
async def events(
    request: Request,
    fresh: Freshly,
    after: Annotated[
        str | None,
        Query(pattern=_ID, description="Event id to go on from; `0` is the beginning."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Of a page.")] = 100,
    cursor: Annotated[str | None, Query(pattern=_ID, description="Of a page.")] = None,
    party: Filter = None,
    account: Filter = None,
    event: Filter = None,
    last_event_id: Annotated[str | None, Header(pattern=_ID)] = None,
) -> Response:
    """A stream begins now unless `after` or `Last-Event-ID` says where; each event's id is what to
    resume with. A comment comes as heartbeat. Events are those of final transactions only."""
    gateway = gateway_of(request)
    filters = {"party": party, "account": account, "event": event}
    if not wants_stream(request.headers.get("accept", "")):
        await fresh.wait()
        page = await _page(gateway, cursor or after, limit, filters)
        following = page.next_cursor if page.items else None
        kinds = gateway.application.protocols.newest.events
        items = [plain_event(row, kinds) for row in page.items]
        said = {"items": items, "next_cursor": following}
        return JsonResponse(said)
    return await _stream(gateway, last_event_id or after, filters)


async def _page(
    gateway: Gateway, after: str | None, limit: int, filters: dict[str, str | None]
) -> Page:
    queries, _ = gateway.read_model()
    try:
        return await in_thread(lambda: queries.events(limit=limit, after=after, **filters))
    except ValueError:
        refuse(GatewayCode.BAD_CURSOR)


async def _stream(gateway: Gateway, after: str | None, filters: dict[str, str | None]) -> Response:
    queries, _ = gateway.read_model()
    # Counted before anything is waited for: many who ask at once are not all let in.
    gateway.metrics.streams += 1
    try:
        if after is None:
            after = await in_thread(queries.newest_event)
        else:
            await _page(gateway, after, 1, filters)  # a bad id is a problem, not a broken stream
    except BaseException:
        gateway.metrics.streams -= 1
        raise
    return _Stream(gateway, _follow(gateway, queries, after, filters))


class _Stream(EventSourceResponse):
    """A stream that has been counted; no longer once it has ended, however that comes."""

    def __init__(self, gateway: Gateway, events: AsyncIterator[bytes]) -> None:
        super().__init__(events, ping=gateway.settings.heartbeat_seconds)
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._gateway.metrics.streams -= 1


async def _follow(
    gateway: Gateway, queries: SqlQueries, after: str, filters: dict[str, str | None]
) -> AsyncIterator[bytes]:
    _, hub = gateway.read_model()
    # The id alone: who loses the connection before the first event resumes from here.
    yield ServerSentEvent(id=after, comment="tongbao events").encode()
    while not hub.closed:
        height = await hub.height()
        piece = await _piece(gateway, hub, after, filters)
        if piece.events:
            # One piece for the whole page: fewer writes, and a lost client is noticed between.
            yield piece.frames
            await asyncio.sleep(0)
        after = piece.following or after
        if piece.events < STREAM_PAGE:
            await hub.beyond(height)


class _Piece(NamedTuple):
    """A page of events as a stream carries it."""

    frames: bytes
    events: int
    following: str | None


async def _piece(gateway: Gateway, hub: Hub, after: str, filters: dict[str, str | None]) -> _Piece:
    """The events after one; made once for all streams that stand there."""
    queries, _ = gateway.read_model()
    kinds = gateway.application.protocols.newest.events

    def make() -> _Piece:
        page = queries.events(limit=STREAM_PAGE, after=after, **filters)
        frames = b"".join(_frame(row, kinds) for row in page.items)
        return _Piece(frames, len(page.items), page.next_cursor)

    key = (after, await hub.height(), *filters.values())
    return await hub.shared(key, lambda: in_thread(make))


def _frame(row: Row, kinds: Mapping[str, type[Event]]) -> bytes:
    said = _ENCODE(plain_event(row, kinds)).decode()
    return ServerSentEvent(said, id=str(row["id"]), event=str(row["event"])).encode()
