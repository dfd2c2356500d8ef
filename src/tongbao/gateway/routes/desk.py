"""The batch desk over HTTP: signed orders in, files, payments, batches and answers out."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Cursor, page_document
from tongbao.gateway.bounds.bodies import JSON, media_type, read_body
from tongbao.gateway.encoding import JsonResponse, plain
from tongbao.gateway.gateway import gateway_of, in_thread, viewer_of
from tongbao.gateway.problems import problem
from tongbao.iso20022.findings import DocumentRefused
from tongbao.kernel.codes import Value, refuse, require
from tongbao.paymentfiles.desk import exports
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.desk.service import DeskService
from tongbao.paymentfiles.judging import MAX_FILE_BYTES
from tongbao.readmodel import Page, Viewer
from tongbao.sdk import desk as sdk
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.states import DeskFileState, DeskPaymentState

MAX_ORDER_BYTES = MAX_FILE_BYTES * 4 // 3 + 64 * 1024
MAX_SMALL_BYTES = 4 * 1024 * 1024
router = APIRouter(tags=["desk"], default_response_class=JsonResponse)
Name = Annotated[str, Path(pattern="^D-[0-9a-f]{12}$", description="The file's name at the desk.")]
Party = Annotated[str | None, Query(min_length=1, max_length=64, pattern="^[!-~]+$")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Items a page.")]
_ORDER: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A signed order: statement (base64), signatures, content (base64).",
        "content": openapi.content(openapi.document_ref(sdk.Order)),
    }
}
_FILE = openapi.answer(sdk.DeskFile, "The file after the act.")


async def _order(
    request: Request, limit: int, act: Callable[[DeskService, bytes], Any], status: int = 200
) -> Response:
    """Carry an order out; what the document is refused for comes as a list of errors."""
    service, viewer = _service(request), viewer_of(request)
    require(viewer.is_node or viewer.party != "", GatewayCode.UNAUTHORISED)
    media_type(request, (JSON,))
    raw = await read_body(request, limit, spooled=True)
    try:
        reported = await in_thread(lambda: act(service, raw))
    except DocumentRefused as refused:
        traceback.clear_frames(refused.__traceback__)  # they hold the file, in circles
        return _document_refused(request, refused)
    if isinstance(reported, tuple):
        reported, status = reported
    return JsonResponse(plain(reported), status)


def _service(request: Request) -> DeskService:
    service = gateway_of(request).desk
    if service is None:
        refuse(DeskCode.NO_DESK)
    return service


def _document_refused(request: Request, refused: DocumentRefused) -> Response:
    first = refused.findings[0]
    values: dict[str, Value] = {
        "rule": first.rule, "line": first.line, "path": first.path, "reason": first.message_en,
    }  # fmt: skip
    errors = [
        {"rule": one.rule, "line": one.line, "path": one.path, "value": one.value,
         "reason": one.message_en, "reason_zh": one.message_zh}
        for one in refused.findings
    ]  # fmt: skip
    return problem(request, DeskCode.FILE_REFUSED, values, errors=errors)


async def _page(request: Request, ask: Callable[[DeskService, Viewer], Page]) -> Response:
    service, viewer = _service(request), viewer_of(request)
    try:
        found = await in_thread(lambda: ask(service, viewer))
    except ValueError:
        refuse(GatewayCode.BAD_CURSOR)
    return JsonResponse(page_document(request, found))


@router.post(
    "/v1/desk/files",
    summary="Upload a payment file",
    responses={**_FILE, **openapi.answer(sdk.DeskFile, "It is new.", status=201)},
    openapi_extra=_ORDER,
)
async def upload(request: Request) -> Response:
    """A pain.001. The same bytes again answer with the same file (200); a message id that came
    before with other bytes is refused, a payment whose end-to-end id was used before as well."""

    def act(service: DeskService, raw: bytes) -> Any:
        name, new = service.desk.upload(raw)
        return service.queries.file(viewer_of(request), name), 201 if new else 200

    return await _order(request, MAX_ORDER_BYTES, act)


@router.get("/v1/desk/files", responses=openapi.page(sdk.DeskFile))
async def files(
    request: Request, state: DeskFileState | None = None, party: Party = None, limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:  # fmt: skip
    """Files, newest first."""
    return await _page(
        request,
        lambda o, v: o.queries.files(v, limit=limit, cursor=cursor, state=state, party=party),
    )


@router.get("/v1/desk/files/{file}", responses=openapi.answer(sdk.DeskFile))
async def file(request: Request, file: Name) -> Response:
    """One file: its state, the states of its payments, and what it lacks for release."""
    service, viewer = _service(request), viewer_of(request)
    return JsonResponse(plain(await in_thread(lambda: service.queries.file(viewer, file))))


@router.get("/v1/desk/files/{file}/payments", responses=openapi.page(sdk.DeskPayment))
async def payments(
    request: Request,
    file: Name,
    state: DeskPaymentState | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Its payments in order, all or in one state."""
    return await _page(
        request, lambda o, v: o.queries.payments(v, file, limit=limit, cursor=cursor, state=state)
    )


