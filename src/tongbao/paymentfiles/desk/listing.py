"""What the desk shows: files, payments, batches, acts, limits; in pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select

from tongbao.kernel.approvals import policy_of
from tongbao.kernel.codes import refuse
from tongbao.paymentfiles.desk import store as tables
from tongbao.paymentfiles.desk.approving import (
    batch_totals,
    makers_of,
    missing,
    signers_of,
    totals,
)
from tongbao.paymentfiles.desk.batch_desk import find_file
from tongbao.paymentfiles.desk.ledger import DeskLedger
from tongbao.paymentfiles.desk.orders import SCOPE
from tongbao.paymentfiles.desk.store import DeskStore
from tongbao.readmodel import Page, Viewer
from tongbao.readmodel.viewer import reads_of
from tongbao.sdk import desk as sdk
from tongbao.sdk.api_codes import GatewayCode
from tongbao.words import text_of

_FILE = (
    "file", "party", "name", "message", "message_id", "state", "version", "digest",
    "uploaded_by", "uploaded_label", "created_at_ms", "planned_at_ms", "release_at_ms",
)  # fmt: skip


class DeskQueries:
    """Questions to one desk."""

    def __init__(self, store: DeskStore, ledger: DeskLedger) -> None:
        """Of its memory; the ledger says which approvals are enough."""
        self.store = store
        self.ledger = ledger

    def require(self, viewer: Viewer, name: str) -> None:
        """A Refusal for a file that is not there, or is not the viewer's."""
        with self.store.read() as connection:
            _find(connection, viewer, name)

    def file(self, viewer: Viewer, name: str) -> sdk.DeskFile:
        """One file with what it still lacks."""
        with self.store.read() as connection:
            return self._file(connection, _find(connection, viewer, name))

    def files(
        self, viewer: Viewer, *, limit: int, cursor: str | None = None, state: str | None = None,
        party: str | None = None,
    ) -> Page:  # fmt: skip
        """The viewer's files, newest first."""
        table = tables.files
        query = select(table).order_by(table.c.number.desc())
        query = query.where(reads_of(viewer, table.c.party))
        if state is not None:
            query = query.where(table.c.state == state)
        if party is not None:
            query = query.where(table.c.party == party)
        if cursor is not None:
            query = query.where(table.c.number < _place(cursor))
        with self.store.read() as connection:
            rows, after = _cut(connection, query, limit, "number")
            return Page([_plain(self._file(connection, row)) for row in rows], after)

    def payments(
        self,
        viewer: Viewer,
        name: str,
        *,
        limit: int,
        cursor: str | None = None,
        state: str | None = None,
    ) -> Page:
        """Payments of a file, in its order."""
        table = tables.payments
        query = select(table).where(table.c.file == name).order_by(table.c.item)
        if state is not None:
            query = query.where(table.c.state == state)
        return self._list(viewer, name, query, table.c.item, limit, cursor, "item", ("place",))

    def acts(self, viewer: Viewer, name: str, *, limit: int, cursor: str | None = None) -> Page:
        """What was done with a file, oldest first."""
        table = tables.acts
        query = select(table).where(table.c.file == name).order_by(table.c.act)
        hidden = ("statement", "signed")
        return self._list(viewer, name, query, table.c.act, limit, cursor, "act", hidden)

    def batches(self, viewer: Viewer, name: str, *, limit: int, cursor: str | None = None) -> Page:
        """Batches of a file with their signatures."""
        table = tables.batches
        query = select(table).where(table.c.file == name).order_by(table.c.batch)
        if cursor is not None:
            query = query.where(table.c.batch > _place(cursor))
        with self.store.read() as connection:
            _find(connection, viewer, name)
            rows, after = _cut(connection, query, limit, "batch")
            view = self.ledger.view()
            makers = makers_of(connection, name, view)
            totals = batch_totals(connection, name)
            listed = []
            for row in rows:
                policy = policy_of(view, row["party"], SCOPE)
                signed = signers_of(connection, name, row["batch"])
                kept = {key: row[key] for key in row if key in sdk.DeskBatch.__struct_fields__}
                listed.append(_plain(sdk.DeskBatch(**{
                    **kept, "keys_needed": policy.keys, "weight_needed": policy.weight,
                    "totals": totals.get(row["batch"], {}), "signed_by": signed,
                    "makers": tuple(k for k in signed if k in makers),
                })))  # fmt: skip
            return Page(listed, after)

    def limits(
        self, viewer: Viewer, party: str | None, *, limit: int, cursor: str | None = None
    ) -> Page:
        """What keys may approve."""
        table = tables.limits
        query = select(table).order_by(table.c.party, table.c.key, table.c.currency)
        query = query.where(reads_of(viewer, table.c.party))
        if party is not None:
            query = query.where(table.c.party == party)
        start = _place(cursor) if cursor is not None else 0
        with self.store.read() as connection:
            rows = tables.rows(connection, query.offset(start).limit(limit + 1))
        after = str(start + limit) if len(rows) > limit else None
        return Page(rows[:limit], after)

    def _list(
        self, viewer: Viewer, name: str, query: Select[Any], column: Any, limit: int,
        cursor: str | None, key: str, hidden: tuple[str, ...],
    ) -> Page:  # fmt: skip
        if cursor is not None:
            query = query.where(column > _place(cursor))
        with self.store.read() as connection:
            _find(connection, viewer, name)
            rows, after = _cut(connection, query, limit, key)
        return Page([{k: v for k, v in row.items() if k not in hidden} for row in rows], after)

    def _file(self, connection: Connection, row: Mapping[str, Any]) -> sdk.DeskFile:
        name = row["file"]
        table = tables.payments
        counted = connection.execute(
            select(table.c.state, func.count()).where(table.c.file == name).group_by(table.c.state)
        )
        states = {state: int(count) for state, count in counted}
        lacking = []
        if row["state"] == "open":
            batches = tables.batches
            listed = tables.rows(connection, select(batches).where(batches.c.file == name))
            lacking = missing(connection, name, listed, self.ledger.view())
        return sdk.DeskFile(
            **{key: row[key] for key in _FILE},
            payments=sum(states.values()),
            states=states,
            totals={key: str(value) for key, value in totals(connection, name).items()},
            missing=tuple(map(str, lacking)),
            missing_zh=tuple(text_of(one, "zh") for one in lacking),
        )


def _find(connection: Connection, viewer: Viewer, name: str) -> Mapping[str, Any]:
    """A file's row; a Refusal where it is not there, or is another party's."""
    row = find_file(connection, name)
    if not viewer.is_node and row["party"] != viewer.party:
        refuse(GatewayCode.NOT_FOUND, kind="desk file", id=name[:80])
    return row


def _cut(
    connection: Connection, query: Select[Any], limit: int, key: str
) -> tuple[list[tables.Row], str | None]:
    rows = tables.rows(connection, query.limit(limit + 1))
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, str(rows[-1][key]) if more else None


def _place(cursor: str) -> int:
    """The place that a cursor names; ValueError for one that this list did not give."""
    if not cursor.isdecimal() or len(cursor) > 18:
        raise ValueError("not a cursor of this list")
    return int(cursor)


def _plain(document: Any) -> Mapping[str, Any]:
    return {name: getattr(document, name) for name in document.__struct_fields__}
