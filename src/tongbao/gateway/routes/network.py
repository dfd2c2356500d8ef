"""The network around a node: who signs blocks, who is connected, what waits."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongbao import _core
from tongbao.gateway import openapi
from tongbao.gateway.encoding import JsonResponse
from tongbao.gateway.gateway import Gateway, gateway_of, in_thread
from tongbao.kernel.validators import SEATS
from tongbao.modules.governance import TERMS, members, terms_of, window_of
from tongbao.node.view import NetworkView
from tongbao.sdk.governance import GovernanceState
from tongbao.sdk.network import NetworkPeer, NetworkStatus, NetworkValidator

router = APIRouter(tags=["node"], default_response_class=JsonResponse)
ALONE = NetworkView("solo", "", "", "", 0, False, (), 0, 0)


@router.get(
    "/v1/network",
    summary="The network around this node",
    responses=openapi.answer(NetworkStatus),
)
async def network(request: Request) -> Response:
    """Validators and power from the ledger; peers and waiting transactions from the engine."""
    gateway = gateway_of(request)
    return JsonResponse(await in_thread(lambda: _status(gateway)))


def _status(gateway: Gateway) -> NetworkStatus:
    application, look = gateway.application, gateway.services.look
    seen, fault = ALONE, ""
    if look is not None:
        try:
            seen = look()
        except RuntimeError as failed:
            seen, fault = ALONE._replace(engine="cometbft", syncing=True), str(failed)[:200]
    tip = application.tip
    return NetworkStatus(
        chain=application.genesis.chain,
        engine=seen.engine,
        engine_version=seen.engine_version,
        node=seen.node_id,
        address=seen.address,
        validator=seen.validator,
        height=tip.height,
        app_hash=tip.app_hash.hex(),
        engine_height=seen.height or tip.height,
        syncing=seen.syncing,
        validators=_validators(gateway),
        peers=tuple(NetworkPeer(*one) for one in seen.peers),
        mempool=seen.mempool if look is not None else gateway.services.engine.waiting,
        mempool_bytes=seen.mempool_bytes,
        snapshot_height=seen.snapshot_height,
        oldest_block=application.oldest_block,
        fault=fault,
    )


def _validators(gateway: Gateway) -> tuple[NetworkValidator, ...]:
    view = gateway.application.view()
    return tuple(
        NetworkValidator(
            str(key[0]), _core.validator_address(seat.public).hex(), seat.public.hex(), seat.power
        )
        for key, seat in view.scan(SEATS)
    )


@router.get("/v1/governance", tags=["governance"], responses=openapi.answer(GovernanceState))
async def governance(request: Request) -> Response:
    """How the validators decide, how much may move now, and which rules come next."""
    gateway = gateway_of(request)
    return JsonResponse(await in_thread(lambda: _governance(gateway)))


def _governance(gateway: Gateway) -> GovernanceState:
    app = gateway.application
    view, agreed = app.view(), app.agreed_step
    terms, window = terms_of(view), window_of(view)
    seats = members(view)
    total = sum(one.power for one in seats)
    room = (window.total + 2) // 3 - 1 - window.moved
    return GovernanceState(
        founded=next(view.scan(TERMS), None) is not None,
        numerator=terms.numerator, denominator=terms.denominator,
        window_ms=terms.window_ms, notice_blocks=terms.notice_blocks,
        members=len(seats), total_power=total, moved=window.moved,
        movable=max(0, min(room, (total + 2) // 3 - 1)), free_at_ms=window.free_at_ms,
        protocol=app.protocol,
        next_protocol=agreed.version if agreed else None,
        next_protocol_height=agreed.height if agreed else None,
    )  # fmt: skip
