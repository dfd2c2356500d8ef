"""Errors as RFC 9457 problems: every refusal, ours or HTTP's, with number, sentence and retry."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tongbao.gateway.encoding import JsonResponse, plain_values
from tongbao.kernel.codes import OK, Code, Refusal, Value
from tongbao.kernel.wording import Decimals, iso_decimals
from tongbao.modules.assets import decimals_in
from tongbao.sdk.answers import ProblemDocument, Result
from tongbao.sdk.api_codes import GatewayCode
from tongbao.words import sentence

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "1"
FORMS = {
    "digest": "0-9a-f x 64 (PARTY:REFERENCE)",
    "uetr": "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx (x: 0-9a-f)",
    "file": "D-xxxxxxxxxxxx (x: 0-9a-f)",
}
"""How ids are written whose form is fixed: a pattern says nothing to who mistyped one."""
_QUOTED = re.compile(r"'([^']*)'")


def language_of(header: str) -> str:
    """`zh` or `en`: what an Accept-Language header likes better (RFC 9110, 12.5.4)."""
    best, best_weight = "en", 0.0
    for part in header.split(","):
        tag, _, rest = part.partition(";")
        language = tag.strip().lower()[:2]
        weight = 1.0
        if rest.strip().startswith("q="):
            try:
                weight = float(rest.strip()[2:])
            except ValueError:
                weight = 0.0
        if language in ("zh", "en") and weight > best_weight:
            best, best_weight = language, weight
    return best


def make_problem(
    path: str,
    language: str,
    code: Code,
    values: Mapping[str, Value],
    *,
    status: int | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    result: Result | None = None,
    headers: Mapping[str, str] | None = None,
    decimals: Decimals = iso_decimals,
) -> Response:
    """A problem as an answer."""
    status = status or code.http_status
    filled = dict(values)
    document = ProblemDocument(
        title=code.name.replace("_", " ").capitalize(),
        status=status,
        detail=sentence(code.template, filled, language, decimals),
        code=int(code),
        name=code.name,
        type=f"/v1/codes/{int(code)}",
        instance=path[:300],
        retry=code.retry.value,
        values=plain_values(code, filled),
        detail_zh=sentence(code.template, filled, "zh", decimals),
        errors=tuple(dict(one) for one in errors),
        result=result,
    )
    extra = dict(headers or {})
    if status in (408, 429, 503):
        extra.setdefault("Retry-After", RETRY_AFTER_SECONDS)
    if status == 401:
        extra.setdefault("WWW-Authenticate", "Bearer")
    response = JsonResponse(document, status, extra)
    response.headers["content-type"] = MEDIA_TYPE
    return response


def problem(request: Request, code: Code, values: Mapping[str, Value], **more: Any) -> Response:
    """A problem as an answer to a request."""
    language = language_of(request.headers.get("accept-language", ""))
    decimals = _decimals_of(request)
    return make_problem(request.url.path, language, code, values, decimals=decimals, **more)


def _decimals_of(request: Request) -> Decimals:
    """Those of the ledger that the request came to; before there is one, the currencies'."""
    gateway = getattr(request.app.state, "gateway", None)
    return iso_decimals if gateway is None else decimals_in(gateway.application.view())


def result_of_refusal(refusal: Refusal, digest: str) -> Result:
    """What a refusal says where the engine accepted nothing."""
    code, values = refusal.code, refusal.values
    return Result(
        "rejected", digest, 0, 0, int(code), code.name, code.text(values),
        sentence(code.template, values, "zh"), code.retry.value, plain_values(code, values),
    )  # fmt: skip


def is_refused(result: Result) -> bool:
    """Whether a result is a problem."""
    return result.code != OK


async def _on_refusal(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    traceback.clear_frames(refusal.__traceback__)  # they hold the body, in circles
    return problem(request, refusal.code, refusal.values)


async def _on_http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    path = request.url.path[:300]
    headers = fault.headers
    if fault.status_code == 404:
        return problem(request, GatewayCode.NO_SUCH_PATH, {"path": path}, headers=headers)
    if fault.status_code == 405:
        values: dict[str, Value] = {"method": request.method[:20], "path": path}
        return problem(request, GatewayCode.METHOD_NOT_ALLOWED, values, headers=headers)
    reply: dict[str, Value] = {"reason": str(fault.detail)[:200]}
    code = GatewayCode.REFUSED_BY_HTTP
    return problem(request, code, reply, status=fault.status_code, headers=headers)


async def _on_parameters(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)
    errors = [
        {"where": ".".join(map(str, one["loc"]))[:80], "reason": str(one["msg"])[:200]}
        for one in fault.errors()[:20]
    ]
    first = errors[0] if errors else {"where": "?", "reason": "not valid"}
    values: dict[str, Value] = {"field": first["where"], "reason": first["reason"]}
    for one in fault.errors()[:1]:
        if one["type"] == "literal_error":
            known = ", ".join(_QUOTED.findall(str(one["ctx"]["expected"])))
            given = str(one["input"])[:40]
            values = {"field": str(one["loc"][-1])[:80], "given": given, "known": known}
            return problem(request, GatewayCode.UNKNOWN_WORD, values, errors=errors)
        name = str(one["loc"][-1])
        if one["type"] == "string_pattern_mismatch" and name in FORMS:
            given = str(one["input"])[:80]
            values = {"field": name, "given": given, "form": FORMS[name]}
            return problem(request, GatewayCode.BAD_ID, values, errors=errors)
    return problem(request, GatewayCode.BAD_PARAMETER, values, errors=errors)


def install(app: FastAPI) -> None:
    """Answer every error path of the application with a problem."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_parameters)
