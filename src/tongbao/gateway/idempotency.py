"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): one key, one body.

The name (party, reference) makes a transaction idempotent by itself; the key only guards a client
against using it with other bytes by mistake. It is remembered longer than any transaction lives.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from fastapi import Request

from tongbao.gateway.codes import GatewayCode
from tongbao.kernel.codes import refuse, require
from tongbao.kernel.transaction import MAX_EXPIRY_MS
from tongbao.node.clock import utc_ms

MAX_KEY = 255
KEPT_MS = 2 * MAX_EXPIRY_MS
MAX_KEYS = 1_000_000
_SWEEP_EVERY = 10_000


def key_of(request: Request) -> str | None:
    """The key of a request: the draft's quoted string, or the bare word that many clients send."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    key = given.strip()
    if len(key) >= 2 and key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    fits = 0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()
    require(fits, GatewayCode.BAD_IDEMPOTENCY_KEY, limit=MAX_KEY)
    return key


class IdempotencyKeys:
    """Which bytes each key came with; durable in a SQLite file, or in memory for tests."""

    def __init__(self, path: Path | None, clock: Callable[[], int] = utc_ms) -> None:
        """Open or create."""
        self._clock = clock
        self._lock = threading.Lock()
        self._since_sweep = 0
        self._base = sqlite3.connect(
            ":memory:" if path is None else path, check_same_thread=False, isolation_level=None
        )
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=FULL")
        self._base.execute(
            "CREATE TABLE IF NOT EXISTS keys"
            " (key TEXT PRIMARY KEY, digest BLOB NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID"
        )
        self._base.execute("CREATE INDEX IF NOT EXISTS keys_at ON keys (at_ms)")

    def claim(self, key: str, digest: bytes) -> bool:
        """Tie a key to a body; whether it is new. A Refusal where it came with another body."""
        with self._lock:
            now = self._clock()
            self._sweep(now)
            done = self._base.execute(
                "INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", (key, digest, now)
            )
            if done.rowcount:
                return True
            row = self._base.execute("SELECT digest FROM keys WHERE key = ?", (key,)).fetchone()
        if row is None or row[0] != digest:
            refuse(GatewayCode.IDEMPOTENCY_KEY_REUSED)
        return False

    def release(self, key: str) -> None:
        """Forget a key whose body was not recorded."""
        with self._lock:
            self._base.execute("DELETE FROM keys WHERE key = ?", (key,))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()

    def _sweep(self, now: int) -> None:
        """Forget keys that are old, and the oldest where there are too many."""
        self._since_sweep -= 1
        if self._since_sweep > 0:
            return
        self._since_sweep = _SWEEP_EVERY
        self._base.execute("DELETE FROM keys WHERE at_ms < ?", (now - KEPT_MS,))
        count = self._base.execute("SELECT count(*) FROM keys").fetchone()[0]
        if count > MAX_KEYS:
            self._base.execute(
                "DELETE FROM keys WHERE key IN (SELECT key FROM keys ORDER BY at_ms LIMIT ?)",
                (count - MAX_KEYS,),
            )
