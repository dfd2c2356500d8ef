from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.governance.codes import GovernanceCode
from tongbao.modules.governance.counting import forget, require_vote
from tongbao.modules.governance.events import VoteEnded
from tongbao.modules.governance.model import SCOPE, VoteId


@transaction(code=8004, scope=SCOPE)
class WithdrawVote(Transaction, tag="governance.withdraw"):
    """Take one's own question back before it is decided."""

    party: PartyId
    """Who opened it."""
    vote: VoteId
    """Id of the vote."""

    def signers(self, view: ReadView) -> Signers:
        """The opener's."""
        return (Approval(self.party, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """One's own open vote."""
        vote = require_vote(view, self.vote)
        mine = vote.opener == self.party
        require(mine, GovernanceCode.NOT_OPENER, party=self.party, vote=self.vote)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Forget it."""
        forget(ledger, require_vote(ledger, self.vote))
        yield VoteEnded(self.vote, "withdrawn")
