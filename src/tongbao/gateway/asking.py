"""How a list or a look-up is asked for: which page, in which order, and how fresh it has to be."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Header, Path, Query, Request
from starlette.responses import Response

from tongbao import sheets
from tongbao.gateway.encoding import JsonResponse, plain
from tongbao.gateway.gateway import Gateway, gateway_of, in_thread, viewer_of
from tongbao.kernel.codes import refuse, require
from tongbao.kernel.hashing import content_digest
from tongbao.readmodel import MAX_COUNTED, At, NoOrder, Page, Row, SqlQueries, Viewer
from tongbao.sdk.api_codes import GatewayCode

T = TypeVar("T")
Question = Callable[[SqlQueries, Viewer], T]
"""What is asked of the read model, and by whom."""
MAX_HEIGHT = 2**53
MAX_MOMENT_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: dates go no further."""
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
HEIGHT_HEADER = "Tongbao-Height"
"""Of an answer: the block that it shows, or that what was submitted stands in."""
CURSOR_HEADER = "Tongbao-Next-Cursor"
"""Of a page as CSV: what to give as `cursor` to go on."""
MAX_CURSOR = 512
_NO_FILTERS = frozenset(("limit", "cursor", "min_height", "count"))
"""Parameters that do not change which list it is."""

Word = Annotated[str, Path(min_length=1, max_length=128, pattern=_PRINTABLE)]
Filter = Annotated[str | None, Query(min_length=1, max_length=128, pattern=_PRINTABLE)]
Moment = Annotated[int | None, Query(ge=0, le=MAX_MOMENT_MS, description="UTC milliseconds.")]
Height = Annotated[
    int | None,
    Query(ge=0, le=MAX_HEIGHT, description="Wait until the answer shows this block; 0 counts."),
]
HeightHeader = Annotated[
    int | None, Header(ge=0, le=MAX_HEIGHT, description="The same as `min_height`.")
]


class Fresh:
    """How fresh an answer has to be: what somebody submitted, they read.

    Where a height is asked for, the answer shows it or is a problem (503, to try again). Any
    answer waits a moment for the newest block, so that whoever was answered about a transaction
    on this node finds it in its lists, in another program too.
    """

    def __init__(
        self,
        request: Request,
        min_height: Height = None,
        tongbao_at_least_height: HeightHeader = None,
    ) -> None:
        """FastAPI fills this in."""
        self.request = request
        self.viewer = viewer_of(request)
        given = [one for one in (min_height, tongbao_at_least_height) if one is not None]
        self.wanted = max(given, default=None)

    async def wait(self) -> SqlQueries:
        """The read model, once it is as fresh as asked for."""
        gateway = gateway_of(self.request)
        queries, hub = gateway.read_model()
        settings, tip = gateway.settings, gateway.application.tip.height
        # The lists of a ledger that has only begun are empty until they show block 0.
        wanted = 0 if self.wanted is None else self.wanted
        seconds = settings.behind_seconds if wanted <= tip + settings.ready_lag_blocks else 0.0
        if not await hub.reached(wanted, seconds):
            height = await hub.height()
            refuse(GatewayCode.READ_MODEL_BEHIND, height=height, wanted=wanted)
        await hub.soon(tip, settings.fresh_seconds)
        return queries

    async def about(self) -> Gateway:
        """The gateway, once its lists know whom the newest transactions concern, if it has any."""
        gateway = gateway_of(self.request)
        if gateway.hub is not None and not self.viewer.is_node:
            await self.wait()
        return gateway

    async def ask(self, question: Question[Any]) -> tuple[Any, dict[str, str]]:
        """The answer of the read model, and the header that says how fresh it is."""
        queries = await self.wait()

        def answer() -> tuple[Any, dict[str, str]]:
            height = queries.height()
            return question(queries, self.viewer), {HEIGHT_HEADER: str(height)}

        return await in_thread(answer)

    async def one(self, kind: str, name: str, question: Question[Row | None]) -> Response:
        """One row as an answer."""
        found, headers = await self.ask(question)
        if found is None:
            refuse(GatewayCode.NOT_FOUND, kind=kind, id=name)
        return JsonResponse(plain(found), headers=headers)


