"""Questions about seats, votes, upgrades and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement

from tongbao.readmodel import schema
from tongbao.readmodel.asking import Asking
from tongbao.readmodel.paging import Page


class GovernanceQueries(Asking):
    """What members decided, and what waits for their answer."""

    def seat_changes(
        self, *, limit: int, cursor: str | None = None, party: str | None = None
    ) -> Page:
        """Every change of who signs blocks, newest first; of one party where one is given."""
        table = schema.seat_changes
        where: list[ColumnElement[bool]] = [table.c.party == party] if party else []
        return self._page(table, limit, cursor, where, newest_first=True)

    def votes(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        state: str | None = None,
        opener: str | None = None,
    ) -> Page:
        """Votes, newest first: all, in a state, or opened by a party."""
        table = schema.votes
        where: list[ColumnElement[bool]] = [table.c.state == state] if state else []
        where += [table.c.opener == opener] if opener else []
        order = [table.c.opened_at_ms, table.c.vote]
        listed = self._page(table, limit, cursor, where, order=order, newest_first=True)
        return Page([_vote(row) for row in listed.items], listed.next_cursor)

    def vote(self, vote: str) -> Mapping[str, Any] | None:
        """One vote with its answers."""
        row = self._one(schema.votes, schema.votes.c.vote == vote)
        return None if row is None else _vote(row)

    def upgrades(self, *, limit: int, cursor: str | None = None) -> Page:
        """Upgrades that were agreed on, the highest block first."""
        listed = self._page(schema.upgrades, limit, cursor, newest_first=True)
        now = self._model.height
        return Page([_upgrade(row, now) for row in listed.items], listed.next_cursor)

    def evidence(self, *, limit: int, cursor: str | None = None, party: str | None = None) -> Page:
        """Evidence against validators, newest first; against one party where one is given."""
        table = schema.evidence
        where: list[ColumnElement[bool]] = [table.c.party == party] if party else []
        order = [table.c.recorded_at_ms, table.c.evidence]
        return self._page(table, limit, cursor, where, order=order, newest_first=True)


def _vote(row: Mapping[str, Any]) -> dict[str, Any]:
    change, answers = (msgspec.json.decode(row[name]) for name in ("change", "answers"))
    return {**row, "change": change, "answers": answers}


def _upgrade(row: Mapping[str, Any], height: int) -> dict[str, Any]:
    taken = row["state"] == "agreed" and row["height"] <= height
    return {**row, "state": "taken" if taken else row["state"]}
