"""For those who keep the node running: alive, ready, figures."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongbao.gateway.encoding import JsonResponse
from tongbao.gateway.gateway import Gateway, gateway_of, in_thread
from tongbao.gateway.metrics import CONTENT_TYPE
from tongbao.kernel.codes import refuse
from tongbao.sdk.api_codes import GatewayCode

router = APIRouter(tags=["node"], default_response_class=JsonResponse)


@router.get("/livez", summary="The process answers")
async def livez() -> Response:
    """Restart the process where this does not answer."""
    return JsonResponse({"alive": True})


@router.get("/readyz", summary="The node takes transactions and its lists are fresh")
async def readyz(request: Request) -> Response:
    """Send it no traffic where this is a problem."""
    gateway = gateway_of(request)
    reason = await in_thread(lambda: _unready(gateway))
    if reason:
        refuse(GatewayCode.NOT_READY, reason=reason)
    return JsonResponse({"ready": True, "height": gateway.application.tip.height})


def _unready(gateway: Gateway) -> str:
    if gateway.services.engine.fault is not None:
        return "the engine halted"
    unready = _network_unready(gateway)
    if unready:
        return unready
    queries = gateway.services.queries
    if queries is not None:
        behind = gateway.application.tip.height - queries.height()
        if behind > gateway.settings.ready_lag_blocks:
            return f"the read model is {behind} blocks behind"
    return ""


def _network_unready(gateway: Gateway) -> str:
    """Why the engine beside the node cannot take transactions; empty where it can."""
    look = gateway.services.look
    if look is None:
        return ""
    try:
        seen = look()
    except RuntimeError:
        return "the engine does not answer"
    return "the engine is still fetching older blocks" if seen.syncing else ""


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"description": "Figures.", "content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """Outcomes by code, block and request times, queue, heights."""
    gateway = gateway_of(request)
    page = await in_thread(gateway.metrics.render)
    return Response(page, headers={"content-type": CONTENT_TYPE})
