from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.events import PartyUpdated
from tongbao.modules.parties.model import check_roles, check_text
from tongbao.modules.parties.permissions import SCOPE, require_operator
from tongbao.modules.parties.state import PARTIES, require_party


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
        check_text("name", self.name, 1, 140)
        check_text("name_local", self.name_local, 0, 140)
        check_roles(self.roles)

    def admit(self, view: ReadView) -> None:
        """A known party, approved by an operator."""
        require_party(view, self.party)
        require_operator(view, self.by)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the party."""
        known = require_party(ledger, self.party)
        ledger.put(PARTIES, self.party, value=replace(
            known, name=self.name, name_local=self.name_local, roles=self.roles
        ))  # fmt: skip
        yield PartyUpdated(self.party, self.name, self.roles, self.name_local)
