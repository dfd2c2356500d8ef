"""What stands before every request: host, token, room, security headers, and the last catch."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from http.cookies import CookieError, SimpleCookie
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tongbao.gateway.bounds.admission import POOL, Admission, kind_of
from tongbao.gateway.bounds.connections import STREAM_PATH, client_of_address
from tongbao.gateway.bounds.sources import FAILED, Sources
from tongbao.gateway.gateway import VIEWER, Gateway
from tongbao.gateway.problems import language_of, make_problem
from tongbao.gateway.tracing import telling, trace_of
from tongbao.gateway.viewers.access import digest_of
from tongbao.kernel.codes import Code, Refusal, Value
from tongbao.sdk.api_codes import GatewayCode

log = structlog.get_logger(__name__)

SESSION = "tongbao_session"
"""Cookie of a browser's session: scripts do not read it, other sites do not send it."""
MAX_COOKIES = 4_096
OPEN_PATHS = frozenset(("/livez", "/readyz"))
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_NO_STORE = (b"cache-control", b"no-store")
_METHODS = frozenset(("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"))
_WITH_BODY = frozenset(("POST", "PUT", "PATCH"))


class Guard:
    """Pure ASGI: it never holds a stream back."""

    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        """Stand before `app`."""
        self._app = app
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD" and scope["path"] != STREAM_PATH:
            # What GET would answer (RFC 9110, 9.3.2); the server leaves the content out.
            scope = {**scope, "method": "GET"}
        visit = _Visit(scope, send, self._gateway.sources)
        with structlog.contextvars.bound_contextvars(trace_id=visit.trace):
            await self._serve(visit, receive)

    async def _serve(self, visit: _Visit, receive: Receive) -> None:
        scope = visit.scope
        began = time.perf_counter()
        upload = None
        try:
            refused = self._refuse(visit) or await self._unknown(visit)
            if refused is not None:
                await visit.problem(*refused)
                return
            if visit.has_body():
                upload = self._gateway.uploads.begin(visit.client, receive, visit.enter)
                scope["tongbao.upload"], receive = upload, upload.receive
            else:
                visit.enter()
            await self._app(scope, receive, visit.send)
        except Refusal as refusal:
            await visit.problem(refusal.code, dict(refusal.values))
        except Exception as fault:
            log.critical("gateway.fault", path=scope["path"], error=repr(fault), exc_info=True)
            if visit.status:
                raise
            await visit.problem(GatewayCode.NODE_FAULT, {})
        finally:
            visit.leave()
            if upload is not None:
                upload.close()
            if scope["path"] != STREAM_PATH:
                self._count(visit, time.perf_counter() - began)

    def _refuse(self, visit: _Visit) -> tuple[Code, dict[str, Value]] | None:
        settings = self._gateway.settings
        limits = settings.limits
        visit.admission = self._gateway.admission
        target = len(visit.scope["raw_path"] or b"") + len(visit.scope["query_string"])
        if len(visit.scope["headers"]) > limits.headers or target > limits.target_bytes:
            values: dict[str, Value] = {"limit": limits.headers, "target": limits.target_bytes}
            return GatewayCode.HEADERS_TOO_LARGE, values
        if settings.hosts is not None:
            host = _host(visit.header(b"host"))
            if host not in settings.hosts:
                return GatewayCode.OTHER_HOST, {"host": host[:80]}
        return None

    async def _unknown(self, visit: _Visit) -> tuple[Code, dict[str, Value]] | None:
        """Note who asks; a refusal where a token is shown that stands for nobody.

        A browser shows its session by itself, also where another site makes it ask: for what
        changes something, it has to say that the page is this node's own (Fetch Metadata). A
        session that has ended is nobody's, and everybody's pages stay readable.
        """
        shown = visit.header(b"authorization")
        token = token_in(shown) if shown else session_in(visit.header(b"cookie"))
        viewer = await self._gateway.viewer_of(token) if token else None
        own = shown or visit.header(b"sec-fetch-site") == "same-origin"
        if shown and viewer is None:
            visit.scope[FAILED] = 1  # who guesses waits
            return GatewayCode.UNAUTHORISED, {}
        if viewer is None or (visit.scope["method"] in _WITH_BODY and not own):
            return None
        visit.scope[VIEWER] = viewer
        visit.client = f"token {digest_of(token)[:16]}"
        return None

    def _count(self, visit: _Visit, seconds: float) -> None:
        route = getattr(visit.scope.get("route"), "path", "none")
        method = visit.scope["method"]
        label = method if method in _METHODS else "other"
        self._gateway.metrics.requested(label, route, visit.status, seconds)
        if not telling():
            return
        # Whoever changes something, or is not served, stands in the log; readers only if asked.
        failed = visit.status >= 500 and visit.path not in OPEN_PATHS
        reported = log.info if method == "POST" or failed else log.debug
        reported("http.request", method=label, path=visit.path[:200], status=visit.status,
             milliseconds=round(seconds * 1000, 1))  # fmt: skip


