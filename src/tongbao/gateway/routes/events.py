"""What happens on the ledger: as a stream (Server-Sent Events), or in pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
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
from tongbao.gateway.viewers.showing import seen_by
from tongbao.kernel.codes import refuse
from tongbao.kernel.fields import has_apart
from tongbao.kernel.transaction import Event
from tongbao.readmodel import BadCursor, Row, SqlQueries, Viewer, behind_block
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
        found = await _page(gateway, fresh.viewer, cursor or after, limit, filters)
        return JsonResponse(found)
    return await _stream(gateway, fresh.viewer, last_event_id or after, filters)


async def _page(
    gateway: Gateway, viewer: Viewer, after: str | None, limit: int, filters: dict[str, str | None]
) -> dict[str, Any]:
    queries, _ = gateway.read_model()
    kinds = gateway.application.protocols.newest.events

    def make() -> dict[str, Any]:
        page = queries.events(viewer, limit=limit, after=after, **filters)
        see = partial(seen_by, viewer, queries)
        items = [plain_event(row, kinds, see) for row in page.items]
        return {"items": items, "next_cursor": page.next_cursor if page.items else None}

    try:
        return await in_thread(make)
    except BadCursor:
        refuse(GatewayCode.BAD_CURSOR)


async def _stream(
    gateway: Gateway, viewer: Viewer, after: str | None, filters: dict[str, str | None]
) -> Response:
    queries, _ = gateway.read_model()
    # Counted before anything is waited for: many who ask at once are not all let in.
    gateway.metrics.streams += 1
    try:
        if after is None:
            after = behind_block(queries.height())
        else:
            # A bad id is a problem, not a broken stream.
            await _page(gateway, viewer, after, 1, filters)
    except BaseException:
        gateway.metrics.streams -= 1
        raise
    return _Stream(gateway, _follow(gateway, viewer, after, filters))


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
    gateway: Gateway, viewer: Viewer, after: str, filters: dict[str, str | None]
) -> AsyncIterator[bytes]:
    queries, hub = gateway.read_model()
    # The id alone: who loses the connection before the first event resumes from here.
    yield ServerSentEvent(id=after, comment="tongbao events").encode()
    while not hub.closed:
        height = await hub.height()
        piece = await _piece(gateway, hub, after, filters)
        frames = await _frames_for(viewer, queries, piece)
        if frames:
            # One piece for the whole page: fewer writes, and a lost client is noticed between.
            yield frames
            await asyncio.sleep(0)
        after = piece.following or after
        if len(piece.events) < STREAM_PAGE:
            await hub.beyond(height)


class _Shown(NamedTuple):
    """An event as a stream carries it."""

    frame: bytes
    """For whom it concerns whole."""
    audience: frozenset[str] | None
    """Parties that read it; None: anybody."""
    row: Row


class _Piece(NamedTuple):
    """A page of events, and the kinds of events."""

    events: Sequence[_Shown]
    following: str | None
    kinds: Mapping[str, type[Event]]


async def _piece(gateway: Gateway, hub: Hub, after: str, filters: dict[str, str | None]) -> _Piece:
    """The events after one; made once for all streams that stand there, whoever reads them."""
    queries, _ = gateway.read_model()
    kinds = gateway.application.protocols.newest.events

    def make() -> _Piece:
        node = Viewer.node()
        page = queries.events(node, limit=STREAM_PAGE, after=after, **filters)
        whom = queries.whom_concern(node, page.items)
        rows = zip(page.items, whom, strict=True)
        events = [_Shown(_frame(plain_event(row, kinds)), audience, row) for row, audience in rows]
        return _Piece(events, page.next_cursor, kinds)

    key = (after, await hub.height(), *filters.values())
    return await hub.shared(key, lambda: in_thread(make))


async def _frames_for(viewer: Viewer, queries: SqlQueries, piece: _Piece) -> bytes:
    """What of a piece a viewer reads."""
    if viewer.is_node:
        return b"".join(one.frame for one in piece.events)
    read = [one for one in piece.events if one.audience is None or viewer.party in one.audience]
    if not any(has_apart(piece.kinds.get(one.row["event"])) for one in read):
        return b"".join(one.frame for one in read)
    see = partial(seen_by, viewer, queries)
    return await in_thread(
        lambda: b"".join(_frame(plain_event(one.row, piece.kinds, see)) for one in read)
    )


def _frame(event: Mapping[str, Any]) -> bytes:
    reply = _ENCODE(event).decode()
    return ServerSentEvent(reply, id=str(event["id"]), event=str(event["event"])).encode()
