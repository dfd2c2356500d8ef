"""For those who verify: light blocks, and rows of the state with their proofs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from tongbao import _core
from tongbao.gateway import openapi
from tongbao.gateway.encoding import RawJson
from tongbao.gateway.gateway import Gateway, gateway_of, in_thread, require_kept, viewer_of
from tongbao.gateway.viewers.showing import reads_account
from tongbao.kernel.codes import refuse, require
from tongbao.kernel.fields import CONCERNS, names_in
from tongbao.kernel.identity import KEYS, POLICIES, SUSPENDED
from tongbao.kernel.light import LightBlock
from tongbao.kernel.money import HOLDING_PREFIX, holding_key
from tongbao.kernel.names import CHAIN, NAMES
from tongbao.kernel.records import Record
from tongbao.kernel.tables import KeyPart, Table
from tongbao.kernel.validators import SEATS
from tongbao.kernel.wording import Text
from tongbao.node.light import (
    light_block,
    light_block_between,
    newest_light_block,
    prove_row,
)
from tongbao.readmodel import Viewer
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.light import Existence, RowProof

MAX_HEIGHT = 2**53
MAX_KEY_BYTES = 1_024
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
router = APIRouter(tags=["proofs"])
Word = Annotated[str, Path(min_length=1, max_length=128, pattern=_PRINTABLE)]
After = Annotated[
    int | None,
    Query(ge=0, le=MAX_HEIGHT, description="The row after this block; default: the newest."),
]
PUBLIC = frozenset(one.prefix for one in (CHAIN, KEYS, SEATS, SUSPENDED))
"""Tables of the kernel that anybody reads."""
KERNEL_TABLES: tuple[Table[Any], ...] = (CHAIN, KEYS, NAMES, POLICIES, SEATS, SUSPENDED)


@router.get(
    "/v1/light/blocks/latest", summary="The newest block, for light clients",
    responses=openapi.answer(LightBlock),
)  # fmt: skip
async def latest(request: Request) -> Response:
    """The newest block that validators have signed: header, commit, and the sets around it."""
    gateway = gateway_of(request)
    return RawJson(
        await in_thread(lambda: _signed(newest_light_block(gateway.application), "latest"))
    )


def _signed(found: LightBlock | None, which: str) -> bytes:
    if found is None:
        refuse(GatewayCode.NOT_FOUND, kind="signed block", id=which)
    return msgspec.json.encode(found)


@router.get(
    "/v1/light/blocks/between", summary="A block to step over, for light clients",
    responses=openapi.answer(LightBlock),
)  # fmt: skip
async def between(
    request: Request,
    above: Annotated[int, Query(ge=0, le=MAX_HEIGHT)],
    below: Annotated[int, Query(ge=1, le=MAX_HEIGHT)],
) -> Response:
    """The block nearest to the middle between two heights, of those that this node still has."""
    gateway = gateway_of(request)
    which = f"between {above} and {below}"

    def answer() -> bytes:
        return _signed(light_block_between(gateway.application, above, below), which)

    return RawJson(await in_thread(answer))


@router.get(
    "/v1/light/blocks/{height}", summary="A block, for light clients",
    responses=openapi.answer(LightBlock),
)  # fmt: skip
async def block(request: Request, height: Annotated[int, Path(ge=1, le=MAX_HEIGHT)]) -> Response:
    """Header and commit in CometBFT's encoding, and the validators that signed it and sign next."""
    gateway = gateway_of(request)
    return RawJson(await in_thread(lambda: _block(gateway, height)))


def _block(gateway: Gateway, height: int) -> bytes:
    application = gateway.application
    found = light_block(application, height)
    if found is None:
        if height > application.tip.height:
            refuse(GatewayCode.NOT_FOUND, kind="block", id=str(height))
        require_kept(application, height)
        refuse(GatewayCode.NOT_PROVEN_YET, height=height)
    return msgspec.json.encode(found)


# ---- rows of the state ---------------------------------------------------------------------------


@router.get(
    "/v1/proofs/holdings/{party}/{name}/{asset}", summary="What an account holds, with proof",
    responses=openapi.answer(RowProof),
)  # fmt: skip
async def holding(
    request: Request, party: Word, name: Word, asset: Word, height: After = None
) -> Response:
    """The holding's row under the state root of a signed header; or that there is none."""
    return await _answer(request, holding_key(f"{party}/{name}", asset), height)


