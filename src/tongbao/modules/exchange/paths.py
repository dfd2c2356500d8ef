"""Finding routes, written to be read: every route there is, tried out, best first.

The specification of the fast search in the core, which must find nothing worse and nothing else.
Trying a route here takes what the ledger would take: `hop_paying` and `hop_getting` choose offers
as `Taking.spend` and `Taking.acquire` do (`choosing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tongbao.kernel.money import MAX_AMOUNT
from tongbao.modules.exchange import arithmetic
from tongbao.modules.exchange.choosing import Chosen, Ready, getting, paying
from tongbao.modules.exchange.model import (
    BOOK,
    MAX_HOPS,
    Hop,
    HopResult,
    Offer,
    Pool,
    Route,
)
from tongbao.modules.exchange.swap import sides


class Plan(NamedTuple):
    """A route with what it would do now."""

    route: Route
    sent: int
    received: int
    hops: tuple[HopResult, ...]


class Venue(NamedTuple):
    """One way from an asset to another."""

    pay_asset: str
    get_asset: str
    name: str
    """`book` or the id of a pool."""
    offers: Sequence[Offer] = ()
    pool: Pool | None = None


Market = Mapping[str, Sequence[Venue]]
"""Asset paid -> the ways from it; and for searching backwards, asset got -> the ways to it."""


def hop_paying(venue: Venue, amount: int) -> HopResult | None:
    """What a hop does with exactly `amount` paid in; None where it cannot take it."""
    if venue.pool is not None:
        there = sides(venue.pool, venue.pay_asset, venue.get_asset)
        got = arithmetic.swap_out(amount, *there) if min(there[:2]) > 0 else 0
        return _pool_result(venue, venue.pool, amount, got)
    return book_result(venue.pay_asset, venue.get_asset, paying(_ready(venue), amount))


def hop_getting(venue: Venue, amount: int) -> HopResult | None:
    """What a hop asks for exactly `amount` got out; None where it has not that much."""
    if venue.pool is not None:
        there = sides(venue.pool, venue.pay_asset, venue.get_asset)
        paid = arithmetic.swap_in(amount, *there) if min(there[:2]) > 0 else None
        return _pool_result(venue, venue.pool, paid or 0, amount)
    return book_result(venue.pay_asset, venue.get_asset, getting(_ready(venue), amount))


def _ready(venue: Venue) -> Iterator[Ready]:
    return (Ready(offer, offer.remaining_minor) for offer in venue.offers)


def book_result(pay_asset: str, get_asset: str, chosen: Chosen) -> HopResult | None:
    """What a hop through the book did; None where it is nothing, or more than there can be."""
    paid = sum(take.paid for take in chosen.takes)
    got = sum(take.gives for take in chosen.takes)
    if chosen.left_minor or not (0 < got <= MAX_AMOUNT and paid <= MAX_AMOUNT):
        return None
    return HopResult(BOOK, pay_asset, paid, get_asset, got, 0, len(chosen.takes))


def _pool_result(venue: Venue, pool: Pool, paid: int, got: int) -> HopResult | None:
    if not (0 < got <= MAX_AMOUNT and 0 < paid <= MAX_AMOUNT):
        return None
    fee = arithmetic.fee_of(paid, pool.fee_bps)
    return HopResult(pool.id, venue.pay_asset, paid, venue.get_asset, got, fee, 1)


def routes_sending(market: Market, send_asset: str, receive_asset: str, send: int) -> list[Plan]:
    """Every route that can carry exactly `send`, by what arrives, most first."""
    found: list[Plan] = []

    def extend(hops: tuple[HopResult, ...], asset: str, amount: int, seen: tuple[str, ...]) -> None:
        if asset == receive_asset:
            found.extend(_planned(hops))
        elif len(hops) < MAX_HOPS:
            for venue in market.get(asset, ()):
                if venue.get_asset not in seen:
                    hop = hop_paying(venue, amount)
                    if hop is not None:
                        further = (*seen, hop.get_asset)
                        extend((*hops, hop), hop.get_asset, hop.got_minor, further)

    extend((), send_asset, send, (send_asset,))
    return sorted(found, key=order_sending)


def routes_receiving(
    market: Market, send_asset: str, receive_asset: str, receive: int
) -> list[Plan]:
    """Every route that can bring exactly `receive`, by what is sent, least first.

    `market` maps the asset got to the ways to it.
    """
    found: list[Plan] = []

    def extend(hops: tuple[HopResult, ...], asset: str, amount: int, seen: tuple[str, ...]) -> None:
        if asset == send_asset:
            found.extend(_planned(hops))
        elif len(hops) < MAX_HOPS:
            for venue in market.get(asset, ()):
                if venue.pay_asset not in seen:
                    hop = hop_getting(venue, amount)
                    if hop is not None:
                        further = (*seen, hop.pay_asset)
                        extend((hop, *hops), hop.pay_asset, hop.paid_minor, further)

    extend((), receive_asset, receive, (receive_asset,))
    return sorted(found, key=order_receiving)


def order_sending(plan: Plan) -> tuple[int, int, tuple[tuple[str, str], ...]]:
    """More arrives before less; then fewer hops; then by name."""
    return -plan.received, len(plan.hops), _names(plan)


def order_receiving(plan: Plan) -> tuple[int, int, tuple[tuple[str, str], ...]]:
    """Less is sent before more; then fewer hops; then by name."""
    return plan.sent, len(plan.hops), _names(plan)


def _names(plan: Plan) -> tuple[tuple[str, str], ...]:
    return tuple((hop.asset, hop.venue) for hop in plan.route.hops)


def _planned(hops: tuple[HopResult, ...]) -> Iterator[Plan]:
    if hops:
        route = Route(hops[0].pay_asset, tuple(Hop(hop.get_asset, hop.venue) for hop in hops))
        yield Plan(route, hops[0].paid_minor, hops[-1].got_minor, hops)
