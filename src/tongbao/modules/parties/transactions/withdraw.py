from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import ProposalEnded
from tongbao.modules.parties.model import ProposalId
from tongbao.modules.parties.proposals import (
    SCOPE,
    remove_proposal,
    require_proposal,
    require_signed,
)


@transaction(code=1012, scope=SCOPE)
class WithdrawProposal(Transaction, tag="parties.withdraw"):
    """Take one's own proposal back."""

    party: PartyId
    proposal: ProposalId

    def signers(self, view: ReadView) -> Signers:
        """Any key of the proposer."""
        return ()

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Forget it."""
        require_signed(ledger, self.party)
        proposal = require_proposal(ledger, self.proposal)
        mine = proposal.proposer == self.party
        require(mine, PartiesCode.NOT_PROPOSER, party=self.party, proposal=self.proposal)
        remove_proposal(ledger, proposal)
        yield ProposalEnded(self.proposal, "withdrawn", self.party)
