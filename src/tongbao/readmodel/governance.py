"""Questions about seats, votes, upgrades and evidence."""

from __future__ import annotations

from typing import Any, Unpack

import msgspec

from tongbao.readmodel import schema
from tongbao.readmodel.asking import Asking, equal
from tongbao.readmodel.paging import At, Page, Row


class GovernanceQueries(Asking):
    """What members decided, and what waits for their answer."""

    def seat_changes(self, *, party: str | None = None, **at: Unpack[At]) -> Page:
        """Every change of who signs blocks, newest first; of one party where one is given."""
        table = schema.seat_changes
        return self._page(table, at, equal(table, party=party), newest_first=True)

    def votes(
        self, *, state: str | None = None, opener: str | None = None, **at: Unpack[At]
    ) -> Page:
        """Votes, newest first: all, in a state, or opened by a party."""
        table = schema.votes
        where = equal(table, state=state, opener=opener)
        order = [table.c.opened_at_ms, table.c.vote]
        listed = self._page(table, at, where, order=order, newest_first=True)
        return listed.shaped(_vote)

    def vote(self, vote: str) -> Row | None:
        """One vote with its answers."""
        return self._one(schema.votes, schema.votes.c.vote == vote, shape=_vote)

    def upgrades(self, **at: Unpack[At]) -> Page:
        """Upgrades that were agreed on, the highest block first."""
        listed = self._page(schema.upgrades, at, newest_first=True)
        now = self._model.height
        return listed.shaped(lambda row: _upgrade(row, now))

    def evidence(self, *, party: str | None = None, **at: Unpack[At]) -> Page:
        """Evidence against validators, newest first; against one party where one is given."""
        table = schema.evidence
        where = equal(table, party=party)
        order = [table.c.recorded_at_ms, table.c.evidence]
        return self._page(table, at, where, order=order, newest_first=True)


def _vote(row: Row) -> dict[str, Any]:
    change, answers = (msgspec.json.decode(row[name]) for name in ("change", "answers"))
    return {**row, "change": change, "answers": answers}


def _upgrade(row: Row, height: int) -> dict[str, Any]:
    taken = row["state"] == "agreed" and row["height"] <= height
    return {**row, "state": "taken" if taken else row["state"]}
