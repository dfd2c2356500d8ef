"""Prices with every cost, and a cross-border payment step by step; their lists are records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Freshly
from tongbao.gateway.encoding import JsonResponse
from tongbao.gateway.fx import Wanted, options
from tongbao.gateway.gateway import gateway_of, in_thread, viewer_of
from tongbao.gateway.viewers.showing import reads_account
from tongbao.kernel.codes import refuse
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.modules.corridors.model import MAX_STEPS
from tongbao.readmodel import Row, SqlQueries, Viewer
from tongbao.sdk import documents_corridors as documents
from tongbao.sdk.api_codes import GatewayCode

router = APIRouter(tags=["corridors"], default_response_class=JsonResponse)
_DIGITS = r"^[0-9]{1,39}$"
Asset = Annotated[str, Query(min_length=1, max_length=32, pattern=r"^[A-Z0-9.-]+$")]
Minor = Annotated[str, Query(pattern=_DIGITS, description="Minor units.")]
Bearer = Annotated[str, Query(pattern="^(DEBT|CRED|SHAR|SLEV)$", description="Charge bearer.")]
Account = Annotated[str, Query(max_length=128, description="Account, where it is known.")]
Uetr = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.get("/v1/fx/options", responses=openapi.answer(documents.FxOptions))
async def fx_options(
    request: Request,
    fresh: Freshly,
    send_asset: Asset,
    receive_asset: Asset,
    send_minor: Minor = "0",
    receive_minor: Minor = "0",
    bearer: Bearer = "SHAR",
    payer: Account = "",
    payee: Account = "",
    corridor: Annotated[str, Query(max_length=48)] = "",
    quote: Annotated[str, Query(max_length=160, description="By this quote alone.")] = "",
    bare: Annotated[bool, Query(description="Conversions alone, without corridors.")] = False,
) -> Response:
    """The best ways to send or receive exactly an amount, each with every charge and its receiver.

    Computed on the ledger as it stands: executable at this height. To be sure of it, reserve it
    (`exchange.reserve_quote`) and pay by the quote.
    """
    gateway, viewer = gateway_of(request), viewer_of(request)
    if payer and not reads_account(viewer, gateway.services.queries, payer):
        refuse(GatewayCode.NOT_FOUND, kind="account", id=payer)
    if quote and not viewer.is_node:
        await fresh.one("quote", quote, lambda q, v: q.records.one_row(v, "quote", quote))
    amounts = (min(int(send_minor), MAX_AMOUNT + 1), min(int(receive_minor), MAX_AMOUNT + 1))
    wanted = Wanted(
        send_asset,
        receive_asset,
        *amounts,
        bearer,
        payer,
        payee,
        corridor,
        quote,
        bare,
        gateway.market.find,
    )

    def answer() -> documents.FxOptions:
        application = gateway.application
        height = application.tip.height
        return options(application.view(), wanted, height)

    async with gateway.simulations:
        return JsonResponse(await in_thread(answer))


@router.get(
    "/v1/cross-border-payments/{uetr}/track", responses=openapi.answer(documents.PaymentTrack)
)
async def track(asked: Freshly, uetr: Uetr) -> Response:
    """One payment, by its UETR or that of a return of it: every step to the end customer's credit
    with its time and transaction, every charge with its receiver, every return."""
    return await asked.one("payment", uetr, lambda q, v: _track(q, v, uetr))


def _track(queries: SqlQueries, viewer: Viewer, uetr: str) -> Row | None:
    records, payments, returns = queries.records, "cross_border_payment", "cross_border_return"
    row = records.one_row(viewer, payments, uetr)
    if row is None:
        back = records.one_row(viewer, returns, uetr)
        row = None if back is None else records.one_row(viewer, payments, back["uetr"])
    if row is None:
        return None
    of = {"uetr": row["uetr"]}
    happened, backs = (
        records.list_rows(viewer, name, of, limit=MAX_STEPS + 1, oldest_first=True).items
        for name in ("payment_step", returns)
    )
    asked = row["cancellation"]
    return {
        **row, "accepted_at_ms": row["created_at_ms"], "steps": _steps(row["steps"], happened),
        "cancellation_by": "" if asked is None else asked["by"],
        "charges": row["costs"] if int(row["credited_minor"]) else (),
        "returns": [{**one, "at_ms": one["created_at_ms"]} for one in backs],
    }  # fmt: skip


def _steps(steps: Sequence[Row], happened: Sequence[Row]) -> list[Row]:
    """Each step with the transaction that took it, where this chain knows it: the newest ones."""
    unknown = {"block_height": 0, "digest": ""}
    places = [*[unknown] * (len(steps) - len(happened)), *happened]
    return [
        {**step, "step": step["name"], "height": at["block_height"], "digest": at["digest"]}
        for step, at in zip(steps, places, strict=True)
    ]  # fmt: skip
