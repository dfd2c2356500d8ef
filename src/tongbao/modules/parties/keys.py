"""Keys and policies of a party: add, rotate, revoke, and how many it takes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.fields import Moment, PartyId, Word
from tongbao.kernel.identity import KEYS, POLICIES, Approval, Key, Policy, Signers, key_id
from tongbao.kernel.protocols import accepted_suites
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import KeyRevoked, PolicySet
from tongbao.modules.parties.model import (
    MAX_KEYS,
    MAX_POLICIES,
    check_key,
    check_policy,
    check_suite,
    check_text,
)
from tongbao.modules.parties.register import SCOPE, put_key
from tongbao.modules.parties.state import (
    LIVE_KEYS,
    forget_expired,
    live_keys,
    require_party,
    require_satisfiable,
)


class _ByParty(Transaction):
    """What a party approves for itself."""

    party: PartyId

    def signers(self, view: ReadView) -> Signers:
        """The party's own."""
        return (Approval(self.party, SCOPE),)


def _require_new(view: ReadView, party: str, key: Key) -> None:
    name = key_id(key.suite, key.public)
    require(not view.has(KEYS, party, name), PartiesCode.KEY_EXISTS, party=party, key=name)


def _require_live(view: ReadView, party: str, key: str) -> Key:
    found = view.get(KEYS, party, key)
    if found is None or found.state(view.time_ms) != "live":
        refuse(PartiesCode.KEY_UNKNOWN, party=party, key=key[:32])
    return found


def _revoke(ledger: WriteView, party: str, name: str, key: Key) -> None:
    ledger.put(KEYS, party, name, value=replace(key, revoked_at_ms=ledger.time_ms))
    ledger.delete(LIVE_KEYS, party, name)
    forget_expired(ledger, party)


@transaction(code=1005, scope=SCOPE)
class AddKey(_ByParty, tag="parties.add_key"):
    """Give a party a further key."""

    key: Key

    def check(self) -> None:
        """Shape."""
        check_key(self.key)

    def admit(self, view: ReadView) -> None:
        """A new key of a suite that the chain accepts, and room for it."""
        require_party(view, self.party)
        check_suite(self.key, accepted_suites(view))
        _require_new(view, self.party, self.key)
        count = len(live_keys(view, self.party)) + 1
        require(count <= MAX_KEYS, PartiesCode.KEY_COUNT, count=count, limit=MAX_KEYS)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the key."""
        forget_expired(ledger, self.party)
        yield put_key(ledger, self.party, self.key)


@transaction(code=1006, scope=SCOPE)
class RotateKey(_ByParty, tag="parties.rotate_key"):
    """Replace a key by another with the same scopes and weight, in one step.

    One that has expired already locks out as a revocation does.
    """

    old: str
    """Id of the key that goes."""
    suite: Word
    public: bytes
    expires_at_ms: Moment = 0

    def admit(self, view: ReadView) -> None:
        """A live key, and a new one that is sound."""
        new = self._successor(_require_live(view, self.party, self.old))
        check_key(new)
        check_suite(new, accepted_suites(view))
        _require_new(view, self.party, new)

    def _successor(self, old: Key) -> Key:
        return replace(old, suite=self.suite, public=self.public, expires_at_ms=self.expires_at_ms)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Revoke the old, write the new."""
        old = _require_live(ledger, self.party, self.old)
        _revoke(ledger, self.party, self.old, old)
        yield KeyRevoked(self.party, self.old, "rotated")
        yield put_key(ledger, self.party, self._successor(old))
        require_satisfiable(ledger, self.party)


@transaction(code=1007, scope=SCOPE)
class RevokeKey(_ByParty, tag="parties.revoke_key"):
    """Let a key count no more; never the last that its policies need."""

    key: str
    reason: str = ""

    def check(self) -> None:
        """Shape."""
        check_text("reason", self.reason, 0, 200)

    def admit(self, view: ReadView) -> None:
        """A live key."""
        _require_live(view, self.party, self.key)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Revoke, and make sure that the party is not locked out."""
        old = _require_live(ledger, self.party, self.key)
        _revoke(ledger, self.party, self.key, old)
        require_satisfiable(ledger, self.party)
        yield KeyRevoked(self.party, self.key, self.reason)


@transaction(code=1008, scope=SCOPE)
class SetPolicy(_ByParty, tag="parties.set_policy"):
    """Say how many keys, of which weight together, a scope takes."""

    applies_to: str
    """Scope of actions, or `*` for all without a policy of their own."""
    policy: Policy

    def check(self) -> None:
        """Shape."""
        check_policy(self.applies_to, self.policy)

    def admit(self, view: ReadView) -> None:
        """A known party, and room for its policy."""
        require_party(view, self.party)
        known = view.has(POLICIES, self.party, self.applies_to)
        others = 0 if known else sum(1 for _ in view.scan(POLICIES, self.party))
        room = others < MAX_POLICIES
        require(room, PartiesCode.TOO_MANY_POLICIES, party=self.party, limit=MAX_POLICIES)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write, and make sure that the party's keys can meet it."""
        ledger.put(POLICIES, self.party, self.applies_to, value=self.policy)
        require_satisfiable(ledger, self.party)
        yield PolicySet(self.party, self.applies_to, self.policy.keys, self.policy.weight)
