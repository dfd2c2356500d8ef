"""Plays on the market: promises for nothing, promises over midnight, pools and limits of makers."""

from __future__ import annotations

import random

from tongbao.kernel.generation import attacks, drawn, pick
from tongbao.kernel.money import owner_of
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import SetLimits
from tongbao.modules.exchange import (
    OFFERS,
    POOLS,
    QUOTES,
    CancelOffers,
    CreatePool,
    DeclineQuote,
    Hop,
    OfferQuote,
    PayAcross,
    PayQuote,
    PlaceOffer,
    Quote,
    ReserveQuote,
    Route,
    WithdrawPool,
)
from tongbao.modules.payments import Transfer
from tongbao.simulator.plays.staging import (
    CNY,
    DAY_MS,
    HKD,
    Play,
    Script,
    rich,
    three,
    together,
    until,
)

REFERENCE = "play"
SIZE = 20_000
LASTING_MS = 600_000
TO_HKD = Route(CNY, (Hop(HKD),))


def _reserve(view: ReadView, taker: str, route: Route, receive: int) -> ReserveQuote:
    lasting = view.time_ms + LASTING_MS - 60_000
    return ReserveQuote(taker, route, "receive", 10 * receive, receive, lasting, receive)


def _quotes(view: ReadView, party: str) -> list[Quote]:
    return [one for _, one in view.scan(QUOTES) if one.taker == party]