@router.get("/v1/desk/files/{file}/batches", responses=openapi.page(sdk.DeskBatch))
async def batches(
    request: Request, file: Name, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """Its batches: the bodies to sign, who signed, what became of them."""
    return await _page(request, lambda o, v: o.queries.batches(v, file, limit=limit, cursor=cursor))


@router.get("/v1/desk/files/{file}/acts", responses=openapi.page(sdk.DeskAct))
async def acts(request: Request, file: Name, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Who did what with it, oldest first; repairs with path, old and new."""
    return await _page(request, lambda o, v: o.queries.acts(v, file, limit=limit, cursor=cursor))


@router.post("/v1/desk/files/{file}/check", responses=_FILE, openapi_extra=_ORDER)
async def check(request: Request, file: Name) -> Response:
    """Plan it again against the ledger as it stands, for a time; signatures over batches that come
    out the same stay."""
    return await _act(request, file, lambda service, raw: service.desk.check(file, raw))


@router.post("/v1/desk/files/{file}/repair", responses=_FILE, openapi_extra=_ORDER)
async def repair(request: Request, file: Name) -> Response:
    """Change one payment by path; every signature is taken away."""
    return await _act(request, file, lambda service, raw: service.desk.repair(file, raw))


@router.post("/v1/desk/files/{file}/sign", responses=_FILE, openapi_extra=_ORDER)
async def sign(request: Request, file: Name) -> Response:
    """Signatures over its batches: of its maker, or of the second person who approves it."""
    return await _act(request, file, lambda service, raw: service.desk.sign(file, raw))


@router.post("/v1/desk/files/{file}/release", responses=_FILE, openapi_extra=_ORDER)
async def release(request: Request, file: Name) -> Response:
    """Let it go, at once or at a time."""
    return await _act(request, file, lambda service, raw: service.release(file, raw))


@router.post("/v1/desk/files/{file}/cancel", responses=_FILE, openapi_extra=_ORDER)
async def cancel(request: Request, file: Name) -> Response:
    """Take back what has not been sent."""
    return await _act(request, file, lambda service, raw: service.desk.cancel(file, raw))


async def _act(request: Request, file: str, act: Callable[[DeskService, bytes], None]) -> Response:
    viewer = viewer_of(request)

    def apply(service: DeskService, raw: bytes) -> Any:
        service.queries.require(viewer, file)
        act(service, raw)
        return service.queries.file(viewer, file)

    return await _order(request, MAX_SMALL_BYTES, apply)


_XML: dict[int | str, dict[str, Any]] = {
    200: {"description": "XML.", "content": {"application/xml": {"schema": {"type": "string"}}}}
}


@router.get("/v1/desk/files/{file}/content", responses=_XML)
async def content(request: Request, file: Name) -> Response:
    """The file as it stands, repairs included."""
    return await _answer(request, file, lambda service: exports.content(service.store, file))


@router.get("/v1/desk/files/{file}/pain.002", responses=_XML)
async def pain_002(request: Request, file: Name) -> Response:
    """The status of every payment as it stands now."""
    return await _answer(
        request, file, lambda service: exports.pain_002(service.store, service.ledger, file)
    )


@router.get("/v1/desk/files/{file}/camt.054", responses=_XML)
async def camt_054(request: Request, file: Name) -> Response:
    """The debits that were booked so far."""
    return await _answer(
        request, file, lambda service: exports.camt_054(service.store, service.ledger, file)
    )


async def _answer(request: Request, file: str, make: Callable[[DeskService], bytes]) -> Response:
    service, viewer = _service(request), viewer_of(request)

    def made() -> bytes:
        service.queries.require(viewer, file)
        return make(service)

    return Response(await in_thread(made), media_type="application/xml")


@router.get("/v1/desk/limits", responses=openapi.page(sdk.DeskLimit))
async def limits(
    request: Request, party: Party = None, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """What keys may approve."""
    return await _page(request, lambda o, v: o.queries.limits(v, party, limit=limit, cursor=cursor))


@router.post("/v1/desk/limits", responses=openapi.answer(sdk.DeskLimit), openapi_extra=_ORDER)
async def set_limit(request: Request) -> Response:
    """Set what a key may approve; two keys of the party sign the order."""
    return await _order(request, MAX_SMALL_BYTES, lambda service, raw: service.desk.limit(raw))
