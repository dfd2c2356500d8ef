"""Values of the module, and the shapes that its transactions share."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import msgspec

from tongbao.kernel.codes import require
from tongbao.kernel.fields import (
    AccountId,
    Amount,
    AssetCode,
    Duration,
    Field,
    Moment,
    PartyId,
    Whole,
)
from tongbao.modules.exchange.arithmetic import MAX_PRICE_PART
from tongbao.modules.exchange.codes import ExchangeCode

OfferId = Annotated[str, Field("id", "Id of an offer.", of="offer")]
QuoteId = Annotated[str, Field("id", "Id of a quote.", of="quote")]

SCOPE = "exchange"
"""What a key has to be allowed to sign."""
PoolId = Annotated[str, Field("id", "Id of a pool, `ASSET:ASSET:fee`.", of="pool")]
OfSold = Annotated[
    int, Field("amount", "Amount in minor units of the asset sold.", asset="sell_asset")
]
OfSent = Annotated[
    int, Field("amount", "Amount in minor units of the asset sent.", asset="send_asset")
]
OfA = Annotated[int, Field("amount", "Amount in minor units of `asset_a`.", asset="asset_a")]
OfB = Annotated[int, Field("amount", "Amount in minor units of `asset_b`.", asset="asset_b")]

BOOK = "book"
"""The venue of a hop that takes from the order book; any other is the id of a pool."""
MAKER = "quote"
"""The venue of the one hop of a market maker's own quote."""
MAX_HOPS = 6
MAX_FILLS = 100
"""Offers that one action takes at most in each of its hops."""
MAX_LOOKS = 1_000
"""Offers that one action looks at most over all its hops, those that cannot deliver included."""
MAX_LOOKS_TOGETHER = 4 * MAX_LOOKS
"""Offers that all actions of a transaction look at."""
MAX_IN_BOOK = 32
"""Open offers of one party at most that sell one asset for another: so that an action looks past
all offers of thirty parties."""
FREE_PART = 2
"""What costs its taker nothing is reserved of one in so many parts of an offer or a pool at most,
by all takers together."""
MAX_RESERVATIONS = 16
"""Live reservations of one party with one maker, or in one pool, at most."""
MAX_QUOTES = 10_000
"""Open quotes of its own that a market maker has at most."""
MAX_AHEAD_MS = 400 * 24 * 3600 * 1000
"""How far ahead an offer may expire: a little more than a year."""
MAX_QUOTE_MS = 24 * 3600 * 1000
"""How long a market maker's own quote may live: a day."""
MAX_RESERVE_MS = 10 * 60 * 1000
"""How long a maker may let others reserve his offer: ten minutes."""
MAX_FEE_BPS = 1_000
LOCKED_SHARES = 1_000
"""Shares of a new pool that are nobody's, so that the price of a share cannot be driven up."""
KEEPER = "@exchange"
"""Before the slash of a pool's account: no party can have this name, so nobody signs for it."""

TimeInForce = Literal["gtc", "ioc", "fok", "post_only"]
"""Good till cancelled, immediate or cancel, fill or kill, or only into the book."""
SelfTrade = Literal["cancel_resting", "cancel_incoming"]
"""What gives way when an order meets one of the same party."""


class Hop(msgspec.Struct, frozen=True, array_like=True):
    """One step of a route, as an array: the asset that is got, and where."""

    asset: AssetCode
    venue: str = BOOK


class Route(msgspec.Struct, frozen=True, array_like=True):
    """A route, as an array: the asset that is sent, and the hops."""

    send_asset: AssetCode
    hops: tuple[Hop, ...]

    @property
    def receive_asset(self) -> str:
        """The asset at its end."""
        return self.hops[-1].asset

    @property
    def assets(self) -> tuple[str, ...]:
        """Every asset on it, in order."""
        return (self.send_asset, *(hop.asset for hop in self.hops))

    def pairs(self) -> tuple[tuple[str, str, str], ...]:
        """(asset paid in, asset got out, venue) of each hop."""
        assets = self.assets
        return tuple(
            (paid, hop.asset, hop.venue) for paid, hop in zip(assets, self.hops, strict=False)
        )


class Offer(msgspec.Struct, frozen=True, omit_defaults=True):
    """An open offer: a maker's money, set aside for whoever pays its price."""

    id: str
    account: AccountId
    """The maker's account."""
    sell_asset: AssetCode
    buy_asset: AssetCode
    remaining_minor: OfSold
    """Of the asset sold: what may still be taken."""
    price_buy: Whole
    """`price_buy` minor units are asked ..."""
    price_sell: Whole
    """... for `price_sell` minor units."""
    sequence: int
    """The place in time: earlier offers of a price come first."""
    sell_minor: Amount
    """What went into the book."""
    least_minor: OfSold
    """Less than this is dust: it does not stand in the book."""
    expires_at_ms: Moment = 0
    """Block time from which it is gone; 0 is never."""
    promised_minor: OfSold = 0
    """Of the asset sold: taken out of the book by quotes that are still open."""
    reservable_ms: Duration = 0
    """How long others may reserve of it; 0: not at all."""
    charge_bps: int = 0
    """What a reservation costs, of what the taker would pay."""
    placed_at_ms: Moment = 0
    """When."""

    @property
    def party(self) -> str:
        """Who makes it."""
        return self.account.partition("/")[0]

    @property
    def stands(self) -> bool:
        """Whether it stands in the book."""
        return self.remaining_minor >= self.least_minor


