"""Questions to the read model: what the gateway's lists and look-ups answer."""

from __future__ import annotations

from typing import Any, Unpack

import msgspec
from sqlalchemy import and_, or_, select

from tongbao.kernel.identifiers import account_number
from tongbao.readmodel import (
    schema,
    schema_corridors,
    schema_exchange,
)
from tongbao.readmodel.asking import equal
from tongbao.readmodel.corridors import CorridorQueries
from tongbao.readmodel.earlier import EarlierQueries
from tongbao.readmodel.exchange import ExchangeQueries
from tongbao.readmodel.model import ReadModel
from tongbao.readmodel.paging import At, Page, Row
from tongbao.readmodel.payments import of_party
from tongbao.readmodel.records import RecordQueries
from tongbao.readmodel.search import SearchQueries
from tongbao.readmodel.transactions import TransactionQueries
from tongbao.readmodel.viewer import (
    Viewer,
    reads_accounts,
    reads_of,
)

DAY_MS = 24 * 3600 * 1000
_KINDS = {
    "party": schema.parties, "account": schema.accounts, "asset": schema.assets,
    "corridor": schema_corridors.corridors,
    "pool": schema_exchange.pools, "offer": schema_exchange.offers,
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
        self.exchange = ExchangeQueries(model)
        """Offers, trades, pools and quotes."""
        self.records = RecordQueries(model)
        """What modules declare as records."""
        self.finding = SearchQueries(model)
        """Search over all of them."""

    # ---- where it stands -----------------------------------------------------------------------

    def time_ms(self) -> int:
        """Block time at that height."""
        row = self._one(schema.blocks, schema.blocks.c.height == self._model.height)
        return 0 if row is None else int(row["time_ms"])

    def has(self, viewer: Viewer, kind: str, name: str) -> bool:
        """Whether the viewer reads such a party, account, asset, corridor, pool, offer, or row of
        a record."""
        mirror = self._model.mirror
        table = _KINDS[kind] if kind in _KINDS else mirror.tables[kind]
        [key] = table.primary_key.columns
        where = [key == name]
        if kind in ("account", "offer"):
            where.append(reads_accounts(viewer, table.c.account))
        elif kind not in _KINDS:
            where.append(mirror.read_by(viewer, mirror.records[kind]))
        return self._one(table, *where) is not None

    def reads_account(self, viewer: Viewer, account: str) -> bool:
        """Whether the viewer owns or keeps an account."""
        return viewer.is_node or self.has(viewer, "account", account)

    # ---- parties -------------------------------------------------------------------------------

    def parties(self, viewer: Viewer, *, role: str | None = None, **at: Unpack[At]) -> Page:
        """Parties by id; with a role where one is given."""
        where = [schema.parties.c.roles.contains(f'"{role}"', autoescape=True)] if role else []
        return self._page(schema.parties, at, where).shaped(_party)

    def party(self, viewer: Viewer, party: str) -> Row | None:
        """One party."""
        return self._one(schema.parties, schema.parties.c.party == party, shape=_party)

    def keys(self, viewer: Viewer, party: str, **at: Unpack[At]) -> Page:
        """A party's keys by id, with their state at the newest block's time."""
        now = self.time_ms()
        where = [schema.party_keys.c.party == party]
        listed = self._page(schema.party_keys, at, where)
        return listed.shaped(lambda row: _key(row, now))

    def policies(self, viewer: Viewer, party: str, **at: Unpack[At]) -> Page:
        """A party's approval policies by scope."""
        table = schema.policies
        where = [table.c.party == party, reads_of(viewer, table.c.party)]
        return self._page(table, at, where)

    def proposals(
        self, viewer: Viewer, party: str, *, state: str | None = None, **at: Unpack[At]
    ) -> Page:
        """Proposals that a party made or has to approve, newest first."""
        table = schema.proposals
        where = equal(table, state=state)
        for one in (party,) if viewer.is_node else (party, viewer.party):
            mine = table.c.concerned.contains(f'"{one}"', autoescape=True)
            where.append(or_(table.c.party == one, mine))
        order = [table.c.proposed_at_ms, table.c.proposal]
        listed = self._page(table, at, where, order=order, newest_first=True)
        return listed.shaped(_proposal)

    # ---- accounts ------------------------------------------------------------------------------

    def accounts(
        self,
        viewer: Viewer,
        *,
        party: str | None = None,
        identifier: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Accounts by id: of one party, or the one with a linked number."""
        table = schema.accounts
        where = [*equal(table, party=party), reads_accounts(viewer, table.c.account)]
        if identifier is not None:
            linked = schema.identifiers
            kept = account_number(identifier) or identifier
            of_number = select(linked.c.account).where(linked.c.identifier == kept)
            where.append(table.c.account.in_(of_number))
        listed = self._page(table, at, where)
        names = [row["account"] for row in listed.items]
        numbers = self.numbers_of(viewer, names)
        return listed.shaped(lambda row: _account(row, numbers.get(row["account"], ())))

    def numbers_of(self, viewer: Viewer, accounts: list[str]) -> dict[str, tuple[str, ...]]:
        """The numbers linked to accounts, by account; those without one are left out."""
        table = schema.identifiers
        found: dict[str, tuple[str, ...]] = {}
        where = (table.c.account.in_(accounts), reads_accounts(viewer, table.c.account))
        query = select(table).where(*where).order_by(table.c.identifier)
        for row in self._all(query):
            known = found.get(row["account"], ())
            found[row["account"]] = (*known, row["identifier"])
        return found

    def account(self, viewer: Viewer, account: str) -> Row | None:
        """One account."""
        table = schema.accounts
        readable = reads_accounts(viewer, table.c.account)
        row = self._one(table, table.c.account == account, readable)
        numbers = self.numbers_of(viewer, [account])
        return None if row is None else _account(row, numbers.get(account, ()))

    def resolve(self, numbers: list[str]) -> dict[str, str]:
        """Linked numbers, in any spelling, and account ids -> account; unknown ones are left out.

        The answer names each number as it was asked for. Anybody may ask: who pays has the number
        of the payee, and is told no more than which account it names.
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
        where = [*equal(table, account=account, asset=asset), *of_party(party, table.c.account)]
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

    def limits(self, viewer: Viewer, account: str, **at: Unpack[At]) -> Page:
        """What an account may pay out, by asset, and what it paid on the newest block's UTC day."""
        table = schema.limits
        where = [table.c.account == account, reads_accounts(viewer, table.c.account)]
        listed = self._page(table, at, where)
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

    def assets(self, viewer: Viewer, **at: Unpack[At]) -> Page:
        """Assets by id, with what is outstanding."""
        return self._page(schema.assets, at).shaped(self._with_supply)

    def asset(self, viewer: Viewer, asset: str) -> Row | None:
        """One asset."""
        table = schema.assets
        return self._one(table, table.c.asset == asset, shape=self._with_supply)

    def _with_supply(self, row: Row) -> dict[str, Any]:
        table = schema.holdings
        same = and_(table.c.account == row["issuing_account"], table.c.asset == row["asset"])
        issuing = self._one(table, same)
        return {**row, "supply_minor": str(-int(issuing["posted_minor"])) if issuing else "0"}


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
