from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.governance.codes import GovernanceCode
from tongbao.modules.governance.counting import decide, require_vote
from tongbao.modules.governance.model import SCOPE, VoteId
from tongbao.modules.governance.seats import require_member


@transaction(code=8003, scope=SCOPE)
class CastVote(Transaction, tag="governance.cast"):
    """Answer an open vote with yes or no; a later answer takes the place of an earlier one.

    The answer that decides a vote carries its change out, in the same transaction.
    """

    party: PartyId
    """The member that answers."""
    vote: VoteId
    """Id of the vote."""
    in_favour: bool
    """Yes or no."""

    def signers(self, view: ReadView) -> Signers:
        """The member's own."""
        return (Approval(self.party, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """A member, an open vote, and a new answer."""
        require_member(view, self.party)
        vote = require_vote(view, self.vote)
        answered = self.party in (vote.yes if self.in_favour else vote.no)
        repeated = GovernanceCode.VOTED_ALREADY
        require(not answered, repeated, party=self.party, vote=self.vote)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Count it."""
        vote = require_vote(ledger, self.vote)
        yield from decide(ledger, vote, self.party, in_favour=self.in_favour)
