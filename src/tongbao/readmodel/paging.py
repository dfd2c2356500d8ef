"""Pages and cursors: where a list goes on."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Required, TypedDict

import msgspec
from sqlalchemy import Column, Connection, Select, func, select, tuple_

MAX_LIMIT = 1_000
MAX_COUNTED = 10_000
"""Rows beyond it are not counted: a total costs no more than that many steps in an index."""
Row = Mapping[str, Any]
"""One row, ready for JSON. Its keys are the fields of the document (in `tongbao.sdk.documents`)
that the gateway answers with; keys beyond them are passed on. Amounts (`*_minor`) may be int or
str: the gateway writes them as decimal strings."""


class At(TypedDict, total=False):
    """Which page of a list is asked for."""

    limit: Required[int]
    cursor: str | None
    """A former `next_cursor`."""
    oldest_first: bool | None
    """For lists in the order of time: the other way round. None: as the list is by itself."""
    count: bool
    """Say how many there are, too."""


class BadCursor(ValueError):
    """A cursor that this list did not make."""


class NoOrder(ValueError):
    """A list that is not in the order of time was asked for in one."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, and where the next begins."""

    items: Sequence[Row]
    next_cursor: str | None
    """Opaque place after the last row; None where nothing follows now."""
    total: int | None = None
    """How many rows there are in all, up to MAX_COUNTED; None where nobody asked."""
    more: bool = False
    """There are more than `total`."""

    def shaped(self, shape: Callable[[Row], Row]) -> Page:
        """The same page, with each of its rows in another shape."""
        return replace(self, items=[shape(row) for row in self.items])


def encode_cursor(place: Sequence[Any]) -> str:
    """The opaque form of a place in a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(place))).decode().rstrip("=")


def decode_cursor(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """The place again; BadCursor for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as fault:
        raise BadCursor(f"not a cursor: {cursor[:40]}") from fault
    shaped = isinstance(place, list) and len(place) == len(kinds)
    if not shaped or any(type(part) is not kind for part, kind in zip(place, kinds, strict=True)):
        raise BadCursor(f"not a cursor of this list: {cursor[:40]}")
    return list(place)


def page(
    connection: Connection,
    query: Select[Any],
    order: Sequence[Column[Any]],
    at: At,
    *,
    newest_first: bool = False,
) -> Page:
    """One page of a query in the order of unique columns; `newest_first` where that is time's.

    A place is the key of a row, so what comes meanwhile moves no page: nothing is left out or shown
    twice.
    """
    limit, cursor = max(1, min(at["limit"], MAX_LIMIT)), at.get("cursor")
    if at.get("oldest_first") is not None:
        if not newest_first:
            raise NoOrder("not in the order of time")
        newest_first = not at["oldest_first"]
    total = _count(connection, query, order[0]) if at.get("count") else None
    if cursor is not None:
        place = decode_cursor(cursor, [column.type.python_type for column in order])
        here = tuple_(*order)
        query = query.where(here < tuple_(*place) if newest_first else here > tuple_(*place))
    ordered = [column.desc() for column in order] if newest_first else list(order)
    found = connection.execute(query.order_by(*ordered).limit(limit + 1)).mappings().all()
    rows = [dict(row) for row in found[:limit]]
    more = len(found) > limit
    following = encode_cursor([rows[-1][column.name] for column in order]) if more else None
    counted = None if total is None else min(total, MAX_COUNTED)
    return Page(rows, following, counted, (total or 0) > MAX_COUNTED)


def _count(connection: Connection, query: Select[Any], column: Column[Any]) -> int:
    some = query.with_only_columns(column).limit(MAX_COUNTED + 1).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()
