"""The exchange: offers, pools, firm quotes, and payments that cross assets on the way."""

from __future__ import annotations

from tongbao.kernel.registry import Module, Reservation
from tongbao.modules.exchange import book, cancel, events, give_way, quote_end
from tongbao.modules.exchange.cancel import CancelOffer, CancelOffers, PullOffer, PullOffers
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.convert import convert
from tongbao.modules.exchange.events import Converted, Swapped, Traded
from tongbao.modules.exchange.generators import GENERATORS
from tongbao.modules.exchange.invariants import INVARIANTS, TALLIES
from tongbao.modules.exchange.market import MarketIndex, plan
from tongbao.modules.exchange.model import (
    BOOK,
    LOCKED_SHARES,
    MAX_FILLS,
    MAX_HOPS,
    Conversion,
    Fill,
    Hop,
    HopResult,
    Offer,
    Pool,
    Quote,
    Route,
)
from tongbao.modules.exchange.paths import Plan
from tongbao.modules.exchange.pay import PayAcross
from tongbao.modules.exchange.place import PlaceOffer
from tongbao.modules.exchange.pools import CreatePool, DepositPool, WithdrawPool
from tongbao.modules.exchange.queries import Level, depth, offers_of, pools, quote_of, shares_of
from tongbao.modules.exchange.quote_end import DeclineQuote, PayQuote, use_quote
from tongbao.modules.exchange.quotes import OfferQuote, ReserveQuote
from tongbao.modules.exchange.state import (
    BOOK as BOOK_TABLE,
)
from tongbao.modules.exchange.state import (
    FOR_OFFERS,
    FOR_QUOTES,
    OFFERS,
    OFFERS_BY_ACCOUNT,
    OPEN_OFFERS,
    POOLS,
    POOLS_BY_HOLDER,
    QUOTES,
    QUOTES_BY_GIVER,
    RESERVATIONS,
    SEQUENCE,
    SHARES,
)

MODULE = Module(
    name="exchange",
    number=0x40,
    uses=("parties", "assets", "accounts", "payments"),
    tables=(
        OFFERS, BOOK_TABLE, OFFERS_BY_ACCOUNT, OPEN_OFFERS, SEQUENCE, POOLS, SHARES, QUOTES,
        RESERVATIONS, QUOTES_BY_GIVER, POOLS_BY_HOLDER,
    ),
    transactions=(
        PlaceOffer, CancelOffer, CancelOffers, PullOffer, PullOffers, PayAcross, CreatePool,
        DepositPool, WithdrawPool, OfferQuote, ReserveQuote, PayQuote, DeclineQuote,
    ),
    events=(
        events.OfferPlaced, events.OrderEnded, events.Traded, events.OfferClosed,
        events.OfferPromised, events.Converted, events.PoolCreated, events.PoolChanged,
        events.Swapped, events.QuoteGiven, events.QuoteEnded,
    ),
    codes=ExchangeCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    tallies=TALLIES,
    reservations=(
        Reservation(10, (FOR_OFFERS, FOR_QUOTES), give_way.offers_and_quotes),
        Reservation(60, (), give_way.pool_shares),
    ),
    timers={book.TIMER: cancel.offer_expires, quote_end.TIMER: quote_end.quote_expires},
)  # fmt: skip

__all__ = [
    "BOOK",
    "GENERATORS",
    "LOCKED_SHARES",
    "MAX_FILLS",
    "MAX_HOPS",
    "MODULE",
    "OFFERS",
    "POOLS",
    "QUOTES",
    "SHARES",
    "CancelOffer",
    "CancelOffers",
    "Conversion",
    "Converted",
    "CreatePool",
    "DeclineQuote",
    "DepositPool",
    "ExchangeCode",
    "Fill",
    "Hop",
    "HopResult",
    "Level",
    "MarketIndex",
    "Offer",
    "OfferQuote",
    "PayAcross",
    "PayQuote",
    "PlaceOffer",
    "Plan",
    "Pool",
    "PullOffer",
    "PullOffers",
    "Quote",
    "ReserveQuote",
    "Route",
    "Swapped",
    "Traded",
    "WithdrawPool",
    "convert",
    "depth",
    "offers_of",
    "plan",
    "pools",
    "quote_of",
    "shares_of",
    "use_quote",
]
