"""The book: walking it in price-time order, taking from it, putting offers into it and out of it.

Nobody's offer blocks the book. One whose maker cannot deliver now (frozen, off the allow-list,
beyond a limit) or that has expired is pulled when it is met; one of the taker's own party gives
way, or is passed over by a payment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import WriteView
from tongbao.modules.exchange import arithmetic
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.events import OfferClosed, OfferPromised, Traded
from tongbao.modules.exchange.holders import can_deliver
from tongbao.modules.exchange.model import BOOK as BOOK_VENUE
from tongbao.modules.exchange.model import MAX_FILLS, MAX_LOOKS, Fill, Offer, Pool
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
from tongbao.modules.exchange.swap import carry_out, promise
from tongbao.modules.payments import Journal, charge

TIMER = "exchange.offer"


class Spent(NamedTuple):
    """What taking from the book came to."""

    fills: list[Fill]
    left_minor: int
    """Of what was to be paid, or to be got."""
    stopped: str
    """Why it ended: `filled`, `dust` (what is left buys nothing more), `depth`, `price`,
    `self-trade` or `fills`."""


class Taking:
    """One action's taking: bounded over all its hops, and told offer by offer."""

    def __init__(
        self,
        ledger: WriteView,
        journal: Journal,
        taker: str,
        *,
        resting_gives_way: bool = False,
        incoming_gives_way: bool = False,
        wanted: Callable[[Offer], bool] | None = None,
    ) -> None:
        """`taker` is an account. Without a policy the taker's own offers are passed over.

        With `wanted` the taking is a promise: only such offers, and the money goes from the
        offers to quotes.
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
        self._fills = MAX_FILLS
        self._looks = MAX_LOOKS
        self.looked_out = False

    # ---- walking -------------------------------------------------------------------------------

    def _offers(self, sell_asset: str, buy_asset: str) -> Iterator[Offer | None]:
        """Offers that have not expired, best first; None where the action looked at enough."""
        for _, offer_id in self.ledger.scan(BOOK, sell_asset, buy_asset):
            if not self._looks:
                yield None
                return
            self._looks -= 1
            offer = self.ledger.get(OFFERS, offer_id)
            assert offer is not None
            if offer.expires_at_ms and offer.expires_at_ms <= self.ledger.time_ms:
                self.close(offer, "expired")
            elif self._wanted is None or self._wanted(offer):
                yield offer

    def _gives_way(self, offer: Offer) -> bool:
        """Whether an offer of the taker's own party is out of the way: closed, or passed over."""
        if offer.party != self._party:
            return False
        if self._resting_gives_way:
            self.close(offer, "self-trade")
        return not self._incoming_gives_way

    def meeting(self, sell_asset: str, buy_asset: str, limit: tuple[int, int]) -> Offer | None:
        """The best offer that a new one at `limit` would trade with.

        None where there is none, or where it looked at enough (`looked_out`): then nobody knows.
        """
        for offer in self._offers(sell_asset, buy_asset):
            if offer is None:
                self.looked_out = True
                return None
            if not arithmetic.crosses(offer.price_buy, offer.price_sell, *limit):
                return None
            if self._gives_way(offer):
                continue
            if offer.party == self._party or can_deliver(self.ledger, offer, 1):
                return offer
            self.close(offer, "undeliverable")
        return None

    def spend(
        self, pay_asset: str, get_asset: str, amount: int, limit: tuple[int, int] | None = None
    ) -> Spent:
        """Pay up to `amount` into the book; `limit` is the taker's own price as an offer's.

        Without a limit all of it is paid: what buys no further unit is the last maker's.
        """
        fills: list[Fill] = []
        for offer in self._offers(get_asset, pay_asset):
            if offer is None:
                return Spent(fills, amount, "fills")
            price = offer.price_buy, offer.price_sell
            if limit is not None and not arithmetic.crosses(*price, *limit):
                return Spent(fills, amount, "price")
            if self._gives_way(offer):
                continue
            if offer.party == self._party:
                return Spent(fills, amount, "self-trade")
            paid, gives = arithmetic.cost(offer.remaining_minor, *price), offer.remaining_minor
            partly = amount < paid
            if partly:
                gives = arithmetic.bought(amount, *price)
                paid = arithmetic.cost(gives, *price)
            if limit is None and partly and gives:
                paid = amount
            if not gives:
                return self._rest(fills, amount, limit is None)
            taken = self._take(offer, gives, paid, fills)
            if taken is None:
                return Spent(fills, amount, "fills")
            amount -= paid if taken else 0
            if taken and (partly or not amount):
                return Spent(fills, amount, "dust" if amount else "filled")
        return Spent(fills, amount, "depth")

    def _rest(self, fills: list[Fill], rest: int, is_makers: bool) -> Spent:
        """What buys nothing more: the taker's, or the last maker's."""
        if not is_makers or not fills:
            return Spent(fills, rest, "dust")
        last = fills.pop()
        fills.append(replace(last, takes_minor=last.takes_minor + rest))
        for place in range(len(self.events) - 1, -1, -1):
            event = self.events[place]
            if isinstance(event, Traded):
                self.events[place] = replace(event, paid_minor=event.paid_minor + rest)
                break
        return Spent(fills, 0, "filled")

    def acquire(self, pay_asset: str, get_asset: str, amount: int) -> Spent:
        """Get up to `amount` out of the book."""
        fills: list[Fill] = []
        for offer in self._offers(get_asset, pay_asset):
            if offer is None:
                return Spent(fills, amount, "fills")
            if self._gives_way(offer):
                continue
            gives = min(amount, offer.remaining_minor)
            paid = arithmetic.cost(gives, offer.price_buy, offer.price_sell)
            taken = self._take(offer, gives, paid, fills)
            if taken is None:
                return Spent(fills, amount, "fills")
            amount -= taken
            if not amount:
                return Spent(fills, 0, "filled")
        return Spent(fills, amount, "depth")

    # ---- taking --------------------------------------------------------------------------------

    def _take(self, offer: Offer, gives: int, paid: int, fills: list[Fill]) -> int | None:
        """Take `gives` of an offer; 0 where it was pulled, None where the action took enough."""
        if not self._fills:
            return None
        if not can_deliver(self.ledger, offer, gives):
            self.close(offer, "undeliverable")
            return 0
        self._fills -= 1
        charge(self.ledger, offer.account, offer.sell_asset, gives)
        fills.append(Fill(offer.account, paid, gives, offer.id))
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
        return gives

    def swap(self, pool: Pool, fill: Fill, pay_asset: str) -> None:
        """Take a fill from a pool, or have it promised."""
        if self.promise:
            get_asset = pool.asset_b if pay_asset == pool.asset_a else pool.asset_a
            self.journal.reserve(pool.account, get_asset, FOR_QUOTES, fill.gives_minor)
            promised = promise(pool, fill, pay_asset, 1)
            self.ledger.put(POOLS, pool.id, value=promised)
        else:
            self.events.append(carry_out(self.ledger, pool, fill, pay_asset, self.taker))

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
        count_open(ledger, offer.party, -1)
        rest = offer.remaining_minor
        self.journal.release(offer.account, offer.sell_asset, FOR_OFFERS, rest)
        self.events.append(OfferClosed(offer.id, offer.account, offer.sell_asset, rest, reason))

    def told(self) -> Iterator[Event]:
        """The events so far, once."""
        told, self.events = self.events, []
        yield from told


def require_whole(spent: Spent, pay_asset: str, get_asset: str) -> None:
    """Refuse a hop that the book could not carry."""
    require(spent.stopped != "fills", ExchangeCode.TOO_MANY_FILLS, limit=MAX_FILLS)
    whole = bool(spent.fills) and not spent.left_minor
    require(
        whole, ExchangeCode.NO_DEPTH, pay_asset=pay_asset, get_asset=get_asset, venue=BOOK_VENUE
    )
