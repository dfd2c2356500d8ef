from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identifiers import lei, uscc
from tongbao.kernel.identity import Approval, Key, Signers
from tongbao.kernel.protocols import accepted_suites
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import PartyRegistered
from tongbao.modules.parties.model import (
    Party,
    check_identity,
    check_keys,
    check_party_id,
    check_roles,
    check_suite,
    check_text,
)
from tongbao.modules.parties.permissions import SCOPE, put_key, require_operator
from tongbao.modules.parties.state import IDENTIFIERS, PARTIES, require_satisfiable


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
        require_operator(view, self.sponsor)
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
