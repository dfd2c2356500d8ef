from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import ProposalApproved
from tongbao.modules.parties.model import ProposalId
from tongbao.modules.parties.proposals import (
    SCOPE,
    actions_of,
    apply_actions,
    read_actions,
    require_concerned,
    require_proposal,
    require_signed,
    suffices,
)
from tongbao.modules.parties.state import PROPOSALS


@transaction(code=1010, scope=SCOPE)
class ApproveProposal(Transaction, tag="parties.approve"):
    """Approve with the keys that sign this; the last approval needed carries the actions out."""

    party: PartyId
    proposal: ProposalId

    def signers(self, view: ReadView) -> Signers:
        """Any key of the party: what its approval weighs, the actions decide."""
        return ()

    def admit(self, view: ReadView) -> None:
        """An open proposal."""
        require_proposal(view, self.proposal)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Add the keys; apply when enough."""
        require_signed(ledger, self.party)
        proposal = require_proposal(ledger, self.proposal)
        require_concerned(proposal, self.party)
        known = proposal.approvals.get(self.party, ())
        fresh = tuple(key for key in ledger.approvals[self.party] if key not in known)
        require(fresh, PartiesCode.APPROVED_ALREADY, proposal=self.proposal)
        # Read after what is refused most: reading may cost much more than asking.
        actions = read_actions(ledger, actions_of(ledger, proposal))
        given = {**proposal.approvals, self.party: (*known, *fresh)}
        given = dict(sorted(given.items()))
        proposal = replace(proposal, approvals=given)
        enough = suffices(ledger, actions, given)
        yield ProposalApproved(self.proposal, self.party, fresh, enough)
        ledger.put(PROPOSALS, proposal.id, value=proposal)
        if enough:
            yield from apply_actions(ledger, proposal, actions)
