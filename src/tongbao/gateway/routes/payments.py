"""A payment within the ledger, by its UETR: what it was, what went back of it, who asks for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import HEIGHT_HEADER, Freshly
from tongbao.gateway.encoding import JsonResponse, plain
from tongbao.gateway.gateway import gateway_of, in_thread
from tongbao.gateway.viewers.showing import reads_account
from tongbao.kernel.codes import refuse
from tongbao.kernel.views import ReadView
from tongbao.modules.payments import Known, find_uetr
from tongbao.modules.payments.model import ABROAD, PAID, RETURN
from tongbao.sdk import documents_payments as documents
from tongbao.sdk.api_codes import GatewayCode

router = APIRouter(tags=["payments"], default_response_class=JsonResponse)
Uetr = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.get("/v1/payments/{uetr}", responses=openapi.answer(documents.LedgerPayment))
async def payment(asked: Freshly, uetr: Uetr) -> Response:
    """One payment within the ledger, by its UETR or that of a return of it."""
    application = gateway_of(asked.request).application
    await asked.wait()

    queries = gateway_of(asked.request).services.queries

    def answer() -> tuple[documents.LedgerPayment | None, int]:
        view = application.view()
        found = _found(view, uetr)
        if found is not None and not reads_account(asked.viewer, queries, found.payer, found.payee):
            found = None
        return found, view.block.height

    found, height = await in_thread(answer)
    if found is None:
        refuse(GatewayCode.NOT_FOUND, kind="payment", id=uetr)
    return JsonResponse(plain(found), headers={HEIGHT_HEADER: str(height)})


def _found(view: ReadView, uetr: str) -> documents.LedgerPayment | None:
    found = find_uetr(view, uetr)
    if found is not None and found[1].state == RETURN:
        uetr = found[1].of
        found = find_uetr(view, uetr)
    if found is None or found[1].state == ABROAD:
        return None
    known = found[1]
    whole = known.returned_minor == known.amount_minor
    state = ("returned" if whole else "settled") if known.state == PAID else known.state
    return documents.LedgerPayment(
        uetr, state, known.payer, known.payee, known.asset, str(known.amount_minor), known.at_ms,
        str(known.returned_minor), known.payee_reference, known.of,
        tuple(
            documents.TransferReturn(
                one.return_uetr, known.asset, str(one.amount_minor), one.reason, one.at_ms, one.note
            )
            for one in known.returns
        ),
        _request(known),
    )  # fmt: skip


def _request(known: Known) -> documents.RequestedReturn | None:
    if known.asked is not None:
        one = known.asked
        return documents.RequestedReturn("open", one.reason, one.at_ms, one.due_at_ms, one.note)
    if known.answered is not None:
        end = known.answered
        return documents.RequestedReturn(end.answer, end.reason, end.at_ms, note=end.note)
    return None