class _Visit:
    """One request on its way, and what was answered so far."""

    def __init__(self, scope: Scope, send: Send, sources: Sources) -> None:
        self.scope = scope
        self.sources = sources
        self.path: str = scope["path"]
        self.status = 0
        address = scope.get("client")
        self.client = client_of_address(address[0]) if address else ""
        """Whom it counts for: an address, or the holder of a token."""
        self.admission: Admission | None = None
        accept = self.header(b"accept")
        self.kind = kind_of(scope["method"], scope["path"], scope["query_string"], accept)
        self._entered = False
        self._send = send
        self.trace = trace_of(self.header(b"traceparent"), self.header(b"x-request-id"))

    def header(self, name: bytes) -> str:
        """The first header of a name, or nothing."""
        for key, value in self.scope["headers"]:
            if key == name:
                return str(value.decode("latin-1"))
        return ""

    def has_body(self) -> bool:
        """Whether a body comes with it that is read before it is served.

        What comes with GET is read by nobody: the request is all there with its headers.
        """
        if self.scope["method"] not in _WITH_BODY:
            return False
        length = self.header(b"content-length") or "0"
        return length.strip("0") != "" or bool(self.header(b"transfer-encoding"))

    def enter(self) -> None:
        """It is all there and begins to be served; a Refusal where there is no room."""
        assert self.admission is not None
        self.admission.enter(self.kind, self.client)
        self._entered = True
        self.scope["tongbao.client"] = self.client
        POOL.set(self.admission.pool(self.kind))

    def leave(self) -> None:
        """It is answered."""
        if self._entered and self.admission is not None:
            self._entered = False
            self.admission.leave(self.kind, self.client)

    async def send(self, message: Message) -> None:
        """Add the security headers on the way out."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.status in (429, 503) and self.kind != "health" and self.admission is not None:
                self.leave()  # it takes no place while it waits
                await asyncio.sleep(self.admission.refusal_seconds)
            elif failed := self.scope.get(FAILED, 0):
                self.leave()
                now = asyncio.get_running_loop().time()
                await asyncio.sleep(self.sources.failed(self.client, failed, now))
            headers = list(message.get("headers", []))
            own = {name for name, _ in headers}  # a page says itself which style it has
            headers += [one for one in _HEADERS if one[0] not in own]
            headers.append((b"x-request-id", self.trace.encode()))
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append(_NO_STORE)
            message = {**message, "headers": headers}
        await self._send(message)

    async def problem(self, code: Code, values: dict[str, Value]) -> None:
        """Answer with a problem."""
        language = language_of(self.header(b"accept-language"))
        answer = make_problem(self.path, language, code, values)
        await answer(self.scope, _nothing, self.send)


async def _nothing() -> Any:
    return {"type": "http.disconnect"}


def token_in(header: str) -> str:
    """The API token: a bearer's, or the password of Basic, which is all that an engine can send."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def session_in(header: str) -> str:
    """The token of a browser's session, from its cookies."""
    cookies = SimpleCookie()
    with contextlib.suppress(CookieError):
        cookies.load(header[:MAX_COOKIES])
    return cookies[SESSION].value if SESSION in cookies else ""


def _host(header: str) -> str:
    """The name in a Host header, without the port; IPv6 with its brackets."""
    host = header.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
