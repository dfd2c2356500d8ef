from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.validators import Seat, address_of
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.governance.changes import check_consensus_key, require_founded
from tongbao.modules.governance.codes import GovernanceCode
from tongbao.modules.governance.model import SCOPE
from tongbao.modules.governance.seats import (
    change_seat,
    moved_by,
    require_fresh_key,
    require_member,
    require_movable,
    require_signed,
    terms_of,
)
from tongbao.modules.governance.state import SEAT_KEYS


@transaction(code=8005, scope=SCOPE)
class RotateSeatKey(Transaction, tag="governance.rotate_key"):
    """Give one's own seat a new consensus key. Party and power stay, so nobody has to vote.

    Without the old key this is not possible: then the members vote on its replacement, as where
    it was rotated within the last two windows of the terms.
    """

    party: PartyId
    """Who holds the seat."""
    public: bytes
    """The new Ed25519 consensus key, 32 bytes."""
    proof: bytes
    """Signature by the new key over `seat_statement`."""
    old_proof: bytes
    """Signature by the old key over the same statement."""

    def signers(self, view: ReadView) -> Signers:
        """The member's own."""
        return (Approval(self.party, SCOPE),)

    def check(self) -> None:
        check_consensus_key(self.public, self.proof)
        check_consensus_key(self.public, self.old_proof)

    def admit(self, view: ReadView) -> None:
        """A member, a fresh key, both consenting; not a third of all power."""
        require_founded(view)
        seat = require_member(view, self.party)
        require_fresh_key(view, self.party, self.public, self.proof)
        require_signed(view, self.party, self.public, seat.public, self.old_proof, "old")
        require_movable(view, moved_by(seat, Seat(self.public, seat.power)))
        _require_rested(view, self.party, seat)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the seat."""
        seat = require_member(ledger, self.party)
        after = Seat(self.public, seat.power)
        yield from change_seat(ledger, self.party, after, "key", ledger.next_id(), rotated=True)


def _require_rested(view: ReadView, party: str, seat: Seat) -> None:
    """A seat's holder rotates once in two windows of the terms.

    A rotation fills the window by the seat's whole power: one after the other would leave no
    room in it for good, and a single member could keep the others from ever voting it out.
    """
    known = view.get(SEAT_KEYS, address_of(seat.public))
    if known is not None and known.rotated:
        again = known.since_ms + 2 * terms_of(view).window_ms
        rested = again <= view.time_ms
        require(rested, GovernanceCode.ROTATED_LATELY, party=party, again_at_ms=again)
