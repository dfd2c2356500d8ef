"""How the simulator draws this module's transactions."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # determinism: test keys alone
    Ed25519PrivateKey,
)
from msgspec.structs import replace

from tongbao.kernel.generation import Draw, Generator, attacks, demo_public, demo_seed, drawn, pick
from tongbao.kernel.protocols import agreed_step, steps
from tongbao.kernel.views import ReadView
from tongbao.modules.governance.model import (
    MAX_LIFE_MS,
    Admit,
    CancelUpgrade,
    Change,
    Expel,
    Remove,
    ReplaceKey,
    SetPower,
    Terms,
    Upgrade,
    Vote,
    seat_statement,
)
from tongbao.modules.governance.queries import evidence, seat_keys
from tongbao.modules.governance.seats import seats_of, terms_of, total_power
from tongbao.modules.governance.state import VOTES
from tongbao.modules.governance.transactions.cast import CastVote
from tongbao.modules.governance.transactions.found import FoundGovernance
from tongbao.modules.governance.transactions.open import OpenVote
from tongbao.modules.governance.transactions.rotate_key import RotateSeatKey
from tongbao.modules.governance.transactions.withdraw import WithdrawVote
from tongbao.modules.parties import PARTIES

_HOUR = 3_600_000
MOST_SEATS = 7
LEAST_SEATS = 4
NEWEST_VERSION = 40
"""The simulator knows so many versions of the rules, each the same."""
LEAST_AHEAD, MOST_AHEAD = 20, 80
"""Blocks by which an upgrade is drawn beyond its notice: votes take a while."""


def seat_owner(party: str) -> str:
    """Under which name the demonstration's consensus keys of a party are derived."""
    return f"seat.{party}"


def seat_public(party: str, number: int) -> bytes:
    """The n-th consensus key that a simulated party has for its seat."""
    return demo_public(seat_owner(party), number)


def seat_proof(chain: str, party: str, public: bytes, number: int) -> bytes:
    """The n-th consensus key's signature over the statement about `public`."""
    private = Ed25519PrivateKey.from_private_bytes(demo_seed(seat_owner(party), number))
    return private.sign(seat_statement(chain, party, public))


def _fresh(view: ReadView, party: str) -> tuple[bytes, bytes]:
    """The party's next consensus key and its proof."""
    number = len(seat_keys(view, party))
    public = seat_public(party, number)
    return public, seat_proof(view.block.chain, party, public, number)


def _member(rng: random.Random, view: ReadView) -> str:
    return pick(rng, seats_of(view)) or "nobody"


def _outsider(rng: random.Random, view: ReadView) -> str | None:
    seats = seats_of(view)
    return pick(rng, (party for (party,), _ in view.scan(PARTIES) if party not in seats))


@attacks("two-thirds")
def _found(rng: random.Random, view: ReadView) -> Draw | None:
    if rng.randrange(20):
        return None
    terms = rng.choice((Terms(), Terms(1, 2), Terms(1, 1), Terms(window_ms=0)))
    return drawn(rng, view, FoundGovernance(terms), party=_member(rng, view), hostile=True)


# ---- changes -------------------------------------------------------------------------------------


