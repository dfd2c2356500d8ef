"""Reading bodies: only the media types asked for, never more bytes than allowed, never for ever."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from tongbao.gateway.bounds.uploads import SPOOLED_FROM, Upload
from tongbao.kernel.codes import refuse, require
from tongbao.sdk.api_codes import GatewayCode

JSON, NDJSON = "application/json", "application/x-ndjson"
_DRAINED_BYTES = 8 * 1_048_576
"""How much of an oversize body is read and thrown away, so that its sender can read our answer."""


def media_type(request: Request, accepted: tuple[str, ...]) -> str:
    """The body's media type, without parameters; a Refusal where it is none of the accepted."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    require(
        given in accepted,
        GatewayCode.UNSUPPORTED_MEDIA_TYPE,
        given=given[:80] or "a body without Content-Type",
        accepted=", ".join(accepted),
    )
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    require(
        coding == "identity",
        GatewayCode.UNSUPPORTED_MEDIA_TYPE,
        given=f"Content-Encoding {coding[:40]}",
        accepted="identity",
    )
    return given


async def read_body(request: Request, limit: int, *, spooled: bool = False) -> bytes:
    """The whole body, at most `limit` bytes; how slow it may come, the guard sees to.

    One that is `spooled` lies on disk until it is all there, and is read into memory when its turn
    among the large ones comes.
    """
    reported = request.headers.get("content-length", "")
    large = reported.isdecimal() and int(reported[:20]) > limit
    try:
        body = None if large else await _collect(request, limit, _upload_of(request, spooled))
        if body is None:
            await _drain(request, int(reported[:20]) if large else _DRAINED_BYTES)
    except ClientDisconnect:
        refuse(GatewayCode.BAD_BODY, reason="the client hung up")
    require(body is not None, GatewayCode.BODY_TOO_LARGE, limit=limit)
    return body or b""


def _upload_of(request: Request, spooled: bool) -> Upload | None:
    return request.scope.get("tongbao.upload") if spooled else None


async def _collect(request: Request, limit: int, upload: Upload | None) -> bytes | None:
    body = bytearray()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            return None
        body += chunk
        if upload is not None and len(body) >= SPOOLED_FROM:
            await upload.keep(bytes(body), run_in_threadpool)
            body.clear()
    if upload is None or size == len(body):
        return bytes(body)
    await upload.keep(bytes(body), run_in_threadpool)
    body.clear()
    return await upload.load(run_in_threadpool)


async def _drain(request: Request, expected: int) -> None:
    if expected > _DRAINED_BYTES:
        return
    size = 0
    while size <= _DRAINED_BYTES:
        message = await request.receive()
        size += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
