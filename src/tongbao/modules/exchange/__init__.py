"""The exchange: offers, pools, firm quotes, and payments that cross assets on the way."""

from __future__ import annotations

from tongbao.kernel.registry import Module, Reservation
from tongbao.modules.exchange import book, closing, events, give_way, quoting
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
from tongbao.modules.exchange.queries import Level, depth, offers_of, pools, quote_of, shares_of
from tongbao.modules.exchange.quoting import use_quote
from tongbao.modules.exchange.records import RECORDS
from tongbao.modules.exchange.state import BOOK as BOOK_TABLE
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
from tongbao.modules.exchange.transactions.cancel_offer import CancelOffer
from tongbao.modules.exchange.transactions.cancel_offers import CancelOffers
from tongbao.modules.exchange.transactions.create_pool import CreatePool
from tongbao.modules.exchange.transactions.decline_quote import DeclineQuote
from tongbao.modules.exchange.transactions.deposit import DepositPool
from tongbao.modules.exchange.transactions.offer_quote import OfferQuote
from tongbao.modules.exchange.transactions.pay import PayAcross
from tongbao.modules.exchange.transactions.pay_quote import PayQuote
from tongbao.modules.exchange.transactions.place_offer import PlaceOffer
from tongbao.modules.exchange.transactions.pull_offer import PullOffer
from tongbao.modules.exchange.transactions.pull_offers import PullOffers
from tongbao.modules.exchange.transactions.reserve_quote import ReserveQuote
from tongbao.modules.exchange.transactions.withdraw import WithdrawPool

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
    public=(events.PoolCreated,),
    codes=ExchangeCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    tallies=TALLIES,
    reservations=(
        Reservation(10, (FOR_OFFERS, FOR_QUOTES), give_way.offers_and_quotes),
        Reservation(60, (), give_way.pool_shares),
    ),
    records=RECORDS,
    internal=(
        BOOK_TABLE, OFFERS_BY_ACCOUNT, OPEN_OFFERS, SEQUENCE, RESERVATIONS, QUOTES_BY_GIVER,
        POOLS_BY_HOLDER,
        # What these say, offers, trades, pools and quotes show.
        events.OfferPlaced, events.OrderEnded, events.OfferPromised, events.PoolCreated,
        events.QuoteGiven,
    ),
    timers={book.TIMER: closing.offer_expires, quoting.TIMER: quoting.quote_expires},
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
