"""Questions about offers, trades, pools and quotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, or_

from tongbao.readmodel import schema_exchange as schema
from tongbao.readmodel.asking import Asking
from tongbao.readmodel.paging import Page


class ExchangeQueries(Asking):
    """What is offered, what was traded, and what is promised."""

    def offers(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        account: str | None = None,
        state: str | None = None,
        sell_asset: str | None = None,
        buy_asset: str | None = None,
    ) -> Page:
        """Offers, newest first: all, an account's, in a state, of certain assets."""
        table = schema.offers
        wanted = {"account": account, "state": state, "sell_asset": sell_asset,
                  "buy_asset": buy_asset}  # fmt: skip
        where = [table.c[name] == value for name, value in wanted.items() if value]
        order = [table.c.sequence]
        return self._page(table, limit, cursor, where, order=order, newest_first=True)

    def offer(self, offer: str) -> Mapping[str, Any] | None:
        """One offer, open or closed."""
        return self._one(schema.offers, schema.offers.c.offer == offer)

    def trades(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        asset: str | None = None,
        other: str | None = None,
        account: str | None = None,
        offer: str | None = None,
    ) -> Page:
        """Trades, newest first: of two assets in both directions, of an account, of an offer."""
        table = schema.trades
        where: list[ColumnElement[bool]] = []
        if asset and other:
            where.append(table.c.pair == schema.pair_of(asset, other))
        elif asset or other:
            one = asset or other
            where.append(or_(table.c.paid_asset == one, table.c.got_asset == one))
        if account:
            where.append(or_(table.c.maker == account, table.c.taker == account))
        if offer:
            where.append(table.c.offer == offer)
        return self._page(table, limit, cursor, where, newest_first=True)

    def pools(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        asset: str | None = None,
        other: str | None = None,
    ) -> Page:
        """Pools by id; with one asset, or of two."""
        table = schema.pools
        where = [
            or_(table.c.asset_a == one, table.c.asset_b == one) for one in (asset, other) if one
        ]
        return self._page(table, limit, cursor, where)

    def pool(self, pool: str) -> Mapping[str, Any] | None:
        """One pool."""
        return self._one(schema.pools, schema.pools.c.pool == pool)

    def pool_shares(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        pool: str | None = None,
        account: str | None = None,
    ) -> Page:
        """Who holds shares of which pool, by pool and account."""
        table = schema.pool_shares
        where = [table.c.pool == pool] if pool else []
        where += [table.c.account == account] if account else []
        return self._page(table, limit, cursor, where)

    def quotes(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        taker: str | None = None,
        maker: str | None = None,
        state: str | None = None,
    ) -> Page:
        """Quotes, newest first: for a taker, by a market maker's account, in a state."""
        table = schema.quotes
        wanted = {"taker": taker, "maker": maker, "state": state}
        where = [table.c[name] == value for name, value in wanted.items() if value]
        order = [table.c.given_at_ms, table.c.quote]
        listed = self._page(table, limit, cursor, where, order=order, newest_first=True)
        return Page([_quote(row) for row in listed.items], listed.next_cursor)

    def quote(self, quote: str) -> Mapping[str, Any] | None:
        """One quote, open or ended."""
        row = self._one(schema.quotes, schema.quotes.c.quote == quote)
        return None if row is None else _quote(row)


def _quote(row: Mapping[str, Any]) -> dict[str, Any]:
    """Each hop with its names: who gives how much, and is paid how much."""
    hops = [
        {
            "asset": asset, "venue": venue,
            "fills": [
                {"account": account, "takes_minor": str(takes), "gives_minor": str(gives),
                 "source": source}
                for account, takes, gives, source in fills
            ],
        }
        for asset, venue, fills in msgspec.json.decode(row["hops"])
    ]  # fmt: skip
    return {**row, "hops": hops}
