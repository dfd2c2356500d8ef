"""Questions about offers, trades, pools and quotes."""

from __future__ import annotations

from typing import Any, Unpack

import msgspec
from sqlalchemy import Column, ColumnElement, Label, or_, select

from tongbao.readmodel import schema_exchange as schema
from tongbao.readmodel.asking import Asking, equal
from tongbao.readmodel.paging import At, Page, Row, page
from tongbao.readmodel.payments import of_account, of_party
from tongbao.readmodel.schema import holdings
from tongbao.readmodel.viewer import Viewer, reads_accounts, reads_of


def _held(asset: Column[Any], name: str) -> Label[Any]:
    """What a pool's account holds of one of its assets: charges and gifts included."""
    held = select(holdings.c.posted_minor).where(
        holdings.c.account == schema.pools.c.account, holdings.c.asset == asset
    )
    return held.scalar_subquery().label(name)


_POOLS = select(
    schema.pools, _held(schema.pools.c.asset_a, "a_minor"), _held(schema.pools.c.asset_b, "b_minor")
)


class ExchangeQueries(Asking):
    """What is offered, what was traded, and what is promised."""

    def offers(
        self,
        viewer: Viewer,
        *,
        account: str | None = None,
        party: str | None = None,
        state: str | None = None,
        sell_asset: str | None = None,
        buy_asset: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Offers, newest first: all, an account's, in a state, of certain assets."""
        table = schema.offers
        where = equal(
            table, account=account, state=state, sell_asset=sell_asset, buy_asset=buy_asset
        )
        where += of_party(self._model.mirror, party, table.c.account)
        where.append(reads_accounts(viewer, table.c.account))
        order = [table.c.sequence]
        return self._page(table, at, where, order=order, newest_first=True)

    def offer(self, viewer: Viewer, offer: str) -> Row | None:
        """One offer, open or closed."""
        table = schema.offers
        readable = reads_accounts(viewer, table.c.account)
        return self._one(table, table.c.offer == offer, readable)

    def trades(
        self,
        viewer: Viewer,
        *,
        asset: str | None = None,
        other: str | None = None,
        account: str | None = None,
        party: str | None = None,
        offer: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Trades, newest first: of two assets in both directions, of an account, of an offer."""
        table = schema.trades
        where = [*equal(table, offer=offer), *of_account(account, table.c.maker, table.c.taker)]
        where += of_party(self._model.mirror, party, table.c.maker, table.c.taker)
        where.append(reads_accounts(viewer, table.c.maker, table.c.taker))
        if asset and other:
            where.append(table.c.pair == schema.pair_of(asset, other))
        elif asset or other:
            one = asset or other
            where.append(or_(table.c.paid_asset == one, table.c.got_asset == one))
        return self._page(table, at, where, newest_first=True)

    def pools(
        self,
        viewer: Viewer,
        *,
        asset: str | None = None,
        other: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Pools by id; with one asset, or of two."""
        table = schema.pools
        where = [
            or_(table.c.asset_a == one, table.c.asset_b == one) for one in (asset, other) if one
        ]
        query = _POOLS.where(*where)
        with self._model.engine.connect() as connection:
            return page(connection, query, [table.c.pool], at, newest_first=False)

    def pool(self, viewer: Viewer, pool: str) -> Row | None:
        """One pool."""
        found = self._all(_POOLS.where(schema.pools.c.pool == pool))
        return found[0] if found else None

    def pool_shares(
        self,
        viewer: Viewer,
        *,
        pool: str | None = None,
        account: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Who holds shares of which pool, by pool and account."""
        table = schema.pool_shares
        where = equal(table, pool=pool, account=account)
        return self._page(table, at, [*where, reads_accounts(viewer, table.c.account)])

    def quotes(
        self,
        viewer: Viewer,
        *,
        taker: str | None = None,
        maker: str | None = None,
        party: str | None = None,
        state: str | None = None,
        **at: Unpack[At],
    ) -> Page:
        """Quotes, newest first: for a taker, by a market maker's account, in a state."""
        table = schema.quotes
        where = equal(table, taker=taker, maker=maker, state=state)
        if party:
            where.append(
                or_(table.c.taker == party, *of_party(self._model.mirror, party, table.c.maker))
            )
        where.append(_readable_quotes(viewer))
        order = [table.c.given_at_ms, table.c.quote]
        listed = self._page(table, at, where, order=order, newest_first=True)
        return listed.shaped(_quote)

    def quote(self, viewer: Viewer, quote: str) -> Row | None:
        """One quote, open or ended."""
        table = schema.quotes
        return self._one(table, table.c.quote == quote, _readable_quotes(viewer), shape=_quote)


def _readable_quotes(viewer: Viewer) -> ColumnElement[bool]:
    table = schema.quotes
    return or_(reads_accounts(viewer, table.c.maker), reads_of(viewer, table.c.taker))


def _quote(row: Row) -> dict[str, Any]:
    """Each hop with its names: who gives how much, and is paid how much."""
    hops = [
        {
            "asset": asset, "venue": venue,
            "fills": [
                {"account": account, "takes_minor": str(takes), "gives_minor": str(gives),
                 "source": source}
                for account, takes, gives, source, *_counted in fills
            ],
        }
        for asset, venue, fills in msgspec.json.decode(row["hops"])
    ]  # fmt: skip
    return {**row, "hops": hops}
