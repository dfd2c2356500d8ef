"""Reading, for other modules, the gateway and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tongbao.kernel.views import ReadView
from tongbao.modules.governance.counting import count_of
from tongbao.modules.governance.model import Count, Evidence, SeatKey, Vote
from tongbao.modules.governance.seats import seats_of
from tongbao.modules.governance.state import EVIDENCE, SEAT_KEYS, VOTES


class Member(NamedTuple):
    """A party that holds a seat."""

    party: str
    public: bytes
    power: int


def members(view: ReadView) -> tuple[Member, ...]:
    """Those who sign blocks, by party."""
    found = seats_of(view).items()
    return tuple(Member(party, seat.public, seat.power) for party, seat in found)


def open_votes(view: ReadView) -> Iterator[tuple[Vote, Count]]:
    """Open questions with their counts, by id."""
    return ((vote, count_of(view, vote)) for _, vote in view.scan(VOTES))


def evidence(view: ReadView, party: str = "") -> Iterator[Evidence]:
    """What the engine reported; of one party where one is given."""
    return (one for _, one in view.scan(EVIDENCE) if not party or one.party == party)


def seat_keys(view: ReadView, party: str) -> tuple[SeatKey, ...]:
    """Every consensus key that a party's seat has or had."""
    return tuple(key for _, key in view.scan(SEAT_KEYS) if key.party == party)
