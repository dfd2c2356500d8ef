from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import SUSPENDED, Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import PartyReinstated
from tongbao.modules.parties.permissions import SCOPE, require_permission


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
        require_permission(view, self.by)
        require(view.has(SUSPENDED, self.party), PartiesCode.NOT_SUSPENDED, party=self.party)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove the suspension."""
        ledger.delete(SUSPENDED, self.party)
        yield PartyReinstated(self.party, self.by)
