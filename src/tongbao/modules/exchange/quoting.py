"""Firm quotes: written with the money set aside, used, released, or expired."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts import count_firm, restore_limits
from tongbao.modules.exchange.arithmetic import crosses
from tongbao.modules.exchange.book import Taking
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.convert import converted, reported
from tongbao.modules.exchange.events import QuoteEnded, QuoteGiven, Traded
from tongbao.modules.exchange.holders import deliverable
from tongbao.modules.exchange.model import BOOK as BOOK_VENUE
from tongbao.modules.exchange.model import (
    KEEPER,
    MAX_QUOTES,
    MAX_RESERVATIONS,
    Conversion,
    Fill,
    Hop,
    Offer,
    Quote,
    QuoteHop,
    Route,
    reserved_with,
)
from tongbao.modules.exchange.settle import settle
from tongbao.modules.exchange.state import (
    BOOK,
    FOR_OFFERS,
    FOR_QUOTES,
    OFFERS,
    POOLS,
    count_reservation,
    drop_quote,
    put_quote,
    require_quote,
)
from tongbao.modules.exchange.swap import convert_with_pool, pool_now, promise
from tongbao.modules.parties import count_open
from tongbao.modules.payments import Journal

TIMER = "exchange.quote"


OPEN = "firm quotes"


def quote_expires(ledger: WriteView, quote: str) -> Iterator[Event]:
    """Timer: a quote's time is over."""
    yield from release_quote(ledger, "exchange.quote_expires", quote, "expired")


def use_quote(
    ledger: WriteView,
    journal: Journal,
    quote_id: str,
    payer: str,
    payee: str,
    *,
    payee_reference: str = "",
    events: list[Event] | None = None,
) -> Conversion:
    """Pay by a quote inside another module's `apply`, which yields `events` before its journal.

    A Refusal says why it cannot be: it is gone or expired, it is somebody else's, or a freeze, a
    pause or an allow-list stands against a leg. Price and depth never do.
    """
    quote = require_quote(ledger, quote_id)
    expires, now = quote.expires_at_ms, ledger.time_ms
    expired = ExchangeCode.QUOTE_EXPIRED
    require(now < expires, expired, quote=quote.id, expires_at_ms=expires, time_ms=now)
    party, others = owner_of(payer), ExchangeCode.QUOTE_OTHERS
    require(party == quote.taker, others, quote=quote.id, taker=quote.taker, party=party)
    route = Route(quote.send_asset, tuple(Hop(hop.asset, hop.venue) for hop in quote.hops))
    taking = Taking(ledger, journal, payer)
    fills: list[list[Fill]] = []
    for (pay_asset, _, _), hop in zip(route.pairs(), quote.hops, strict=True):
        fills.append([])
        for fill in hop.fills:
            counted = 0
            journal.release(fill.account, hop.asset, FOR_QUOTES, fill.gives_minor)
            if owner_of(fill.account) != KEEPER:
                counted = count_firm(
                    ledger, fill.account, hop.asset, fill.gives_minor, fill.counted_minor,
                    quote.made_at_ms,
                )  # fmt: skip
            _use(taking, pay_asset, hop, fill)
            fills[-1].append(replace(fill, counted_minor=counted))
    done = reported(ledger, route, fills)
    settle(ledger, journal, payer, payee, route.assets, fills, payee_reference)
    _forget(ledger, quote)
    if events is not None:
        events.extend(taking.reported())
        events.append(QuoteEnded(quote.id, "used"))
        events.append(converted(payer, payee, route, done, quote.id))
    return done


