"""Questions to records: lists and single rows, for any record there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import msgspec
from sqlalchemy import Column, ColumnElement, or_, select

from tongbao.kernel.records import Record, Told
from tongbao.readmodel.asking import Asking
from tongbao.readmodel.paging import At, Page, Row


class RecordQueries(Asking):
    """What the gateway answers about any record; may be called from several threads at once."""

    def list_rows(self, name: str, filters: Mapping[str, Any], **at: Unpack[At]) -> Page:
        """Rows of a record, newest first. `filters` are values of columns; `party` and `account`
        are those that a row concerns, in whichever column they stand."""
        record, mirror = self._model.mirror.records[name], self._model.mirror
        table = mirror.tables[name]
        where: list[ColumnElement[bool]] = []
        for column, value in filters.items():
            if value is None:
                continue
            where.append(self._condition(record, column, value))
        order: list[Column[Any]] = [table.c[one] for one in record.order]
        listed = self._page(table, at, where, order=order, newest_first=True)
        return listed.shaped(lambda row: shaped(record, row))

    def one_row(self, name: str, key: str) -> Row | None:
        """One row by the single part of its key; None where there is none."""
        record, table = self._model.mirror.records[name], self._model.mirror.tables[name]
        [column] = table.primary_key.columns
        return self._one(table, column == key, shape=lambda row: shaped(record, row))

    def _condition(self, record: Record | Told, name: str, value: Any) -> ColumnElement[bool]:
        mirror = self._model.mirror
        table = mirror.tables[record.name]
        if name in table.c:
            own: ColumnElement[bool] = table.c[name] == value
            return own
        if name == "party":
            rows = select(mirror.parties.c.row).where(
                mirror.parties.c.record == record.name, mirror.parties.c.party == value
            )
            [key] = table.primary_key.columns
            return key.in_(rows)
        sides = [one.name for one in record.columns if one.kind == name]
        return or_(*(table.c[one] == value for one in sides))


def shaped(record: Record | Told, row: Row) -> dict[str, Any]:
    """A row as it is answered: what is kept as JSON is read again."""
    nested = [one.name for one in record.columns if one.kind == "nested"]
    return {**row, **{name: msgspec.json.decode(row[name]) for name in nested}}
