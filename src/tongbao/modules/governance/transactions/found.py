from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.identity import Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.validators import address_of
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.governance.codes import GovernanceCode
from tongbao.modules.governance.counting import forget
from tongbao.modules.governance.events import GovernanceFounded, SeatChanged, VoteEnded
from tongbao.modules.governance.model import MAX_SEATS, MAX_WINDOW_MS, SCOPE, SeatKey, Terms
from tongbao.modules.governance.seats import seats_of
from tongbao.modules.governance.state import MOVES, SEAT_KEYS, TERMS, THE_TERMS, VOTES
from tongbao.modules.parties import require_party

MAX_DENOMINATOR = 1_000


LEAST_NOTICE, MOST_NOTICE = 4, 10_000_000
"""The engine obeys two blocks later; four leaves it room."""


@transaction(code=8001, scope=SCOPE)
class FoundGovernance(Transaction, tag="governance.found"):
    """Let the parties that hold the seats of the genesis decide, by vote, who holds them next.

    Each validator of the genesis is named after its party, which is registered before this action.
    A chain whose genesis has no such action keeps the validators that it has.
    """

    terms: Terms = Terms()

    def signers(self, view: ReadView) -> Signers:
        """Nobody's: the genesis needs none, and there is no other place for it."""
        return ()

    def check(self) -> None:
        """Terms by which a minority can never change the set."""
        terms, bad = self.terms, GovernanceCode.BAD_TERMS
        sound = 0 < terms.denominator <= MAX_DENOMINATOR
        require(sound, bad, reason="the denominator is too large, or none")
        sound = 2 * terms.denominator <= 3 * terms.numerator < 3 * terms.denominator
        require(sound, bad, reason="a share of two thirds or more, and less than all")
        sound = 1 <= terms.window_ms <= MAX_WINDOW_MS
        require(sound, bad, reason="the window is empty, or too long")
        sound = LEAST_NOTICE <= terms.notice_blocks <= MOST_NOTICE
        require(sound, bad, reason="the notice has too few blocks, or too many")

    def admit(self, view: ReadView) -> None:
        """In the genesis, with a party behind each seat."""
        require(view.block.founding, GovernanceCode.ONLY_AT_FOUNDING)
        seats = seats_of(view)
        require(len(seats) <= MAX_SEATS, GovernanceCode.TOO_MANY_SEATS, limit=MAX_SEATS)
        for party in seats:
            require_party(view, party)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the terms and the keys of the seats.

        Where the genesis continues another chain, that chain's open votes and moves end with it.
        """
        terms = self.terms
        for _, vote in list(ledger.scan(VOTES)):
            forget(ledger, vote)
            yield VoteEnded(vote.id, "expired")
        for key, _ in list(ledger.scan(MOVES)):
            ledger.delete(MOVES, *key)
        for (address,), known in list(ledger.scan(SEAT_KEYS)):
            if not known.until_ms:
                given_up = replace(known, until_ms=ledger.time_ms)
                ledger.put(SEAT_KEYS, address, value=given_up)
        ledger.put(TERMS, THE_TERMS, value=terms)
        yield GovernanceFounded(
            terms.numerator, terms.denominator, terms.window_ms, terms.notice_blocks
        )
        total = 0
        for party, seat in seats_of(ledger).items():
            known = SeatKey(party, seat.public, ledger.time_ms)
            ledger.put(SEAT_KEYS, address_of(seat.public), value=known)
            total += seat.power
            yield SeatChanged(party, "founded", seat.public, seat.power, total)
