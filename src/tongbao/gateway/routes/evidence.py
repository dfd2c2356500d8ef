"""Evidence that validators signed two histories: from whoever found it, to the engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.bounds.bodies import JSON, media_type, read_body
from tongbao.gateway.encoding import RawJson
from tongbao.gateway.gateway import gateway_of, in_thread
from tongbao.kernel.codes import Refusal, refuse, require
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.light import Evidence, LightCode, Reported, tell_engine
from tongbao.sdk.light.fetching import Exchange, HttpAnswer, Pause, Question
from tongbao.sdk.light.steps import drive

log = structlog.get_logger(__name__)

T = TypeVar("T")
router = APIRouter(tags=["proofs"])
MAX_EVIDENCE_BYTES = 2 * 1_048_576
"""The engine puts no more than 262,144 bytes of evidence into a block, and ours holds two blocks
and the one that they have in common, in JSON."""
WAIT_S = 12.0
"""How long the next block is waited for; an idle chain makes one every five seconds."""
LOOK_S = 0.25


@router.post(
    "/v1/light/evidence",
    status_code=202,
    summary="Hand in evidence of an attack",
    responses=openapi.many(Reported, "Taken: it goes into one of the next blocks.", 202),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": openapi.content(openapi.document_ref(Evidence)),
        }
    },
)
async def take(request: Request) -> Response:
    """Two signed blocks of one height, as a light client saves them (`attack-*.json`).

    The node's engine judges the one that is not its own, and names who signed it; the ledger then
    shows them under `/v1/evidence`. For `amnesia` nobody can be named.
    """
    gateway = gateway_of(request)
    relay = gateway.services.ask_engine
    if relay is None:
        refuse(GatewayCode.NO_OTHER_VALIDATORS)
    media_type(request, (JSON,))
    body = await read_body(request, MAX_EVIDENCE_BYTES)
    try:
        evidence = Evidence.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as fault:
        refuse(GatewayCode.BAD_BODY, reason=str(fault)[:200])
    chain = gateway.application.genesis.chain
    require(
        evidence.chain == chain, LightCode.OTHER_CHAIN, node="the evidence",
        given=evidence.chain[:80], chain=chain,
    )  # fmt: skip
    until = time.monotonic() + WAIT_S
    while True:
        try:
            async with gateway.judging:
                taken = await in_thread(lambda: _over(relay, tell_engine("the node", evidence)))
            break
        except Refusal as refusal:
            late = time.monotonic() > until
            if refusal.code is not LightCode.NOT_TAKEN_YET or late:
                raise
        await asyncio.sleep(LOOK_S)
    for one in taken:
        accused = [each.address for each in one.accused]
        log.warning("evidence.taken", height=one.height, kind=one.kind, accused=accused)
    return RawJson(msgspec.json.encode(taken), 202)


def _over(relay: Callable[[bytes], bytes], exchange: Exchange[T]) -> T:
    """Run an exchange with the engine beside this node."""

    def fulfil(wish: Question | Pause) -> HttpAnswer | None:
        if isinstance(wish, Pause):
            time.sleep(wish.seconds)
            return None
        assert wish.body is not None  # engines are asked by JSON-RPC alone
        return HttpAnswer(200, relay(wish.body))

    try:
        return drive(exchange, fulfil)
    except RuntimeError as fault:
        refuse(GatewayCode.NOT_READY, reason=str(fault)[:200])
