"""The market as it stands: what can be taken now, pair by pair, from the book and the pools."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.views import ReadView
from tongbao.modules.exchange.holders import can_deliver, is_paused, pool_moves
from tongbao.modules.exchange.model import BOOK, Offer
from tongbao.modules.exchange.paths import (
    Plan,
    Venue,
    routes_receiving,
    routes_sending,
)
from tongbao.modules.exchange.state import BOOK as BOOK_TABLE
from tongbao.modules.exchange.state import OFFERS, POOLS
from tongbao.modules.exchange.swap import synced


def plan(
    view: ReadView,
    send_asset: str,
    receive_asset: str,
    *,
    send: int = 0,
    receive: int = 0,
    party: str = "",
    limit: int = 5,
) -> list[Plan]:
    """The best routes for exactly `send`, or for exactly `receive`, best first; empty for none.

    Each can be carried out at the height of `view`. `party` is who would pay: its own offers are
    not taken.
    """
    found = list(venues(view, party))
    if send:
        forwards: dict[str, list[Venue]] = {}
        for venue in found:
            forwards.setdefault(venue.pay_asset, []).append(venue)
        return routes_sending(forwards, send_asset, receive_asset, send)[:limit]
    backwards: dict[str, list[Venue]] = {}
    for venue in found:
        backwards.setdefault(venue.get_asset, []).append(venue)
    return routes_receiving(backwards, send_asset, receive_asset, receive)[:limit]


def venues(view: ReadView, party: str = "") -> Iterator[Venue]:
    """Every way from an asset to another that can be taken now."""
    books: dict[tuple[str, str], list[Offer]] = {}
    for (sell_asset, buy_asset, _), offer_id in view.scan(BOOK_TABLE):
        offer = view.get(OFFERS, offer_id)
        assert offer is not None
        if offer.party != party and can_be_taken(view, offer):
            books.setdefault((buy_asset, sell_asset), []).append(offer)
    for (pay_asset, get_asset), offers in books.items():
        yield Venue(pay_asset, get_asset, BOOK, offers)
    for _, pool in view.scan(POOLS):
        assets = pool.asset_a, pool.asset_b
        if pool.shares and pool_moves(view, pool) and not any(is_paused(view, a) for a in assets):
            now = synced(view, pool)
            yield Venue(pool.asset_a, pool.asset_b, pool.id, (), now)
            yield Venue(pool.asset_b, pool.asset_a, pool.id, (), now)


def can_be_taken(view: ReadView, offer: Offer) -> bool:
    """Whether an order that meets the offer now would trade with it, to its last unit."""
    expired = offer.expires_at_ms and offer.expires_at_ms <= view.time_ms
    moving = not is_paused(view, offer.sell_asset) and not is_paused(view, offer.buy_asset)
    return moving and not expired and can_deliver(view, offer, offer.remaining_minor)
