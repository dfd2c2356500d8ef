"""Reading, for other modules, the gateway and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tongbao.kernel.views import ReadView
from tongbao.modules.exchange.model import Offer, Pool, Quote
from tongbao.modules.exchange.state import BOOK, OFFERS, OFFERS_BY_ACCOUNT, POOLS, QUOTES, SHARES


class Level(NamedTuple):
    """All offers of one price in a book."""

    price_buy: int
    price_sell: int
    amount_minor: int
    """Of the asset sold."""
    offers: int


def book(view: ReadView, sell_asset: str, buy_asset: str) -> Iterator[Offer]:
    """Offers that sell one asset for another, best price first, then oldest.

    Expired ones and those whose maker cannot deliver just now are among them: an order pulls them.
    """
    for _, offer_id in view.scan(BOOK, sell_asset, buy_asset):
        offer = view.get(OFFERS, offer_id)
        assert offer is not None
        yield offer


def depth(view: ReadView, sell_asset: str, buy_asset: str) -> Iterator[Level]:
    """The book by price levels."""
    level: Level | None = None
    for offer in book(view, sell_asset, buy_asset):
        if level is not None:
            same = level.price_buy * offer.price_sell == level.price_sell * offer.price_buy
            if same:
                more = level.amount_minor + offer.remaining_minor
                level = level._replace(amount_minor=more, offers=level.offers + 1)
                continue
            yield level
        level = Level(offer.price_buy, offer.price_sell, offer.remaining_minor, 1)
    if level is not None:
        yield level


def offers_of(
    view: ReadView, account: str, sell_asset: str = "", buy_asset: str = ""
) -> Iterator[Offer]:
    """Open offers of an account, by assets and id; those of certain assets only."""
    prefix = (account, sell_asset) if sell_asset else (account,)
    for (_, _, bought, offer_id), _ in view.scan(OFFERS_BY_ACCOUNT, *prefix):
        if not buy_asset or bought == buy_asset:
            offer = view.get(OFFERS, offer_id)
            assert offer is not None
            yield offer


def pools(view: ReadView) -> Iterator[Pool]:
    """Every pool, by id."""
    return (pool for _, pool in view.scan(POOLS))


def shares_of(view: ReadView, pool: str) -> Iterator[tuple[str, int]]:
    """(account, shares) of a pool, the locked ones under its own account."""
    return ((key[1], shares) for key, shares in view.scan(SHARES, pool))


def quote_of(view: ReadView, quote: str) -> Quote | None:
    """An open quote, or None."""
    return view.get(QUOTES, quote)
