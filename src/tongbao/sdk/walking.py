"""A list of a node as the blocking client goes through it: item by item, or a stretch with its
total."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, Self, TypeVar

from tongbao.sdk.calls import MOST_A_PAGE, Call, Listing
from tongbao.sdk.documents import Document, Page, Row

D = TypeVar("D", bound=Document | Row)


class Walk(Generic[D]):
    """Every item of a list, asked for page by page as it is needed."""

    def __init__(self, ask: Callable[[Call[Page[D]]], Page[D]], listing: Listing[D]) -> None:
        """`ask` sends a call."""
        self._ask, self.listing = ask, listing
        self._items = self._walk()

    def __iter__(self) -> Self:
        """It goes on where it stands."""
        return self

    def __next__(self) -> D:
        """The next item."""
        return next(self._items)

    def _walk(self) -> Iterator[D]:
        cursor: str | None = None
        while True:
            page = self._ask(self.listing.page(cursor))
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def stretch(self, most: int, cursor: str | None = None, *, count: bool = True) -> Page[D]:
        """Up to `most` items from a cursor on, the cursor behind them, and how many there are."""
        items: list[D] = []
        told: dict[str, Any] = {}
        while True:
            asked = min(MOST_A_PAGE, most - len(items))
            page = self._ask(self.listing.page(cursor, asked, count=count and not items))
            told = told or {"total": page.total, "more": page.more}
            items += page.items
            cursor = page.next_cursor
            if cursor is None or len(items) >= most:
                return Page(tuple(items), cursor, **told)
