"""Which ids of payments the ledger has seen before: so that a payment is not sent twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, select

from tongbao.kernel.money import owner_of
from tongbao.readmodel.asking import Asking
from tongbao.readmodel.viewer import Viewer, reads_accounts

_FILES = "payments.bulk_transferred"
_TOGETHER = 400


class EarlierQueries(Asking):
    """Ids that stand beside settled payments; may be called from several threads."""

    def end_to_end(
        self, viewer: Viewer, party: str, ids: Sequence[str], document: str = ""
    ) -> dict[str, str]:
        """Of these end-to-end ids, those that other files of the party have used -> which file.

        A file is named by the beginning of its SHA-256; `document` is the one that asks.
        """
        found: dict[str, str] = {}
        of_files = self._entries.c.event == _FILES
        for row in self._debits(viewer, "payee_reference", ids, of_files):
            if row["document"] not in ("", document) and owner_of(row["account"]) == party:
                found.setdefault(row["payee_reference"], row["document"][:12])
        return found

    def uetrs(self, viewer: Viewer, ids: Sequence[str], document: str = "") -> dict[str, str]:
        """Of these UETRs, those that any other payment has -> its file, or its transaction.

        A UETR is of one payment in the whole world, so whose it was does not matter.
        """
        found: dict[str, str] = {}
        for row in self._debits(viewer, "uetr", ids):
            if not document or row["document"] != document:
                found.setdefault(row["uetr"], (row["document"] or row["digest"])[:12])
        return found

    @property
    def _entries(self) -> Table:
        return self._model.mirror.tables["entry"]

    def _debits(
        self, viewer: Viewer, column: str, ids: Sequence[str], *where: ColumnElement[bool]
    ) -> Iterable[dict[str, Any]]:
        """Rows with one of the ids, the oldest first; the debit of a payment has an even number."""
        table = self._entries
        readable = reads_accounts(viewer, table.c.account, table.c.counterparty)
        asked = [one for one in dict.fromkeys(ids) if one]
        for start in range(0, len(asked), _TOGETHER):
            part = asked[start : start + _TOGETHER]
            debits = (table.c[column].in_(part), table.c.number % 2 == 0, readable, *where)
            query = select(table).where(*debits)
            yield from self._all(query.order_by(*table.primary_key.columns))
