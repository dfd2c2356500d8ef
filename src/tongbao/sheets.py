"""Lists as CSV (RFC 4180), for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

MEDIA = "text/csv; charset=utf-8"
MARK = "\ufeff"
"""Begins a file in UTF-8: without it spreadsheets read other scripts wrongly."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def line(cells: Sequence[str]) -> str:
    """One line of a file."""
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def harmless(cell: str) -> str:
    """A text that a spreadsheet would calculate stands behind an apostrophe; a number does not."""
    calculated = cell.startswith(_FORMULA) and _NUMBER.fullmatch(cell) is None
    return f"'{cell}" if calculated else cell


def lines(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> Iterator[str]:
    """The lines of a file, its head first: the members of rows as their JSON has them.

    Without `columns` the members of the first row are the head.
    """
    head = list(columns)
    yield from [MARK + line(head)] if head else ()
    for row in rows:
        if not head:
            head = list(row)
            yield MARK + line(head)
        yield line([_cell(row.get(name)) for name in head])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    return json.dumps(value, ensure_ascii=False)