class Asked(Fresh):
    """Which page of a list is asked for, and how fresh it has to be."""

    def __init__(
        self,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=1000, description="Items a page.")] = 100,
        cursor: Annotated[str | None, Query(max_length=MAX_CURSOR, pattern=_PRINTABLE)] = None,
        order: Annotated[
            Literal["newest", "oldest"] | None,
            Query(description="What comes first, in lists that are in the order of time."),
        ] = None,
        count: Annotated[bool, Query(description=f"Count them, up to {MAX_COUNTED}.")] = False,
        min_height: Height = None,
        tongbao_at_least_height: HeightHeader = None,
    ) -> None:
        """FastAPI fills this in."""
        super().__init__(request, min_height, tongbao_at_least_height)
        oldest = None if order is None else order == "oldest"
        place = place_in(request, cursor)
        self.at = At(limit=limit, cursor=place, oldest_first=oldest, count=count)

    async def page(
        self, question: Question[Page], **named: str | Sequence[str | None] | None
    ) -> Response:
        """One page as an answer; `named` are things that have to be there: one of a kind, or some.

        Whoever mistypes an account learns so, instead of reading an empty list.
        """

        def asked(queries: SqlQueries, viewer: Viewer) -> Page:
            for kind, names in named.items():
                for name in (names,) if names is None or isinstance(names, str) else names:
                    if name and not queries.has(viewer, kind, name):
                        refuse(GatewayCode.NOT_FOUND, kind=kind, id=name)
            return question(queries, viewer)

        try:
            found, headers = await self.ask(asked)
        except NoOrder as fault:
            refuse(GatewayCode.BAD_PARAMETER, field="order", reason=str(fault))
        except ValueError:
            if self.at["cursor"] is None:
                raise
            refuse(GatewayCode.BAD_CURSOR)
        if wants_csv(self.request):
            return csv_page(self.request, found, headers)
        return JsonResponse(page_document(self.request, found), headers=headers)


Paged = Annotated[Asked, Depends(Asked)]
Freshly = Annotated[Fresh, Depends(Fresh)]


def _place(
    request: Request,
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR, pattern=_PRINTABLE)] = None,
) -> str | None:
    return place_in(request, cursor)


Cursor = Annotated[str | None, Depends(_place)]
"""The place that the `cursor` of a request names, for lists that are not the read model's."""


# ---- cursors -------------------------------------------------------------------------------------


def place_in(request: Request, cursor: str | None) -> str | None:
    """The place that a cursor names in the list that is asked for; BAD_CURSOR for any other's."""
    if cursor is None:
        return None
    mark, _, place = cursor.partition("~")
    made_here = mark.isascii() and hmac.compare_digest(mark, list_mark(request))
    require(made_here and place != "", GatewayCode.BAD_CURSOR)
    return place


def cursor_of(request: Request, place: str | None) -> str | None:
    """The cursor for a place in the list that is asked for: good for this list alone."""
    return None if place is None else f"{list_mark(request)}~{place}"


def list_mark(request: Request) -> str:
    """What a list is: its path, filters and order. No secret: it keeps lists apart, no more."""
    filters = sorted(one for one in request.query_params.multi_items() if one[0] not in _NO_FILTERS)
    return content_digest(repr((request.url.path, filters)).encode()).hex()[:12]


def wants_csv(request: Request) -> bool:
    """Whether a page is asked for as CSV."""
    accept = request.headers.get("accept", "")
    return "text/csv" in accept and "application/json" not in accept


def csv_page(request: Request, page: Page, headers: Mapping[str, str]) -> Response:
    """A page as CSV: the members of its rows. Headers name the next page (RFC 8288)."""
    content = "".join(sheets.lines(map(plain, page.items)))
    answered = dict(headers)
    cursor = cursor_of(request, page.next_cursor)
    if cursor is not None:
        answered[CURSOR_HEADER] = cursor
        answered["Link"] = f'<{request.url.include_query_params(cursor=cursor)}>; rel="next"'
    if page.total is not None:
        answered["Tongbao-Total"] = f"{page.total}{'+' if page.more else ''}"
    return Response(content, media_type=sheets.MEDIA, headers=answered)


def page_document(request: Request, page: Page) -> Mapping[str, Any]:
    """A page as JSON."""
    return {
        "items": [plain(row) for row in page.items],
        "next_cursor": cursor_of(request, page.next_cursor),
        "total": page.total,
        "more": page.more,
    }