def _admit(rng: random.Random, view: ReadView) -> Change | None:
    party = _outsider(rng, view)
    if party is None or len(seats_of(view)) >= MOST_SEATS:
        return None
    public, proof = _fresh(view, party)
    return Admit(party, public, proof, rng.randrange(1, max(2, total_power(view) // 4)))


def _remove(rng: random.Random, view: ReadView) -> Change | None:
    return Remove(_member(rng, view)) if len(seats_of(view)) > LEAST_SEATS else None


def _set_power(rng: random.Random, view: ReadView) -> Change | None:
    party = _member(rng, view)
    seat = seats_of(view).get(party)
    if seat is None:
        return None
    return SetPower(party, max(1, seat.power + rng.choice((-3, -1, 1, 3))))


def _replace_key(rng: random.Random, view: ReadView) -> Change | None:
    party = _member(rng, view)
    public, proof = _fresh(view, party)
    return ReplaceKey(party, public, proof)


def _expel(rng: random.Random, view: ReadView) -> Change | None:
    seats = seats_of(view)
    waiting = (one for one in evidence(view) if one.party in seats and not one.expelled)
    found = pick(rng, waiting)
    if found is None or len(seats) <= LEAST_SEATS:
        return None
    return Expel(found.party, found.id)


def _upgrade(rng: random.Random, view: ReadView) -> Change | None:
    newest = max((step.version for step in steps(view)), default=1)
    if newest >= NEWEST_VERSION:
        return None
    earliest = view.block.height + terms_of(view).notice_blocks
    return Upgrade(newest + 1, earliest + rng.randrange(LEAST_AHEAD, MOST_AHEAD))


def _cancel(rng: random.Random, view: ReadView) -> Change | None:
    agreed = agreed_step(view)
    return None if agreed is None or rng.randrange(3) else CancelUpgrade(agreed.version)


_CHANGES: tuple[Callable[[random.Random, ReadView], Change | None], ...] = (
    _admit, _admit, _remove, _set_power, _set_power, _replace_key, _expel, _upgrade, _cancel,
)  # fmt: skip


def _spoiled(change: Change) -> Change:
    """A change that no ledger permits."""
    if isinstance(change, Admit | SetPower):
        return replace(change, power=0)
    if isinstance(change, ReplaceKey):
        return replace(change, proof=bytes(64))
    if isinstance(change, Upgrade):
        return replace(change, height=1)
    if isinstance(change, CancelUpgrade):
        return replace(change, version=change.version + 1)
    return replace(change, party="nobody")


@attacks("open-votes", "third-within-window")
def _open(rng: random.Random, view: ReadView) -> Draw | None:
    change = rng.choice(_CHANGES)(rng, view)
    if change is None or sum(1 for _ in view.scan(VOTES)) > 12:
        return None
    for_itself = isinstance(change, Admit) and rng.randrange(2) == 0
    opener = change.party if isinstance(change, Admit) and for_itself else _member(rng, view)
    due = view.time_ms + rng.choice((_HOUR, 24 * _HOUR, 200 * _HOUR))
    twists = (
        {"expires_at_ms": view.time_ms}, {"expires_at_ms": due + MAX_LIFE_MS},
        {"note": "\n"}, {"change": _spoiled(change)},
        {"opener": "watch", "change": Remove("watch")},
    )  # fmt: skip
    return drawn(rng, view, OpenVote(opener, change, due), *twists, party=opener)


def _vote(rng: random.Random, view: ReadView) -> Vote | None:
    return pick(rng, (vote for _, vote in view.scan(VOTES)))


@attacks("two-thirds")
def _cast(rng: random.Random, view: ReadView) -> Draw | None:
    vote = _vote(rng, view)
    if vote is None:
        return None
    waiting = [one for one in seats_of(view) if one not in (*vote.yes, *vote.no)]
    party = pick(rng, waiting) or _member(rng, view)
    action = CastVote(party, vote.id, rng.randrange(100) < 85)
    twists = ({"vote": "none"}, {"party": "watch"})
    return drawn(rng, view, action, *twists, party=party)


@attacks("open-votes")
def _withdraw(rng: random.Random, view: ReadView) -> Draw | None:
    vote = _vote(rng, view)
    if vote is None or rng.randrange(8):
        return None
    party = vote.opener if rng.randrange(4) else _member(rng, view)
    return drawn(rng, view, WithdrawVote(party, vote.id), {"vote": "none"}, party=party)


@attacks("two-thirds")
def _rotate(rng: random.Random, view: ReadView) -> Draw | None:
    party = _member(rng, view)
    if party == "nobody" or rng.randrange(4):
        return None
    public, proof = _fresh(view, party)
    old = _number_of(view, party)
    lately = any(key.rotated and not key.until_ms for key in seat_keys(view, party))
    if old is None or (lately and rng.randrange(8)):
        return None
    action = RotateSeatKey(
        party, public, proof, seat_proof(view.block.chain, party, public, old)
    )  # fmt: skip
    twists = ({"proof": bytes(64)}, {"old_proof": proof}, {"public": seat_public(party, old)})
    return drawn(rng, view, action, *twists, party=party)


def _number_of(view: ReadView, party: str) -> int | None:
    """Which of the party's consensus keys its seat has now."""
    public = seats_of(view)[party].public
    numbers = range(len(seat_keys(view, party)))
    return next((n for n in numbers if seat_public(party, n) == public), None)


GENERATORS: dict[str, Generator] = {
    "governance.found": _found,
    "governance.open": _open,
    "governance.cast": _cast,
    "governance.withdraw": _withdraw,
    "governance.rotate_key": _rotate,
}
"""One for each kind of transaction, by its tag."""
