"""The book: walking it in price-time order, taking from it, putting offers into it and out of it.

Nobody's offer blocks the book. One whose maker cannot deliver now (frozen, off the allow-list, a
limit that leaves dust) or that has expired is pulled when it is met; one of the taker's own party
gives way, or is passed over by a payment; what is too small for a payment is passed over as well
where it would stand in its way (`choosing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import WriteView
from tongbao.modules.exchange import arithmetic, choosing
from tongbao.modules.exchange.choosing import Chosen, Ready, Take
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.events import OfferClosed, OfferPromised, Traded
from tongbao.modules.exchange.holders import deliverable
from tongbao.modules.exchange.model import BOOK as BOOK_VENUE
from tongbao.modules.exchange.model import (
    MAX_FILLS,
    MAX_LOOKS,
    MAX_LOOKS_TOGETHER,
    Fill,
    Offer,
    Pool,
)
from tongbao.modules.exchange.state import (
    BOOK,
    FOR_OFFERS,
    FOR_QUOTES,
    OFFERS,
    OFFERS_BY_ACCOUNT,
    POOLS,
    book_place,
    count_open,
)
from tongbao.modules.exchange.swap import convert_with_pool, promise
from tongbao.modules.payments import Journal, charge

TIMER = "exchange.offer"
LOOKS = "offers looked at"


class Spent(NamedTuple):
    """What taking from the book came to."""

    fills: list[Fill]
    left_minor: int
    """Of what was to be paid, or to be got."""
    stopped: str
    """Why it ended: as `Chosen.stopped`."""


class Taking:
    """One action's taking: bounded over all its hops, and shown offer by offer."""

    def __init__(
        self,
        ledger: WriteView,
        journal: Journal,
        taker: str,
        *,
        resting_gives_way: bool = False,
        incoming_gives_way: bool = False,
        wanted: Callable[[Offer], int] | None = None,
    ) -> None:
        """`taker` is an account. Without a policy the taker's own offers are passed over.

        With `wanted` the taking is a promise: of each offer at most so much, and the money goes
        from the offers to quotes.
        """
        self.ledger = ledger
        self.journal = journal
        self.taker = taker
        self.events: list[Event] = []
        self.promise = wanted is not None
        self._wanted = wanted
        self._party = owner_of(taker)
        self._resting_gives_way = resting_gives_way
        self._incoming_gives_way = incoming_gives_way
        self._looks = MAX_LOOKS
        self._own: Offer | None = None
        self.looked_out = False

    # ---- walking -------------------------------------------------------------------------------

    def _ready(
        self, sell_asset: str, buy_asset: str, limit: tuple[int, int] | None = None
    ) -> Iterator[Ready | str]:
        """What can be taken now, best first; what has expired, or cannot be delivered, is closed.

        `limit` is the taker's own price as an offer's: beyond it nothing is met.
        """
        given: dict[str, int] = {}
        for _, offer_id in self.ledger.scan(BOOK, sell_asset, buy_asset):
            if not self._looks or not self.ledger.may_work(LOOKS, MAX_LOOKS_TOGETHER):
                yield "fills"
                return
            self._looks -= 1
            offer = self.ledger.get(OFFERS, offer_id)
            assert offer is not None
            price = offer.price_buy, offer.price_sell
            if offer.expires_at_ms and offer.expires_at_ms <= self.ledger.time_ms:
                self.close(offer, "expired")
            elif limit is not None and not arithmetic.crosses(*price, *limit):
                yield "price"
                return
            elif offer.party == self._party:
                if self._resting_gives_way:
                    self.close(offer, "self-trade")
                elif self._incoming_gives_way:
                    self._own = offer
                    yield "self-trade"
                    return
            else:
                most = self._most(offer, given.get(offer.account, 0))
                if most:
                    given[offer.account] = given.get(offer.account, 0) + most
                    yield Ready(offer, most)

    def _most(self, offer: Offer, given: int) -> int:
        """How much of an offer can be taken; one whose maker cannot deliver is closed."""
        most = deliverable(self.ledger, offer, given)
        if not most:
            self.close(offer, "undeliverable")
        return most if self._wanted is None else min(most, self._wanted(offer))

    def meeting(self, sell_asset: str, buy_asset: str, limit: tuple[int, int]) -> Offer | None:
        """The best offer that a new one at `limit` would trade with.

        None where there is none, or where it looked at enough (`looked_out`): then nobody knows.
        """
        for one in self._ready(sell_asset, buy_asset, limit):
            self.looked_out = one == "fills"
            if isinstance(one, Ready):
                return one.offer
            return self._own if one == "self-trade" else None
        return None

    def spend(
        self,
        pay_asset: str,
        get_asset: str,
        amount: int,
        limit: tuple[int, int] | None = None,
        *,
        whole: bool = False,
    ) -> Spent:
        """Pay up to `amount` into the book; `limit` is the taker's own price as an offer's.

        Without a limit all of it is paid: what buys no further unit is the last maker's.
        """
        ready = self._ready(get_asset, pay_asset, limit)
        if limit is None:
            return self._take(choosing.paying(ready, amount))
        chosen = choosing.spending(ready, amount, whole=whole)
        spent = self._take(chosen)
        if chosen.left_minor:
            self._pull_rests(chosen)
        return spent

    def _pull_rests(self, chosen: Chosen) -> None:
        """What makers' limits left of offers that an order went past: it would cross them."""
        for take in chosen.takes:
            offer = self.ledger.get(OFFERS, take.offer.id)
            if offer is not None and offer.stands and take.all_ready:
                self.close(offer, "undeliverable")

    def acquire(self, pay_asset: str, get_asset: str, amount: int) -> Spent:
        """Get up to `amount` out of the book."""
        return self._take(choosing.getting(self._ready(get_asset, pay_asset), amount))

    # ---- taking --------------------------------------------------------------------------------

    def _take(self, chosen: Chosen) -> Spent:
        fills = [self._take_one(take) for take in chosen.takes]
        return Spent(fills, chosen.left_minor, chosen.stopped)

    def _take_one(self, take: Take) -> Fill:
        offer, gives, paid, _ = take
        counted = charge(self.ledger, offer.account, offer.sell_asset, gives)
        self.journal.release(offer.account, offer.sell_asset, FOR_OFFERS, gives)
        rest = offer.remaining_minor - gives
        if self.promise:
            self.journal.reserve(offer.account, offer.sell_asset, FOR_QUOTES, gives)
            promised = offer.promised_minor + gives
            self.write(replace(offer, remaining_minor=rest, promised_minor=promised), offer)
        else:
            self.events.append(
                Traded(
                    offer.id, offer.account, self.taker, offer.buy_asset, paid,
                    offer.sell_asset, gives, rest,
                )
            )  # fmt: skip
            self.write(replace(offer, remaining_minor=rest), offer)
        return Fill(offer.account, paid, gives, offer.id, counted)

    def swap(self, pool: Pool, fill: Fill, pay_asset: str) -> None:
        """Take a fill from a pool, or have it promised."""
        if self.promise:
            get_asset = pool.asset_b if pay_asset == pool.asset_a else pool.asset_a
            self.journal.reserve(pool.account, get_asset, FOR_QUOTES, fill.gives_minor)
            promised = promise(pool, fill, pay_asset, 1)
            self.ledger.put(POOLS, pool.id, value=promised)
        else:
            self.events.append(convert_with_pool(self.ledger, pool, fill, pay_asset, self.taker))

    def write(self, offer: Offer, before: Offer) -> None:
        """Write what remains of an offer; too little to stand in the book closes it."""
        if not offer.promised_minor and offer.remaining_minor < offer.least_minor:
            self.close(offer, "dust" if offer.remaining_minor else "filled")
            return
        self.ledger.put(OFFERS, offer.id, value=offer)
        if offer.stands != before.stands:
            if offer.stands:
                self.ledger.put(BOOK, *book_place(offer), value=offer.id)
            else:
                self.ledger.delete(BOOK, *book_place(offer))
        if offer.promised_minor != before.promised_minor:
            self.events.append(
                OfferPromised(
                    offer.id, offer.account, offer.sell_asset, offer.remaining_minor,
                    offer.sell_asset, offer.promised_minor,
                )
            )  # fmt: skip

    def close(self, offer: Offer, reason: str) -> None:
        """Take an offer off the ledger and give its maker free what is still set aside for it."""
        ledger = self.ledger
        ledger.delete(OFFERS, offer.id)
        ledger.delete(BOOK, *book_place(offer))
        ledger.delete(OFFERS_BY_ACCOUNT, offer.account, offer.sell_asset, offer.buy_asset, offer.id)
        if offer.expires_at_ms:
            ledger.unschedule(offer.expires_at_ms, TIMER, offer.id)
        count_open(ledger, offer, -1)
        rest = offer.remaining_minor
        self.journal.release(offer.account, offer.sell_asset, FOR_OFFERS, rest)
        self.events.append(OfferClosed(offer.id, offer.account, offer.sell_asset, rest, reason))

    def reported(self) -> Iterator[Event]:
        """The events so far, once."""
        reported, self.events = self.events, []
        yield from reported


def require_whole(spent: Spent, pay_asset: str, get_asset: str) -> None:
    """Refuse a hop that the book could not carry."""
    there = {"limit": MAX_FILLS, "looks": MAX_LOOKS}
    require(spent.stopped != "fills", ExchangeCode.TOO_MANY_FILLS, **there)
    whole = bool(spent.fills) and not spent.left_minor
    require(
        whole, ExchangeCode.NO_DEPTH, pay_asset=pay_asset, get_asset=get_asset, venue=BOOK_VENUE
    )
