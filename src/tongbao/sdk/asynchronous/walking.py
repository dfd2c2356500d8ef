"""A list of a node as a client goes through it: item by item, or a stretch with its total."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, Self, TypeVar

from tongbao.sdk.calls import MOST_A_PAGE, Call, Listing
from tongbao.sdk.documents import Document, Page, Row

D = TypeVar("D", bound=Document | Row)


class AsyncWalk(Generic[D]):
    """Every item of a list, asked for page by page as it is needed."""

    def __init__(
        self, ask: Callable[[Call[Page[D]]], Awaitable[Page[D]]], listing: Listing[D]
    ) -> None:
        """`ask` sends a call."""
        self._ask, self.listing = ask, listing
        self._cursor: str | None = None
        self._items = self._walk()

    def __aiter__(self) -> Self:
        """It goes on where it stands."""
        return self

    async def __anext__(self) -> D:
        """The next item."""
        return await anext(self._items)

    async def _walk(self) -> AsyncIterator[D]:
        while True:
            page = await self._ask(self.listing.page(self._cursor))
            for item in page.items:
                yield item
            self._cursor = page.next_cursor
            if self._cursor is None:
                return

    def behind(self, cursor: str) -> Self:
        """The same list from a place on: the `next_cursor` of a former page."""
        self._cursor = cursor
        return self

    async def stretch(self, most: int, cursor: str | None = None, *, count: bool = True) -> Page[D]:
        """Up to `most` items from a cursor on, the cursor behind them, and how many there are."""
        items: list[D] = []
        first: dict[str, Any] = {}
        while True:
            wanted = min(MOST_A_PAGE, most - len(items))
            page = await self._ask(self.listing.page(cursor, wanted, count=count and not items))
            first = first or {"total": page.total, "more": page.more}
            items += page.items
            cursor = page.next_cursor
            if cursor is None or len(items) >= most:
                return Page(tuple(items), cursor, **first)
