"""The one leg that carries a payment from its payer's asset to its payee's."""

from __future__ import annotations

from typing import NamedTuple

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.model import SEND, Hops, Payment
from tongbao.modules.exchange import Hop, Quote, Route, convert, quote_of, use_quote
from tongbao.modules.payments import Journal


class Converted(NamedTuple):
    """What left one side and what came out on the other, in minor units."""

    converted: int
    arrived: int


def route_of(send_asset: str, hops: Hops) -> Route:
    """A payment's hops as the exchange writes them."""
    return Route(send_asset, tuple(Hop(asset, venue) for asset, venue in hops))


def quoted(view: ReadView, payment: Payment) -> Quote | None:
    """The quote that a payment names, while it lasts."""
    return quote_of(view, payment.quote) if payment.quote else None


def carry(
    ledger: WriteView, journal: Journal, payment: Payment, amount_minor: int, events: list[Event]
) -> Converted:
    """Move `amount_minor` (of the side that the payment states) to the payee.

    What happened at each venue is appended to `events`.
    """
    payer, payee, reference = payment.payer, payment.payee, payment.payee_reference
    if payment.send_asset == payment.receive_asset:
        journal.pay(payer, payee, payment.send_asset, amount_minor, reference)
        return Converted(amount_minor, amount_minor)
    if payment.quote:
        done = use_quote(
            ledger, journal, payment.quote, payer, payee, payee_reference=reference, events=events
        )
        _fits(payment, amount_minor, Converted(done.sent, done.received), done.hops[0].pay_asset,
              done.hops[-1].get_asset)  # fmt: skip
        return Converted(done.sent, done.received)
    route = route_of(payment.send_asset, payment.route)
    ends_there = bool(route.hops) and route.receive_asset == payment.receive_asset
    require(ends_there, CorridorsCode.QUOTE_OR_ROUTE)
    if payment.exact == SEND:
        done = convert(
            ledger, journal, payer, payee, route, send=amount_minor,
            least_received=payment.limit_minor, payee_reference=reference, events=events,
        )  # fmt: skip
    else:
        done = convert(
            ledger, journal, payer, payee, route, receive=amount_minor,
            most_sent=payment.limit_minor, payee_reference=reference, events=events,
        )  # fmt: skip
    return Converted(done.sent, done.received)


def _fits(payment: Payment, amount: int, done: Converted, pays: str, gets: str) -> None:
    """A quote is of fixed amounts: they have to be those that the payment states."""
    if payment.exact == SEND:
        fits = done.converted == amount and done.arrived >= payment.limit_minor
        wanted = amount, payment.limit_minor
    else:
        fits = done.arrived == amount and done.converted <= payment.limit_minor
        wanted = payment.limit_minor, amount
    fits = fits and (pays, gets) == (payment.send_asset, payment.receive_asset)
    require(
        fits, CorridorsCode.QUOTE_DIFFERS, quote=payment.quote, sent=str(done.converted),
        sent_asset=pays, received=str(done.arrived), received_asset=gets,
        wanted=str(wanted[0]), wanted_asset=payment.send_asset,
        into=str(wanted[1]), into_asset=payment.receive_asset,
    )  # fmt: skip
