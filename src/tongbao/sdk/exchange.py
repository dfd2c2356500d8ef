"""The exchange: `client.walk(exchange.offers("bank/main"))`, in both clients."""

from __future__ import annotations

from tongbao.sdk.calls import Call, Listing, listing, one, segment
from tongbao.sdk.documents_exchange import (
    Book,
    ExchangeOffer,
    ExchangePool,
    ExchangeQuote,
    PoolShare,
    Routes,
    Trade,
)

_ROOT = "/v1/exchange"


def book(sell_asset: str, buy_asset: str, levels: int = 20) -> Call[Book]:
    """Both sides of a book by price, best first."""
    return one(f"{_ROOT}/book", Book, sell_asset=sell_asset, buy_asset=buy_asset, levels=levels)


def routes(
    send_asset: str,
    receive_asset: str,
    *,
    send_minor: int | None = None,
    receive_minor: int | None = None,
    party: str | None = None,
    limit: int = 5,
) -> Call[Routes]:
    """The best routes for exactly `send_minor`, or for exactly `receive_minor`."""
    return one(
        f"{_ROOT}/routes", Routes, send_asset=send_asset, receive_asset=receive_asset,
        send_minor=send_minor, receive_minor=receive_minor, party=party, limit=limit,
    )  # fmt: skip


def offers(
    account: str | None = None,
    state: str | None = None,
    sell_asset: str | None = None,
    buy_asset: str | None = None,
    *,
    party: str | None = None,
) -> Listing[ExchangeOffer]:
    """Offers, newest first."""
    return listing(
        f"{_ROOT}/offers", ExchangeOffer, account=account, party=party, state=state,
        sell_asset=sell_asset, buy_asset=buy_asset,
    )  # fmt: skip


def offer(name: str) -> Call[ExchangeOffer]:
    """One offer, open or closed."""
    return one(f"{_ROOT}/offers/{segment(name)}", ExchangeOffer)


def trades(
    asset: str | None = None,
    other: str | None = None,
    account: str | None = None,
    offer: str | None = None,
    *,
    party: str | None = None,
) -> Listing[Trade]:
    """Trades, newest first; of two assets in both directions."""
    return listing(
        f"{_ROOT}/trades", Trade, asset=asset, other=other, account=account, party=party,
        offer=offer,
    )  # fmt: skip


def pools(asset: str | None = None, other: str | None = None) -> Listing[ExchangePool]:
    """Pools by id."""
    return listing(f"{_ROOT}/pools", ExchangePool, asset=asset, other=other)


def pool(name: str) -> Call[ExchangePool]:
    """One pool."""
    return one(f"{_ROOT}/pools/{segment(name)}", ExchangePool)


def shares(pool: str | None = None, account: str | None = None) -> Listing[PoolShare]:
    """Who holds shares of which pool."""
    return listing(f"{_ROOT}/shares", PoolShare, pool=pool, account=account)


def quotes(
    taker: str | None = None,
    maker: str | None = None,
    state: str | None = None,
    *,
    party: str | None = None,
) -> Listing[ExchangeQuote]:
    """Quotes, newest first; a party's whichever side it stands on."""
    return listing(
        f"{_ROOT}/quotes", ExchangeQuote, taker=taker, maker=maker, party=party, state=state
    )


def quote(name: str) -> Call[ExchangeQuote]:
    """One quote, open or ended."""
    return one(f"{_ROOT}/quotes/{segment(name)}", ExchangeQuote)
