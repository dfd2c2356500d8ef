"""Traces: one id from the HTTP request through the transaction to the line of its block.

A caller brings it as W3C `traceparent` or as `X-Request-Id`; who brings none gets a new one. It
comes back as `X-Request-Id`, and every line that is logged while the request is served carries it.
The ledger does not know traces: they are this node's own and stand in no block.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import structlog

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.hashing import chain_hash

log = structlog.get_logger(__name__)

CACHED = 20_000
"""Transactions whose trace is kept; the oldest are forgotten first."""
REPORTED = 50
"""Traces in one line about a block."""
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._:/+=-]{1,64}$")


def telling() -> bool:
    """Whether somebody set logs up and wants to read of requests and blocks."""
    return structlog.is_configured() and bool(log.is_enabled_for(logging.INFO))


def trace_of(traceparent: str, request_id: str) -> str:
    """The trace of a request by its two headers, or a new one where neither can be used."""
    found = _TRACEPARENT.match(traceparent.strip())
    if found and set(found[1]) != {"0"}:
        return found[1]
    given = request_id.strip()
    return given if _REQUEST_ID.match(given) else secrets.token_hex(16)


class Traces:
    """Which trace brought which transaction, until its block is reported."""

    def __init__(self, subscribe: Callable[[Callable[[BlockRecord], None]], None]) -> None:
        """Listen to an engine's blocks."""
        self._known: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()
        subscribe(self.on_block)

    def note(self, envelopes: Sequence[bytes]) -> None:
        """The request that is served now submits these."""
        trace = structlog.contextvars.get_contextvars().get("trace_id")
        if trace is None or not telling():
            return
        digests = [chain_hash(raw) for raw in envelopes]
        with self._lock:
            for digest in digests:
                self._known[digest] = trace
            while len(self._known) > CACHED:
                self._known.popitem(last=False)
        shown = [digest.hex() for digest in digests[:REPORTED]]
        log.info("transactions.submitted", count=len(digests), digests=shown)

    def on_block(self, record: BlockRecord) -> None:
        """Log one line about a block, with the traces that this node brought into it."""
        if not telling():
            return
        log.info(
            "block.final",
            height=record.height,
            time_ms=record.time_ms,
            transactions=len(record.transactions),
            app_hash=record.app_hash.hex(),
            traces=self._taken(record)[:REPORTED],
        )

    def _taken(self, record: BlockRecord) -> list[dict[str, str]]:
        if not self._known:
            return []
        digests = [chain_hash(raw) for raw in record.transactions]
        with self._lock:
            found = [(one, self._known.pop(one, None)) for one in digests]
        return [{"trace_id": t, "digest": d.hex()} for d, t in found if t is not None]
