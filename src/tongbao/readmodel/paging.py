"""Pages and cursors: where a list goes on."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Select, tuple_

MAX_LIMIT = 1_000
Row = Mapping[str, Any]
"""One row, ready for JSON. Its keys are the fields of the document (in `tongbao.sdk.documents`)
that the gateway answers with; keys beyond them are passed on. Amounts (`*_minor`) may be int or
str: the gateway writes them as decimal strings."""


class BadCursor(ValueError):
    """A cursor that this list did not make."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, and where the next begins."""

    items: Sequence[Row]
    next_cursor: str | None
    """Opaque place after the last row; None where nothing follows now."""

    def shaped(self, shape: Callable[[Row], Row]) -> Page:
        """The same page, with each of its rows in another shape."""
        return Page([shape(row) for row in self.items], self.next_cursor)


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
    limit: int,
    cursor: str | None,
    *,
    newest_first: bool = False,
) -> Page:
    """One page of a query in the order of unique columns."""
    limit = max(1, min(limit, MAX_LIMIT))
    if cursor is not None:
        place = decode_cursor(cursor, [column.type.python_type for column in order])
        here = tuple_(*order)
        query = query.where(here < tuple_(*place) if newest_first else here > tuple_(*place))
    ordered = [column.desc() for column in order] if newest_first else list(order)
    found = connection.execute(query.order_by(*ordered).limit(limit + 1)).mappings().all()
    rows = [dict(row) for row in found[:limit]]
    more = len(found) > limit
    following = encode_cursor([rows[-1][column.name] for column in order]) if more else None
    return Page(rows, following)
