"""Register a party, and keep what is known of it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identifiers import lei, uscc
from tongbao.kernel.identity import KEY_SCOPE, KEYS, SUSPENDED, Approval, Key, Signers, key_id
from tongbao.kernel.protocols import accepted_suites
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import (
    KeyAdded,
    PartyRegistered,
    PartyReinstated,
    PartySuspended,
    PartyUpdated,
)
from tongbao.modules.parties.model import (
    MAX_KEYS_EVER,
    Party,
    check_identity,
    check_keys,
    check_party_id,
    check_roles,
    check_suite,
    check_text,
)
from tongbao.modules.parties.state import (
    IDENTIFIERS,
    LIVE_KEYS,
    PARTIES,
    count_ever,
    has_role,
    require_party,
    require_satisfiable,
)

SCOPE = KEY_SCOPE


def _require_operator(view: ReadView, party: str) -> None:
    founding = view.block.founding
    require(founding or has_role(view, party, "operator"), PartiesCode.NOT_OPERATOR, party=party)


@transaction(code=1001, scope=SCOPE)
class RegisterParty(Transaction, tag="parties.register"):
    """Admit a party with its first keys; an operator vouches for it."""

    party: PartyId
    """Id: 2 to 32 of a-z, 0-9 and hyphen."""
    sponsor: PartyId
    """Operator that admits it."""
    name: str
    roles: tuple[str, ...]
    jurisdiction: str
    """ISO 3166-1 alpha-2."""
    keys: tuple[Key, ...]
    name_local: str = ""
    lei: str = ""
    uscc: str = ""

    def signers(self, view: ReadView) -> Signers:
        """The operator's."""
        return (Approval(self.sponsor, SCOPE),)

    def check(self) -> None:
        """Shape and check digits."""
        check_party_id(self.party)
        check_text("name", self.name, 1, 140)
        check_text("name_local", self.name_local, 0, 140)
        check_roles(self.roles)
        check_identity(self.jurisdiction, self.lei, self.uscc)
        check_keys(self.keys)

    def admit(self, view: ReadView) -> None:
        """An operator vouches; id and numbers are new; the chain accepts the suites of the keys."""
        _require_operator(view, self.sponsor)
        suites = accepted_suites(view)
        for key in self.keys:
            check_suite(key, suites)
        require(not view.has(PARTIES, self.party), PartiesCode.PARTY_EXISTS, party=self.party)
        for kind, value in self._numbers():
            owner = view.get(IDENTIFIERS, kind, value)
            taken = PartiesCode.IDENTIFIER_TAKEN
            require(owner is None, taken, kind=kind, value=value, party=owner or "")

    def _numbers(self) -> Iterator[tuple[str, str]]:
        """Its numbers, each in its one spelling."""
        for kind, value in (("lei", lei(self.lei)), ("uscc", uscc(self.uscc))):
            if value is not None:
                yield kind, value

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write party, numbers and keys."""
        numbers = dict(self._numbers())
        known = numbers.get("lei", ""), numbers.get("uscc", "")
        ledger.put(PARTIES, self.party, value=Party(
            self.party, self.name, self.roles, self.jurisdiction, ledger.time_ms, self.sponsor,
            self.name_local, *known,
        ))  # fmt: skip
        for kind, value in numbers.items():
            ledger.put(IDENTIFIERS, kind, value, value=self.party)
        yield PartyRegistered(
            self.party, self.name, self.roles, self.jurisdiction, self.sponsor, self.name_local,
            *known,
        )  # fmt: skip
        for key in self.keys:
            yield put_key(ledger, self.party, key)
        require_satisfiable(ledger, self.party)


def put_key(ledger: WriteView, party: str, key: Key) -> KeyAdded:
    """Write a key; the event that says so."""
    name = key_id(key.suite, key.public)
    count_ever(ledger, party, "keys", MAX_KEYS_EVER)
    ledger.put(KEYS, party, name, value=key)
    ledger.put(LIVE_KEYS, party, name, value="")
    return KeyAdded(
        party, name, key.suite, key.public, key.scopes, key.weight, key.expires_at_ms, key.label
    )


@transaction(code=1002, scope=SCOPE)
class UpdateParty(Transaction, tag="parties.update"):
    """Change a party's names and roles; an operator approves."""

    party: PartyId
    by: PartyId
    """Operator that approves it."""
    name: str
    roles: tuple[str, ...]
    name_local: str = ""

    def signers(self, view: ReadView) -> Signers:
        """The operator's."""
        return (Approval(self.by, SCOPE),)

    def check(self) -> None:
        """Shape."""
        check_text("name", self.name, 1, 140)
        check_text("name_local", self.name_local, 0, 140)
        check_roles(self.roles)

    def admit(self, view: ReadView) -> None:
        """A known party, approved by an operator."""
        require_party(view, self.party)
        _require_operator(view, self.by)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the party."""
        known = require_party(ledger, self.party)
        ledger.put(PARTIES, self.party, value=replace(
            known, name=self.name, name_local=self.name_local, roles=self.roles
        ))  # fmt: skip
        yield PartyUpdated(self.party, self.name, self.roles, self.name_local)


@transaction(code=1003, scope=SCOPE)
class SuspendParty(Transaction, tag="parties.suspend"):
    """Let none of a party's signatures count, with a reason."""

    party: PartyId
    by: PartyId
    """Operator or supervisor."""
    reason: str

    def signers(self, view: ReadView) -> Signers:
        """Operator's or supervisor's."""
        return (Approval(self.by, SCOPE),)

    def check(self) -> None:
        """Shape."""
        check_text("reason", self.reason, 1, 200)

    def admit(self, view: ReadView) -> None:
        """One who may, and a party that is not suspended."""
        _require_empowered(view, self.by)
        require_party(view, self.party)
        gone = view.has(SUSPENDED, self.party)
        require(not gone, PartiesCode.ALREADY_SUSPENDED, party=self.party)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the suspension."""
        ledger.put(SUSPENDED, self.party, value=self.reason)
        yield PartySuspended(self.party, self.by, self.reason)


@transaction(code=1004, scope=SCOPE)
class ReinstateParty(Transaction, tag="parties.reinstate"):
    """End a suspension."""

    party: PartyId
    by: PartyId

    def signers(self, view: ReadView) -> Signers:
        """Operator's or supervisor's."""
        return (Approval(self.by, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """One who may, and a party that is suspended."""
        _require_empowered(view, self.by)
        require(view.has(SUSPENDED, self.party), PartiesCode.NOT_SUSPENDED, party=self.party)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove the suspension."""
        ledger.delete(SUSPENDED, self.party)
        yield PartyReinstated(self.party, self.by)


def _require_empowered(view: ReadView, party: str) -> None:
    may = has_role(view, party, "operator") or has_role(view, party, "supervisor")
    require(may, PartiesCode.NOT_EMPOWERED, party=party)
