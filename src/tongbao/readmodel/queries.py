"""Questions to the read model: what the gateway's lists and look-ups answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import select

from tongbao.kernel.identifiers import account_number
from tongbao.readmodel.asking import Newest
from tongbao.readmodel.earlier import EarlierQueries
from tongbao.readmodel.model import ReadModel
from tongbao.readmodel.paging import Row
from tongbao.readmodel.records import RecordQueries
from tongbao.readmodel.search import SearchQueries
from tongbao.readmodel.transactions import TransactionQueries
from tongbao.readmodel.viewer import (
    Viewer,
    reads_accounts,
)


class SqlQueries(TransactionQueries):
    """What the gateway asks, from worker threads, several at once.

    Every list is ordered, takes 1 <= `limit` <= 1000 and a `cursor` (a former `next_cursor`), and
    raises BadCursor for what is no place in it. A list about a party or account that does not
    exist is empty (`has` tells); a question for one row answers None.
    """

    def __init__(self, model: ReadModel) -> None:
        """Ask this read model."""
        super().__init__(model)
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
        """Whether the viewer reads such a row of a record."""
        mirror = self._model.mirror
        [key] = mirror.tables[kind].primary_key.columns
        readable = mirror.read_by(viewer, mirror.records[kind])
        return self._one(mirror.tables[kind], key == name, readable) is not None

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

    def entry(
        self, viewer: Viewer, filters: Mapping[str, Any], *, oldest_first: bool = False
    ) -> Row | None:
        """The newest entry of an account that fits, or the oldest."""
        listed = self.records.list_rows(
            viewer, "entry", filters, limit=1, oldest_first=oldest_first
        )
        return next(iter(listed.items), None)


def _json(text: str) -> Any:
    return msgspec.json.decode(text)
