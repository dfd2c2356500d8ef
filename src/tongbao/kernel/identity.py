"""Who may act: the keys of parties and their approval policies.

The kernel owns these tables because it authenticates every transaction by them
(`approvals.py`); the module `parties` is what writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from tongbao.kernel.hashing import state_hash
from tongbao.kernel.tables import Table

ANY_SCOPE = "*"
KEY_SCOPE = "parties"
"""Scope of the keys that approve changes of a party's keys and policies."""


class Key(msgspec.Struct, frozen=True, omit_defaults=True):
    """A public key of a party."""

    suite: str
    """Named signature algorithm, e.g. `ed25519`."""
    public: bytes
    """The public key as its suite writes it."""
    scopes: tuple[str, ...] = (ANY_SCOPE,)
    """Classes of action it may approve; `*` is all of them."""
    weight: int = 1
    """What its signature counts toward a policy's weight."""
    expires_at_ms: int = 0
    """Block time from which it no longer counts; 0 is never."""
    revoked_at_ms: int = 0
    """Block time at which it was revoked; 0 while it is not."""
    label: str = ""
    """Whose desk or device it is, for people."""

    def state(self, time_ms: int) -> str:
        """`live`, `revoked` or `expired` at a block time."""
        if self.revoked_at_ms:
            return "revoked"
        if self.expires_at_ms and time_ms >= self.expires_at_ms:
            return "expired"
        return "live"

    def covers(self, scope: str) -> bool:
        """Whether the key may approve actions of this scope."""
        return scope in self.scopes or ANY_SCOPE in self.scopes


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many of which keys must sign a class of action."""

    keys: int = 1
    """Least number of distinct keys: 2 is maker-checker."""
    weight: int = 1
    """Least sum of their weights."""


KEYS: Table[Key] = Table(
    b"\x02", "keys", (str, str), Key, "(party, key id) -> public key with scope, weight and expiry"
)
POLICIES: Table[Policy] = Table(
    b"\x03", "policies", (str, str), Policy, "(party, scope) -> what its approval takes"
)
SUSPENDED: Table[str] = Table(
    b"\x06", "suspended", (str,), str, "party -> why none of its signatures counts now"
)
AUTHORITIES = frozenset(table.prefix for table in (KEYS, POLICIES, SUSPENDED))
"""The tables on which it rests who may act."""


class Approval(NamedTuple):
    """One approval that an action needs."""

    party: str
    scope: str


Signers = tuple[Approval, ...]
Approvals = Mapping[str, tuple[str, ...]]
"""Party -> ids of its keys whose signatures were verified."""


class VerifiedCache:
    """What was found good at one time, while nothing that it rests on is written.

    Many transactions of a block are signed by the same keys for the same kind of action. A refusal
    is never kept. What a transaction writes to `AUTHORITIES` may be undone with it, so from
    then to its end nothing is.
    """

    __slots__ = ("_closed", "_found")

    def __init__(self) -> None:
        """Nothing yet."""
        self._found: set[tuple[object, ...]] = set()
        self._closed = False

    def __contains__(self, question: tuple[object, ...]) -> bool:
        """Whether this was found good."""
        return question in self._found

    def add(self, question: tuple[object, ...]) -> None:
        """This was found good."""
        if not self._closed:
            self._found.add(question)

    def close(self) -> None:
        """Something it rests on is written: forget all."""
        self._found.clear()
        self._closed = True

    def reopen(self) -> None:
        """Another transaction begins."""
        self._closed = False


@lru_cache(maxsize=65_536)
def key_id(suite: str, public: bytes) -> str:
    """The short name of a public key: 20 hex digits of SHA-256 over suite and key."""
    return state_hash(suite.encode() + b"\0" + public).hex()[:20]
