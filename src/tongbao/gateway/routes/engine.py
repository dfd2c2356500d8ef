"""A narrow door to the engine's own RPC, for nodes that join: headers, commits, validators.

The engine listens on the loopback address alone. A node that starts from a snapshot asks two nodes
or more for headers, in the engine's JSON-RPC, and trusts none of them: it verifies. Nothing but
these questions passes, and they pass one by one and small.
"""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.bounds.bodies import JSON, media_type, read_body
from tongbao.gateway.encoding import JsonResponse, RawJson
from tongbao.gateway.gateway import gateway_of, in_thread
from tongbao.kernel.codes import refuse
from tongbao.sdk.api_codes import GatewayCode

router = APIRouter(tags=["node"], default_response_class=JsonResponse)
ALLOWED = frozenset(("commit", "consensus_params", "health", "status", "validators"))
MAX_QUESTION_BYTES = 4_096
_NO_SUCH_METHOD = -32601
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "JSON-RPC 2.0.", "content": openapi.content({"type": "object"})}
}


_EXAMPLE = {"jsonrpc": "2.0", "id": 1, "method": "commit", "params": {"height": "1"}}


class _Question(msgspec.Struct):
    """One JSON-RPC call; what else it carries is passed over."""

    method: str
    id: msgspec.Raw = msgspec.Raw(b"null")
    params: msgspec.Raw = msgspec.Raw(b"{}")


_QUESTION = msgspec.json.Decoder(_Question).decode


@router.post(
    "/v1/engine",
    summary="Ask the engine for what light clients verify",
    responses=_ANSWER,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": openapi.content({"type": "object"}, _EXAMPLE),
        }
    },
)
async def ask(request: Request) -> Response:
    """JSON-RPC 2.0: `commit`, `consensus_params`, `health`, `status`, `validators`."""
    relay = gateway_of(request).services.ask_engine
    if relay is None:
        refuse(GatewayCode.NO_SUCH_PATH, path="/v1/engine")
    media_type(request, (JSON, "text/json"))
    body = await read_body(request, MAX_QUESTION_BYTES)
    try:
        question = _QUESTION(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(GatewayCode.BAD_BODY, reason=str(fault)[:200])
    if question.method not in ALLOWED:
        error = {"code": _NO_SUCH_METHOD, "message": f"not here: {question.method[:40]}"}
        return JsonResponse({"jsonrpc": "2.0", "id": question.id, "error": error})
    call = msgspec.json.encode({"jsonrpc": "2.0", "id": question.id, "method": question.method,
                                "params": question.params})  # fmt: skip
    try:
        return RawJson(await in_thread(lambda: relay(call)))
    except RuntimeError as fault:
        refuse(GatewayCode.NOT_READY, reason=str(fault)[:200])
