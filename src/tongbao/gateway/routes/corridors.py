"""Corridors, prices with every cost, and cross-border payments step by step."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Filter, Freshly, Paged, Word
from tongbao.gateway.encoding import JsonResponse
from tongbao.gateway.fx import Wanted, options
from tongbao.gateway.gateway import gateway_of, in_thread, viewer_of
from tongbao.gateway.viewers.showing import reads_account
from tongbao.kernel.codes import refuse
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.sdk import documents_corridors as documents
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.states import CrossBorderState

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


@router.get("/v1/corridors", responses=openapi.page(documents.CorridorDocument))
async def corridors(
    asked: Paged, send_asset: Filter = None, receive_asset: Filter = None
) -> Response:
    """The corridors, by id, with who serves them."""
    return await asked.page(
        lambda q, v: q.corridors.corridors(v,
            **asked.at, send_asset=send_asset, receive_asset=receive_asset
        ),
        asset=(send_asset, receive_asset),
    )  # fmt: skip


@router.get("/v1/corridors/{corridor}", responses=openapi.answer(documents.CorridorDocument))
async def corridor(asked: Freshly, corridor: Word) -> Response:
    """One corridor."""
    return await asked.one("corridor", corridor, lambda q, v: q.corridors.corridor(v, corridor))


@router.get("/v1/corridors/{corridor}/terms", responses=openapi.page(documents.CorridorTerms))
async def terms(asked: Paged, corridor: Word) -> Response:
    """Its terms, newest first, changes to come included."""
    return await asked.page(
        lambda q, v: q.corridors.terms(v, corridor, **asked.at), corridor=corridor
    )


@router.get(
    "/v1/corridors/{corridor}/payments", responses=openapi.page(documents.CrossBorderPayment)
)
async def corridor_payments(
    asked: Paged, corridor: Word, state: CrossBorderState | None = None
) -> Response:
    """Payments through a corridor, newest first."""
    return await asked.page(
        lambda q, v: q.corridors.payments(v, **asked.at, corridor=corridor, state=state),
        corridor=corridor,
    )  # fmt: skip


@router.get("/v1/cross-border-payments", responses=openapi.page(documents.CrossBorderPayment))
async def cross_border_payments(
    asked: Paged,
    party: Filter = None,
    corridor: Filter = None,
    state: CrossBorderState | None = None,
    payee_reference: Filter = None,
) -> Response:
    """Cross-border payments, newest first: of a party as payer or payee, of a corridor, in a
    state (`held` is what waits for somebody's decision), with a reference (EndToEndId)."""
    return await asked.page(
        lambda q, v: q.corridors.payments(
            v,
            **asked.at,
            party=party,
            corridor=corridor,
            state=state,
            payee_reference=payee_reference,
        ),
        party=party,
        corridor=corridor,
    )


@router.get("/v1/cross-border-payments/{uetr}", responses=openapi.answer(documents.PaymentTrack))
async def cross_border_payment(asked: Freshly, uetr: Uetr) -> Response:
    """One payment, by its UETR or that of a return of it: every step to the end customer's credit
    with its time, every charge with its receiver."""
    return await asked.one("payment", uetr, lambda q, v: q.corridors.payment(v, uetr))


@router.get("/v1/charges", responses=openapi.page(documents.Charge))
async def charges(
    asked: Paged, receiver: Annotated[str, Query(min_length=3, max_length=128)]
) -> Response:
    """Charges that an account received, payment by payment."""
    return await asked.page(
        lambda q, v: q.corridors.charges(v, receiver, **asked.at), account=receiver
    )


@router.get("/v1/reference-rates", responses=openapi.page(documents.ReferenceRate))
async def rates(asked: Paged, base: Filter = None, quote: Filter = None) -> Response:
    """The network's own rates, newest first of each pair."""
    return await asked.page(
        lambda q, v: q.corridors.rates(v, **asked.at, base=base, quote=quote), asset=(base, quote)
    )


@router.get("/v1/screening-results/{subject}", responses=openapi.page(documents.ScreeningResult))
async def screening(asked: Paged, subject: Word) -> Response:
    """What was found about somebody, who is known by digest alone."""
    return await asked.page(lambda q, v: q.corridors.screening(v, subject, **asked.at))


@router.get(
    "/v1/parties/{party}/sealing-key", responses=openapi.answer(documents.SealingKeyDocument)
)
async def sealing_key(asked: Freshly, party: Word) -> Response:
    """Where travel-rule data for a party is sealed to."""
    return await asked.one("sealing key", party, lambda q, v: q.corridors.sealing_key(v, party))
