from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.events import ProposalEnded
from tongbao.modules.parties.model import ProposalId, check_text
from tongbao.modules.parties.proposals import (
    SCOPE,
    remove_proposal,
    require_concerned,
    require_proposal,
    require_signed,
)


@transaction(code=1011, scope=SCOPE)
class RejectProposal(Transaction, tag="parties.reject"):
    """End a proposal, by one whose approval it needs, with a reason."""

    party: PartyId
    proposal: ProposalId
    reason: str

    def signers(self, view: ReadView) -> Signers:
        """Any key of the party."""
        return ()

    def check(self) -> None:
        check_text("reason", self.reason, 1, 200)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Forget it."""
        require_signed(ledger, self.party)
        proposal = require_proposal(ledger, self.proposal)
        require_concerned(proposal, self.party)
        remove_proposal(ledger, proposal)
        yield ProposalEnded(self.proposal, "rejected", self.party, self.reason)
