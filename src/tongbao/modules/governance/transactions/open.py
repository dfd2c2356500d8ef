from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Moment, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.text import is_plain
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.validators import SEATS
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.governance.changes import (
    admit_change,
    check_change,
    parties_concerned,
    require_founded,
    subject_of,
)
from tongbao.modules.governance.codes import GovernanceCode
from tongbao.modules.governance.counting import TIMER, decide
from tongbao.modules.governance.events import VoteOpened
from tongbao.modules.governance.model import (
    MAX_LIFE_MS,
    MAX_OPEN,
    OF_SEATS,
    SCOPE,
    Admit,
    Change,
    Vote,
)
from tongbao.modules.governance.state import VOTES

MAX_NOTE = 280


@transaction(code=8002, scope=SCOPE)
class OpenVote(Transaction, tag="governance.open"):
    """Ask the members to change who they are, or by which rules the ledger goes.

    A member opens any vote; a party without a seat may ask for one for itself.
    """

    opener: PartyId
    """Who asks: a member, or a party for its own seat."""
    change: Change
    """What would be done."""
    expires_at_ms: Moment
    """Block time at which the vote lapses; at most 30 days ahead."""
    note: str = ""
    """Why, for people."""

    def signers(self, view: ReadView) -> Signers:
        """The opener's, and the party's that gets a seat or a key."""
        parties = dict.fromkeys((self.opener, *parties_concerned(self.change)))
        return tuple(Approval(party, SCOPE) for party in parties)

    def check(self) -> None:
        fits = len(self.note) <= MAX_NOTE and is_plain(self.note)
        require(fits, GovernanceCode.BAD_NOTE, limit=MAX_NOTE)
        check_change(self.change)

    def admit(self, view: ReadView) -> None:
        """One who may ask, a time to come, and a change that could be applied now."""
        now, due = view.time_ms, self.expires_at_ms
        require(
            now < due <= now + MAX_LIFE_MS, GovernanceCode.VOTE_EXPIRY,
            time_ms=now, limit_ms=MAX_LIFE_MS, expires_at_ms=due,
        )  # fmt: skip
        if isinstance(self.change, OF_SEATS):
            require_founded(view)
        for_itself = isinstance(self.change, Admit) and self.change.party == self.opener
        may = for_itself or view.has(SEATS, self.opener)
        require(may, GovernanceCode.NOT_A_MEMBER, party=self.opener[:40])
        mine = sum(vote.opener == self.opener for _, vote in view.scan(VOTES))
        limit = MAX_OPEN
        require(mine < limit, GovernanceCode.TOO_MANY_VOTES, party=self.opener, limit=limit)
        admit_change(view, self.change)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the question; the opener's own answer is yes."""
        vote = Vote(
            ledger.next_id(), self.opener, self.change, ledger.time_ms, self.expires_at_ms,
            note=self.note,
        )  # fmt: skip
        yield VoteOpened(
            vote.id, self.opener, str(self.change.__struct_config__.tag), subject_of(self.change),
            self.change, self.expires_at_ms, self.note,
        )  # fmt: skip
        ledger.put(VOTES, vote.id, value=vote)
        ledger.schedule(vote.expires_at_ms, TIMER, vote.id)
        if ledger.has(SEATS, self.opener):
            yield from decide(ledger, vote, self.opener, in_favour=True)
