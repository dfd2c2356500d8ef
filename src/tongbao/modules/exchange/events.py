"""What the module announces. Every action ends with `payments.posted`, which tells the money."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.fields import (
    AccountId,
    Amount,
    AssetCode,
    Duration,
    Moment,
    PartyId,
    Whole,
)
from tongbao.kernel.transaction import Event
from tongbao.modules.exchange.model import Hop, OfferId, PoolId, QuoteHop, QuoteId


class OfferPlaced(Event, tag="exchange.offer_placed"):
    """An offer stands in the book."""

    says: ClassVar = (
        "{account} offers {sell_minor:money} at {price_buy:money buy_asset} for"
        " {price_sell:money sell_asset} (offer {offer})."
    )

    offer: OfferId
    account: AccountId
    sell_asset: AssetCode
    sell_minor: Amount
    """What went into the book."""
    buy_asset: AssetCode
    price_buy: Whole
    price_sell: Whole
    sequence: int
    expires_at_ms: Moment = 0
    reservable_ms: Duration = 0
    charge_bps: int = 0


class OrderEnded(Event, tag="exchange.order_ended"):
    """An order went as far as it could; what is left did not go into the book."""

    says: ClassVar = "The order of {account} ended with {left_minor:money} left ({reason})."
    labels: ClassVar = {
        "reason": {
            "filled": "filled",
            "immediate": "immediate only",
            "dust": "too little left",
            "self-trade": "own offer in the way",
            "fills": "the most fills of one action",
        },
    }

    account: AccountId
    sell_asset: AssetCode
    buy_asset: AssetCode
    left_asset: AssetCode
    left_minor: Amount
    reason: str
    """`filled`, `immediate`, `dust`, `self-trade` or `fills`: the most fills of one action."""


class Traded(Event, tag="exchange.traded"):
    """An offer was taken, in full or in part."""

    says: ClassVar = (
        "{taker} bought {got_minor:money} from {maker} for {paid_minor:money} (offer {offer})."
    )

    offer: OfferId
    maker: AccountId
    """Account of the maker."""
    taker: AccountId
    """Account of who took it."""
    paid_asset: AssetCode
    """What the maker bought."""
    paid_minor: Amount
    got_asset: AssetCode
    """What the maker sold."""
    got_minor: Amount
    remaining_minor: Amount
    """Of the offer, in the book."""


class OfferClosed(Event, tag="exchange.offer_closed"):
    """An offer is gone; what was still set aside for it is free again."""

    says: ClassVar = (
        "Offer {offer} of {account} was closed with {released_minor:money} released ({reason})."
    )
    labels: ClassVar = {
        "reason": {
            "filled": "filled",
            "cancelled": "cancelled",
            "expired": "expired",
            "dust": "too little left",
            "self-trade": "own offer in the way",
            "undeliverable": "cannot be delivered",
            "clawback": "taken back by the issuer",
        },
    }

    offer: OfferId
    account: AccountId
    released_asset: AssetCode
    released_minor: Amount
    reason: str
    """`filled`, `cancelled`, `expired`, `dust`, `self-trade`, `undeliverable` (the maker cannot
    deliver or be paid) or `clawback`."""


class OfferPromised(Event, tag="exchange.offer_promised"):
    """A part of an offer left the book for a quote, or came back."""

    says: ClassVar = (
        "Of offer {offer} {remaining_minor:money} stands in the book,"
        " {promised_minor:money} is promised."
    )

    offer: OfferId
    account: AccountId
    remaining_asset: AssetCode
    remaining_minor: Amount
    promised_asset: AssetCode
    promised_minor: Amount


class Converted(Event, tag="exchange.converted"):
    """One asset became another on the way from payer to payee, all in one."""

    says: ClassVar = (
        "{sent_minor:money} of {payer} arrived as {received_minor:money} at {payee}["
        " (quote {quote})]."
    )

    payer: AccountId
    payee: AccountId
    sent_asset: AssetCode
    sent_minor: Amount
    received_asset: AssetCode
    received_minor: Amount
    hops: tuple[Hop, ...] = ()
    quote: QuoteId = ""


class PoolCreated(Event, tag="exchange.pool_created"):
    """A new pool, still empty."""

    says: ClassVar = "{account} opened pool {pool} with a fee of {fee_bps} basis points."

    pool: PoolId
    account: AccountId
    """Who put the first money in."""
    asset_a: AssetCode
    asset_b: AssetCode
    fee_bps: int
    reservable_ms: Duration = 0
    charge_bps: int = 0


class PoolChanged(Event, tag="exchange.pool_changed"):
    """Money was put into a pool or taken out of it, for shares."""

    says: ClassVar = (
        "{account}: {shares} shares of pool {pool} for {a_minor:money} and {b_minor:money}."
    )

    pool: PoolId
    account: AccountId
    shares: Whole
    """Above zero: new ones; below: given back."""
    a_asset: AssetCode
    a_minor: Amount
    """What came in, or below zero went out."""
    b_asset: AssetCode
    b_minor: Amount
    total_shares: Whole
    held_shares: Whole
    """What the account has afterwards."""


class Swapped(Event, tag="exchange.swapped"):
    """A pool exchanged one of its assets for the other."""

    says: ClassVar = (
        "Pool {pool} gave {got_minor:money} for {paid_minor:money}, {fee_minor:money}"
        " of it the fee."
    )

    pool: PoolId
    taker: AccountId
    """Account of who paid."""
    paid_asset: AssetCode
    paid_minor: Amount
    got_asset: AssetCode
    got_minor: Amount
    fee_asset: AssetCode
    fee_minor: Amount


class QuoteGiven(Event, tag="exchange.quote_given"):
    """A firm price with money behind it, for one taker, until it expires."""

    says: ClassVar = (
        "{taker} may send {send_minor:money} and have {receive_minor:money} received"
        " until {expires_at_ms:moment}"
        "[, by {maker}] (quote {quote})."
    )

    quote: QuoteId
    taker: PartyId
    send_asset: AssetCode
    send_minor: Amount
    receive_asset: AssetCode
    receive_minor: Amount
    expires_at_ms: Moment
    hops: tuple[QuoteHop, ...]
    maker: AccountId = ""
    charge_asset: AssetCode = ""
    charge_minor: Amount = 0


class QuoteEnded(Event, tag="exchange.quote_ended"):
    """A quote was used, given back, or expired; what was set aside went where it belongs."""

    says: ClassVar = "Quote {quote} ended ({reason})."
    labels: ClassVar = {
        "reason": {"used": "used", "declined": "declined", "expired": "expired",
                   "clawback": "taken back by the issuer"},
    }  # fmt: skip

    quote: QuoteId
    reason: str
    """`used`, `declined`, `expired` or `clawback`."""
