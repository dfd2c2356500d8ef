"""Statements of accounts over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from tongbao.gateway.asking import Filter, Freshly, Moment, Word
from tongbao.kernel.codes import refuse
from tongbao.node.clock import utc_ms
from tongbao.readmodel import SqlQueries, Viewer
from tongbao.sdk.api_codes import GatewayCode

router = APIRouter(tags=["accounts"])
Form = Annotated[
    Literal["camt.053", "camt.052", "csv", "xlsx"], Query(description="The file that is made.")
]
Name = Annotated[str, Query(max_length=35, description="MsgId; default: a new one.")]


@router.get(
    "/v1/accounts/{party}/{name}/statement",
    summary="An account's statement",
    responses={
        200: {
            "description": "The file in the form asked for.",
            "content": {
                "application/xml": {},
                "text/csv": {},
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {},
            },
        }
    },
)
async def statement(
    asked: Freshly,
    party: Word,
    name: Word,
    asset: Filter = None,
    since_ms: Moment = None,
    until_ms: Moment = None,
    format: Form = "camt.053",
    message_id: Name = "",
    created_at_ms: Moment = None,
) -> Response:
    """Opening balance, entries and closing balance of a period, one statement an asset; until
    before `until_ms`, and until now at the latest. Balances are those of the period's ends."""
    from tongbao.iso20022.findings import DocumentRefused
    from tongbao.paymentfiles import statements

    account = f"{party}/{name}"
    created = (
        datetime.now(UTC)
        if created_at_ms is None
        else datetime.fromtimestamp(created_at_ms / 1000, UTC)
    )

    if since_ms is not None and since_ms > utc_ms():
        # Nobody knows what an account will have held.
        refuse(GatewayCode.BAD_PARAMETER, field="since_ms", reason="it lies ahead")

    def make(queries: SqlQueries, viewer: Viewer) -> bytes:
        if asset and not queries.has(viewer, "asset", asset):
            refuse(GatewayCode.NOT_FOUND, kind="asset", id=asset)
        try:
            made = statements.statements_of(
                queries, viewer, account, asset, (since_ms, until_ms), utc_ms()
            )
            if not made and queries.has(viewer, "account", account):
                refuse(GatewayCode.BAD_PARAMETER, field="asset", reason="the account holds none")
            if not made:
                refuse(GatewayCode.NOT_FOUND, kind="account", id=account)
            return statements.written(format, made, created, message_id)
        except statements.BadPeriod as fault:
            refuse(GatewayCode.BAD_PARAMETER, field="since_ms", reason=str(fault))
        except DocumentRefused as fault:
            refuse(GatewayCode.BAD_PARAMETER, field="format", reason=str(fault)[:200])

    raw, headers = await asked.ask(make)
    return Response(raw, media_type=statements.MEDIA[format], headers=headers)
