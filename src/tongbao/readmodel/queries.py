"""Questions to the read model: what the gateway's lists and look-ups answer."""

from __future__ import annotations

from typing import Any, Unpack

import msgspec
from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from tongbao.kernel.identifiers import account_number
from tongbao.readmodel import (
    schema,
    schema_corridors,
    schema_exchange,
    schema_payments,
)
from tongbao.readmodel.asking import TRUE, Asking, equal
from tongbao.readmodel.corridors import CorridorQueries
from tongbao.readmodel.earlier import EarlierQueries
from tongbao.readmodel.exchange import ExchangeQueries
from tongbao.readmodel.model import ReadModel
from tongbao.readmodel.paging import At, BadCursor, Page, Row
from tongbao.readmodel.payments import of_party
from tongbao.readmodel.records import RecordQueries
from tongbao.readmodel.search import SearchQueries

DAY_MS = 24 * 3600 * 1000
_KINDS = {
    "party": schema.parties, "account": schema.accounts, "asset": schema.assets,
    "corridor": schema_corridors.corridors,
    "pool": schema_exchange.pools, "offer": schema_exchange.offers,
}  # fmt: skip


class SqlQueries(Asking):
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
        self.exchange = ExchangeQueries(model)
        """Offers, trades, pools and quotes."""
        self.records = RecordQueries(model)
        """What modules declare as records."""
        self.finding = SearchQueries(model)
        """Search over all of them."""

    # ---- where it stands -----------------------------------------------------------------------

    def height(self) -> int:
        """Height up to which blocks were projected. Cheap: asked several times a second."""
        return self._model.height

    def time_ms(self) -> int:
        """Block time at that height."""
        row = self._one(schema.blocks, schema.blocks.c.height == self._model.height)
        return 0 if row is None else int(row["time_ms"])

    def has(self, kind: str, name: str) -> bool:
        """Whether there is such a party, account, asset, corridor, pool, or row of a record."""
        table = _KINDS[kind] if kind in _KINDS else self._model.mirror.tables[kind]
        [key] = table.primary_key.columns
        return self._one(table, key == name) is not None

    # ---- parties -------------------------------------------------------------------------------

    def parties(self, *, role: str | None = None, **at: Unpack[At]) -> Page:
        """Parties by id; with a role where one is given."""
        where = [schema.parties.c.roles.contains(f'"{role}"', autoescape=True)] if role else []
        return self._page(schema.parties, at, where).shaped(_party)

    def party(self, party: str) -> Row | None:
        """One party."""
        return self._one(schema.parties, schema.parties.c.party == party, shape=_party)

    def keys(self, party: str, **at: Unpack[At]) -> Page:
        """A party's keys by id, with their state at the newest block's time."""
        now = self.time_ms()
        where = [schema.party_keys.c.party == party]
        listed = self._page(schema.party_keys, at, where)
        return listed.shaped(lambda row: _key(row, now))

    def policies(self, party: str, **at: Unpack[At]) -> Page:
        """A party's approval policies by scope."""
        return self._page(schema.policies, at, [schema.policies.c.party == party])

    def proposals(self, party: str, *, state: str | None = None, **at: Unpack[At]) -> Page:
        """Proposals that a party made or has to approve, newest first."""
        table = schema.proposals
        mine = table.c.concerned.contains(f'"{party}"', autoescape=True)
        where = [or_(table.c.party == party, mine), *equal(table, state=state)]
        order = [table.c.proposed_at_ms, table.c.proposal]
        listed = self._page(table, at, where, order=order, newest_first=True)
        return listed.shaped(_proposal)

    # ---- accounts ------------------------------------------------------------------------------

    def accounts(
        self, *, party: str | None = None, identifier: str | None = None, **at: Unpack[At]
    ) -> Page:
        """Accounts by id: of one party, or the one with a linked number."""
        table = schema.accounts
        where = equal(table, party=party)
        if identifier is not None:
            linked = schema.identifiers
            kept = account_number(identifier) or identifier
            of_number = select(linked.c.account).where(linked.c.identifier == kept)
            where.append(table.c.account.in_(of_number))
        listed = self._page(table, at, where)
        names = [row["account"] for row in listed.items]
        numbers = self.numbers_of(names)
        return listed.shaped(lambda row: _account(row, numbers.get(row["account"], ())))

    def numbers_of(self, accounts: list[str]) -> dict[str, tuple[str, ...]]:
        """The numbers linked to accounts, by account; those without one are left out."""
        table = schema.identifiers
        found: dict[str, tuple[str, ...]] = {}
        query = select(table).where(table.c.account.in_(accounts)).order_by(table.c.identifier)
        for row in self._all(query):
            known = found.get(row["account"], ())
            found[row["account"]] = (*known, row["identifier"])
        return found

    def account(self, account: str) -> Row | None:
        """One account."""
        row = self._one(schema.accounts, schema.accounts.c.account == account)
        return None if row is None else _account(row, self.numbers_of([account]).get(account, ()))

    def resolve(self, numbers: list[str]) -> dict[str, str]:
        """Linked numbers, in any spelling, and account ids -> account; unknown ones are left out.

        The answer names each number as it was asked for.
        """
        found: dict[str, str] = {}
        for start in range(0, len(numbers), 400):
            part = numbers[start : start + 400]
            kept = {number: account_number(number) or number for number in part}
            wanted = schema.identifiers.c.identifier.in_(kept.values())
            known = self._all(select(schema.identifiers).where(wanted))
            accounts = {row["identifier"]: row["account"] for row in known}
            found |= {n: accounts[kept[n]] for n in part if kept[n] in accounts}
            ids = select(schema.accounts.c.account).where(schema.accounts.c.account.in_(part))
            found |= {row["account"]: row["account"] for row in self._all(ids)}
        return found

    def holdings(self, account: str, **at: Unpack[At]) -> Page:
        """What an account holds, by asset."""
        where = [schema.holdings.c.account == account]
        return self._page(schema.holdings, at, where).shaped(_holding)

    def all_holdings(
        self,
        *,
        party: str | None = None,
        account: str | None = None,
        asset: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """What accounts hold, by account and asset: all of them, a party's, of an asset."""
        table = schema.holdings
        where = [*equal(table, account=account, asset=asset), *of_party(party, table.c.account)]
        return self._page(table, at, where).shaped(_holding)

    def entries(
        self,
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
        where += [table.c.time_ms >= since_ms] if since_ms is not None else []
        where += [table.c.time_ms < until_ms] if until_ms is not None else []
        listed = self._page(table, at, where, newest_first=True)
        return listed.shaped(_entry)

    def entries_by_uetr(self, uetr: str) -> list[dict[str, Any]]:
        """Every entry that carries a UETR, oldest first."""
        table = schema.entries
        query = select(table).where(table.c.uetr == uetr).limit(1000)
        return [_entry(row) for row in self._all(query.order_by(*table.primary_key.columns))]

    def balance_before(self, account: str, asset: str, time_ms: int) -> int:
        """Posted balance before a block time: the opening balance of a statement."""
        table = schema.entries
        query = (
            select(table.c.balance_minor)
            .where(table.c.account == account, table.c.asset == asset, table.c.time_ms < time_ms)
            .order_by(*(column.desc() for column in table.primary_key.columns))
            .limit(1)
        )
        found = self._all(query)
        return int(found[0]["balance_minor"]) if found else 0

    def limits(self, account: str, **at: Unpack[At]) -> Page:
        """What an account may pay out, by asset, and what it paid on the newest block's UTC day."""
        listed = self._page(schema.limits, at, [schema.limits.c.account == account])
        day = self.time_ms() // DAY_MS * DAY_MS
        return listed.shaped(lambda row: {**row, "spent_today_minor": self._spent(row, day)})

    def _spent(self, limit: Row, since_ms: int) -> str:
        table = schema.entries
        query = select(table.c.amount_minor).where(
            table.c.account == limit["account"], table.c.asset == limit["asset"],
            table.c.time_ms >= since_ms, table.c.event.not_like("assets.%"),
        )  # fmt: skip
        amounts = [int(row["amount_minor"]) for row in self._all(query)]
        return str(-sum(amount for amount in amounts if amount < 0))

    # ---- assets --------------------------------------------------------------------------------

    def assets(self, **at: Unpack[At]) -> Page:
        """Assets by id, with what is outstanding."""
        return self._page(schema.assets, at).shaped(self._with_supply)

    def asset(self, asset: str) -> Row | None:
        """One asset."""
        table = schema.assets
        return self._one(table, table.c.asset == asset, shape=self._with_supply)

    def _with_supply(self, row: Row) -> dict[str, Any]:
        table = schema.holdings
        same = and_(table.c.account == row["issuing_account"], table.c.asset == row["asset"])
        issuing = self._one(table, same)
        return {**row, "supply_minor": str(-int(issuing["posted_minor"])) if issuing else "0"}

    # ---- transactions, blocks, events ----------------------------------------------------------

    def named(self, party: str, reference: str) -> Row | None:
        """Where the newest transaction of that name stands; names are remembered here for ever.

        Keys `height`, `position`, `digest` (hex).
        """
        table = schema.transactions
        query = (
            select(table.c.height, table.c.position, table.c.digest)
            .where(table.c.party == party, table.c.reference == reference)
            .order_by(table.c.height.desc())
            .limit(1)
        )
        found = self._all(query)
        return found[0] if found else None

    def transactions(
        self, *, party: str | None = None, code: int | None = None, **at: Unpack[At]
    ) -> Page:
        """Transactions, newest first; of a party: those that it named, and that concern it."""
        table, listed = schema.transactions, schema_payments.concerned
        where, order = equal(table, code=code), list(table.primary_key.columns)
        if party:
            order = [listed.c.height, listed.c.position]
            same = (listed.c.height == table.c.height, listed.c.position == table.c.position)
            where += [listed.c.party == party, *same]
        found = self._page(table, at, where, order=order, newest_first=True)
        return found.shaped(lambda row: {**row, "types": _json(row["types"])})

    def blocks(self, **at: Unpack[At]) -> Page:
        """Blocks, newest first."""
        return self._page(schema.blocks, at, newest_first=True)

    def events(
        self,
        *,
        limit: int,
        after: str | None = None,
        party: str | None = None,
        account: str | None = None,
        event: str | None = None,
    ) -> Page:
        """Events, oldest first, after an id (None: from the first).

        `next_cursor` is the id to go on from, and never None: where nothing matched it moves on
        to the newest event looked at (or stays `after`, or `"0"`), so that a filter is not walked
        twice. `party` matches the transaction's namer and every party or account of the party in
        the event's data; `account` matches accounts in the data; `event` is a type
        (`payments.transferred`) or a module (`payments`).
        """
        table = schema.events
        order = list(table.primary_key.columns)
        where: list[ColumnElement[bool]] = []
        if after not in (None, "0"):
            where.append(tuple_(*order) > tuple_(*_event_place(str(after))))
        if event:
            where.append(or_(table.c.event == event, table.c.event.startswith(f"{event}.")))
        if account:
            where.append(table.c.data.contains(f'"{account}"', autoescape=True))
        if party:
            named = table.c.data.contains(f'"{party}"', autoescape=True)
            owned = table.c.data.contains(f'"{party}/', autoescape=True)
            where.append(or_(table.c.party == party, named, owned))
        newest = self.newest_event()
        query = select(table).where(TRUE, *where).order_by(*order).limit(limit)
        items = [_event(row) for row in self._all(query)]
        if len(items) == limit:
            return Page(items, items[-1]["id"])
        stays = after or "0"
        return Page(items, items[-1]["id"] if items and newest == "0" else _later(newest, stays))

    def newest_event(self) -> str:
        """Id of the newest event, "0" before the first: where a stream without a past starts."""
        table = schema.events
        order = [column.desc() for column in table.primary_key.columns]
        found = self._all(select(table).order_by(*order).limit(1))
        return _event(found[0])["id"] if found else "0"


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


def _json(text: str) -> Any:
    return msgspec.json.decode(text)


def _party(row: Row) -> dict[str, Any]:
    return {**row, "roles": _json(row["roles"])}


def _key(row: Row, now: int) -> dict[str, Any]:
    expired = row["expires_at_ms"] and row["expires_at_ms"] <= now
    state = "revoked" if row["revoked_at_ms"] else "expired" if expired else "live"
    return {**row, "scopes": _json(row["scopes"]), "state": state}


def _proposal(row: Row) -> dict[str, Any]:
    return {**row, "approvals": _json(row["approvals"]), "actions": _json(row["actions"])}


def _account(row: Row, identifiers: tuple[str, ...]) -> dict[str, Any]:
    return {**row, "identifiers": identifiers, "frozen_by": _json(row["frozen_by"])}


def _holding(row: Row) -> dict[str, Any]:
    available = str(int(row["posted_minor"]) - int(row["reserved_minor"]))
    return {**row, "available_minor": available, "flags": _json(row["flags"])}


def _entry(row: Row) -> dict[str, Any]:
    return {**row, "id": f"{row['height']}.{row['position']}.{row['number']}"}


def _event(row: Row) -> dict[str, Any]:
    data = _json(row["data"])
    data.pop("event", None)
    identity = f"{row['height']}.{row['position']}.{row['number']}"
    return {**row, "id": identity, "data": data}
