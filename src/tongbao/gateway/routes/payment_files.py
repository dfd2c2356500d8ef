"""What a payment file is judged by before anybody signs: accounts by number and whether they can
pay and be paid, ids used before.

`pay file` asks here what the desk asks of the node it stands in, so both give one verdict.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Asked, Freshly
from tongbao.gateway.bounds.bodies import JSON, media_type, read_body
from tongbao.gateway.encoding import JsonResponse
from tongbao.gateway.gateway import gateway_of
from tongbao.gateway.node_ledger import NodeDirectory, used_on_ledger
from tongbao.gateway.viewers.showing import reads_account
from tongbao.kernel.codes import refuse, require
from tongbao.kernel.wording import Text
from tongbao.paymentfiles.desk.taken import used_at_desk
from tongbao.paymentfiles.earlier import Ids, Used
from tongbao.readmodel import SqlQueries, Viewer
from tongbao.sdk import payment_files as sdk
from tongbao.sdk.api_codes import GatewayCode

MAX_BYTES = 256 * 1024
MAX_RESOLVED = 20_000
router = APIRouter(tags=["payments"], default_response_class=JsonResponse)
T = TypeVar("T")


def _asks(example: Any) -> dict[str, Any]:
    return {
        "requestBody": {
            "required": True, "content": openapi.content({"type": "object"}, example),
        }
    }  # fmt: skip


async def _read(request: Request, kind: type[T], most: int = MAX_BYTES) -> T:
    media_type(request, (JSON,))
    raw = await read_body(request, most)
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(GatewayCode.BAD_BODY, reason=str(fault)[:200])


@router.post(
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
    numbers = await _read(request, list[str], 64 * MAX_RESOLVED)
    sound = len(numbers) <= MAX_RESOLVED and all(
        len(number) <= 128 and number.isprintable() for number in numbers
    )
    require(
        sound,
        GatewayCode.BAD_BODY,
        reason=Text("at most {limit} numbers, printable", limit=MAX_RESOLVED),
    )
    found, headers = await asked.ask(lambda q, _: q.resolve(numbers))
    return JsonResponse(found, headers=headers)


@router.post(
    "/v1/accounts/standings",
    summary="Which accounts can pay and be paid",
    responses={200: {"description": "closed, frozen, missing, or empty: in the order asked."}},
    openapi_extra=_asks({"asset": "CNY", "accounts": ["mingda/main"]}),
)
async def holding_states(request: Request, asked: Annotated[Asked, Depends(Asked)]) -> Response:
    """Many at once, of one asset: `closed`, `frozen`, `missing` (it does not hold the asset), or
    an empty text where nothing stands in the way, or the account is another's."""
    wanted = await _read(request, sdk.HoldingStatesAsked)
    sound = len(wanted.accounts) <= sdk.MOST
    require(sound, GatewayCode.BAD_BODY, reason=Text("at most {limit} accounts", limit=sdk.MOST))
    view = gateway_of(request).application.view

    def answer(queries: SqlQueries, viewer: Viewer) -> list[str]:
        directory = NodeDirectory({}, {wanted.asset: 0}, view())
        read = [reads_account(viewer, queries, account) for account in wanted.accounts]
        return [
            directory.holding_state(account, wanted.asset) if own else ""
            for account, own in zip(wanted.accounts, read, strict=True)
        ]

    found, headers = await asked.ask(answer)
    return JsonResponse(found, headers=headers)


@router.post(
    "/v1/payments/used-ids",
    summary="Which ids of payments were used before",
    responses={200: {"description": "Each used id with the file or transaction that used it."}},
    openapi_extra=_asks({"party": "hengtong", "end_to_end": ["INV-2026-0042"]}),
)
async def used_ids(request: Request, asked: Annotated[Asked, Depends(Asked)]) -> Response:
    """Of the party that you act for: by settled payments, and by files that wait at this node's
    desk. `document` is the SHA-256 of the file that asks: what it has used itself does not
    count."""
    wanted = await _read(request, sdk.UsedAsked)
    sound = max(len(wanted.end_to_end), len(wanted.uetrs)) <= sdk.MOST
    require(
        sound, GatewayCode.BAD_BODY, reason=Text("at most {limit} ids of a kind", limit=sdk.MOST)
    )
    service = gateway_of(request).desk
    ids = Ids(list(wanted.end_to_end), list(wanted.uetrs))

    def answer(queries: SqlQueries, viewer: Viewer) -> sdk.UsedIds:
        if not viewer.is_node and viewer.party != wanted.party:
            return sdk.UsedIds({}, {})
        used = used_on_ledger(queries, viewer, wanted.party, ids, wanted.document)
        if service is not None:
            used |= used_at_desk(service.store, wanted.party, ids, digest=wanted.document)
        return _reported(used)

    found, headers = await asked.ask(answer)
    return JsonResponse(msgspec.to_builtins(found), headers=headers)


def _reported(used: Used) -> sdk.UsedIds:
    return sdk.UsedIds(dict(used.end_to_end), dict(used.uetrs))
