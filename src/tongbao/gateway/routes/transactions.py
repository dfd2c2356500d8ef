"""Submitting transactions, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import HEIGHT_HEADER, Filter, Freshly, Paged
from tongbao.gateway.bounds.bodies import JSON, NDJSON, media_type, read_body
from tongbao.gateway.bounds.idempotency import key_of
from tongbao.gateway.bounds.sources import FAILED
from tongbao.gateway.described.actions import BODY, ENVELOPE
from tongbao.gateway.encoding import JsonResponse, plain, plain_values
from tongbao.gateway.gateway import Gateway, client_of, gateway_of, in_thread, viewer_of
from tongbao.gateway.problems import is_refused, problem, result_of_refusal
from tongbao.gateway.results import tell
from tongbao.gateway.viewers.recorded import recorded_of
from tongbao.gateway.viewers.showing import locate, reads_transaction
from tongbao.kernel.approvals import live_approvals, policy_of
from tongbao.kernel.codes import KernelCode, Refusal, Value, refuse, require
from tongbao.kernel.fields import names_in, parties_of
from tongbao.kernel.hashing import chain_hash
from tongbao.kernel.transaction import MAX_ENVELOPE_BYTES, Body
from tongbao.kernel.views import ReadView
from tongbao.modules.assets import decimals_in
from tongbao.node.submissions import NOBODY
from tongbao.readmodel import Viewer
from tongbao.sdk.answers import Needed, Recorded, Result, Simulated
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.documents import TransactionLine
from tongbao.sdk.sentences import in_sentences

MAX_BATCH = 2_000
MAX_BATCH_BYTES = 8 * 1_048_576
_RAW_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_FAILED = frozenset(int(one) for one in (*NOBODY, KernelCode.GIVEN_UP, KernelCode.MALFORMED))
"""Codes of what was signed by nobody known, as far as this chain knows."""
router = APIRouter(tags=["transactions"], default_response_class=JsonResponse)

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the envelope, hex.")]
_ENVELOPE_BODY = {
    "requestBody": {
        "required": True,
        "description": "One signed envelope, byte for byte as it was sealed.",
        "content": openapi.content(ENVELOPE, openapi.EXAMPLE_ENVELOPE),
    },
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": 255},
            "description": "Optional: ties a key of the party that signs to these bytes; its other"
            " bytes under it are refused. The transaction's own name makes it idempotent anyway.",
        }
    ],
}


@router.post(
    "/v1/transactions",
    summary="Submit one signed transaction",
    responses={
        **openapi.answer(Result, "Final: it stands in a block.", openapi.EXAMPLE_RESULT),
        **openapi.answer(Result, "Accepted, with `wait=false`: ask at Location.", status=202),
    },
    openapi_extra=_ENVELOPE_BODY,
)
async def submit(
    request: Request,
    wait: Annotated[bool, Query(description="Wait until it is final.")] = True,
) -> Response:
    """Answers when the transaction is final and durable. A refusal is a problem whose `result`
    says whether it stands in a block (then its name is used up) or nothing was recorded."""
    gateway = gateway_of(request)
    media_type(request, (JSON,))
    key = key_of(request)
    envelope = await read_body(request, MAX_ENVELOPE_BYTES)
    digest = chain_hash(envelope)
    claimed = ""
    try:
        if key is not None:
            claimed = await in_thread(lambda: _claim(gateway, envelope, key, digest))
        if not wait:
            return await _accept(gateway, envelope, digest.hex(), client_of(request))
        submitted = gateway.submit([envelope], events=True, client=client_of(request))
        result = (await submitted)[0]
    except Refusal as refusal:
        result = result_of_refusal(refusal, digest.hex())
        if isinstance(refusal.code, GatewayCode):
            raise
    note_failures(request, [result])
    if claimed and key is not None and result.status == "rejected":
        await in_thread(lambda: gateway.keys.release(claimed, key))
    return _answer(request, gateway, result)


def _claim(gateway: Gateway, envelope: bytes, key: str, digest: bytes) -> str:
    """Tie a key to an envelope of a party that proves itself; the party where the key is new.

    Raises Refusal, and keeps nothing, for an envelope whose signatures do not hold.
    """
    application = gateway.application
    view = application.view()
    [opened] = application.prepare([envelope], view)
    if isinstance(opened, Refusal):
        raise opened
    party = opened.body.party
    return party if gateway.keys.claim(party, key, digest) else ""


async def _accept(gateway: Gateway, envelope: bytes, digest: str, client: str) -> Response:
    """Take an envelope in whose signatures hold; what the ledger says of it, it says later."""
    application = gateway.application

    def prove() -> None:
        [opened] = application.prepare([envelope], application.view())
        if isinstance(opened, Refusal):
            raise opened

    await in_thread(prove)
    gateway.submit_only(envelope, client)
    where = {"Location": f"/v1/transactions/{digest}"}
    return JsonResponse(Result("accepted", digest, 0, 0, 0), 202, where)


def _answer(request: Request, gateway: Gateway, result: Result) -> Response:
    where = {"Location": f"/v1/transactions/{result.digest}"} if result.final else {}
    where |= _height_of([result])
    if not is_refused(result):
        return JsonResponse(result, 200, where)
    code = gateway.application.registry.codes.get(result.code)
    if code is None:
        code = KernelCode.INTERNAL
    return problem(request, code, result.values, result=result, headers=where)


@router.post(
    "/v1/transactions/batch",
    summary="Submit many signed transactions",
    responses=openapi.many(Result, "One result each, in order, when all of them are final."),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": f"At most {MAX_BATCH} envelopes and {MAX_BATCH_BYTES} bytes.",
            "content": {
                **openapi.content({"type": "array", "items": ENVELOPE}, [openapi.EXAMPLE_ENVELOPE]),
                **openapi.content({"type": "string"}, media=NDJSON),
            },
        }
    },
)
async def submit_batch(
    request: Request,
    events: Annotated[bool, Query(description="Tell what happened, too.")] = False,
) -> Response:
    """Refusals are results with their code, not problems. Each transaction stands for itself:
    what must happen together belongs into one envelope."""
    kind = media_type(request, (JSON, NDJSON))
    body = await read_body(request, MAX_BATCH_BYTES)
    envelopes = _lines(body) if kind == NDJSON else _array(body)
    count = len(envelopes)
    require(count <= MAX_BATCH, GatewayCode.TOO_MANY_IN_BATCH, limit=MAX_BATCH, count=count)
    results = await gateway_of(request).submit(envelopes, events=events, client=client_of(request))
    note_failures(request, results)
    return JsonResponse(results, headers=_height_of(results))


def note_failures(request: Request, results: Sequence[Result]) -> None:
    """Say how many envelopes nobody known has signed: who sends many of them is slowed down."""
    request.scope[FAILED] = sum(result.code in _FAILED for result in results)


def _height_of(results: Sequence[Result]) -> dict[str, str]:
    """The header that says which block lists have to show for these to be in them."""
    heights = [result.height for result in results if result.final]
    return {HEIGHT_HEADER: str(max(heights))} if heights else {}


def _lines(body: bytes) -> list[bytes]:
    return [line for line in body.split(b"\n") if line]


def _array(body: bytes) -> list[bytes]:
    try:
        return [bytes(one) for one in _RAW_ARRAY.decode(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(GatewayCode.BAD_BODY, reason=str(fault)[:200])


@router.post(
    "/v1/simulate",
    summary="Try a transaction without recording it",
    responses=openapi.answer(Simulated),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A body, unsigned; any spelling of the JSON.",
            "content": openapi.content(BODY, openapi.EXAMPLE_ENVELOPE["body"]),
        }
    },
)
async def simulate(request: Request) -> Response:
    """What would become of it in the next block if the party that you act for approved it; and who
    else has to. Nothing is written."""
    gateway = gateway_of(request)
    media_type(request, (JSON,))
    raw = await read_body(request, MAX_ENVELOPE_BYTES)
    async with gateway.simulations:
        return JsonResponse(await in_thread(lambda: _simulate(gateway, viewer_of(request), raw)))


def _simulate(gateway: Gateway, viewer: Viewer, raw: bytes) -> Simulated:
    application = gateway.application
    try:
        body = application.registry.body_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(KernelCode.MALFORMED, reason=str(fault)[:200])
    height, view = application.tip.height, application.view()
    needed = _needed(view, viewer, body)
    # Whether somebody else could pay is not for who would be paid.
    own = {one.party for one in needed} <= {viewer.party} or viewer.is_node
    require(viewer.is_node or viewer.party == body.party, GatewayCode.OTHER_PARTY)
    outcome = application.simulate(body, None if own else live_approvals(view, body.party))
    values = outcome.values if own else _of_body(body, viewer, outcome.values)
    reported = tell(application.registry, outcome.code, values, decimals_in(view))
    registry, decimals = application.registry, decimals_in(view)
    events = tuple(plain(one) for one in outcome.events)
    return Simulated(
        reported.code, reported.name, height, reported.text, reported.text_zh, reported.retry,
        plain_values(registry.codes.get(outcome.code), values), events,
        in_sentences("en", registry.events, events, decimals),
        in_sentences("zh", registry.events, events, decimals), needed,
    )  # fmt: skip


def _of_body(body: Body[Any], viewer: Viewer, values: dict[str, Value]) -> dict[str, Value]:
    """Values of a refusal, without names that the body does not say."""
    reply = {viewer.party, body.party}
    reply |= {name for one in body.actions for name in names_in(one, type(one))}
    known = reply | parties_of(reply)
    return {
        name: value for name, value in values.items()
        if name not in ("party", "account") or value in known
    }  # fmt: skip


def _needed(view: ReadView, viewer: Viewer, body: Body[Any]) -> tuple[Needed, ...]:
    """Who has to approve; of others, those whom the actions name."""
    found: dict[tuple[str, str], Needed] = {}
    for action in body.actions:
        try:
            approvals = action.signers(view)
        except Refusal:
            continue
        for party, scope in approvals:
            policy = policy_of(view, party, scope)
            found[party, scope] = Needed(party, scope, policy.keys, policy.weight)
    return tuple(found.values())


@router.get(
    "/v1/transactions/{digest}",
    summary="A recorded transaction",
    responses=openapi.answer(Recorded),
)
async def transaction(asked: Freshly, digest: Digest) -> Response:
    """By the digest of its envelope, for whom it concerns. For the exact bytes and the proof, take
    the receipt."""
    gateway = await asked.about()
    return JsonResponse(await in_thread(lambda: _by_digest(gateway, asked.viewer, digest)))


def _by_digest(gateway: Gateway, viewer: Viewer, digest: str) -> Recorded:
    return _at(gateway, viewer, *locate(gateway, viewer, digest))


def _at(gateway: Gateway, viewer: Viewer, height: int, position: int) -> Recorded:
    application = gateway.application
    record = application.block(height)
    if record is None:
        refuse(GatewayCode.PRUNED, height=height, oldest=application.oldest_block)
    return recorded_of(record, position, gateway, viewer)


@router.get(
    "/v1/parties/{party}/transactions/{reference:path}",
    summary="A recorded transaction by its name",
    responses=openapi.answer(Recorded),
)
async def transaction_named(
    asked: Freshly,
    party: Annotated[str, Path(max_length=128)],
    reference: Annotated[str, Path(max_length=256, examples=["INV-2026-0042"])],
) -> Response:
    """By (party, reference), for whom it concerns. The read model remembers names that the ledger
    has forgotten."""
    gateway = await asked.about()
    return JsonResponse(await in_thread(lambda: _by_name(gateway, asked.viewer, party, reference)))


def _by_name(gateway: Gateway, viewer: Viewer, party: str, reference: str) -> Recorded:
    name = gateway.application.locate_name(party, reference)
    place = None if name is None else (name.height, name.position)
    queries = gateway.services.queries
    safe = party.isprintable() and reference.isprintable()
    if place is None and queries is not None and safe:
        row = queries.named(viewer, party, reference)
        place = None if row is None else (row["height"], row["position"])
    if place is None or not reads_transaction(gateway, viewer, *place):
        refuse(GatewayCode.NOT_FOUND, kind="transaction", id=f"{party}:{reference}"[:200])
    return _at(gateway, viewer, *place)


@router.get("/v1/transactions", responses=openapi.page(TransactionLine))
async def listed(
    asked: Paged,
    party: Filter = None,
    code: Annotated[int | None, Query(ge=0, lt=2**31, description="0: only what was done.")] = None,
) -> Response:
    """What stands in blocks, done or refused, newest first; of a party: what it named, and all that
    it pays, is paid or is spoken of in."""
    return await asked.page(
        lambda q, v: q.transactions(v, **asked.at, party=party, code=code), party=party
    )
