"""Questions about transactions, blocks and events: what happened, and whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Unpack

import msgspec
from sqlalchemy import ColumnElement, or_, select, tuple_

from tongbao.readmodel import schema, schema_payments
from tongbao.readmodel.asking import TRUE, Asking, equal
from tongbao.readmodel.audience import NAMED
from tongbao.readmodel.paging import At, BadCursor, Page, Row
from tongbao.readmodel.viewer import Viewer, reads_events, reads_transactions

BEHIND = 2**31 - 1
"""Position behind every other of a block."""


class TransactionQueries(Asking):
    """What stands in blocks; may be asked from several threads at once."""

    def height(self) -> int:
        """Height up to which blocks were projected. Cheap: asked several times a second."""
        return self._model.height

    def named(self, viewer: Viewer, party: str, reference: str) -> Row | None:
        """Where the newest transaction of that name stands; names are kept here for ever.

        Keys `height`, `position`, `digest` (hex).
        """
        table = schema.transactions
        query = (
            select(table.c.height, table.c.position, table.c.digest)
            .where(table.c.party == party, table.c.reference == reference)
            .where(reads_transactions(viewer, table))
            .order_by(table.c.height.desc())
            .limit(1)
        )
        found = self._all(query)
        return found[0] if found else None

    def reads_transaction(self, viewer: Viewer, height: int, position: int) -> bool:
        """Whether a transaction concerns the viewer."""
        table = schema.transactions
        where = (table.c.height == height, table.c.position == position)
        return self._one(table, *where, reads_transactions(viewer, table)) is not None

    def numbers_read(self, viewer: Viewer, height: int, position: int) -> frozenset[int]:
        """Which events of a transaction the viewer reads, by their numbers."""
        table = schema.events
        place = (table.c.height == height, table.c.position == position)
        found = self._all(select(table.c.number).where(*place, reads_events(viewer)))
        return frozenset(row["number"] for row in found)

    def kept_accounts(self, viewer: Viewer, accounts: Iterable[str]) -> frozenset[str]:
        """Those of some accounts that the viewer keeps as a bank."""
        table = schema.account_banks
        if not viewer.party:
            return frozenset()
        wanted, found = list(accounts), set()
        for start in range(0, len(wanted), 400):
            part = table.c.account.in_(wanted[start : start + 400])
            query = select(table).where(table.c.bank == viewer.party, part)
            found |= {row["account"] for row in self._all(query)}
        return frozenset(found)

    def transactions(
        self, viewer: Viewer, *, party: str | None = None, code: int | None = None, **at: Unpack[At]
    ) -> Page:
        """Transactions, newest first; of a party: those that it named, and that concern it."""
        table, listed = schema.transactions, schema_payments.concerned
        where, order = equal(table, code=code), list(table.primary_key.columns)
        if party:
            order = [listed.c.height, listed.c.position]
            same = (listed.c.height == table.c.height, listed.c.position == table.c.position)
            where += [listed.c.party == party, listed.c.relation == NAMED, *same]
        where.append(reads_transactions(viewer, table))
        found = self._page(table, at, where, order=order, newest_first=True)
        return found.shaped(lambda row: {**row, "types": msgspec.json.decode(row["types"])})

    def blocks(self, viewer: Viewer, **at: Unpack[At]) -> Page:
        """Blocks, newest first."""
        return self._page(schema.blocks, at, newest_first=True)

    def events(
        self,
        viewer: Viewer,
        *,
        limit: int,
        after: str | None = None,
        party: str | None = None,
        account: str | None = None,
        event: str | None = None,
    ) -> Page:
        """Events that the viewer reads, oldest first, after an id (None: from the first).

        `next_cursor` is the id to go on from, and never None: where nothing follows, the place
        behind the newest block (or `after`, where that is later), so that a filter is not walked
        twice, and nobody learns of events that they do not read. `party` matches whom an event
        names or whose transaction it was; `account` matches accounts in the data; `event` is a
        type (`payments.transferred`) or a module (`payments`).
        """
        table, whom = schema.events, schema_payments.event_parties
        order = list(table.primary_key.columns)
        where: list[ColumnElement[bool]] = [] if viewer.is_node else [reads_events(viewer)]
        if after not in (None, "0"):
            where.append(tuple_(*order) > tuple_(*_event_place(str(after))))
        if event:
            where.append(or_(table.c.event == event, table.c.event.startswith(f"{event}.")))
        if account:
            where.append(table.c.data.contains(f'"{account}"', autoescape=True))
        if party:
            same = [whom.c[one.name] == one for one in order]
            where += [whom.c.party == party, whom.c.relation == NAMED, *same]
        behind = behind_block(self.height())
        query = select(table).where(TRUE, *where).order_by(*order).limit(limit)
        items = [_event(row) for row in self._all(query)]
        if len(items) == limit:
            return Page(items, items[-1]["id"])
        return Page(items, _later(behind, after or "0"))

    def whom_concern(self, viewer: Viewer, events: Sequence[Row]) -> list[frozenset[str] | None]:
        """The parties that read each of some events; None where anybody does. For a node alone,
        which tells others apart by it."""
        table = schema_payments.event_parties
        found: dict[tuple[int, int, int], set[str]] = {}
        if not viewer.is_node or not events:
            return [frozenset() for _ in events]
        order = [table.c.height, table.c.position, table.c.number]
        first, last = (tuple(one[c.name] for c in order) for one in (events[0], events[-1]))
        here = tuple_(*order)
        for row in self._all(select(table).where(here >= first, here <= last)):
            place = (row["height"], row["position"], row["number"])
            found.setdefault(place, set()).add(row["party"])
        return [
            None if one["public"]
            else frozenset(found.get((one["height"], one["position"], one["number"]), ()))
            for one in events
        ]  # fmt: skip


def behind_block(height: int) -> str:
    """The place behind every event of a block, as an id; "0" before the first block."""
    return f"{height}.{BEHIND}.0" if height >= 0 else "0"


def _event_place(after: str) -> tuple[int, int, int]:
    parts = after.split(".")
    if len(parts) != 3 or not all(part.removeprefix("-").isdigit() for part in parts):
        raise BadCursor(f"not an event id: {after[:40]}")
    height, position, number = (int(part) for part in parts)
    if max(height, position, number) >= 2**31:
        raise BadCursor(f"not an event id: {after[:40]}")
    return height, position, number


def _later(one: str, other: str) -> str:
    if other == "0":
        return one
    return one if one != "0" and _event_place(one) > _event_place(other) else other


def _event(row: Row) -> dict[str, Any]:
    data = msgspec.json.decode(row["data"])
    data.pop("event", None)
    identity = f"{row['height']}.{row['position']}.{row['number']}"
    return {**row, "id": identity, "data": data}
