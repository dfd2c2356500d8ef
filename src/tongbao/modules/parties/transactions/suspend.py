from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import SUSPENDED, Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import PartySuspended
from tongbao.modules.parties.model import check_text
from tongbao.modules.parties.permissions import SCOPE, require_permission
from tongbao.modules.parties.state import require_party


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
        check_text("reason", self.reason, 1, 200)

    def admit(self, view: ReadView) -> None:
        """One who may, and a party that is not suspended."""
        require_permission(view, self.by)
        require_party(view, self.party)
        gone = view.has(SUSPENDED, self.party)
        require(not gone, PartiesCode.ALREADY_SUSPENDED, party=self.party)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the suspension."""
        ledger.put(SUSPENDED, self.party, value=self.reason)
        yield PartySuspended(self.party, self.by, self.reason)
