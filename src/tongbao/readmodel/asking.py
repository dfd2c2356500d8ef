"""How a question reaches the database: one row, all rows, or a page of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, and_, select

from tongbao.readmodel import schema
from tongbao.readmodel.model import ReadModel
from tongbao.readmodel.paging import At, Page, Row, page

TRUE = and_(True)


def equal(table: Table, **wanted: object) -> list[ColumnElement[bool]]:
    """What columns have to be; a value that is not given (None or empty) leaves its column open."""
    return [table.c[name] == value for name, value in wanted.items() if value not in (None, "")]


class Asking:
    """What all questions share; may be called from several threads at once."""

    def __init__(self, model: ReadModel) -> None:
        """Ask this read model."""
        self._model = model

    def _page(
        self,
        table: Table,
        at: At,
        where: Iterable[ColumnElement[bool]] = (),
        *,
        order: list[Column[Any]] | None = None,
        newest_first: bool = False,
    ) -> Page:
        query: Select[Any] = select(table).where(TRUE, *where)
        order = order or list(table.primary_key.columns)
        with self._model.engine.connect() as connection:
            return page(connection, query, order, at, newest_first=newest_first)

    def _one(
        self,
        table: Table,
        *where: ColumnElement[bool],
        shape: Callable[[Row], dict[str, Any]] = dict,
    ) -> dict[str, Any] | None:
        with self._model.engine.connect() as connection:
            row = connection.execute(select(table).where(*where).limit(1)).mappings().first()
        return None if row is None else shape(dict(row))

    def _all(self, query: Select[Any]) -> list[dict[str, Any]]:
        with self._model.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


class Newest(Asking):
    """What `kernel.records.Latest` says, asked once an answer."""

    @cached_property
    def time_ms(self) -> int:
        """Block time."""
        row = self._one(schema.blocks, schema.blocks.c.height == self._model.height)
        return 0 if row is None else int(row["time_ms"])

    def posted(self, account: str, asset: str) -> int:
        """What an account holds of an asset, in minor units."""
        table = self._model.mirror.tables["holding"]
        row = self._one(table, table.c.account == account, table.c.asset == asset)
        return 0 if row is None else int(row["posted_minor"])

    def paid_out(self, account: str, asset: str, since_ms: int) -> int:
        """What payments took from an account from a moment on; supply aside."""
        table = self._model.mirror.tables["entry"]
        query = select(table.c.amount_minor).where(
            table.c.account == account, table.c.asset == asset, table.c.time_ms >= since_ms,
            table.c.event.not_like("assets.%"),
        )  # fmt: skip
        amounts = [int(row["amount_minor"]) for row in self._all(query)]
        return -sum(amount for amount in amounts if amount < 0)
