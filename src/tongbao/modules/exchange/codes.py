"""Refusals of the module: 5000-5999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class ExchangeCode(Code):
    """Why an offer, a swap, a quote or a conversion was refused."""

    SAME_ASSET = (5001, _NEVER, "an asset is not exchanged for itself: {asset}")
    BAD_PRICE = (
        5002,
        _NEVER,
        "a price is {price_buy} for {price_sell}; each is a whole number from 1 to 2**63 - 1",
    )
    TOO_SMALL = (
        5003,
        _NEVER,
        "{amount:money} is too small an offer at this price; at least {least:money}",
    )
    EXPIRES_PAST = (
        5004,
        _NEVER,
        "it expires at {expires_at_ms:moment}, after the ledger's time {time_ms:moment} only",
    )
    TOO_FAR_AHEAD = (
        5005,
        _NEVER,
        "at most {limit_ms:duration} ahead; {expires_at_ms:moment} is later",
    )
    WOULD_TRADE = (5006, _AFTER, "post only: the offer would trade with {offer} at once")
    NOT_FILLED = (5007, _AFTER, "fill or kill: {left:money} would be left")
    OFFER_UNKNOWN = (5008, _AFTER, "there is no open offer {offer}")
    NOTHING_TO_CANCEL = (5009, _AFTER, "account {account} has no such offer to cancel")
    TOO_MANY_OFFERS = (
        5010,
        _AFTER,
        "party {party} has {limit} open offers of {sell_asset} for {buy_asset}, the most it may"
        " have",
    )
    OFFER_SOUND = (5011, _AFTER, "offer {offer} can be executed: only its owner may cancel it")
    BAD_TERMS = (5012, _NEVER, "{field} is {value}; at most {limit}")
    NOTHING_TO_PULL = (
        5013,
        _AFTER,
        "of {sell_asset} for {buy_asset} every offer that was looked at can be executed",
    )
    ROUTE_LENGTH = (5020, _NEVER, "a route has 1 to {limit} hops; this one has {count}")
    ROUTE_CYCLE = (5021, _NEVER, "asset {asset} stands on the route twice")
    NO_DEPTH = (5022, _AFTER, "not enough {get_asset} is offered for {pay_asset} at {venue}")
    TOO_MANY_FILLS = (
        5023,
        _AFTER,
        "it would take more than {limit} offers, or look at more than {looks}: send less, or in"
        " parts, or clear what cannot be filled (exchange.pull_offers)",
    )
    RECEIVED_TOO_LITTLE = (
        5024,
        _AFTER,
        "{received:money} would arrive; at least {least:money} was asked",
    )
    SENT_TOO_MUCH = (5025, _AFTER, "{sent:money} would be sent; at most {most:money} was allowed")
    POOL_UNKNOWN = (5030, _AFTER, "there is no pool {pool}")
    POOL_EXISTS = (5031, _AFTER, "pool {pool} exists already")
    POOL_OTHER = (5032, _NEVER, "pool {pool} does not exchange {pay_asset} for {get_asset}")
    POOL_TOO_SMALL = (
        5033,
        _NEVER,
        "a new pool needs more: the root of both amounts' product is {root}, not above {least}",
    )
    POOL_ORDER = (
        5037,
        _NEVER,
        "a pool's assets differ and stand in order of name: {asset_a}, {asset_b}",
    )
    SHARES_TOO_FEW = (
        5034,
        _AFTER,
        "the deposit gives {shares} shares; at least {least} were asked",
    )
    WITHDRAWN_TOO_LITTLE = (
        5035,
        _AFTER,
        "{amount:money} would come out; at least {least:money} was asked",
    )
    SHARES_NOT_HELD = (
        5036,
        _AFTER,
        "account {account} has {held} shares of {pool}; {shares} were to be given back",
    )
    INTO_OTHERS = (
        5038,
        _NEVER,
        "what comes out of a pool goes to its owner: {into} is not of the owner of {account}",
    )
    QUOTE_UNKNOWN = (5040, _AFTER, "there is no open quote {quote}")
    QUOTE_EXPIRED = (
        5041,
        _AFTER,
        "quote {quote} expired at {expires_at_ms:moment}; the ledger's time is {time_ms:moment}",
    )
    QUOTE_OTHERS = (5042, _NEVER, "quote {quote} was given to {taker}, not to {party}")
    NOT_RESERVABLE = (5044, _AFTER, "pool {pool} gives no firm price for so long, or on this hop")
    TOO_MANY_RESERVATIONS = (
        5045,
        _AFTER,
        "{taker} has {limit} open reservations with {maker}, the most it may have at a time",
    )
    CHARGE_TOO_HIGH = (
        5043,
        _AFTER,
        "reserving would cost {charge:money}; at most {most:money} was allowed",
    )
