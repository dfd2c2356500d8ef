"""Questions to records: lists and single rows, for any record there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Unpack

import msgspec
from sqlalchemy import Column, ColumnElement, Table, and_, func, not_, or_, select, tuple_

from tongbao.kernel.fields import field_of, inner_of, plain
from tongbao.kernel.identifiers import account_number
from tongbao.kernel.records import SIDES, EventList, Line, Record
from tongbao.readmodel.asking import Asking, Newest
from tongbao.readmodel.audience import NAMED
from tongbao.readmodel.paging import MAX_LIMIT, At, Page, Row
from tongbao.readmodel.viewer import Viewer


class RecordQueries(Asking):
    """What the gateway answers about any record; may be called from several threads at once."""

    def list_rows(
        self,
        viewer: Viewer,
        name: str,
        filters: Mapping[str, Any],
        *,
        in_line: bool = False,
        **at: Unpack[At],
    ) -> Page:
        """Rows of a record that the viewer reads, newest first. `filters` are values of columns;
        `party`, and `account` or `asset` where no column is called so, are those that a row names
        in any column.
        `in_line`: those that wait, as they come, each with its position; of one line, which a
        filter names."""
        record, table = self._model.mirror.records[name], self._model.mirror.tables[name]
        given = {column: value for column, value in filters.items() if value is not None}
        where = [self._condition(record, column, value) for column, value in given.items()]
        where.append(self._model.mirror.read_by(viewer, record))
        if in_line and record.line is not None:
            return self._in_line(record, record.line, given, where, at)
        order: list[Column[Any]] = [table.c[one] for one in record.order]
        listed = self._page(table, at, where, order=order, newest_first=not record.by_key)
        return listed.shaped(self._shape(record))

    def every(
        self, viewer: Viewer, name: str, *, oldest_first: bool | None = None, **filters: Any
    ) -> Iterator[Row]:
        """All rows of a record that the viewer reads, page by page."""
        cursor: str | None = None
        while True:
            at = At(limit=MAX_LIMIT, cursor=cursor, oldest_first=oldest_first)
            listed = self.list_rows(viewer, name, filters, **at)
            yield from listed.items
            cursor = listed.next_cursor
            if cursor is None:
                return

    def _shape(self, record: Record | EventList) -> Callable[[Row], dict[str, Any]]:
        """How a row is answered: what is kept as JSON read again, the rest as of the newest
        block."""
        newest = Newest(self._model)
        kept = [one for one in record.columns if one.name not in record.unshown]
        nested = [one.name for one in kept if one.kind == "nested"]

        def shape(row: Row) -> dict[str, Any]:
            shown = {one.name: row[one.name] for one in kept}
            if isinstance(record, EventList):
                shown = {record.name: ".".join(str(row[one]) for one in record.order)} | shown
            shown |= {name: msgspec.json.decode(row[name]) for name in nested}
            if (lapse := record.lapse) is not None and row["state"] == lapse.state:
                if 0 < row[lapse.at] <= newest.time_ms:
                    shown["state"] = lapse.into
            for one in record.current:
                shown[one.name] = plain(one.of(shown, newest), one.annotation)
            return shown if record.line is None else {**shown, "position": None}

        return shape

    def _in_line(
        self,
        record: Record | EventList,
        line: Line,
        given: Mapping[str, Any],
        where: Sequence[ColumnElement[bool]],
        at: At,
    ) -> Page:
        table = self._model.mirror.tables[record.name]
        keys = list(table.primary_key.columns)
        order = [*(table.c[one] for one in line.by), *keys]
        waits = [table.c[line.of] == given[line.of], table.c.state == line.state]
        listed = self._page(table, at, [*where, *waits], order=order)
        if not listed.items:
            return listed
        whole, here = select(*keys).where(*waits), tuple_(*order)
        first, last = _place(listed.items[0], order), _place(listed.items[-1], order)
        with self._model.engine.connect() as connection:
            before = select(func.count()).select_from(whole.where(here < first).subquery())
            ahead = connection.execute(before).scalar_one()
            of_page = whole.where(here >= first, here <= last).order_by(*order)
            found = connection.execute(of_page).all()
        places = {tuple(key): ahead + number for number, key in enumerate(found, start=1)}
        shape = self._shape(record)
        return listed.shaped(lambda row: {**shape(row), "position": places[_place(row, keys)]})

    def one_row(self, viewer: Viewer, name: str, key: str) -> Row | None:
        """One row by the single part of its key, with its position where it waits in line; None
        where there is none that the viewer reads."""
        record, table = self._model.mirror.records[name], self._model.mirror.tables[name]
        place = _place_of(record, table, key)
        if place is None:
            return None
        here = [column == part for column, part in place]
        readable = self._model.mirror.read_by(viewer, record)
        row = self._one(table, *here, readable, shape=self._shape(record))
        line = record.line
        if row is None or line is None or row["state"] != line.state:
            return row
        waiting = self._in_line(record, line, {line.of: row[line.of]}, here, At(limit=1)).items
        return waiting[0] if waiting else row

    def _condition(self, record: Record | EventList, name: str, value: Any) -> ColumnElement[bool]:
        mirror = self._model.mirror
        table = mirror.tables[record.name]
        if name in table.c:
            return self._is(record, table.c[name], value)
        if name in ("since_ms", "until_ms"):
            moment = table.c.time_ms
            return moment >= int(value) if name == "since_ms" else moment < int(value)
        if name == "party" and record.of_account:
            accounts = mirror.tables["account"].c
            own = select(accounts.account).where(accounts.party == value)
            return table.c[record.of_account].in_(own)
        if name == "party":
            rows = select(mirror.parties.c.row).where(
                mirror.parties.c.record == record.name, mirror.parties.c.party == value,
                mirror.parties.c.relation == NAMED,
            )  # fmt: skip
            return mirror.key_of(record).in_(rows)
        if (several := record.lists.get(name)) is not None:
            words = mirror.words.found(record, [_spelled(record, several, value)], several)
            return mirror.key_of(record).in_(words)
        sides = [one.name for one in record.columns if one.kind == SIDES[name]]
        return or_(*(table.c[one] == value for one in sides))

    def _is(
        self, record: Record | EventList, column: Column[Any], value: Any
    ) -> ColumnElement[bool]:
        """Whether a column has a value; of states, also what time has made of them."""
        lapse = record.lapse
        if lapse is None or column.name != "state" or value not in (lapse.state, lapse.into):
            same: ColumnElement[bool] = column == value
            return same
        moment = column.table.c[lapse.at]
        lapsed = and_(moment > 0, moment <= Newest(self._model).time_ms)
        if value == lapse.state:
            return and_(column == value, not_(lapsed))
        return or_(column == value, and_(column == lapse.state, lapsed))


def _place(row: Row, columns: Iterable[Column[Any]]) -> tuple[Any, ...]:
    return tuple(row[one.name] for one in columns)


def _place_of(
    record: Record | EventList, table: Table, key: str
) -> list[tuple[Column[Any], Any]] | None:
    """The columns of a row's key with their values; None for what is no key of the record."""
    columns = list(table.primary_key.columns)
    parts = key.split(".") if isinstance(record, EventList) else [key]
    if len(parts) != len(columns):
        return None
    found: list[tuple[Column[Any], Any]] = []
    for column, part in zip(columns, parts, strict=True):
        whole = column.type.python_type is int
        digits = part.removeprefix("-")
        if whole and not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
            return None
        found.append((column, int(part) if whole else part))
    return found


def _spelled(record: Record | EventList, column: str, value: str) -> str:
    """A value as a column of several keeps it: account numbers in their one spelling."""
    [annotation] = (one.annotation for one in record.columns if one.name == column)
    numbered = field_of(inner_of(annotation)).kind == "number"
    return account_number(value) or value if numbered else value
