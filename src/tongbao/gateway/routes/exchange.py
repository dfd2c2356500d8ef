"""The exchange: books by price, and the best routes; its lists are records."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Filter
from tongbao.gateway.encoding import JsonResponse, plain
from tongbao.gateway.fx import price_of
from tongbao.gateway.gateway import Gateway, gateway_of, in_thread, viewer_of
from tongbao.kernel.codes import refuse, require
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.kernel.views import ReadView
from tongbao.modules.exchange import Plan, depth
from tongbao.sdk import documents_exchange as documents
from tongbao.sdk.api_codes import GatewayCode

router = APIRouter(tags=["exchange"], default_response_class=JsonResponse)
Asset = Annotated[str, Query(min_length=1, max_length=32, pattern=r"^[A-Z0-9.\-]+$")]
Amount = Annotated[
    str | None,
    Query(pattern=r"^[1-9][0-9]{0,38}$", description="Minor units, decimal; one of the two."),
]


@router.get("/v1/exchange/book", responses=openapi.answer(documents.Book))
async def book(
    request: Request,
    sell_asset: Asset,
    buy_asset: Asset,
    levels: Annotated[int, Query(ge=1, le=500, description="Prices of each side.")] = 20,
) -> Response:
    """Both sides of a book by price, best first; straight from the ledger."""
    gateway = gateway_of(request)
    return JsonResponse(
        plain(await in_thread(lambda: _book(gateway, sell_asset, buy_asset, levels)))
    )


def _book(gateway: Gateway, sell_asset: str, buy_asset: str, levels: int) -> documents.Book:
    view = gateway.application.view()
    sides = [
        tuple(
            documents.BookLevel(
                str(level.price_buy), str(level.price_sell), str(level.amount_minor), pair[0],
                level.offers,
                price_of(view, pair[1], level.price_buy, pair[0], level.price_sell),
            )
            for level in islice(depth(view, *pair), levels)
        )
        for pair in ((sell_asset, buy_asset), (buy_asset, sell_asset))
    ]  # fmt: skip
    height, time_ms = view.block.height, view.time_ms
    return documents.Book(sell_asset, buy_asset, height, time_ms, sides[0], sides[1])


@router.get("/v1/exchange/routes", responses=openapi.answer(documents.Routes))
async def routes(
    request: Request,
    send_asset: Asset,
    receive_asset: Asset,
    send_minor: Amount = None,
    receive_minor: Amount = None,
    party: Filter = None,
    limit: Annotated[int, Query(ge=1, le=10)] = 5,
) -> Response:
    """The best routes for exactly `send_minor`, or for exactly `receive_minor`; best first.

    Each can be paid at the height that is named. Without `party`'s own offers.
    """
    one = (send_minor is None) != (receive_minor is None)
    amount = int(send_minor or receive_minor or 0)
    field, why = "send_minor, receive_minor", "one of the two, at most 2**127 - 1"
    sound = one and amount <= MAX_AMOUNT
    require(sound, GatewayCode.BAD_PARAMETER, field=field, reason=why)
    viewer = viewer_of(request)
    if party and not (viewer.is_node or viewer.party == party):
        refuse(GatewayCode.NOT_FOUND, kind="party", id=party)
    mirror = gateway_of(request).market
    plans, height, time_ms = await in_thread(
        lambda: mirror.plans(
            send_asset, receive_asset, send=amount if send_minor else 0,
            receive=amount if receive_minor else 0, party=party or "", limit=limit,
        )
    )  # fmt: skip
    view = gateway_of(request).application.view()
    found = tuple(_route(view, one) for one in plans)
    return JsonResponse(plain(documents.Routes(send_asset, receive_asset, height, time_ms, found)))


def _route(view: ReadView, one: Plan) -> documents.RoutePlan:
    hops = tuple(
        documents.RouteHop(
            hop.venue, hop.pay_asset, str(hop.paid_minor), hop.get_asset, str(hop.got_minor),
            str(hop.fee_minor), hop.fills,
        )
        for hop in one.hops
    )  # fmt: skip
    route: tuple[Any, ...] = (
        one.route.send_asset, tuple((hop.asset, hop.venue) for hop in one.route.hops),
    )  # fmt: skip
    ends = one.route.send_asset, one.sent, one.route.receive_asset, one.received
    send_asset, sent, receive_asset, received = ends
    return documents.RoutePlan(
        route, send_asset, str(sent), receive_asset, str(received), hops, price_of(view, *ends)
    )
