"""Documents about books, offers, trades, pools, quotes and routes. Amounts are minor units."""

from __future__ import annotations

from tongbao.sdk.documents import Amount, Document, Whole


class Price(Document, frozen=True):
    """A price in units, for people: exact unless it says that it is rounded.

    The exact one is the fraction of minor units that stands beside it.
    """

    decimal: str
    """Units of the asset paid for one unit of the asset got."""
    rounded: bool


class BookLevel(Document, frozen=True):
    """All offers of one price."""

    price_buy: Whole
    """`price_buy` minor units of the asset bought are asked ..."""
    price_sell: Whole
    """... for `price_sell` of the asset sold."""
    amount_minor: Amount
    asset: str
    """The asset sold, which `amount_minor` is of."""
    offers: int
    price: Price | None = None
    """The same in units; none where an asset is not known."""


class Book(Document, frozen=True):
    """Both sides of a book."""

    sell_asset: str
    buy_asset: str
    height: int
    time_ms: int
    asks: tuple[BookLevel, ...]
    """Who sells `sell_asset`, cheapest first."""
    bids: tuple[BookLevel, ...]
    """Who sells `buy_asset` for it, dearest bid first."""


class RouteHop(Document, frozen=True):
    """One hop of a route with what it would do."""

    venue: str
    """`book`, or the id of a pool."""
    pay_asset: str
    paid_minor: Amount
    get_asset: str
    got_minor: Amount
    fee_minor: Amount
    """The pool's fee, of the asset paid."""
    fills: int
    """Counterparties."""


class RoutePlan(Document, frozen=True):
    """A route with what it would do at the height that was told."""

    route: tuple[str, tuple[tuple[str, str], ...]]
    """As `exchange.pay` takes it."""
    send_asset: str
    sent_minor: Amount
    receive_asset: str
    received_minor: Amount
    hops: tuple[RouteHop, ...]
    price: Price | None = None
    """Units sent for one unit received."""


class Routes(Document, frozen=True):
    """The best routes, best first."""

    send_asset: str
    receive_asset: str
    height: int
    time_ms: int
    routes: tuple[RoutePlan, ...]


class ExchangeOffer(Document, frozen=True):
    """An offer, open or closed."""

    offer: str
    account: str
    sell_asset: str
    sell_minor: Amount
    """What went into the book."""
    remaining_minor: Amount
    promised_minor: Amount
    """Taken out of the book by quotes."""
    buy_asset: str
    price_buy: Whole
    price_sell: Whole
    sequence: int
    placed_at_ms: int
    """0 where it was placed before the chain was continued: the state does not tell."""
    expires_at_ms: int
    reservable_ms: int
    charge_bps: int
    state: str
    """`open`, `filled`, `cancelled`, `expired`, `dust`, `self-trade` or `undeliverable`."""
    closed_at_ms: int


class Trade(Document, frozen=True):
    """What one maker or pool gave, and was paid."""

    height: int
    position: int
    number: int
    time_ms: int
    venue: str
    """`book`, `quote`, or the id of a pool."""
    offer: str
    maker: str
    taker: str
    paid_asset: str
    paid_minor: Amount
    got_asset: str
    got_minor: Amount
    fee_minor: Amount
    party: str
    reference: str
    digest: str


class ExchangePool(Document, frozen=True):
    """A pool with what it had after its newest trade or deposit."""

    pool: str
    account: str
    asset_a: str
    asset_b: str
    fee_bps: int
    a_minor: Amount
    b_minor: Amount
    shares: Whole
    reservable_ms: int
    charge_bps: int
    created_at_ms: int
    """0 where it was opened before the chain was continued; then `created_by` is empty."""
    created_by: str


class PoolShare(Document, frozen=True):
    """How much of a pool an account owns."""

    pool: str
    account: str
    shares: Whole


class QuoteFill(Document, frozen=True):
    """One counterparty of a quote's hop."""

    account: str
    takes_minor: Amount
    """Of the asset that goes into the hop: the hop's before it, or the quote's `send_asset`."""
    gives_minor: Amount
    """Of the hop's `asset`."""
    source: str
    """Id of the offer or pool; empty for a market maker's own quote."""


class QuoteHop(Document, frozen=True):
    """One conversion, and who makes it."""

    asset: str
    venue: str
    fills: tuple[QuoteFill, ...]


class ExchangeQuote(Document, frozen=True):
    """A firm price, open or ended."""

    quote: str
    taker: str
    maker: str
    send_asset: str
    send_minor: Amount
    receive_asset: str
    receive_minor: Amount
    charge_minor: Amount
    given_at_ms: int
    """0 where it was given before the chain was continued: the state does not tell."""
    expires_at_ms: int
    state: str
    """`open`, `used`, `declined` or `expired`."""
    ended_at_ms: int
    hops: tuple[QuoteHop, ...]
