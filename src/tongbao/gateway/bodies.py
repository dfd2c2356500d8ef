"""Reading bodies: only the media types asked for, never more bytes than allowed, never for ever."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect

from tongbao.gateway.codes import GatewayCode
from tongbao.kernel.codes import refuse, require

JSON, NDJSON = "application/json", "application/x-ndjson"
BODY_SECONDS = 30
_DRAINED_BYTES = 64 * 1_048_576
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


async def read_body(request: Request, limit: int, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body, at most `limit` bytes."""
    told = request.headers.get("content-length", "")
    large = told.isdecimal() and int(told) > limit
    try:
        async with asyncio.timeout(seconds):
            body = None if large else await _collect(request, limit)
            if body is None:
                await _drain(request, int(told) if large else _DRAINED_BYTES)
    except TimeoutError:
        refuse(GatewayCode.BODY_TOO_SLOW, seconds=int(seconds))
    except ClientDisconnect:
        refuse(GatewayCode.BAD_BODY, reason="the client hung up")
    require(body is not None, GatewayCode.BODY_TOO_LARGE, limit=limit)
    return body or b""


async def _collect(request: Request, limit: int) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


async def _drain(request: Request, expected: int) -> None:
    if expected > _DRAINED_BYTES:
        return
    size = 0
    while size <= _DRAINED_BYTES:
        message = await request.receive()
        size += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
