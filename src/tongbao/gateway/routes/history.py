"""Whole blocks, for nodes that began with a snapshot and fill their lists from what came before."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tongbao.gateway.gateway import Gateway, gateway_of, in_thread, require_kept, require_node
from tongbao.kernel.codes import refuse
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.history import HISTORY_BLOCKS, HISTORY_BYTES, HISTORY_TYPE

MAX_HEIGHT = 2**53
router = APIRouter(tags=["proofs"])
From = Annotated[int, Query(alias="from", ge=1, le=MAX_HEIGHT, description="The first block.")]


@router.get(
    "/v1/history",
    summary="Whole blocks with transactions, results, header and commit",
    responses={200: {"description": "MessagePack: the blocks' records, in order.",
                     "content": {HISTORY_TYPE: {"schema": {"type": "string"}}}}},
)  # fmt: skip
async def history(request: Request, first: From) -> Response:
    """As many blocks from a height on as fit into an answer. For nodes, which verify
    them."""
    require_node(request)
    gateway = gateway_of(request)
    return Response(await in_thread(lambda: _records(gateway, first)), media_type=HISTORY_TYPE)


def _records(gateway: Gateway, first: int) -> bytes:
    application = gateway.application
    found: list[bytes] = []
    size = 0
    for height in range(first, min(first + HISTORY_BLOCKS, application.tip.height + 1)):
        record = application.block(height)
        if record is None or not record.header:
            break
        encoded = record.encode()
        size += len(encoded)
        if found and size > HISTORY_BYTES:
            break
        found.append(encoded)
    if not found:
        require_kept(application, first)
        refuse(GatewayCode.NOT_FOUND, kind="block", id=str(first))
    return msgspec.msgpack.encode(found)
