"""The market as it stands, and the best routes through it.

`MarketIndex` keeps the book and the pools in the core's memory, beside the ledger: a node keeps one
and brings it up to date after each block. It is never trusted: a route that it finds is tried
against the ledger, offer by offer, and what turns out not to be deliverable now (a maker frozen, a
limit reached, a pool that somebody else paid into) is mended in the index and looked for again. So
a plan can be executed at the height it was made for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from msgspec.structs import replace

from tongbao import _core
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.kernel.views import ReadView
from tongbao.modules.assets import PAUSED
from tongbao.modules.exchange.choosing import Chosen, Ready, getting, paying
from tongbao.modules.exchange.holders import deliverable, pool_moves
from tongbao.modules.exchange.model import BOOK, MAX_LOOKS, Hop, HopResult, Offer, Route
from tongbao.modules.exchange.paths import Plan, Venue, book_result, hop_getting, hop_paying
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
        self._limited: dict[str, int] = {}
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

    def _put_offer(self, offer_id: str, offer: Offer | None, most: int = -1) -> None:
        """Take an offer over; `most` of it can be taken, where that is less than all."""
        self._limited.pop(offer_id, None)
        if offer is None or not offer.stands:
            self._core.remove_offer(offer_id)
            return
        _, _, place = book_place(offer)
        self._core.put_offer(
            offer.id, offer.party, offer.buy_asset, offer.sell_asset, place, offer.price_buy,
            offer.price_sell, most if most > 0 else offer.remaining_minor, offer.expires_at_ms,
        )  # fmt: skip
        if 0 <= most < offer.remaining_minor:
            self._limited[offer_id] = most
            self._core.block_offer(offer_id, not most)

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
        others are good ones. Each can be executed at the height of `view`.
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
            self.update(view, list(self._limited), list(self._closed))

    def _tried(self, view: ReadView, route: PlainRoute, sending: bool, party: str) -> Plan | None:
        """The route against the ledger; None where the index was wrong, and has been mended."""
        results = []
        looks = [MAX_LOOKS]
        for venue, pay_asset, get_asset, paid, got, _fills in route if sending else route[::-1]:
            if venue == BOOK:
                walk = _Walk(view, party, looks)
                ready = walk.ready(get_asset, pay_asset)
                chosen = paying(ready, paid) if sending else getting(ready, got)
                result = book_result(pay_asset, get_asset, chosen)
                if self._learn(view, walk, chosen):
                    return None
            else:
                pool = self._pool(view, pay_asset, get_asset, venue)
                if pool is None:
                    return None
                result = hop_paying(pool, paid) if sending else hop_getting(pool, got)
                if result is None or (result.paid_minor, result.got_minor) != (paid, got):
                    self.update(view, (), [venue])
                    return None
            if result is None or (result.paid_minor, result.got_minor) != (paid, got):
                self._mend(view, walk, pay_asset, get_asset, party)
                return None
            results.append(result)
        return _plan(tuple(results if sending else results[::-1]))

    def _mend(
        self, view: ReadView, walk: _Walk, pay_asset: str, get_asset: str, party: str
    ) -> None:
        """Take over what the ledger has, and what the index alone still has: it is gone."""
        kept: list[str] = []
        with suppress(KeyError):
            kept = self._core.first_offers(
                pay_asset, get_asset, MAX_LOOKS, time_ms=view.time_ms, party=party
            )
        self.update(view, dict.fromkeys((*(offer.id for offer, _ in walk.met), *kept)), ())

    def _learn(self, view: ReadView, walk: _Walk, chosen: Chosen) -> bool:
        """Take over how much of each offer that was met can be taken; whether that was news."""
        news = False
        for offer, most in walk.met:
            if self._limited.get(offer.id, offer.remaining_minor) != most:
                news = True
                self._put_offer(offer.id, offer, most)
        if chosen.stopped == "fills" and chosen.left_minor and walk.last is not None:
            # No action looks so far: what lies beyond is out of reach at this height.
            offer = walk.last
            beyond = view.scan(
                BOOK_TABLE, offer.sell_asset, offer.buy_asset, after=book_place(offer)
            )
            for _, offer_id in beyond:
                if self._limited.get(offer_id) != 0:
                    news = True
                    self._put_offer(offer_id, view.get(OFFERS, offer_id), 0)
        return news

    def _pool(self, view: ReadView, pay_asset: str, get_asset: str, name: str) -> Venue | None:
        pool = view.get(POOLS, name)
        if pool is None or not pool_moves(view, pool):
            self._put_pool(view, name)
            return None
        return Venue(pay_asset, get_asset, name, (), synced(view, pool))


class _Walk:
    """A book as an action of a party would walk it; nothing is written."""

    def __init__(self, view: ReadView, party: str, looks: list[int]) -> None:
        self._view = view
        self._party = party
        self._looks = looks
        self.met: list[tuple[Offer, int]] = []
        """Offers of others, and how much of each can be taken."""
        self.last: Offer | None = None

    def ready(self, sell_asset: str, buy_asset: str) -> Iterator[Ready | str]:
        """As `Taking` reads it."""
        given: dict[str, int] = {}
        view = self._view
        for _, offer_id in view.scan(BOOK_TABLE, sell_asset, buy_asset):
            if not self._looks[0]:
                yield "fills"
                return
            self._looks[0] -= 1
            offer = view.get(OFFERS, offer_id)
            assert offer is not None
            self.last = offer
            expired = offer.expires_at_ms and offer.expires_at_ms <= view.time_ms
            if expired or offer.party == self._party:
                continue
            most = deliverable(view, offer, given.get(offer.account, 0))
            self.met.append((offer, most))
            if most:
                given[offer.account] = given.get(offer.account, 0) + most
                yield Ready(offer, most)


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

    Each can be executed at the height of `view`. `party` is who would pay: its own offers are
    not taken. Reads the whole market first: who asks often keeps a `MarketIndex`.
    """
    index = MarketIndex(view)
    return index.plans(
        view, send_asset, receive_asset, send=send, receive=receive, party=party, limit=limit
    )


def venues(view: ReadView, party: str = "") -> Iterator[Venue]:
    """Every way from an asset to another that can be taken now: what `paths` searches."""
    books: dict[tuple[str, str], list[Offer]] = {}
    limited: dict[tuple[str, str, str], int] = {}
    paused = {key[0]: None for key, _ in view.scan(PAUSED)}
    for (sell_asset, buy_asset, _), offer_id in view.scan(BOOK_TABLE):
        offer = view.get(OFFERS, offer_id)
        assert offer is not None
        expired = offer.expires_at_ms and offer.expires_at_ms <= view.time_ms
        moving = sell_asset not in paused and buy_asset not in paused
        given = limited.get((offer.account, sell_asset, buy_asset), 0)
        most = deliverable(view, offer, given)
        if offer.party != party and moving and not expired and most:
            limited[offer.account, sell_asset, buy_asset] = given + most
            left = replace(offer, remaining_minor=most)
            books.setdefault((buy_asset, sell_asset), []).append(left)
    for (pay_asset, get_asset), offers in books.items():
        yield Venue(pay_asset, get_asset, BOOK, offers)
    for _, pool in view.scan(POOLS):
        moving = pool.asset_a not in paused and pool.asset_b not in paused
        if pool.shares and moving and pool_moves(view, pool):
            now = synced(view, pool)
            yield Venue(pool.asset_a, pool.asset_b, pool.id, (), now)
            yield Venue(pool.asset_b, pool.asset_a, pool.id, (), now)
