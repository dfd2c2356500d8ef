"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): one key of a party, one body.

A key belongs to the party whose signature came with it: it is tied to a body only once that party
has proven itself, and another party's key of the same spelling is another one. The name
(party, reference) makes a transaction idempotent by itself; the key only guards a client against
using it with other bytes by mistake. It is kept longer than any transaction lives.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from fastapi import Request

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.transaction import MAX_EXPIRY_MS
from tongbao.node.clock import utc_ms
from tongbao.sdk.api_codes import GatewayCode

MAX_KEY = 255
KEPT_MS = 2 * MAX_EXPIRY_MS
MAX_KEYS = 1_000_000
MAX_KEYS_OF_A_PARTY = 100_000
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
            "CREATE TABLE IF NOT EXISTS party_keys (party TEXT NOT NULL, key TEXT NOT NULL,"
            " digest BLOB NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (party, key)) WITHOUT ROWID"
        )
        self._base.execute("CREATE INDEX IF NOT EXISTS party_keys_at ON party_keys (at_ms)")

    def claim(self, party: str, key: str, digest: bytes) -> bool:
        """Tie a key of a party that has proven itself to a body; whether it is new.

        A Refusal where the party sent the key with another body before.
        """
        with self._lock:
            now = self._clock()
            self._sweep(now)
            done = self._base.execute(
                "INSERT OR IGNORE INTO party_keys VALUES (?, ?, ?, ?)", (party, key, digest, now)
            )
            if done.rowcount:
                return True
            row = self._base.execute(
                "SELECT digest FROM party_keys WHERE party = ? AND key = ?", (party, key)
            ).fetchone()
        if row is None or row[0] != digest:
            refuse(GatewayCode.IDEMPOTENCY_KEY_REUSED)
        return False

    def release(self, party: str, key: str) -> None:
        """Forget a key whose body was not recorded."""
        with self._lock:
            self._base.execute("DELETE FROM party_keys WHERE party = ? AND key = ?", (party, key))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()

    def _sweep(self, now: int) -> None:
        """Forget keys that are old, and the oldest where a party, or all, have too many."""
        self._since_sweep -= 1
        if self._since_sweep > 0:
            return
        self._since_sweep = _SWEEP_EVERY
        self._base.execute("DELETE FROM party_keys WHERE at_ms < ?", (now - KEPT_MS,))
        counts = self._base.execute("SELECT party, count(*) FROM party_keys GROUP BY party")
        known = counts.fetchall()
        for party, count in known:
            if count > MAX_KEYS_OF_A_PARTY:
                self._base.execute(
                    "DELETE FROM party_keys WHERE party = ? AND key IN (SELECT key FROM party_keys"
                    " WHERE party = ? ORDER BY at_ms LIMIT ?)",
                    (party, party, count - MAX_KEYS_OF_A_PARTY),
                )
        left = sum(min(count, MAX_KEYS_OF_A_PARTY) for _, count in known)
        if left > MAX_KEYS:
            self._base.execute(
                "DELETE FROM party_keys WHERE (party, key) IN (SELECT party, key FROM party_keys"
                " ORDER BY at_ms LIMIT ?)",
                (left - MAX_KEYS,),
            )
