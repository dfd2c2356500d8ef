"""Prices with every cost: what a payment would do on the ledger as it stands, way by way.

The arithmetic is the ledger's own (`corridors.price`, `exchange.plan`): what stands here is what
is charged if it is signed now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from tongbao.kernel.codes import Refusal, require
from tongbao.kernel.money import check_amount
from tongbao.kernel.views import ReadView
from tongbao.modules.assets import ASSETS, require_asset
from tongbao.modules.corridors import (
    Corridor,
    CorridorsCode,
    Priced,
    Terms,
    closed_by,
    converted_amount,
    corridors_between,
    opens_at,
    price,
    reference_rate,
    require_terms,
)
from tongbao.modules.exchange import Plan, plan, quote_of
from tongbao.sdk.documents_corridors import CostLine, FxHop, FxOption, FxOptions, StatedRate
from tongbao.sdk.documents_exchange import Price
from tongbao.sdk.quantities import price_text

MOST_CORRIDORS = 20
MOST_ROUTES = 5


class Way(NamedTuple):
    """What a conversion takes and brings, and by which hops."""

    sent: int
    received: int
    hops: tuple[FxHop, ...] = ()


class Wanted(NamedTuple):
    """What somebody wants to pay. One of the amounts is 0."""

    send_asset: str
    receive_asset: str
    send_minor: int
    receive_minor: int
    bearer: str
    payer: str = ""
    payee: str = ""
    corridor: str = ""
    """Only this one."""
    quote: str = ""
    """By this quote, and no other way."""
    bare: bool = False
    """Conversions alone, without corridors and their charges."""
    find: Callable[..., list[Plan]] = plan
    """How routes are found: a node's mirror of the market knows them sooner."""


def options(view: ReadView, wanted: Wanted, height: int) -> FxOptions:
    """Every way, best first: most credited for an exact send, least debited for an exact receive.

    A corridor whose hours are over is listed after those that are open, with its next opening.
    """
    require_asset(view, wanted.send_asset)
    require_asset(view, wanted.receive_asset)
    one = bool(wanted.send_minor) != bool(wanted.receive_minor)
    require(one, CorridorsCode.ONE_AMOUNT)
    check_amount(wanted.send_minor or wanted.receive_minor)
    found = [] if wanted.bare else list(_through_corridors(view, wanted))
    if not found and not wanted.corridor and not wanted.quote:
        found = [
            _bare(wanted, one)
            for one in _plans(view, wanted, wanted.send_minor or wanted.receive_minor)
        ]
    sign = -1 if wanted.send_minor else 1
    found.sort(key=lambda o: (
        bool(o.closed), sign * int(o.credited_minor if wanted.send_minor else o.debited_minor)
    ))  # fmt: skip
    return FxOptions(
        wanted.send_asset, wanted.receive_asset, "send" if wanted.send_minor else "receive",
        str(wanted.send_minor or wanted.receive_minor), height, view.time_ms,
        tuple(found[: MOST_CORRIDORS * MOST_ROUTES]), _reference(view, wanted),
    )  # fmt: skip


def _through_corridors(view: ReadView, wanted: Wanted) -> Iterator[FxOption]:
    every = corridors_between(view, wanted.send_asset, wanted.receive_asset)
    listed = [one for one in every if wanted.corridor in ("", one.id)]
    for corridor in listed[:MOST_CORRIDORS]:
        yield from _through(view, wanted, corridor)


def _through(view: ReadView, wanted: Wanted, corridor: Corridor) -> Iterator[FxOption]:
    """One option a route. What a rule refuses (charges eat it all, CRED exact receive) is none."""
    send, receive = wanted.send_minor, wanted.receive_minor
    try:
        _, terms = require_terms(view, corridor.id)
        amount = converted_amount(
            corridor, terms, wanted.payer, wanted.bearer, send=send, receive=receive
        )
    except Refusal:
        return
    same = corridor.send_asset == corridor.receive_asset
    paths = [Way(amount, amount)] if same else list(_paths(view, wanted, amount))
    for way in paths:
        try:
            priced = price(
                corridor, terms, (wanted.payer, wanted.payee), wanted.bearer, send=send,
                receive=receive, carry=partial(_known, (way.sent, way.received)),
            )  # fmt: skip
        except Refusal:
            continue
        yield _option(view, wanted, corridor, terms, priced, way)


