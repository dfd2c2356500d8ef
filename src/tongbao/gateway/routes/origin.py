"""The snapshot that a chain goes on from, for nodes that join: they trust none of it unproven."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from starlette.responses import FileResponse, Response

from tongbao.gateway import openapi
from tongbao.gateway.encoding import JsonResponse
from tongbao.gateway.gateway import gateway_of, require_node
from tongbao.kernel.codes import refuse
from tongbao.node.snapshot import GENESIS, MANIFEST, MAX_CHUNKS, chunk_name
from tongbao.sdk.api_codes import GatewayCode

router = APIRouter(tags=["node"], default_response_class=JsonResponse)
_BYTES = "application/octet-stream"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": openapi.content({"type": "object"})}
}
_CHUNK: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Rows of the state.",
        "content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/v1/origin", summary="What the chain goes on from", responses=_FILE)
async def manifest(request: Request) -> Response:
    """Manifest of the snapshot that the genesis continues; refused where there is none here."""
    return _file(request, MANIFEST, "application/json")


@router.get("/v1/origin/genesis", summary="The genesis before", responses=_FILE)
async def genesis(request: Request) -> Response:
    """Genesis of the chain that this one continues."""
    return _file(request, GENESIS, "application/json")


@router.get("/v1/origin/chunks/{number}", summary="A chunk of it", responses=_CHUNK)
async def chunk(request: Request, number: Annotated[int, InPath(ge=0, lt=MAX_CHUNKS)]) -> Response:
    """One chunk, for nodes; the manifest says its SHA-256."""
    require_node(request)
    return _file(request, chunk_name(number), _BYTES)


def _file(request: Request, name: str, media: str) -> Response:
    folder = gateway_of(request).services.origin
    path = None if folder is None else folder / name
    if path is None or not Path(path).is_file():
        refuse(GatewayCode.NO_SUCH_PATH, path=request.url.path[:100])
    return FileResponse(path, media_type=media)
