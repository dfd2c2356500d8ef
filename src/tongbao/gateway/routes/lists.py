"""Lists and look-ups from the read model: transactions, and what accounts hold."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Filter, Freshly, Paged
from tongbao.gateway.bounds.bodies import JSON, media_type, read_body
from tongbao.gateway.encoding import JsonResponse
from tongbao.kernel.codes import refuse, require
from tongbao.sdk import documents
from tongbao.sdk.api_codes import GatewayCode

MAX_RESOLVED = 20_000
transactions_router = APIRouter(tags=["transactions"], default_response_class=JsonResponse)
accounts_router = APIRouter(tags=["accounts"], default_response_class=JsonResponse)
payments_router = APIRouter(tags=["payments"], default_response_class=JsonResponse)


# ---- transactions --------------------------------------------------------------------------------


@transactions_router.get("/v1/transactions", responses=openapi.page(documents.TransactionLine))
async def transactions(
    asked: Paged,
    party: Filter = None,
    code: Annotated[int | None, Query(ge=0, lt=2**31, description="0: only what was done.")] = None,
) -> Response:
    """What stands in blocks, done or refused, newest first; of a party: what it named, and all that
    it pays, is paid or is spoken of in."""
    return await asked.page(
        lambda q, v: q.transactions(v, **asked.at, party=party, code=code), party=party
    )


# ---- accounts ------------------------------------------------------------------------------------


@accounts_router.post(
    "/v1/accounts/resolve",
    summary="Which accounts carry these numbers",
    responses={200: {"description": "Number to account; unknown ones are left out."}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": openapi.content(
                {"type": "array", "items": {"type": "string"}, "maxItems": MAX_RESOLVED},
                ["CN9700000000000001", "mingda/main"],
            ),
        }
    },
)
async def resolve(request: Request, asked: Freshly) -> Response:
    """Many at once, for payment files: IBANs, linked numbers and account ids."""
    media_type(request, (JSON,))
    raw = await read_body(request, 64 * MAX_RESOLVED)
    try:
        numbers = msgspec.json.decode(raw, type=list[str])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(GatewayCode.BAD_BODY, reason=str(fault)[:200])
    sound = len(numbers) <= MAX_RESOLVED and all(
        len(number) <= 128 and number.isprintable() for number in numbers
    )
    require(sound, GatewayCode.BAD_BODY, reason=f"at most {MAX_RESOLVED} numbers, printable")
    found, headers = await asked.ask(lambda q, _: q.resolve(numbers))
    return JsonResponse(found, headers=headers)
