"""Rows in which a party or an account stands on either side."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, or_, select

from tongbao.readmodel.mirror import Mirror


def of_party(mirror: Mirror, party: str | None, *columns: Column[str]) -> list[ColumnElement[bool]]:
    """Rows in which an account of a party stands on either side; without one, all."""
    if not party:
        return []
    accounts = mirror.tables["account"].c
    own = select(accounts.account).where(accounts.party == party)
    return [or_(*(column.in_(own) for column in columns))]


def of_account(account: str | None, *columns: Column[str]) -> list[ColumnElement[bool]]:
    """Rows in which an account stands on either side; without one, all."""
    return [or_(*(column == account for column in columns))] if account else []
