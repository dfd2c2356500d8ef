"""Questions about corridors and the payments through them."""

from __future__ import annotations

from typing import Any, Unpack

import msgspec
from sqlalchemy import ColumnElement, or_, select

from tongbao.readmodel import schema_corridors as schema
from tongbao.readmodel.asking import Asking, equal
from tongbao.readmodel.paging import At, Page, Row
from tongbao.readmodel.viewer import Viewer, reads_accounts, reads_of


class CorridorQueries(Asking):
    """What the gateway answers about corridors; may be called from several threads at once."""

    def corridors(
        self,
        viewer: Viewer,
        *,
        send_asset: str | None = None,
        receive_asset: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Corridors by id, with who serves them."""
        table = schema.corridors
        where = equal(table, send_asset=send_asset, receive_asset=receive_asset)
        return self._page(table, at, where).shaped(self._with_servers)

    def corridor(self, viewer: Viewer, corridor: str) -> Row | None:
        """One corridor."""
        table = schema.corridors
        return self._one(table, table.c.corridor == corridor, shape=self._with_servers)

    def _with_servers(self, row: Row) -> dict[str, Any]:
        table = schema.servers
        query = select(table.c.party).where(table.c.corridor == row["corridor"])
        found = self._all(query.order_by(table.c.party))
        return {**row, "servers": [one["party"] for one in found]}

    def terms(self, viewer: Viewer, corridor: str, **at: Unpack[At]) -> Page:
        """Terms of a corridor, newest first, those to come included."""
        where = [schema.terms.c.corridor == corridor]
        listed = self._page(schema.terms, at, where, newest_first=True)
        return listed.shaped(lambda row: {**row, "terms": msgspec.json.decode(row["terms"])})

    def rates(
        self,
        viewer: Viewer,
        *,
        base: str | None = None,
        quote: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """The network's reference rates, newest first of each pair."""
        where = equal(schema.rates, base=base, quote=quote)
        return self._page(schema.rates, at, where, newest_first=True)

    def screening(self, viewer: Viewer, subject: str, **at: Unpack[At]) -> Page:
        """Results about somebody, by screening party."""
        where = [schema.results.c.subject == subject, reads_of(viewer, schema.results.c.party)]
        return self._page(schema.results, at, where)

    def sealing_key(self, viewer: Viewer, party: str) -> Row | None:
        """Where travel-rule data for a party is sealed to."""
        return self._one(schema.sealing_keys, schema.sealing_keys.c.party == party)

    # ---- payments ------------------------------------------------------------------------------

    def payments(
        self,
        viewer: Viewer,
        *,
        party: str | None = None,
        corridor: str | None = None,
        state: str | None = None,
        payee_reference: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Cross-border payments, newest first; of a party as payer or payee."""
        table = schema.payments
        where = equal(table, corridor=corridor, state=state, payee_reference=payee_reference)
        if party:
            where.append(or_(table.c.payer_party == party, table.c.payee_party == party))
        where.append(_readable(viewer))
        order = [table.c.accepted_at_ms, table.c.uetr]
        listed = self._page(table, at, where, order=order, newest_first=True)
        return listed.shaped(_payment)

    def payment(self, viewer: Viewer, uetr: str) -> Row | None:
        """One payment, by its own UETR or that of a return, with steps, charges and returns."""
        table = schema.payments
        readable = _readable(viewer)
        row = self._one(table, table.c.uetr == uetr, readable)
        if row is None:
            returned = select(schema.returns.c.uetr).where(schema.returns.c.return_uetr == uetr)
            row = self._one(table, table.c.uetr.in_(returned), readable)
        if row is None:
            return None
        name = row["uetr"]
        steps, charges, returns = schema.steps, schema.charges, schema.returns
        return {
            **_payment(row),
            "steps": self._all(select(steps).where(steps.c.uetr == name).order_by(steps.c.number)),
            "charges": self._all(
                select(charges).where(charges.c.uetr == name).order_by(charges.c.number)
            ),
            "returns": self._all(
                select(returns).where(returns.c.uetr == name).order_by(returns.c.at_ms)
            ),
        }

    def charges(self, viewer: Viewer, receiver: str, **at: Unpack[At]) -> Page:
        """Charges that an account received, by payment."""
        table = schema.charges
        where = [table.c.receiver == receiver, reads_accounts(viewer, table.c.receiver)]
        return self._page(schema.charges, at, where)


def _readable(viewer: Viewer) -> ColumnElement[bool]:
    """Payments of which somebody is an end or its bank, or whom they wait for."""
    table = schema.payments
    ends = reads_accounts(viewer, table.c.payer, table.c.payee)
    waits = table.c.held_for.contains(f'"{viewer.party}"', autoescape=True)
    return or_(ends, waits) if viewer.party else ends


def _payment(row: Row) -> dict[str, Any]:
    told = {**row, "route": msgspec.json.decode(row["route"])}
    told["held_for"] = msgspec.json.decode(row["held_for"])
    told.pop("steps")
    return told
