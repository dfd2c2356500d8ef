"""Questions about holds, and about transfers that wait for their time."""

from __future__ import annotations

from typing import Unpack

from sqlalchemy import Column, ColumnElement, Table, or_, select

from tongbao.readmodel import schema
from tongbao.readmodel import schema_payments as tables
from tongbao.readmodel.asking import Asking, equal
from tongbao.readmodel.paging import At, Page, Row


def of_party(party: str | None, *columns: Column[str]) -> list[ColumnElement[bool]]:
    """Rows in which an account of a party stands on either side; without one, all."""
    if not party:
        return []
    own = select(schema.accounts.c.account).where(schema.accounts.c.party == party)
    return [or_(*(column.in_(own) for column in columns))]


def of_account(account: str | None, *columns: Column[str]) -> list[ColumnElement[bool]]:
    """Rows in which an account stands on either side; without one, all."""
    return [or_(*(column == account for column in columns))] if account else []


class PaymentQueries(Asking):
    """What is set aside or ordered, and not paid yet; may be called from several threads."""

    def holds(
        self,
        *,
        account: str | None = None,
        party: str | None = None,
        state: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Holds, newest first: in which an account, or a party, pays or is paid."""
        table = tables.holds
        order = [table.c.opened_at_ms, table.c.hold]
        return self._either(table, order, account, party, state, at)

    def hold(self, hold: str) -> Row | None:
        """One hold, open or ended."""
        return self._one(tables.holds, tables.holds.c.hold == hold)

    def schedules(
        self,
        *,
        account: str | None = None,
        party: str | None = None,
        state: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Scheduled transfers, newest first: of an account, or a party, that pays or is paid."""
        table = tables.schedules
        order = [table.c.scheduled_at_ms, table.c.schedule]
        return self._either(table, order, account, party, state, at)

    def schedule(self, schedule: str) -> Row | None:
        """One scheduled transfer, with what became of it."""
        return self._one(tables.schedules, tables.schedules.c.schedule == schedule)

    def _either(
        self,
        table: Table,
        order: list[Column[object]],
        account: str | None,
        party: str | None,
        state: str | None,
        at: At,
    ) -> Page:
        sides = (table.c.payer, table.c.payee)
        where = [*of_account(account, *sides), *of_party(party, *sides), *equal(table, state=state)]
        return self._page(table, at, where, order=order, newest_first=True)
