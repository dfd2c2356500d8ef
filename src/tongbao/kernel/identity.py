"""Who may act: keys of parties, approval policies, and the proof that enough of them signed.

The kernel owns these two tables because it authenticates every transaction by them; the module
`parties` is what writes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tongbao.kernel.codes import KernelCode, require
from tongbao.kernel.tables import Table

if TYPE_CHECKING:
    from tongbao.kernel.views import ReadView

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
_DEFAULT_POLICY = Policy()
AUTHORITIES = frozenset(table.prefix for table in (KEYS, POLICIES, SUSPENDED))
"""The tables on which it rests who may act."""


class Approval(NamedTuple):
    """One approval that an action needs."""

    party: str
    scope: str


Signers = tuple[Approval, ...]
Approvals = Mapping[str, tuple[str, ...]]
"""Party -> ids of its keys whose signatures were verified."""


class Remembered:
    """What was found good at one time, while nothing that it rests on is written.

    Many transactions of a block are signed by the same keys for the same kind of action. A refusal
    is never remembered. What a transaction writes to `AUTHORITIES` may be undone with it, so from
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
    return hashlib.sha256(suite.encode() + b"\0" + public).hexdigest()[:20]


def policy_of(view: ReadView, party: str, scope: str) -> Policy:
    """The policy of a party for a scope: its own, else the one for `*`, else one key.

    Whoever changes keys and policies could have any other action approved: that takes as many keys,
    of as much weight, as the strictest policy of the party. So nobody lowers alone what asks for
    two, nor adds a key that would be the second.
    """
    own = view.get(POLICIES, party, scope) or view.get(POLICIES, party, ANY_SCOPE)
    policy = own or _DEFAULT_POLICY
    if scope == KEY_SCOPE:
        for _, other in view.scan(POLICIES, party):
            policy = Policy(max(policy.keys, other.keys), max(policy.weight, other.weight))
    return policy


def require_active(view: ReadView, party: str) -> None:
    """Refuse while a party is suspended: for what it signed before and did not happen yet."""
    reason = view.get(SUSPENDED, party)
    require(reason is None, KernelCode.PARTY_SUSPENDED, party=party, reason=reason or "")


def require_approvals(view: ReadView, needed: Iterable[Approval], given: Approvals) -> None:
    """Refuse unless live keys of each needed party, with the scope, meet its policy.

    A suspended party's count for nothing, whenever they were given: a proposal keeps approvals.
    """
    known = view.remembered
    for party, scope in needed:
        question = (party, scope, given.get(party, ()))
        if known is not None and question in known:
            continue
        count = weight = 0
        for name in given.get(party, ()):
            key = view.get(KEYS, party, name)
            if key is not None and key.state(view.time_ms) == "live" and key.covers(scope):
                count += 1
                weight += key.weight
        policy = policy_of(view, party, scope)
        require(
            count >= policy.keys and weight >= policy.weight,
            KernelCode.APPROVAL_MISSING,
            party=party,
            scope=scope,
            keys=policy.keys,
            weight=policy.weight,
            given_keys=count,
            given_weight=weight,
        )
        require_active(view, party)
        if known is not None:
            known.add(question)


def live_approvals(view: ReadView, party: str) -> dict[str, tuple[str, ...]]:
    """A party's approvals where all of its live keys sign; none where it has none."""
    keys = view.scan(KEYS, party)
    names = tuple(name for (_, name), key in keys if key.state(view.time_ms) == "live")
    return {party: names} if names else {}


def require_live_keys(view: ReadView, given: Approvals) -> None:
    """Refuse the signature of a suspended party, or by a key it lacks or that is no longer live."""
    known = view.remembered
    for party, names in given.items():
        question = (party, names)
        if known is not None and question in known:
            continue
        require_active(view, party)
        for name in names:
            require_live_key(view, party, name)
        if known is not None:
            known.add(question)


def require_live_key(view: ReadView, party: str, name: str) -> None:
    """Refuse a key that the party lacks, or that is no longer live."""
    key = view.get(KEYS, party, name)
    require(key is not None, KernelCode.UNKNOWN_KEY, party=party, key=name)
    assert key is not None
    state = key.state(view.time_ms)
    require(state == "live", KernelCode.KEY_NOT_LIVE, party=party, key=name, state=state)