class Pool(msgspec.Struct, frozen=True, omit_defaults=True):
    """A constant-product pool. What it has stands in its account; here is what follows from it."""

    id: str
    """`ASSET:ASSET:fee`, the assets in order of name."""
    asset_a: AssetCode
    asset_b: AssetCode
    fee_bps: int
    shares: Whole
    """All shares, the locked ones included."""
    a_minor: OfA
    """What the account held after the newest action on the pool."""
    b_minor: OfB
    base_a: OfA
    """Amounts and shares to which the law looks back: at the creation, or after somebody else
    put into or took out of the account (an issuer's clawback, a gift)."""
    base_b: OfB
    base_shares: Whole
    reservable_ms: Duration = 0
    charge_bps: int = 0
    out_b: OfB = 0
    """Promised to quotes that pay asset a in: so much of b goes out ..."""
    in_a: OfA = 0
    """... against so much of a."""
    out_a: OfA = 0
    in_b: OfB = 0
    opened_by: PartyId = ""
    """Who put the first money in."""
    opened_at_ms: Moment = 0
    """When."""

    @property
    def account(self) -> str:
        """Where its money is."""
        return f"{KEEPER}/{self.id}"


class Fill(msgspec.Struct, frozen=True, array_like=True):
    """One counterparty of a hop, as an array."""

    account: AccountId
    """Who gives, and is paid."""
    takes_minor: Amount
    """What it is paid, of the asset that goes into the hop."""
    gives_minor: Amount
    """What it gives, of the asset that comes out."""
    source: str
    """Id of the offer or pool; empty for a market maker's own quote."""
    counted_minor: Amount = 0
    """What was counted against the maker's limit of the day on which a quote was made."""


class QuoteHop(msgspec.Struct, frozen=True, array_like=True):
    """A hop of a quote, as an array: what comes out, where, and from whom."""

    asset: AssetCode
    venue: str
    fills: tuple[Fill, ...]


class Quote(msgspec.Struct, frozen=True, omit_defaults=True):
    """A firm price with the money behind it set aside: pay with it before it expires."""

    id: str
    taker: PartyId
    """Party that may use it."""
    send_asset: AssetCode
    send_minor: Amount
    receive_asset: AssetCode
    receive_minor: Amount
    expires_at_ms: Moment
    hops: tuple[QuoteHop, ...]
    maker: AccountId = ""
    """Account of the market maker who gave it; empty where the taker reserved it from the book
    and the pools."""
    charge_minor: OfSent = 0
    """What the reservation cost, of the asset that is sent."""
    made_at_ms: Moment = 0
    """When: on that day its makers' limits counted it."""


class HopResult(NamedTuple):
    """What one hop of a conversion did."""

    venue: str
    pay_asset: str
    paid_minor: int
    get_asset: str
    got_minor: int
    fee_minor: int
    """The pool's fee, of the asset paid; 0 on the book, where the price says all."""
    fills: int
    """How many counterparties."""


class Conversion(NamedTuple):
    """What a conversion sent, what arrived, and each hop."""

    sent: int
    received: int
    hops: tuple[HopResult, ...]


def reserved_with(quote: Quote) -> tuple[str, ...]:
    """With whom the taker of a quote has a reservation by it: makers and pools, each once."""
    if quote.maker:
        return ()
    fills = (fill for hop in quote.hops for fill in hop.fills)
    return tuple(dict.fromkeys(_owner_or_pool(fill.account) for fill in fills))


def gives_of(quote: Quote) -> tuple[tuple[str, str], ...]:
    """(account, asset) of what is set aside for a quote, each once."""
    pairs = ((fill.account, hop.asset) for hop in quote.hops for fill in hop.fills)
    return tuple(dict.fromkeys(pairs))


def pays_of(quote: Quote) -> tuple[tuple[str, str], ...]:
    """(account, asset) of whom a payment by a quote will pay, each once; pools are always there."""
    paid = (quote.send_asset, *(hop.asset for hop in quote.hops))
    pairs = (
        (fill.account, asset)
        for asset, hop in zip(paid, quote.hops, strict=False) for fill in hop.fills
    )  # fmt: skip
    return tuple(dict.fromkeys(pair for pair in pairs if not pair[0].startswith(f"{KEEPER}/")))


def _owner_or_pool(account: str) -> str:
    """Whose an account is; a pool's is the pool's own."""
    owner, _, name = account.partition("/")
    return name if owner == KEEPER else owner


def check_price(price_buy: int, price_sell: int) -> None:
    """Refuse a price whose parts are not 1 to 2**63 - 1."""
    fits = 1 <= price_buy <= MAX_PRICE_PART and 1 <= price_sell <= MAX_PRICE_PART
    require(fits, ExchangeCode.BAD_PRICE, price_buy=str(price_buy), price_sell=str(price_sell))


def check_route(route: Route) -> None:
    """Refuse a route without hops, with too many, or with an asset twice."""
    count = len(route.hops)
    require(1 <= count <= MAX_HOPS, ExchangeCode.ROUTE_LENGTH, count=count, limit=MAX_HOPS)
    assets = route.assets
    twice = next((one for place, one in enumerate(assets) if one in assets[:place]), "")
    require(not twice, ExchangeCode.ROUTE_CYCLE, asset=twice[:32])
