"""What can never happen to those who sign blocks, and to the rules they sign by."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from tongbao.kernel.genesis import MAX_POWER
from tongbao.kernel.protocols import STEPS, steps
from tongbao.kernel.registry import Invariant
from tongbao.kernel.validators import SEATS, Seat, address_of
from tongbao.kernel.views import ReadView
from tongbao.modules.governance.model import Evidence, Move, SeatKey, Terms, Vote
from tongbao.modules.governance.seats import moved_by, terms_of
from tongbao.modules.governance.state import (
    EVIDENCE,
    MOVES,
    SEAT_KEYS,
    TERMS,
    THE_TERMS,
    VOTES,
)

Key = tuple[Any, ...]


def _sound_seat(view: ReadView, key: Key, _before: Seat | None, after: Seat | None) -> bool:
    if after is None:
        return any(True for _ in view.scan(SEATS))
    if not (len(after.public) == 32 and 0 < after.power <= MAX_POWER):
        return False
    if not view.has(TERMS, THE_TERMS):
        return True
    owner = view.get(SEAT_KEYS, address_of(after.public))
    return owner is not None and owner.party == key[0] and owner.until_ms == 0


def _change_is_noted(view: ReadView, _key: Key, before: Seat | None, after: Seat | None) -> bool:
    noted = sum(move.power for _, move in view.scan(MOVES, view.time_ms))
    return moved_by(before, after) <= noted


def _less_than_a_third(
    _view: ReadView, _key: Key, _before: Move | None, after: Move | None
) -> bool:
    return after is None or 3 * after.power < after.total


def _less_than_a_third_in_the_window(
    view: ReadView, _key: Key, _before: Move | None, _after: Move | None
) -> bool:
    """Expulsions may come on top; whatever else follows counts them."""
    since = view.time_ms - terms_of(view).window_ms
    counted = [move for (at_ms, _), move in view.scan(MOVES) if at_ms > since]
    while counted and counted[-1].expelled:
        counted.pop()
    return not counted or 3 * sum(move.power for move in counted) < counted[0].total


def _terms_stay(_view: ReadView, _key: Key, before: Terms | None, after: Terms | None) -> bool:
    return after is not None and before in (None, after)


def _one_answer_each(_view: ReadView, _key: Key, _before: Vote | None, after: Vote | None) -> bool:
    if after is None:
        return True
    answers = (*after.yes, *after.no)
    return len(set(answers)) == len(answers)


def _evidence_stays(
    _view: ReadView, _key: Key, before: Evidence | None, after: Evidence | None
) -> bool:
    if after is None:
        return False
    return before is None or after in (before, replace(before, expelled=True))


def _key_has_one_party(
    _view: ReadView, key: Key, before: SeatKey | None, after: SeatKey | None
) -> bool:
    if after is None or address_of(after.public) != key[0]:
        return False
    if before is None or before == after:
        return True
    return before.until_ms == 0 and replace(before, until_ms=after.until_ms) == after


def _past_steps_stay(view: ReadView, key: Key, before: int | None, after: int | None) -> bool:
    """A block that is applied keeps its rules; versions only rise."""
    if key[0] <= view.block.height and before != after:
        return False
    return all(one.version < two.version for one, two in pairwise(steps(view)))


INVARIANTS = (
    Invariant(SEATS, "there is a validator, and each has power and a key of its own", _sound_seat),
    Invariant(SEATS, "no seat changes without a note of the power that moved", _change_is_noted),
    Invariant(MOVES, "one vote moves less than a third of the power", _less_than_a_third),
    Invariant(
        MOVES, "less than a third of the power moves within the window",
        _less_than_a_third_in_the_window,
    ),
    Invariant(TERMS, "the terms of voting never change", _terms_stay),
    Invariant(VOTES, "a member answers a vote in one way", _one_answer_each),
    Invariant(EVIDENCE, "evidence is never removed", _evidence_stays),
    Invariant(SEAT_KEYS, "a consensus key has one party and never returns", _key_has_one_party),
    Invariant(STEPS, "the rules of past blocks never change", _past_steps_stay),
)  # fmt: skip
