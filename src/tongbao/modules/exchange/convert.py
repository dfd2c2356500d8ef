"""One asset into another along a route, book and pools mixed, all or none.

`convert` is for use inside another module's `apply`; `exchange.pay` is the transaction around it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import WriteView
from tongbao.modules.assets import require_moving
from tongbao.modules.exchange.arithmetic import fee_of
from tongbao.modules.exchange.book import Taking, require_whole
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.events import Converted
from tongbao.modules.exchange.model import (
    BOOK,
    Conversion,
    Fill,
    Hop,
    HopResult,
    Route,
    check_route,
)
from tongbao.modules.exchange.settle import settle
from tongbao.modules.exchange.state import POOLS
from tongbao.modules.exchange.swap import fill_getting, fill_paying, pool_now
from tongbao.modules.payments import Journal


def convert(
    ledger: WriteView,
    journal: Journal,
    payer: str,
    payee: str,
    route: Route,
    *,
    send: int = 0,
    least_received: int = 1,
    receive: int = 0,
    most_sent: int = 0,
    payee_reference: str = "",
    events: list[Event] | None = None,
) -> Conversion:
    """Send exactly `send`, or have exactly `receive` arrive; a Refusal says why it cannot be.

    Moves through `journal`; what happened at each venue is appended to `events`, which the action
    yields before `journal.posted()`. At most 100 offers are taken over all hops.
    """
    taking = Taking(ledger, journal, payer)
    fills = take_all(taking, route, send, receive)
    done = reported(ledger, route, fills)
    require_bounds(route, done, least_received if send else 0, 0 if send else most_sent)
    settle(ledger, journal, payer, payee, route.assets, fills, payee_reference)
    if events is not None:
        events.extend(taking.reported())
        events.append(converted(payer, payee, route, done))
    return done


def take_all(taking: Taking, route: Route, send: int, receive: int) -> list[list[Fill]]:
    """The fills of each hop: forwards from what is sent, or backwards from what is to arrive."""
    check_route(route)
    for asset in route.assets:
        require_moving(taking.ledger, asset)
    pairs, fills = route.pairs(), []
    amount = send or receive
    if send:
        for pay_asset, get_asset, venue in pairs:
            fills.append(_paying(taking, pay_asset, get_asset, venue, amount))
            amount = sum(fill.gives_minor for fill in fills[-1])
        return fills
    for pay_asset, get_asset, venue in reversed(pairs):
        fills.append(_getting(taking, pay_asset, get_asset, venue, amount))
        amount = sum(fill.takes_minor for fill in fills[-1])
    return fills[::-1]


def _paying(taking: Taking, pay_asset: str, get_asset: str, venue: str, amount: int) -> list[Fill]:
    """The fills of a hop for exactly `amount` paid in."""
    if venue != BOOK:
        pool = pool_now(taking.ledger, venue)
        fill = fill_paying(pool, pay_asset, get_asset, amount)
        taking.swap(pool, fill, pay_asset)
        return [fill]
    spent = taking.spend(pay_asset, get_asset, amount)
    require_whole(spent, pay_asset, get_asset)
    return spent.fills


def _getting(taking: Taking, pay_asset: str, get_asset: str, venue: str, amount: int) -> list[Fill]:
    """The fills of a hop for exactly `amount` got out."""
    if venue != BOOK:
        pool = pool_now(taking.ledger, venue)
        fill = fill_getting(pool, pay_asset, get_asset, amount)
        taking.swap(pool, fill, pay_asset)
        return [fill]
    spent = taking.acquire(pay_asset, get_asset, amount)
    require_whole(spent, pay_asset, get_asset)
    return spent.fills


def reported(ledger: WriteView, route: Route, fills: Sequence[Sequence[Fill]]) -> Conversion:
    """What fills come to, hop by hop."""
    hops = []
    for (pay_asset, get_asset, venue), hop in zip(route.pairs(), fills, strict=True):
        paid = sum(fill.takes_minor for fill in hop)
        got = sum(fill.gives_minor for fill in hop)
        fee = 0
        pool = ledger.get(POOLS, venue) if venue != BOOK else None
        if pool is not None:
            fee = fee_of(paid, pool.fee_bps)
        hops.append(HopResult(venue, pay_asset, paid, get_asset, got, fee, len(hop)))
    return Conversion(hops[0].paid_minor, hops[-1].got_minor, tuple(hops))


def converted(payer: str, payee: str, route: Route, done: Conversion, quote: str = "") -> Converted:
    """The event that tells a conversion."""
    return Converted(
        payer, payee, route.send_asset, done.sent, route.receive_asset, done.received,
        tuple(Hop(hop.get_asset, hop.venue) for hop in done.hops), quote,
    )  # fmt: skip


def require_bounds(route: Route, done: Conversion, least: int, most: int) -> None:
    """Refuse what sends more or brings less than was allowed; a bound of 0 is none."""
    require(
        done.received >= least, ExchangeCode.RECEIVED_TOO_LITTLE,
        received=str(done.received), asset=route.receive_asset, least=str(least),
    )  # fmt: skip
    require(
        not most or done.sent <= most, ExchangeCode.SENT_TOO_MUCH,
        sent=str(done.sent), asset=route.send_asset, most=str(most),
    )  # fmt: skip
