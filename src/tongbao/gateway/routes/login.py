"""Logging in by a ledger key, logging out, and who a token stands for."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.bounds.bodies import JSON, media_type, read_body
from tongbao.gateway.bounds.guard import SESSION, session_in, token_in
from tongbao.gateway.bounds.sources import FAILED
from tongbao.gateway.encoding import JsonResponse
from tongbao.gateway.gateway import Gateway, gateway_of, in_thread, viewer_of
from tongbao.gateway.viewers.access import Grant, digest_of, new_token
from tongbao.gateway.viewers.challenges import Challenge, answered
from tongbao.kernel.codes import refuse
from tongbao.node.clock import utc_ms
from tongbao.readmodel import Viewer
from tongbao.sdk import login as sdk
from tongbao.sdk.api_codes import GatewayCode

MAX_BYTES = 8_192
SESSION_MS = 12 * 3_600_000
"""A login ends after half a day."""
router = APIRouter(tags=["login"], default_response_class=JsonResponse)
T = TypeVar("T")


def _asks(kind: type[Any]) -> dict[str, Any]:
    body = {"required": True, "content": openapi.content(openapi.document_ref(kind))}
    return {"requestBody": body}


async def _read(request: Request, kind: type[T]) -> T:
    media_type(request, (JSON,))
    raw = await read_body(request, MAX_BYTES)
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(GatewayCode.BAD_BODY, reason=str(fault)[:200])


@router.post(
    "/v1/login/challenge",
    summary="Ask for a challenge",
    responses=openapi.answer(sdk.LoginChallenge),
    openapi_extra=_asks(sdk.LoginWanted),
)
async def challenge(request: Request) -> Response:
    """To be signed by a live key of the party within a minute; it can be answered once."""
    wanted = await _read(request, sdk.LoginWanted)
    gateway = gateway_of(request)
    nonce, made = gateway.challenges.make(wanted.party, wanted.key, utc_ms())
    chain = gateway.application.genesis.chain
    return JsonResponse(sdk.LoginChallenge(chain, nonce, made.expires_at_ms))


@router.post(
    "/v1/login",
    summary="Log in",
    responses=openapi.answer(sdk.Login),
    openapi_extra=_asks(sdk.LoginSigned),
)
async def login(request: Request) -> Response:
    """A token for half a day, for the person whose key signed. It ends with `/v1/logout`, and when
    the key is revoked on the ledger."""
    given = await _read(request, sdk.LoginSigned)
    gateway, now_ms = gateway_of(request), utc_ms()
    asked = gateway.challenges.take(given.nonce, now_ms)
    own = request.headers.get("host", "").lower() == given.host.lower()
    made = None
    if asked is not None and own:
        made = await in_thread(lambda: _begin(gateway, asked, given, now_ms))
    if made is None:
        request.scope[FAILED] = 1  # who guesses waits
        refuse(GatewayCode.BAD_LOGIN)
    if given.session:
        return in_session(request, made)
    return JsonResponse(made)


def in_session(request: Request, made: sdk.Login) -> Response:
    """A login whose token stands in a cookie of the browser."""
    answer = JsonResponse(msgspec.structs.replace(made, token=""))
    seconds = max(0, (made.expires_at_ms - utc_ms()) // 1000)
    answer.set_cookie(
        SESSION, made.token, max_age=seconds, path="/", httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


def _begin(
    gateway: Gateway, asked: Challenge, given: sdk.LoginSigned, now_ms: int
) -> sdk.Login | None:
    application, access = gateway.application, gateway.settings.access
    suites = dict(application.registry.suites)
    key = answered(application.view(), suites, application.genesis.chain, asked, given)
    if key is None or access is None:
        return None
    token, person = new_token(), key.label or asked.key
    grant = Grant(
        digest_of(token), party=asked.party, person=person, expires_at_ms=now_ms + SESSION_MS,
        key=asked.key,
    )  # fmt: skip
    access.begin(grant, now_ms)
    return sdk.Login(token, asked.party, person, grant.expires_at_ms)


@router.post("/v1/logout", summary="Log out", responses=openapi.answer(sdk.WhoAsks))
async def logout(request: Request) -> Response:
    """End the login whose token is shown; nothing else changes. Answers who asks from then on."""
    access = gateway_of(request).settings.access
    shown = request.headers.get("authorization", "")
    token = token_in(shown) or session_in(request.headers.get("cookie", ""))
    known = viewer_of(request) != Viewer.nobody()  # not where another site's page asks
    if access is not None and known:
        await in_thread(lambda: access.end(token))
    answer = JsonResponse(sdk.WhoAsks("", "", ()))
    answer.delete_cookie(SESSION, path="/", httponly=True, samesite="strict")
    return answer


@router.get("/v1/whoami", summary="Who asks", responses=openapi.answer(sdk.WhoAsks))
async def whoami(request: Request) -> Response:
    """Whom the token that is shown stands for."""
    viewer = viewer_of(request)
    return JsonResponse(sdk.WhoAsks(viewer.party, viewer.person, tuple(sorted(viewer.roles))))
