"""The market as it stands, and the best routes through it.

`MarketIndex` keeps the book and the pools in the core's memory, beside the ledger: a node keeps one
and brings it up to date after each block. It is never believed: a route that it finds is tried
against the ledger, offer by offer, and what turns out not to be deliverable now (a maker frozen, a
limit reached, a pool that somebody else paid into) is mended in the index and looked for again. So
a plan can be carried out at the height it was made for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tongbao import _core
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.kernel.views import ReadView
from tongbao.modules.assets import PAUSED
from tongbao.modules.exchange.holders import can_deliver, pool_moves
from tongbao.modules.exchange.model import BOOK, MAX_LOOKS, Hop, HopResult, Offer, Route
from tongbao.modules.exchange.paths import Plan, Venue, hop_getting, hop_paying
from tongbao.modules.exchange.queries import offers_of
from tongbao.modules.exchange.state import BOOK as BOOK_TABLE
from tongbao.modules.exchange.state import OFFERS, POOLS, book_place
from tongbao.modules.exchange.swap import Sides, sides, synced

MAX_ATTEMPTS = 200
"""How often a search is repeated after the index was mended."""
PlainRoute = Sequence[tuple[str, str, str, int, int, int]]


class MarketIndex:
    """Book and pools in memory. Not for several threads at once."""

    def __init__(self, view: ReadView) -> None:
        """Read everything there is."""
        self._core = _core.Market()
        self._blocked: dict[str, None] = {}
        self._closed: dict[str, None] = {}
        self._height = view.block.height
        for _, offer_id in view.scan(BOOK_TABLE):
            self._put_offer(offer_id, view.get(OFFERS, offer_id))
        self.update(view, (), [key[0] for key, _ in view.scan(POOLS)])

    def __len__(self) -> int:
        """Number of offers."""
        return len(self._core)

    def update(self, view: ReadView, offers: Iterable[str], pools: Iterable[str]) -> None:
        """Take over offers and pools that a block changed, by id."""
        for offer_id in offers:
            self._put_offer(offer_id, view.get(OFFERS, offer_id))
        for pool_id in pools:
            self._put_pool(view, pool_id)

    def _put_offer(self, offer_id: str, offer: Offer | None) -> None:
        self._blocked.pop(offer_id, None)
        if offer is None or not offer.stands:
            self._core.remove_offer(offer_id)
            return
        _, _, place = book_place(offer)
        self._core.put_offer(
            offer.id, offer.party, offer.buy_asset, offer.sell_asset, place, offer.price_buy,
            offer.price_sell, offer.remaining_minor, offer.expires_at_ms,
        )  # fmt: skip

    def _put_pool(self, view: ReadView, pool_id: str) -> None:
        pool = view.get(POOLS, pool_id)
        if pool is None:
            return
        now = synced(view, pool)
        is_open = now.shares and pool_moves(view, now)
        self._closed.pop(pool_id, None)
        if not is_open:
            self._closed[pool_id] = None
        for pay, get in ((now.asset_a, now.asset_b), (now.asset_b, now.asset_a)):
            there = sides(now, pay, get)
            if not is_open or there.there_in > MAX_AMOUNT:
                there = Sides(0, 0, now.fee_bps)
            self._core.put_pool(pool_id, pay, get, *there)

    # ---- asking --------------------------------------------------------------------------------

    def plans(
        self,
        view: ReadView,
        send_asset: str,
        receive_asset: str,
        *,
        send: int = 0,
        receive: int = 0,
        party: str = "",
        limit: int = 5,
    ) -> list[Plan]:
        """The best routes for exactly `send`, or for exactly `receive`, best first.

        The first is the best there is, but in a market so tangled that the search gives up; the
        others are good ones. Each can be carried out at the height of `view`.
        """
        self._look_again(view)
        paused = [key[0] for key, _ in view.scan(PAUSED)]
        for _ in range(MAX_ATTEMPTS):
            found, _proven = self._core.routes(
                send_asset, receive_asset, send or receive, sending=bool(send), limit=limit,
                time_ms=view.time_ms, party=party, without=paused,
            )  # fmt: skip
            plans = [self._tried(view, route, bool(send), party) for route in found]
            if None not in plans:
                break
        return [one for one in plans if one is not None]

    def _look_again(self, view: ReadView) -> None:
        """What could not be taken at an earlier height may be deliverable now."""
        if view.block.height != self._height:
            self._height = view.block.height
            self.update(view, list(self._blocked), list(self._closed))

    def _tried(self, view: ReadView, route: PlainRoute, sending: bool, party: str) -> Plan | None:
        """The route against the ledger; None where the index was wrong, and has been mended."""
        results = []
        given: dict[tuple[str, str], int] = {}
        looks = 0
        for venue, pay_asset, get_asset, paid, got, fills in route:
            if venue == BOOK:
                offers = self._offers(view, pay_asset, get_asset, fills, party, given)
                found = None if offers is None else Venue(pay_asset, get_asset, BOOK, offers)
                looks += _looks(view, offers[-1]) if offers else 0
                if looks > MAX_LOOKS and offers:
                    self._block(offers[-1])
                    return None
            else:
                found = self._pool(view, pay_asset, get_asset, venue)
            if found is None:
                return None
            result = hop_paying(found, paid) if sending else hop_getting(found, got)
            if result is None or (result.paid_minor, result.got_minor) != (paid, got):
                self._mend(view, found)
                return None
            results.append(result)
        return _plan(tuple(results))

    def _offers(
        self,
        view: ReadView,
        pay_asset: str,
        get_asset: str,
        fills: int,
        party: str,
        given: dict[tuple[str, str], int],
    ) -> list[Offer] | None:
        offers = []
        ids = self._core.first_offers(
            pay_asset, get_asset, fills, time_ms=view.time_ms, party=party
        )
        for offer_id in ids:
            offer = view.get(OFFERS, offer_id)
            if offer is None or not offer.stands:
                self._put_offer(offer_id, offer)
                return None
            # Several offers of one maker count against his limits together.
            maker = offer.account, offer.sell_asset
            total = given.get(maker, 0) + offer.remaining_minor
            if not can_deliver(view, offer, 1):
                # A maker who is frozen is so with all his offers: one search less for each.
                for other in offers_of(view, offer.account, offer.sell_asset, offer.buy_asset):
                    self._block(other)
                return None
            if not can_deliver(view, offer, offer.remaining_minor, total):
                self._block(offer)
                return None
            given[maker] = total
            offers.append(offer)
        return offers

    def _block(self, offer: Offer) -> None:
        """Pass an offer over until the next height."""
        self._core.block_offer(offer.id, True)
        self._blocked[offer.id] = None

    def _pool(self, view: ReadView, pay_asset: str, get_asset: str, name: str) -> Venue | None:
        pool = view.get(POOLS, name)
        if pool is None or not pool_moves(view, pool):
            self._put_pool(view, name)
            return None
        return Venue(pay_asset, get_asset, name, (), synced(view, pool))

    def _mend(self, view: ReadView, venue: Venue) -> None:
        pools = [venue.name] if venue.pool else []
        self.update(view, [offer.id for offer in venue.offers], pools)


def _looks(view: ReadView, last: Offer) -> int:
    """Offers that an action looks at to take the last one, and to see that it has enough."""
    looks = 1
    for _, offer_id in view.scan(BOOK_TABLE, last.sell_asset, last.buy_asset):
        looks += 1
        if offer_id == last.id or looks > MAX_LOOKS:
            break
    return looks


def _plan(hops: tuple[HopResult, ...]) -> Plan:
    route = Route(hops[0].pay_asset, tuple(Hop(hop.get_asset, hop.venue) for hop in hops))
    return Plan(route, hops[0].paid_minor, hops[-1].got_minor, hops)


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
    not taken. Reads the whole market first: who asks often keeps a `MarketIndex`.
    """
    index = MarketIndex(view)
    return index.plans(
        view, send_asset, receive_asset, send=send, receive=receive, party=party, limit=limit
    )


def venues(view: ReadView, party: str = "") -> Iterator[Venue]:
    """Every way from an asset to another that can be taken now: what `paths` searches."""
    books: dict[tuple[str, str], list[Offer]] = {}
    paused = {key[0]: None for key, _ in view.scan(PAUSED)}
    for (sell_asset, buy_asset, _), offer_id in view.scan(BOOK_TABLE):
        offer = view.get(OFFERS, offer_id)
        assert offer is not None
        expired = offer.expires_at_ms and offer.expires_at_ms <= view.time_ms
        moving = sell_asset not in paused and buy_asset not in paused
        whole = can_deliver(view, offer, offer.remaining_minor)
        if offer.party != party and moving and not expired and whole:
            books.setdefault((buy_asset, sell_asset), []).append(offer)
    for (pay_asset, get_asset), offers in books.items():
        yield Venue(pay_asset, get_asset, BOOK, offers)
    for _, pool in view.scan(POOLS):
        moving = pool.asset_a not in paused and pool.asset_b not in paused
        if pool.shares and moving and pool_moves(view, pool):
            now = synced(view, pool)
            yield Venue(pool.asset_a, pool.asset_b, pool.id, (), now)
            yield Venue(pool.asset_b, pool.asset_a, pool.id, (), now)