def _known(carried: tuple[int, int], _: int) -> tuple[int, int]:
    return carried


def _option(
    view: ReadView, wanted: Wanted, corridor: Corridor, terms: Terms, priced: Priced,
    way: Way,
) -> FxOption:  # fmt: skip
    closed = closed_by(terms, view.time_ms)
    return FxOption(
        corridor.id, wanted.bearer, str(priced.debited), str(priced.converted),
        str(priced.arrived), str(priced.credited), wanted.send_asset, wanted.receive_asset,
        tuple(CostLine(c.kind, c.receiver, c.asset, str(c.amount_minor)) for c in priced.costs),
        way.hops, wanted.quote, f"{closed[0]}: {closed[1]}" if closed else "",
        opens_at(terms, view.time_ms) if closed else 0,
    )  # fmt: skip


def _paths(view: ReadView, wanted: Wanted, amount: int) -> Iterator[Way]:
    if wanted.quote:
        quote = quote_of(view, wanted.quote)
        pair = (wanted.send_asset, wanted.receive_asset)
        if quote is not None and (quote.send_asset, quote.receive_asset) == pair:
            fixed = quote.send_minor if wanted.send_minor else quote.receive_minor
            if fixed == amount:
                yield Way(quote.send_minor, quote.receive_minor)
        return
    for one in _plans(view, wanted, amount):
        yield Way(one.sent, one.received, _hops(one))


def _plans(view: ReadView, wanted: Wanted, amount: int) -> list[Plan]:
    if wanted.send_asset == wanted.receive_asset:
        return []
    return wanted.find(
        view, wanted.send_asset, wanted.receive_asset,
        send=amount if wanted.send_minor else 0, receive=amount if wanted.receive_minor else 0,
        party=wanted.payer.partition("/")[0], limit=MOST_ROUTES,
    )  # fmt: skip


def price_of(view: ReadView, paid: str, buy: int, got: str, sell: int) -> Price | None:
    """`buy` minor units of one asset for `sell` of another, as units for one unit."""
    ends = view.get(ASSETS, paid), view.get(ASSETS, got)
    if ends[0] is None or ends[1] is None or not buy or not sell:
        return None
    text = price_text(buy * 10 ** ends[1].decimals, sell * 10 ** ends[0].decimals)
    return Price(text.removeprefix("≈"), text.startswith("≈"))


def _bare(wanted: Wanted, way: Plan) -> FxOption:
    sent, received = str(way.sent), str(way.received)
    ends = wanted.send_asset, wanted.receive_asset
    return FxOption("", wanted.bearer, sent, sent, received, received, *ends, hops=_hops(way))


def _hops(way: Plan) -> tuple[FxHop, ...]:
    return tuple(
        FxHop(h.venue, h.pay_asset, str(h.paid_minor), h.get_asset, str(h.got_minor),
              str(h.fee_minor))
        for h in way.hops
    )  # fmt: skip


def _reference(view: ReadView, wanted: Wanted) -> StatedRate | None:
    """The newer of the two ways round in which the pair may have been stated."""
    pairs = ((wanted.send_asset, wanted.receive_asset), (wanted.receive_asset, wanted.send_asset))
    found = [
        (base, quote, reference_rate(view, base, quote, view.time_ms)) for base, quote in pairs
    ]
    stated = [(base, quote, rate) for base, quote, rate in found if rate is not None]
    if not stated:
        return None
    base, quote, rate = max(stated, key=lambda one: one[2].observed_at_ms)
    return StatedRate(
        base, quote, rate.observed_at_ms, str(rate.value), rate.decimals, rate.source, rate.by
    )
