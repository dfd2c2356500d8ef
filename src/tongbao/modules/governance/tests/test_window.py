"""What the window lets move leaves light clients enough signers whom they know, whoever signs."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tongbao.kernel.validators import Seat
from tongbao.modules.governance.seats import moved_by

Seats = dict[str, Seat]
CHANGES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(("key", "power", "gone")), st.integers(1, 40)),
    max_size=8,
)


def apply(seats: Seats, change: tuple[int, str, int], number: int) -> tuple[Seats, int]:
    """The seats after a change, and what it moved."""
    place, kind, power = change
    party = f"p{place}"
    before = seats.get(party)
    after: Seat | None = Seat(bytes([number]) * 32, power if before is None else before.power)
    if kind == "gone":
        after = None
    elif kind == "power" and before is not None:
        after = Seat(before.public, power)
    left = {name: seat for name, seat in seats.items() if name != party}
    return left | ({party: after} if after is not None else {}), moved_by(before, after)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), CHANGES)
def test_any_two_thirds_of_the_new_set_hold_more_than_a_third_of_the_old(
    powers: list[int], changes: list[tuple[int, str, int]]
) -> None:
    seats: Seats = {f"p{n}": Seat(bytes([100 + n]) * 32, p) for n, p in enumerate(powers)}
    trusted = {seat.public: seat.power for seat in seats.values()}
    first, moved = sum(powers), 0
    for number, change in enumerate(changes):
        after, by = apply(seats, change, number)
        if after and 3 * (moved + by) < first:
            seats, moved = after, moved + by
    total = sum(seat.power for seat in seats.values())
    for size in range(1, len(seats) + 1):
        for signers in combinations(seats.values(), size):
            if 3 * sum(one.power for one in signers) > 2 * total:
                known = sum(trusted.get(one.public, 0) for one in signers)
                assert 3 * known > first
