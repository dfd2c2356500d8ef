"""What the module announces. Every action ends with `payments.posted`, which tells the money."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.transaction import Event
from tongbao.modules.exchange.model import Hop, QuoteHop


class OfferPlaced(Event, tag="exchange.offer_placed"):
    """An offer stands in the book."""

    says: ClassVar = (
        "{account} offers {sell_minor} at {price_buy:money buy_asset} for"
        " {price_sell:money sell_asset} (offer {offer})."
    )

    offer: str
    account: str
    sell_asset: str
    sell_minor: int
    """What went into the book."""
    buy_asset: str
    price_buy: int
    price_sell: int
    sequence: int
    expires_at_ms: int = 0
    reservable_ms: int = 0
    charge_bps: int = 0


class OrderEnded(Event, tag="exchange.order_ended"):
    """An order was carried out as far as it could be; what is left did not go into the book."""

    says: ClassVar = "The order of {account} ended with {left_minor} left ({reason})."
    labels: ClassVar = {
        "reason": {
            "filled": "filled",
            "immediate": "immediate only",
            "dust": "too little left",
            "self-trade": "own offer in the way",
            "fills": "the most fills of one action",
        },
    }

    account: str
    sell_asset: str
    buy_asset: str
    left_asset: str
    left_minor: int
    reason: str
    """`filled`, `immediate`, `dust`, `self-trade` or `fills`: the most fills of one action."""


class Traded(Event, tag="exchange.traded"):
    """An offer was taken, in full or in part."""

    says: ClassVar = "{taker} bought {got_minor} from {maker} for {paid_minor} (offer {offer})."

    offer: str
    maker: str
    """Account of the maker."""
    taker: str
    """Account of who took it."""
    paid_asset: str
    """What the maker bought."""
    paid_minor: int
    got_asset: str
    """What the maker sold."""
    got_minor: int
    remaining_minor: int
    """Of the offer, in the book."""


class OfferClosed(Event, tag="exchange.offer_closed"):
    """An offer is gone; what was still set aside for it is free again."""

    says: ClassVar = (
        "Offer {offer} of {account} was closed with {released_minor} released ({reason})."
    )
    labels: ClassVar = {
        "reason": {
            "filled": "filled",
            "cancelled": "cancelled",
            "expired": "expired",
            "dust": "too little left",
            "self-trade": "own offer in the way",
            "undeliverable": "cannot be delivered",
        },
    }

    offer: str
    account: str
    released_asset: str
    released_minor: int
    reason: str
    """`filled`, `cancelled`, `expired`, `dust`, `self-trade`, or `undeliverable`: the maker cannot
    deliver or be paid."""


class OfferPromised(Event, tag="exchange.offer_promised"):
    """A part of an offer left the book for a quote, or came back."""

    says: ClassVar = (
        "Of offer {offer} {remaining_minor} stands in the book, {promised_minor} is promised."
    )

    offer: str
    account: str
    remaining_asset: str
    remaining_minor: int
    promised_asset: str
    promised_minor: int


class Converted(Event, tag="exchange.converted"):
    """One asset became another on the way from payer to payee, all in one."""

    says: ClassVar = (
        "{sent_minor} of {payer} arrived as {received_minor} at {payee}[ (quote {quote})]."
    )

    payer: str
    payee: str
    sent_asset: str
    sent_minor: int
    received_asset: str
    received_minor: int
    hops: tuple[Hop, ...] = ()
    quote: str = ""
    fees: tuple[int, ...] = ()
    """The pools' fees, hop by hop, each in the asset that goes into its hop."""


class PoolCreated(Event, tag="exchange.pool_created"):
    """A new pool, still empty."""

    says: ClassVar = "{account} opened pool {pool} with a fee of {fee_bps} basis points."

    pool: str
    account: str
    """Who put the first money in."""
    asset_a: str
    asset_b: str
    fee_bps: int
    reservable_ms: int = 0
    charge_bps: int = 0


class PoolChanged(Event, tag="exchange.pool_changed"):
    """Money was put into a pool or taken out of it, for shares."""

    says: ClassVar = "{account}: {shares} shares of pool {pool} for {a_minor} and {b_minor}."

    pool: str
    account: str
    shares: int
    """Above zero: new ones; below: given back."""
    a_asset: str
    a_minor: int
    """What came in, or below zero went out."""
    b_asset: str
    b_minor: int
    amount_a: int
    """What the pool has afterwards."""
    amount_b: int
    total_shares: int
    held_shares: int
    """What the account has afterwards."""


class Swapped(Event, tag="exchange.swapped"):
    """A pool exchanged one of its assets for the other."""

    says: ClassVar = "Pool {pool} gave {got_minor} for {paid_minor}, {fee_minor} of it the fee."

    pool: str
    taker: str
    """Account of who paid."""
    paid_asset: str
    paid_minor: int
    got_asset: str
    got_minor: int
    fee_asset: str
    fee_minor: int
    amount_a: int
    """What the pool has afterwards."""
    amount_b: int


class QuoteGiven(Event, tag="exchange.quote_given"):
    """A firm price with money behind it, for one taker, until it expires."""

    says: ClassVar = (
        "{taker} may send {send_minor} and have {receive_minor} received until {expires_at_ms}"
        "[, by {maker}] (quote {quote})."
    )

    quote: str
    taker: str
    send_asset: str
    send_minor: int
    receive_asset: str
    receive_minor: int
    expires_at_ms: int
    hops: tuple[QuoteHop, ...]
    maker: str = ""
    charge_asset: str = ""
    charge_minor: int = 0


class QuoteEnded(Event, tag="exchange.quote_ended"):
    """A quote was used, given back, or expired; what was set aside went where it belongs."""

    says: ClassVar = "Quote {quote} ended ({reason})."
    labels: ClassVar = {
        "reason": {"used": "used", "declined": "declined", "expired": "expired"},
    }

    quote: str
    reason: str
    """`used`, `declined` or `expired`."""
