"""Questions about settlement batches, queues and what waits in them."""

from __future__ import annotations

from typing import Any, Unpack

import msgspec
from sqlalchemy import func, select, tuple_

from tongbao.readmodel import schema_settlement as schema
from tongbao.readmodel.asking import Asking, equal
from tongbao.readmodel.paging import At, Page, Row
from tongbao.readmodel.payments import of_account, of_party


class SettlementQueries(Asking):
    """What the gateway answers about settlement; may be called from several threads at once."""

    def batches(
        self, *, party: str | None = None, state: str | None = None, **at: Unpack[At]
    ) -> Page:
        """Batches, newest first; those of a party that proposed them or takes part."""
        table = schema.batches
        where = equal(table, state=state)
        if party:
            where.append(table.c.parties.contains(f'"{party}"', autoescape=True))
        order = [table.c.proposed_at_ms, table.c.batch]
        listed = self._page(table, at, where, order=order, newest_first=True)
        legs = self._instructions([row["batch"] for row in listed.items])
        return listed.shaped(lambda row: _batch(row, legs.get(row["batch"], [])))

    def batch(self, batch: str) -> Row | None:
        """One batch with its instructions."""
        row = self._one(schema.batches, schema.batches.c.batch == batch)
        return None if row is None else _batch(row, self._instructions([batch]).get(batch, []))

    def _instructions(self, batches: list[str]) -> dict[str, list[dict[str, Any]]]:
        table = schema.instructions
        query = select(table).where(table.c.batch.in_(batches))
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self._all(query.order_by(table.c.batch, table.c.number)):
            found.setdefault(row.pop("batch"), []).append(row)
        return found

    # ---- queues ----------------------------------------------------------------------------------

    def queues(self, **at: Unpack[At]) -> Page:
        """Queues by id, with how many payments wait."""
        return self._page(schema.queues, at).shaped(_queue)

    def queue(self, queue: str) -> Row | None:
        """One queue."""
        return self._one(schema.queues, schema.queues.c.queue == queue, shape=_queue)

    def waiting(
        self,
        queue: str,
        *,
        payer: str | None = None,
        asset: str | None = None,
        party: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """What waits in a queue, in its order; `position` counts all that wait, from 1."""
        table = schema.payments
        here = [table.c.queue == queue, table.c.state == "waiting"]
        where = [*here, *equal(table, payer=payer, asset=asset)]
        where += of_party(party, table.c.payer, table.c.payee)
        order = [table.c.priority, table.c.order, table.c.payment]
        listed = self._page(table, at, where, order=order)
        if not listed.items:
            return listed
        first, last = (tuple(listed.items[n][column.name] for column in order) for n in (0, -1))
        with self._model.engine.connect() as connection:
            ahead = connection.scalar(
                select(func.count()).select_from(table).where(*here, tuple_(*order) < first)
            )
            between = connection.execute(
                select(table.c.payment).where(
                    *here, tuple_(*order) >= first, tuple_(*order) <= last
                ).order_by(*order)
            ).scalars()  # fmt: skip
            places = {payment: (ahead or 0) + n for n, payment in enumerate(between, start=1)}
        return listed.shaped(lambda row: {**row, "position": places[row["payment"]]})

    def payments(
        self,
        *,
        queue: str | None = None,
        account: str | None = None,
        party: str | None = None,
        state: str | None = None,
        run: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Payments that were submitted, newest first; of an account that pays or is paid."""
        table = schema.payments
        sides = (table.c.payer, table.c.payee)
        where = [*equal(table, queue=queue, state=state, run=run), *of_account(account, *sides)]
        where += of_party(party, *sides)
        order = [table.c.submitted_at_ms, table.c.payment]
        return self._page(table, at, where, order=order, newest_first=True)

    def payment(self, payment: str) -> Row | None:
        """One payment, with its position where it waits."""
        table = schema.payments
        row = self._one(table, table.c.payment == payment)
        if row is None or row["state"] != "waiting":
            return row
        order = tuple_(table.c.priority, table.c.order, table.c.payment)
        ahead = order <= (row["priority"], row["order"], row["payment"])
        waits = (table.c.queue == row["queue"], table.c.state == "waiting")
        with self._model.engine.connect() as connection:
            query = select(func.count()).select_from(table).where(*waits, ahead)
            return {**row, "position": connection.scalar(query)}

    def runs(self, queue: str, **at: Unpack[At]) -> Page:
        """Runs of the netting of a queue, newest first."""
        table = schema.runs
        order = [table.c.started_at_ms, table.c.run]
        return self._page(table, at, [table.c.queue == queue], order=order, newest_first=True)

    def limits(self, queue: str, **at: Unpack[At]) -> Page:
        """What participants allow a queue, by account and asset."""
        listed = self._page(schema.limits, at, [schema.limits.c.queue == queue])
        return listed.shaped(
            lambda row: {**row, "bilateral": msgspec.json.decode(row["bilateral"])}
        )


def _batch(row: Row, instructions: list[dict[str, Any]]) -> dict[str, Any]:
    parties = msgspec.json.decode(row["parties"])
    return {**row, "parties": parties, "instructions": instructions}


def _queue(row: Row) -> dict[str, Any]:
    return {**row, "assets": msgspec.json.decode(row["assets"])}
