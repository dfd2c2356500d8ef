"""Questions to the read model: what the gateway's lists and look-ups answer."""

from __future__ import annotations

from typing import Any, Unpack

import msgspec
from sqlalchemy import select

from tongbao.kernel.identifiers import account_number
from tongbao.readmodel import (
    schema,
    schema_corridors,
)
from tongbao.readmodel.asking import Newest, equal
from tongbao.readmodel.corridors import CorridorQueries
from tongbao.readmodel.earlier import EarlierQueries
from tongbao.readmodel.model import ReadModel
from tongbao.readmodel.paging import At, Page, Row
from tongbao.readmodel.payments import of_party
from tongbao.readmodel.records import RecordQueries
from tongbao.readmodel.search import SearchQueries
from tongbao.readmodel.transactions import TransactionQueries
from tongbao.readmodel.viewer import (
    Viewer,
    reads_accounts,
)

_KINDS = {
    "corridor": schema_corridors.corridors,
}  # fmt: skip


class SqlQueries(TransactionQueries):
    """What the gateway asks, from worker threads, several at once.

    Every list is ordered, takes 1 <= `limit` <= 1000 and a `cursor` (a former `next_cursor`), and
    raises BadCursor for what is no place in it. A list about a party or account that does not
    exist is empty (`has` tells); a question for one row answers None.
    """

    def __init__(self, model: ReadModel) -> None:
        """Ask this read model."""
        super().__init__(model)
        self.corridors = CorridorQueries(model)
        """Corridors and the payments through them."""
        self.earlier = EarlierQueries(model)
        """Ids that were used before."""
        self.records = RecordQueries(model)
        """What modules declare as records."""
        self.finding = SearchQueries(model)
        """Search over all of them."""

    # ---- where it stands -----------------------------------------------------------------------

    def time_ms(self) -> int:
        """Block time at that height."""
        return Newest(self._model).time_ms

    def has(self, viewer: Viewer, kind: str, name: str) -> bool:
        """Whether the viewer reads such a party, account, asset, corridor, pool, offer, or row of
        a record."""
        mirror = self._model.mirror
        table = _KINDS[kind] if kind in _KINDS else mirror.tables[kind]
        [key] = table.primary_key.columns
        where = [key == name]
        if kind == "offer":
            where.append(reads_accounts(viewer, table.c.account))
        elif kind not in _KINDS:
            where.append(mirror.read_by(viewer, mirror.records[kind]))
        return self._one(table, *where) is not None

    def reads_account(self, viewer: Viewer, account: str) -> bool:
        """Whether the viewer owns or keeps an account."""
        return viewer.is_node or self.has(viewer, "account", account)

    # ---- accounts ------------------------------------------------------------------------------

    def numbers_of(self, viewer: Viewer, accounts: list[str]) -> dict[str, tuple[str, ...]]:
        """The numbers linked to accounts, by account; those without one are left out."""
        table = self._model.mirror.tables["account"].c
        readable = reads_accounts(viewer, table.account)
        query = select(table.account, table.identifiers).where(
            table.account.in_(accounts), readable
        )
        found = {row["account"]: tuple(_json(row["identifiers"])) for row in self._all(query)}
        return {account: numbers for account, numbers in found.items() if numbers}

    def resolve(self, numbers: list[str]) -> dict[str, str]:
        """Linked numbers, in any spelling, and account ids -> account; unknown ones are left out.

        The answer names each number as it was asked for. Anybody may ask: who pays has the number
        of the payee, and sees no more than which account it names.
        """
        words, accounts = self._model.mirror.words.table.c, self._model.mirror.tables["account"].c
        found: dict[str, str] = {}
        for start in range(0, len(numbers), 400):
            part = numbers[start : start + 400]
            kept = {number: account_number(number) or number for number in part}
            linked = select(words.word, words.row).where(
                words.record == "account", words.field == "identifiers",
                words.word.in_(kept.values()),
            )  # fmt: skip
            known = {row["word"]: row["row"] for row in self._all(linked)}
            found |= {n: known[kept[n]] for n in part if kept[n] in known}
            ids = select(accounts.account).where(accounts.account.in_(part))
            found |= {row["account"]: row["account"] for row in self._all(ids)}
        return found

    def holdings(self, viewer: Viewer, account: str, **at: Unpack[At]) -> Page:
        """What an account holds, by asset."""
        table = schema.holdings
        where = [table.c.account == account, reads_accounts(viewer, table.c.account)]
        return self._page(table, at, where).shaped(_holding)

    def all_holdings(
        self,
        viewer: Viewer,
        *,
        party: str | None = None,
        account: str | None = None,
        asset: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """What accounts hold, by account and asset: all of them, a party's, of an asset."""
        table = schema.holdings
        where = [
            *equal(table, account=account, asset=asset),
            *of_party(self._model.mirror, party, table.c.account),
        ]
        where.append(reads_accounts(viewer, table.c.account))
        return self._page(table, at, where).shaped(_holding)

    def entries(
        self,
        viewer: Viewer,
        account: str,
        *,
        asset: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Debits and credits of an account, newest first; until before `until_ms`."""
        table = schema.entries
        where = [table.c.account == account, *equal(table, asset=asset)]
        where.append(reads_accounts(viewer, table.c.account))
        where += [table.c.time_ms >= since_ms] if since_ms is not None else []
        where += [table.c.time_ms < until_ms] if until_ms is not None else []
        listed = self._page(table, at, where, newest_first=True)
        return listed.shaped(_entry)

    def entries_by_uetr(self, viewer: Viewer, uetr: str) -> list[dict[str, Any]]:
        """Every entry that carries a UETR, oldest first."""
        table = schema.entries
        readable = reads_accounts(viewer, table.c.account)
        query = select(table).where(table.c.uetr == uetr, readable).limit(1000)
        return [_entry(row) for row in self._all(query.order_by(*table.primary_key.columns))]

    def balance_before(self, viewer: Viewer, account: str, asset: str, time_ms: int) -> int:
        """Posted balance before a block time: the opening balance of a statement."""
        table = schema.entries
        query = (
            select(table.c.balance_minor)
            .where(table.c.account == account, table.c.asset == asset, table.c.time_ms < time_ms)
            .where(reads_accounts(viewer, table.c.account))
            .order_by(*(column.desc() for column in table.primary_key.columns))
            .limit(1)
        )
        found = self._all(query)
        return int(found[0]["balance_minor"]) if found else 0


def _json(text: str) -> Any:
    return msgspec.json.decode(text)


def _holding(row: Row) -> dict[str, Any]:
    available = str(int(row["posted_minor"]) - int(row["reserved_minor"]))
    return {**row, "available_minor": available, "flags": _json(row["flags"])}


def _entry(row: Row) -> dict[str, Any]:
    return {**row, "id": f"{row['height']}.{row['position']}.{row['number']}"}
