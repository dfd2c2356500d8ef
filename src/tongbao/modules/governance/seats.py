"""How much power a change moves, and how much may move.

Let A be the power that a change gives and D the power that it takes, both by consensus key; it
moves max(A, D). Whoever trusts a set of total T trusts a later set T + A - D where the signers
that he knows hold more than T/3. More than two thirds of the later set sign, so those of them
that he knows hold more than T - D - (T + A - D)/3, which is at least T/3 wherever 2D + A <= T,
and that follows from 3 max(A, D) < T. The same holds for the sums over a window of time.
(Light client's skipping verification, trust level 1/3: CometBFT, spec/light-client.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.signing import ED25519
from tongbao.kernel.validators import SEATS, Seat, address_of
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.governance.codes import GovernanceCode
from tongbao.modules.governance.events import SeatChanged
from tongbao.modules.governance.model import Move, SeatKey, Terms, seat_statement
from tongbao.modules.governance.state import MOVES, SEAT_KEYS, TERMS, THE_TERMS

UNFOUNDED = Terms()
"""By what a chain votes (on upgrades alone) whose genesis founds no membership."""


def terms_of(view: ReadView) -> Terms:
    """How votes are decided on this chain."""
    return view.get(TERMS, THE_TERMS) or UNFOUNDED


def seats_of(view: ReadView) -> dict[str, Seat]:
    """Every seat by its party, in order."""
    return {party: seat for (party,), seat in view.scan(SEATS)}


def total_power(view: ReadView) -> int:
    """All voting power there is."""
    return sum(seat.power for seat in seats_of(view).values())


def require_member(view: ReadView, party: str) -> Seat:
    """The seat of a party, or a refusal."""
    seat = view.get(SEATS, party)
    if seat is None:
        refuse(GovernanceCode.NOT_A_MEMBER, party=party[:40])
    return seat


def moved_by(before: Seat | None, after: Seat | None) -> int:
    """What a change of one seat moves: the greater of the power it gives and the power it takes."""
    had = 0 if before is None else before.power
    has = 0 if after is None else after.power
    if before is not None and after is not None and before.public == after.public:
        return abs(has - had)
    return max(had, has)


def require_fresh_key(
    view: ReadView, party: str, public: bytes, proof: bytes, which: str = "new"
) -> None:
    """A consensus key that nobody ever had, and that signed for this seat on this chain."""
    known = view.get(SEAT_KEYS, address_of(public))
    require(known is None, GovernanceCode.KEY_USED, party=known.party if known else "")
    require_signed(view, party, public, public, proof, which)


def require_signed(
    view: ReadView, party: str, public: bytes, by: bytes, proof: bytes, which: str
) -> None:
    """The key `by` signed that `public` may stand for the party's seat on this chain.

    Both are keys of the consensus engine, which knows Ed25519 alone whatever the chain accepts.
    """
    statement = seat_statement(view.block.chain, party, public)
    [good] = ED25519.verify_batch([(by, proof, statement)])
    require(good, GovernanceCode.PROOF_WRONG, party=party, which=which)


class Window(NamedTuple):
    """What moved within the terms' window before now."""

    moved: int
    total: int
    """All power when the window began."""
    free_at_ms: int
    """When the oldest of it counts no more; 0 where nothing moved."""


def window_of(view: ReadView) -> Window:
    """The moves that still count."""
    terms = terms_of(view)
    counted = [
        (at_ms, move)
        for (at_ms, _), move in view.scan(MOVES)
        if at_ms + terms.window_ms > view.time_ms
    ]
    if not counted:
        return Window(0, total_power(view), 0)
    oldest = counted[0]
    moved = sum(move.power for _, move in counted)
    return Window(moved, oldest[1].total, oldest[0] + terms.window_ms)


def require_movable(view: ReadView, moved: int) -> None:
    """Less than a third of all power at once."""
    total = total_power(view)
    require(3 * moved < total, GovernanceCode.MOVES_A_THIRD, moved=moved, total=total)


def require_room(view: ReadView, moved: int) -> None:
    """Less than a third of all power within the window, with what moved before."""
    window = window_of(view)
    sum_moved = window.moved + moved
    require(
        3 * sum_moved < window.total, GovernanceCode.WINDOW_FULL, moved=sum_moved,
        total=window.total, window_ms=terms_of(view).window_ms, free_at_ms=window.free_at_ms,
    )  # fmt: skip


def change_seat(
    ledger: WriteView,
    party: str,
    after: Seat | None,
    how: str,
    cause: str,
    *,
    rotated: bool = False,
) -> Iterator[SeatChanged]:
    """Write a seat, its keys and what it moved; refused where the window is full.

    `cause` is the id of what brought it about: a vote, or the name of a rotation.
    """
    before = ledger.get(SEATS, party)
    moved, total = moved_by(before, after), total_power(ledger)
    require_movable(ledger, moved)
    if how != "expelled":
        require_room(ledger, moved)
    _note_move(ledger, Move(moved, total, cause, how == "expelled"))
    if after is None:
        ledger.delete(SEATS, party)
    else:
        ledger.put(SEATS, party, value=after)
    _keep_keys(ledger, party, before, after, rotated=rotated)
    shown = after or before
    assert shown is not None
    power = 0 if after is None else after.power
    yield SeatChanged(party, how, shown.public, power, total_power(ledger))


def _note_move(ledger: WriteView, move: Move) -> None:
    """Write a move behind all that still count, in the order in which they happened.

    The window's total is that before its first move, so moves of one block need their order too.
    """
    terms, order = terms_of(ledger), 0
    for (at_ms, number), _ in list(ledger.scan(MOVES)):
        order = number + 1
        if at_ms + terms.window_ms <= ledger.time_ms:
            ledger.delete(MOVES, at_ms, number)
    ledger.put(MOVES, ledger.time_ms, order, value=move)


def _keep_keys(
    ledger: WriteView, party: str, before: Seat | None, after: Seat | None, *, rotated: bool
) -> None:
    old = None if before is None else before.public
    new = None if after is None else after.public
    if old == new:
        return
    if old is not None:
        address = address_of(old)
        known = ledger.get(SEAT_KEYS, address)
        had = SeatKey(party, old, 0) if known is None else known
        ledger.put(SEAT_KEYS, address, value=replace(had, until_ms=ledger.time_ms))
    if new is not None:
        key = SeatKey(party, new, ledger.time_ms, rotated=rotated)
        ledger.put(SEAT_KEYS, address_of(new), value=key)