def _use(taking: Taking, pay_asset: str, hop: QuoteHop, fill: Fill) -> None:
    ledger = taking.ledger
    if fill.source and hop.venue != BOOK_VENUE:
        pool = promise(pool_now(ledger, fill.source), fill, pay_asset, -1)
        taking.events.append(convert_with_pool(ledger, pool, fill, pay_asset, taking.taker))
        return
    offer = ledger.get(OFFERS, fill.source) if fill.source else None
    taking.events.append(
        Traded(
            fill.source, fill.account, taking.taker, pay_asset, fill.takes_minor, hop.asset,
            fill.gives_minor, offer.remaining_minor if offer else 0,
        )
    )  # fmt: skip
    if offer is not None:
        kept = offer.promised_minor - fill.gives_minor
        taking.write(replace(offer, promised_minor=kept), offer)


def _forget(ledger: WriteView, quote: Quote) -> None:
    drop_quote(ledger, quote)
    if quote.maker:
        count_open(ledger, owner_of(quote.maker), OPEN, -1)
    for maker in reserved_with(quote):
        count_reservation(ledger, quote.taker, maker, -1)
    ledger.unschedule(quote.expires_at_ms, TIMER, quote.id)


def release_quote(ledger: WriteView, cause: str, quote_id: str, reason: str) -> Iterator[Event]:
    """Everything goes back exactly: into the offer it came from, or to its maker's free balance."""
    quote = require_quote(ledger, quote_id)
    journal = Journal(ledger, cause, subject=quote.id)
    taking = Taking(ledger, journal, "")
    pay_asset = quote.send_asset
    for hop in quote.hops:
        for fill in hop.fills:
            journal.release(fill.account, hop.asset, FOR_QUOTES, fill.gives_minor)
            restore_limits(ledger, fill.account, hop.asset, fill.counted_minor, quote.made_at_ms)
            if fill.source and hop.venue != BOOK_VENUE:
                pool = promise(pool_now(ledger, fill.source), fill, pay_asset, -1)
                ledger.put(POOLS, pool.id, value=pool)
            elif fill.source:
                _back_to_offer(taking, fill)
        pay_asset = hop.asset
    _forget(ledger, quote)
    yield from taking.reported()
    yield QuoteEnded(quote.id, reason)
    yield journal.posted()


def _back_to_offer(taking: Taking, fill: Fill) -> None:
    offer = taking.ledger.get(OFFERS, fill.source)
    if offer is None:
        return
    back = replace(offer, promised_minor=offer.promised_minor - fill.gives_minor)
    whole = replace(back, remaining_minor=offer.remaining_minor + fill.gives_minor)
    if _may_stand(taking.ledger, offer, whole):
        taking.journal.reserve(offer.account, offer.sell_asset, FOR_OFFERS, fill.gives_minor)
        back = whole
    taking.write(back, offer)


def _may_stand(view: ReadView, before: Offer, after: Offer) -> bool:
    """Whether what comes back may be taken again: its maker can deliver, and no book is crossed."""
    if not deliverable(view, after):
        return False
    if before.stands:
        return True
    best = next(view.scan(BOOK, after.buy_asset, after.sell_asset), None)
    other = None if best is None else view.get(OFFERS, best[1])
    price = after.price_buy, after.price_sell
    return other is None or not crosses(*price, other.price_buy, other.price_sell)


def write_quote(ledger: WriteView, quote: Quote) -> QuoteGiven:
    for maker in reserved_with(quote):
        few = count_reservation(ledger, quote.taker, maker, 1) <= MAX_RESERVATIONS
        require(
            few, ExchangeCode.TOO_MANY_RESERVATIONS,
            taker=quote.taker, maker=maker, limit=MAX_RESERVATIONS,
        )  # fmt: skip
    if quote.maker:
        count_open(ledger, owner_of(quote.maker), OPEN, 1, MAX_QUOTES)
    put_quote(ledger, quote)
    ledger.schedule(quote.expires_at_ms, TIMER, quote.id)
    return QuoteGiven(
        quote.id, quote.taker, quote.send_asset, quote.send_minor, quote.receive_asset,
        quote.receive_minor, quote.expires_at_ms, quote.hops, quote.maker,
        quote.send_asset if quote.charge_minor else "", quote.charge_minor,
    )  # fmt: skip
