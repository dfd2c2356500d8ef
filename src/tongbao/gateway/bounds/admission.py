"""How many requests of each kind are served at once, of everybody and of each client."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from urllib.parse import parse_qsl

from anyio import CapacityLimiter

from tongbao.gateway.bounds.settings import Limits
from tongbao.kernel.codes import refuse
from tongbao.sdk.api_codes import GatewayCode

_HEAVY = (
    "/v1/proofs/", "/v1/light/", "/v1/receipts/", "/v1/exchange/routes", "/v1/transaction-types",
    "/v1/codes", "/v1/history", "/v1/accounts/resolve", "/v1/accounts/standings",
    "/v1/payments/used-ids", "/v1/search", "/openapi.json", "/v1/origin",
    "/v1/fx/",
)  # fmt: skip
"""What takes long to make, whoever asks."""
_LONG_PAGE = 3
"""Digits of a `limit` from which a page counts as heavy: 100 and more."""

POOL: ContextVar[CapacityLimiter | None] = ContextVar("pool", default=None)
"""The threads of the kind of the request that is being served."""


def wants_stream(accept: str) -> bool:
    """Whether `/v1/events` answers with a stream, by the request's Accept header."""
    return "application/json" not in accept


def kind_of(method: str, path: str, query: bytes = b"", accept: str = "") -> str:
    """Which kind a request is."""
    if path in ("/livez", "/readyz", "/metrics"):
        return "health"
    if path == "/v1/events" and wants_stream(accept):
        return "stream"
    if path.startswith("/v1/desk"):
        return "desk"
    if path == "/v1/simulate":
        return "simulate"
    if path.startswith(_HEAVY) or path.endswith("/statement"):
        return "heavy"
    if method not in ("GET", "HEAD"):
        return "submit"
    return "heavy" if _long(query) else "read"


def _long(query: bytes) -> bool:
    asked = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return any(name == "limit" and len(value) >= _LONG_PAGE for name, value in asked)


class Admission:
    """Counts what is served. From the event loop alone."""

    def __init__(self, limits: Limits) -> None:
        """Nothing is served yet."""
        self._limits = limits
        self._serving: dict[str, int] = dict.fromkeys(limits.kinds, 0)
        self._clients: dict[tuple[str, str], int] = {}
        self.refused: dict[str, int] = dict.fromkeys(limits.kinds, 0)
        """Requests for which there was no place, by kind."""
        self._pools: dict[str, CapacityLimiter] = {}
        self.refusal_seconds = limits.refusal_seconds

    @property
    def serving(self) -> Mapping[str, int]:
        """Requests under way, by kind."""
        return self._serving

    def open(self) -> None:
        """At the start of the event loop: threads for each kind."""
        self._pools = {
            name: CapacityLimiter(kind.threads) for name, kind in self._limits.kinds.items()
        }

    def pool(self, kind: str) -> CapacityLimiter | None:
        """The threads of a kind."""
        return self._pools.get(kind)

    def enter(self, kind: str, client: str) -> None:
        """Begin to serve a request; Refusal BUSY or TOO_MANY_AT_ONCE where there is no room."""
        most = self._limits.kinds[kind]
        key = (kind, client)
        own = self._clients.get(key, 0)
        if own >= most.client:
            self.refused[kind] += 1
            refuse(GatewayCode.TOO_MANY_AT_ONCE, limit=most.client, kind=kind)
        if self._serving[kind] >= most.total:
            self.refused[kind] += 1
            if kind == "stream":
                refuse(GatewayCode.TOO_MANY_STREAMS, limit=most.total)
            refuse(GatewayCode.BUSY, limit=most.total, kind=kind)
        self._serving[kind] += 1
        self._clients[key] = own + 1

    def leave(self, kind: str, client: str) -> None:
        """It is answered."""
        key = (kind, client)
        self._serving[kind] -= 1
        left = self._clients[key] - 1
        if left:
            self._clients[key] = left
        else:
            del self._clients[key]
