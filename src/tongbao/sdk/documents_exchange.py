"""Documents about books and routes. Amounts are minor units."""

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
    """A route with what it would do at the height that is named."""

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
