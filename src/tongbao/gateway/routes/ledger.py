"""The chain itself: status, genesis, blocks, receipts, codes and kinds of action."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from tongbao import __version__, _core
from tongbao.gateway import openapi
from tongbao.gateway.asking import Cursor, Freshly, cursor_of
from tongbao.gateway.encoding import JsonResponse, RawJson, plain
from tongbao.gateway.gateway import Gateway, gateway_of, in_thread, require_kept
from tongbao.gateway.routes.transactions import Digest
from tongbao.gateway.viewers.showing import events_seen, locate, reads_transaction, reads_whole
from tongbao.kernel.blocks import BlockRecord, code_of
from tongbao.kernel.codes import Code, refuse
from tongbao.kernel.genesis import GenesisCode
from tongbao.kernel.protocols import UnknownProtocol
from tongbao.kernel.receipts import ReceiptCode
from tongbao.kernel.registry import Registry
from tongbao.node.index import digest_at
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.readmodel import Viewer
from tongbao.sdk.answers import (
    Block,
    BlockDetail,
    BlockTransaction,
    NodeStatus,
    RefusalCode,
    TransactionType,
)
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.documents import Page
from tongbao.sdk.light import LightCode
from tongbao.words import sentence

MAX_BLOCKS_A_PAGE = 50
MAX_HEIGHT = 2**53
router = APIRouter(tags=["ledger"], default_response_class=JsonResponse)
Height = Annotated[int, Path(ge=0, le=MAX_HEIGHT)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": openapi.content({"type": "object"})}
}
_OTHER_CODES: tuple[type[Code], ...] = (
    ReceiptCode, GenesisCode, LightCode, GatewayCode, DeskCode,
)  # fmt: skip


@router.get("/v1/status", summary="Where the node stands", responses=openapi.answer(NodeStatus))
async def status(request: Request) -> Response:
    """Height, time, state root, queue, and how far the read model is."""
    gateway = gateway_of(request)
    return JsonResponse(await in_thread(lambda: _status(gateway)))


def _status(gateway: Gateway) -> NodeStatus:
    application, engine = gateway.application, gateway.services.engine
    queries = gateway.services.queries
    tip, agreed = application.tip, application.agreed_step
    return NodeStatus(
        chain=application.genesis.chain,
        genesis=application.genesis.digest(),
        protocol=application.protocol,
        version=__version__,
        height=tip.height,
        time_ms=application.time_ms,
        block_time_ms=tip.time_ms,
        block=tip.block_id[0].hex() if tip.block_id else "",
        app_hash=tip.app_hash.hex(),
        oldest_block=application.oldest_block,
        waiting=engine.waiting,
        read_model_height=None if queries is None else queries.height(),
        fault=_fault(engine.fault),
        clock=str(engine.clock().text),
        zone=gateway.settings.zone,
        next_protocol=agreed.version if agreed else None,
        next_protocol_height=agreed.height if agreed else None,
    )


def _fault(fault: BaseException | None) -> str:
    """A bug's words are for the node's own log; what an operator has to do is for all."""
    if isinstance(fault, UnknownProtocol):
        return str(fault)
    return "" if fault is None else type(fault).__name__


@router.get("/v1/genesis", summary="The genesis file", responses=_FILE)
async def genesis(request: Request) -> Response:
    """What everyone agrees on. To verify receipts, take it from somebody you trust."""
    return RawJson(gateway_of(request).application.genesis.encode())


@router.get("/v1/receipts/{digest}", summary="A receipt", responses=_FILE)
async def receipt(
    asked: Freshly,
    digest: Digest,
    from_trust: Annotated[
        int | None,
        Query(ge=0, le=MAX_HEIGHT, description="For who trusts this block; default: the genesis."),
    ] = None,
) -> Response:
    """The file that proves, offline, that the transaction stands in a block with its result.

    Where validators have changed since the genesis it carries the light blocks between. For those
    whom all of the transaction concerns: it holds the whole of it, and proves itself to anybody.
    """
    gateway = await asked.about()
    name = {"Content-Disposition": f'attachment; filename="receipt-{digest[:16]}.json"'}
    return RawJson(
        await in_thread(lambda: _receipt(gateway, asked.viewer, digest, from_trust)), headers=name
    )


def _receipt(gateway: Gateway, viewer: Viewer, digest: str, from_trust: int | None) -> bytes:
    height, position = locate(gateway, viewer, digest)
    record = gateway.application.block(height)
    if record is not None and not reads_whole(gateway, viewer, record, position):
        refuse(GatewayCode.NOT_FOUND, kind="transaction", id=digest)
    made = gateway.application.receipt(height, position)
    if made is None:
        require_kept(gateway.application, height)
        refuse(GatewayCode.NOT_PROVEN_YET, height=height)
    if from_trust is None:
        return gateway.paths.provable(made).encode()
    return gateway.paths.since(made, from_trust).encode()


# ---- blocks --------------------------------------------------------------------------------------


@router.get("/v1/blocks", summary="The blocks, newest first", responses=openapi.page(Block))
async def blocks(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
    cursor: Cursor = None,
) -> Response:
    """A page holds at most 50, whatever is asked for."""
    gateway = gateway_of(request)
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 20):
        refuse(GatewayCode.BAD_CURSOR)
    top = gateway.application.tip.height if cursor is None else int(cursor) - 1
    page = await in_thread(lambda: _blocks(gateway, top, min(limit, MAX_BLOCKS_A_PAGE)))
    following = cursor_of(request, page.next_cursor)
    return JsonResponse(msgspec.structs.replace(page, next_cursor=following))


def _blocks(gateway: Gateway, top: int, limit: int) -> Page[Block]:
    application = gateway.application
    oldest = application.oldest_block
    top = min(top, application.tip.height)
    heights = range(top, max(oldest, top - limit + 1) - 1, -1)
    found = [record for record in map(application.block, heights) if record is not None]
    more = bool(found) and found[-1].height > oldest
    return Page(tuple(map(_block, found)), str(found[-1].height) if more else None)


def _proposer(record: BlockRecord) -> str:
    # The genesis has none; an engine's newest block gets it a moment later.
    if not record.block_id[0] or not record.header:
        return ""
    proposer: bytes = _core.header_fields(record.header)["proposer_address"]
    return proposer.hex()


def _block(record: BlockRecord) -> Block:
    return Block(
        record.height, record.time_ms, record.block_id[0].hex(), record.app_hash.hex(),
        _proposer(record), len(record.transactions),
    )  # fmt: skip


@router.get("/v1/blocks/{height}", summary="One block", responses=openapi.answer(BlockDetail))
async def block(asked: Freshly, height: Height) -> Response:
    """With the header and commit that verify it; and of its transactions, and of what time brought,
    what concerns whoever asks."""
    gateway = await asked.about()
    return JsonResponse(await in_thread(lambda: _detail(gateway, asked.viewer, height)))


def _timers(registry: Registry, record: BlockRecord) -> tuple[Any, ...]:
    return registry.decode_outcome(record.events).events if record.events else ()


def _detail(gateway: Gateway, viewer: Viewer, height: int) -> BlockDetail:
    application = gateway.application
    record = application.block(height) if height <= application.tip.height else None
    require_kept(application, height)
    if record is None:
        refuse(GatewayCode.NOT_FOUND, kind="block", id=str(height))
    outcomes = [
        (number, outcome) for number, outcome in enumerate(record.outcomes)
        if reads_transaction(gateway, viewer, height, number)
    ]  # fmt: skip
    timers = _timers(application.registry_of(record), record)
    events = events_seen(gateway, viewer, (height, -1), "", timers)
    return BlockDetail(
        record.height, record.time_ms, record.block_id[0].hex(), record.app_hash.hex(),
        _proposer(record),
        tuple(BlockTransaction(n, digest_at(record, n).hex(), code_of(o)) for n, o in outcomes),
        tuple(plain(one) for one in events),
        base64.b64encode(record.header if record.block_id[0] else b"").decode(),
        base64.b64encode(record.commit).decode(),
    )  # fmt: skip


# ---- what the ledger knows -----------------------------------------------------------------------


@router.get(
    "/v1/codes",
    summary="Every refusal code",
    responses=openapi.many(RefusalCode, "By number."),
)
async def codes(request: Request) -> Response:
    """Numbers are stable and never given to another rule. Texts are templates over `values`."""
    gateway = gateway_of(request)

    def make() -> bytes:
        known = sorted(_all_codes(gateway), key=int)
        return msgspec.json.encode([_code(one) for one in known])

    name = f"codes of {gateway.application.protocol}"
    return RawJson(await in_thread(lambda: gateway.once(name, make)))


@router.get("/v1/codes/{code}", summary="One code", responses=openapi.answer(RefusalCode))
async def code(request: Request, code: Annotated[int, Path(ge=0, le=MAX_HEIGHT)]) -> Response:
    """What the `type` of a problem points to."""
    found = next((one for one in _all_codes(gateway_of(request)) if one == code), None)
    if found is None:
        refuse(GatewayCode.NOT_FOUND, kind="code", id=str(code))
    return JsonResponse(_code(found))


def _all_codes(gateway: Gateway) -> Iterator[Code]:
    yield from gateway.application.registry.codes.values()
    for table in _OTHER_CODES:
        yield from table


def _code(one: Code) -> RefusalCode:
    return RefusalCode(
        int(one), one.name, one.retry.value, one.english, sentence(one.template, {}, "zh")
    )


@router.get(
    "/v1/transaction-types",
    summary="Every kind of action",
    responses=openapi.many(TransactionType, "By type."),
)
async def transaction_types(request: Request) -> Response:
    """With the JSON Schema of each."""
    gateway = gateway_of(request)

    def make() -> bytes:
        kinds = sorted(gateway.application.registry.transactions.items())
        return msgspec.json.encode([_type(name, kind) for name, kind in kinds])

    name = f"transaction types of {gateway.application.protocol}"
    return RawJson(await in_thread(lambda: gateway.once(name, make)))


def _type(name: str, kind: Any) -> TransactionType:
    schema = msgspec.json.schema(kind)
    return TransactionType(name, kind.code, kind.scope, inspect.getdoc(kind) or "", schema)