@router.get(
    "/v1/proofs/tables/{table}", summary="A row of a table, with proof",
    responses=openapi.answer(RowProof),
)  # fmt: skip
async def row(
    request: Request,
    table: Word,
    key: Annotated[
        list[Annotated[str, Query(max_length=256, pattern=_PRINTABLE)]],
        Query(min_length=1, max_length=4, description="Parts of the key, in order."),
    ],
    height: After = None,
) -> Response:
    """By the table's name and the parts of its key: numbers in decimal, bytes in hex."""
    registry = gateway_of(request).application.registry
    tables = {one.name: one for one in (*KERNEL_TABLES, *registry.tables.values())}
    found = tables.get(table)
    if found is None:
        refuse(GatewayCode.NOT_FOUND, kind="table", id=table)
    return await _answer(request, _key_of(found, key), height)


def _key_of(table: Table[Any], parts: Sequence[str]) -> bytes:
    kinds = table.key_types
    wrong = GatewayCode.BAD_PARAMETER
    reason = Text("table {table} has {count} key part(s)", table=table.name, count=len(kinds))
    require(len(parts) == len(kinds), wrong, field="key", reason=reason)
    try:
        typed = [_part(part, kind) for part, kind in zip(parts, kinds, strict=True)]
        return table.key(*typed)
    except (ValueError, OverflowError):
        refuse(wrong, field="key", reason="a part that is no number, or no hex")


def _part(text: str, kind: type[KeyPart]) -> KeyPart:
    if kind is int:
        return int(text)
    return bytes.fromhex(text) if kind is bytes else text


@router.get(
    "/v1/proofs/rows/{key}", summary="A row by its whole key, with proof",
    responses=openapi.answer(RowProof),
)  # fmt: skip
async def raw_row(
    request: Request,
    key: Annotated[
        str,
        Path(max_length=2 * MAX_KEY_BYTES, pattern=r"^([0-9a-fA-F]{2})+$", description="Hex."),
    ],
    height: After = None,
) -> Response:
    """What `tongbao.sdk.light` asks for: the key's bytes are built by the same tables."""
    return await _answer(request, bytes.fromhex(key), height)


async def _answer(request: Request, key: bytes, height: int | None) -> Response:
    """A row for whom it concerns; any row, and that there is none, for the operator alone: the
    proof of that shows the rows on both sides, which are somebody else's
    (docs/decisions/absence.md)."""
    gateway, viewer = gateway_of(request), viewer_of(request)
    return RawJson(await in_thread(lambda: _prove(gateway, viewer, key, height)))


def _prove(gateway: Gateway, viewer: Viewer, key: bytes, height: int | None) -> bytes:
    application = gateway.application
    found = prove_row(application, key, height)
    if found is None:
        above = height is None or height >= application.tip.height
        code = GatewayCode.NOT_PROVEN_YET if above else GatewayCode.STATE_TOO_OLD
        refuse(code, height=application.tip.height if height is None else height)
    present = found.value is not None and _reads(gateway, viewer, key, found.value)
    require(viewer.operates or present, GatewayCode.ABSENCE_RESERVED)
    return msgspec.json.encode(
        RowProof(
            found.height, key, found.value, _existence(found.proof["exists"]),
            _existence(found.proof["left"]), _existence(found.proof["right"]), found.block,
        )
    )  # fmt: skip


def _reads(gateway: Gateway, viewer: Viewer, key: bytes, value: bytes) -> bool:
    """Whether a row of the state is public, or concerns a viewer."""
    queries, registry = gateway.services.queries, gateway.application.registry
    if key.startswith(HOLDING_PREFIX):
        account = key[len(HOLDING_PREFIX) :].partition(b"\0")[0].decode()
        return reads_account(viewer, queries, account)
    records = [one for one in registry.records.values() if isinstance(one, Record)]
    shown = {table.prefix: one for one in records for table in one.tables}
    tables = {one.prefix: one for one in (*KERNEL_TABLES, *registry.tables.values())}
    prefix = next((one for one in (key[:2], key[:1]) if one in tables), b"")
    if prefix in PUBLIC or (prefix in shown and shown[prefix].public):
        return True
    if prefix not in tables:
        return False
    names = names_in(tables[prefix].load(value), tables[prefix].value_type)
    if prefix in shown:
        parts = zip(shown[prefix].key, tables[prefix].parts(key), strict=True)
        names |= {part for column, part in parts if column.kind in CONCERNS}
    if prefix == NAMES.prefix:
        names |= {str(NAMES.parts(key)[0])}
    return bool(names) and reads_account(viewer, queries, *names)


def _existence(one: _core.Existence | None) -> Existence | None:
    return None if one is None else (one[0], one[1], tuple(one[2]))