@attacks("free-half", "reservations", "promise-day", "maker-delivers")
def reserve_and_decline(rng: random.Random, view: ReadView) -> Script:
    """Somebody's best offer, reserved and given back for nothing: more of it than is free."""
    found = three(rng, view, (CNY, 3 * SIZE), (HKD, 2 * SIZE))
    if found is None:
        return
    taker, maker, payee = found
    if rng.randrange(2):
        view = yield drawn(rng, view, SetLimits(maker, HKD, 0, SIZE))
    offer = PlaceOffer(maker, HKD, SIZE, CNY, 80, 100, reservable_ms=LASTING_MS)
    view = yield drawn(rng, view, offer)
    party = owner_of(taker)
    for _ in range(4):
        part = rng.choice((SIZE * 2 // 5, SIZE // 2, SIZE * 9 // 10))
        view = yield drawn(rng, view, _reserve(view, taker, TO_HKD, part))
        mine = _quotes(view, party)
        if mine and rng.randrange(3):
            view = yield drawn(rng, view, DeclineQuote(mine[-1].id))
        elif mine and rng.randrange(2):
            view = yield drawn(rng, view, PayQuote(mine[-1].id, taker, payee, REFERENCE))
    view = yield drawn(rng, view, Transfer(maker, payee, HKD, SIZE // 2, REFERENCE))
    view = yield drawn(rng, view, CancelOffers(maker, HKD))
    yield drawn(rng, view, SetLimits(maker, HKD, 0, 0))


@attacks("reservations")
def many_small_reservations(rng: random.Random, view: ReadView) -> Script:
    """Twenty in one envelope, of one maker."""
    found = three(rng, view, (CNY, 3 * SIZE), (HKD, 2 * SIZE))
    if found is None:
        return
    taker, maker, _ = found
    offer = PlaceOffer(maker, HKD, SIZE, CNY, 80, 100, reservable_ms=LASTING_MS)
    view = yield drawn(rng, view, offer)
    for count in rng.sample((9, 16, 20), 2):
        one = _reserve(view, taker, TO_HKD, 200)
        view = yield together(rng, view, *[one] * count)
    yield drawn(rng, view, CancelOffers(maker, HKD))


@attacks("free-half", "pool-share")
def empty_a_pool_by_promises(rng: random.Random, view: ReadView) -> Script:
    """A pool that may be reserved for nothing: its side promised away, then its shares taken."""
    found = three(rng, view, (CNY, 3 * SIZE), (HKD, 2 * SIZE))
    if found is None:
        return
    taker, maker, _ = found
    fee = rng.choice((7, 13, 77))
    if any(one.fee_bps == fee and one.asset_a == CNY for _, one in view.scan(POOLS)):
        return
    view = yield drawn(rng, view, CreatePool(maker, CNY, HKD, fee, SIZE, SIZE, LASTING_MS, 0))
    pool = pick(rng, (one for _, one in view.scan(POOLS) if one.fee_bps == fee))
    if pool is None:
        return
    route = Route(CNY, (Hop(HKD, pool.id),))
    for part in (SIZE // 3, SIZE // 4, SIZE // 5):
        expires = view.time_ms + LASTING_MS - 60_000
        one = ReserveQuote(taker, route, "receive", 3 * SIZE, part, expires)
        view = yield drawn(rng, view, one)
    yield drawn(rng, view, WithdrawPool(maker, pool.id, SIZE // 2))


@attacks("promise-day", "quote-price")
def promise_over_midnight(rng: random.Random, view: ReadView) -> Script:
    """A firm quote of today, paid tomorrow beside a day that is used up by then."""
    found = three(rng, view, (CNY, 3 * SIZE), (HKD, 3 * SIZE))
    if found is None:
        return
    taker, maker, payee = found
    view = yield drawn(rng, view, SetLimits(maker, HKD, 0, SIZE))
    day = view.time_ms // DAY_MS
    quote = OfferQuote(
        maker, owner_of(taker), HKD, SIZE * 3 // 4, CNY, SIZE // 2, view.time_ms + DAY_MS
    )
    view = yield drawn(rng, view, quote)
    if rng.randrange(2):
        view = yield from until(day)
    view = yield drawn(rng, view, Transfer(maker, payee, HKD, SIZE // 2, REFERENCE))
    mine = [one for one in _quotes(view, owner_of(taker)) if one.maker == maker]
    if mine:
        late = DeclineQuote(mine[0].id) if not rng.randrange(3) else None
        paid = PayQuote(mine[0].id, taker, payee, REFERENCE)
        view = yield drawn(rng, view, late or paid)
    for amount in (SIZE // 2, SIZE // 4):
        view = yield drawn(rng, view, Transfer(maker, payee, HKD, amount, REFERENCE))
    yield drawn(rng, view, SetLimits(maker, HKD, 0, 0))


@attacks("book-count", "offer-dust", "maker-delivers")
def wall(rng: random.Random, view: ReadView) -> Script:
    """The best places of a book, taken by dust or by what nobody can deliver; then one pays."""
    found = three(rng, view, (CNY, 3 * SIZE), (HKD, 2 * SIZE))
    if found is None:
        return
    taker, maker, payee = found
    size = rng.choice((1, 40, 200, 200))
    small = PlaceOffer(maker, HKD, size, CNY, 70, 100)
    for _ in range(2):
        view = yield together(rng, view, *[small] * rng.choice((10, 20, 33)))
    if rng.randrange(2):
        view = yield drawn(rng, view, SetLimits(maker, HKD, size // 2 or 1, 0))
    behind = rich(view, HKD, SIZE)
    other = pick(rng, (one for one in behind if owner_of(one) not in map(owner_of, found)))
    if other is not None and view.holding(other, CNY):
        view = yield drawn(rng, view, PlaceOffer(other, HKD, SIZE, CNY, 1, 1))
    pay = PayAcross(taker, payee, TO_HKD, "receive", 2 * SIZE, SIZE // 2, REFERENCE)
    view = yield drawn(rng, view, pay)
    standing = any(one.account == maker for _, one in view.scan(OFFERS))
    if standing:
        view = yield drawn(rng, view, CancelOffers(maker, HKD))
    yield drawn(rng, view, SetLimits(maker, HKD, 0, 0))


PLAYS: tuple[Play, ...] = (
    reserve_and_decline,
    many_small_reservations,
    empty_a_pool_by_promises,
    promise_over_midnight,
    wall,
)
