"""Asking a node that may be hostile: bounded size, bounded time, no redirects."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from tongbao.kernel.codes import refuse
from tongbao.sdk.light.codes import LightCode

MAX_ANSWER_BYTES = 8 * 1_048_576
ANSWER_S = 30.0
TRIES = 3
PAUSE_S = 0.2
_AGAIN = frozenset((429, 502, 503, 504))


class _Problem(msgspec.Struct):
    detail: str = ""


class Node:
    """One node over HTTP, under the name by which it is reported."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = ANSWER_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """The node at `url`; nothing is sent yet."""
        self.name = url.rstrip("/")
        self._seconds = timeout_s
        self._http = httpx.Client(
            base_url=self.name, headers=dict(headers or {}), timeout=timeout_s, transport=transport
        )

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """An answer's bytes; asks again where the node is only busy or the line broke."""
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(PAUSE_S * attempt)
            try:
                status, content = self._once(path, params)
            except httpx.HTTPError as fault:
                reason = f"{type(fault).__name__} {fault}"[:200]
                continue
            if status == httpx.codes.OK:
                return content
            reason = _said(status, content)
            if status not in _AGAIN:
                break
        return refuse(LightCode.NO_ANSWER, node=self.name, reason=reason)

    def _once(self, path: str, params: Mapping[str, str] | None) -> tuple[int, bytes]:
        until = time.monotonic() + self._seconds
        with self._http.stream("GET", path, params=dict(params or {})) as answer:
            parts: list[bytes] = []
            size = 0
            for part in answer.iter_bytes(65_536):
                size += len(part)
                if size > MAX_ANSWER_BYTES:
                    reason = f"an answer of more than {MAX_ANSWER_BYTES} bytes"
                    refuse(LightCode.UNREADABLE, node=self.name, reason=reason)
                if time.monotonic() > until:
                    raise httpx.ReadTimeout(f"no whole answer within {self._seconds:.0f} s")
                parts.append(part)
            return answer.status_code, b"".join(parts)

    def unreadable(self, fault: Exception) -> Any:
        """Refuse an answer that cannot be read."""
        refuse(LightCode.UNREADABLE, node=self.name, reason=str(fault)[:200])


def _said(status: int, content: bytes) -> str:
    try:
        detail = msgspec.json.decode(content, type=_Problem).detail
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        detail = ""
    return f"HTTP {status} {detail}".strip()[:200]
