"""How the simulator draws this module's transactions."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source

import msgspec
from msgspec.structs import replace

from tongbao.kernel.generation import (
    HOSTILE_PERCENT,
    Draw,
    Generator,
    attacks,
    demo_key,
    drawn,
    key_numbers,
    pick,
)
from tongbao.kernel.identity import SUSPENDED, Key, Policy, key_id
from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import ReadView
from tongbao.modules.parties.model import ROLES, Party, Proposal
from tongbao.modules.parties.state import PARTIES, PROPOSALS, PROPOSED
from tongbao.modules.parties.transactions.add_key import AddKey
from tongbao.modules.parties.transactions.approve import ApproveProposal
from tongbao.modules.parties.transactions.propose import Propose
from tongbao.modules.parties.transactions.register import RegisterParty
from tongbao.modules.parties.transactions.reinstate import ReinstateParty
from tongbao.modules.parties.transactions.reject import RejectProposal
from tongbao.modules.parties.transactions.revoke_key import RevokeKey
from tongbao.modules.parties.transactions.rotate_key import RotateKey
from tongbao.modules.parties.transactions.set_policy import SetPolicy
from tongbao.modules.parties.transactions.suspend import SuspendParty
from tongbao.modules.parties.transactions.update import UpdateParty
from tongbao.modules.parties.transactions.withdraw import WithdrawProposal

MOST_PARTIES = 30
SCOPES = ("parties", "accounts", "assets", "payments", "proposals")
_HOUR = 3_600_000


def _parties(view: ReadView, role: str = "") -> list[Party]:
    return [party for _, party in view.scan(PARTIES) if not role or role in party.roles]


def _one(rng: random.Random, view: ReadView, role: str = "") -> str:
    found = pick(rng, _parties(view, role))
    return found.id if found else "nobody"


def _named(count: int) -> str:
    return f"late-{count}"


@attacks("party-numbers")
def _register(rng: random.Random, view: ReadView) -> Draw | None:
    count = len(_parties(view))
    if count >= MOST_PARTIES:
        return None
    party = _named(count)
    action = RegisterParty(
        party=party, sponsor=_one(rng, view, "operator"), name=f"Firm {count}",
        roles=(rng.choice(ROLES[:4]),), jurisdiction="CN",
        keys=(demo_key(party, 0), demo_key(party, 1, weight=2)),
        lei=rng.choice(("", "", "5493001KJTIIGC8Y1R12")),
    )  # fmt: skip
    key = demo_key(party, 0)
    return drawn(
        rng, view, action,
        {"party": "No Id"}, {"name": ""}, {"roles": ("king",)}, {"jurisdiction": "China"},
        {"lei": "5493001KJTIIGC8Y1R13"}, {"uscc": "91110000000000000X"}, {"keys": ()},
        {"keys": (replace(key, weight=0),)}, {"party": _one(rng, view)},
        {"sponsor": _one(rng, view, "supplier")}, {"lei": "5493001KJTIIGC8Y1R12"},
    )  # fmt: skip


@attacks("party-numbers", "approvals")
def _update(rng: random.Random, view: ReadView) -> Draw | None:
    known = rng.choice(_parties(view))
    action = UpdateParty(known.id, _one(rng, view, "operator"), f"{known.id} renamed", known.roles)
    return drawn(rng, view, action, {"party": "nobody"}, {"by": _one(rng, view, "supplier")})


@attacks("suspension")
def _suspend(rng: random.Random, view: ReadView) -> Draw | None:
    by = _one(rng, view, rng.choice(("operator", "supervisor")))
    action = SuspendParty(_one(rng, view, "supplier"), by, "sanctions list")
    gone = pick(rng, (key[0] for key, _ in view.scan(SUSPENDED)))
    return drawn(
        rng, view, action,
        {"reason": ""}, {"by": _one(rng, view, "bank")}, {"party": "nobody"},
        {"party": gone or "nobody"},
    )  # fmt: skip


@attacks("suspension")
def _reinstate(rng: random.Random, view: ReadView) -> Draw | None:
    gone = pick(rng, (key[0] for key, _ in view.scan(SUSPENDED)))
    if gone is None and rng.randrange(8):
        return None
    action = ReinstateParty(gone or _one(rng, view), _one(rng, view, "operator"))
    twist = {"by": _one(rng, view, "supplier")}
    return drawn(rng, view, action, twist, hostile=gone is None)


def _fresh(view: ReadView, party: str) -> Key:
    return demo_key(party, len(key_numbers(view, party)))


@attacks("key-bounds", "strictest-policy")
def _add_key(rng: random.Random, view: ReadView) -> Draw | None:
    party = _one(rng, view)
    known = key_numbers(view, party)
    if len(known) >= 12:
        return None
    expiry = rng.choice((0, 0, view.time_ms + rng.randrange(1, 100) * _HOUR))
    scopes = rng.choice((("*",), ("*",), ("payments",), ("accounts", "payments")))
    key = replace(
        _fresh(view, party), expires_at_ms=expiry, scopes=scopes, weight=rng.randrange(1, 4)
    )
    first = next(iter(known.values()), key)
    return drawn(
        rng, view, AddKey(party, key), {"key": replace(first, revoked_at_ms=0)},
        {"key": replace(key, weight=5_000)}, {"key": replace(key, suite="sm2")},
        {"key": replace(key, scopes=("No",))},
    )  # fmt: skip


def _live(view: ReadView, party: str) -> list[str]:
    keys = key_numbers(view, party).values()
    return [key_id(k.suite, k.public) for k in keys if k.state(view.time_ms) == "live"]


@attacks("lock-out", "strictest-policy")
def _rotate(rng: random.Random, view: ReadView) -> Draw | None:
    party = _one(rng, view)
    old = pick(rng, _live(view, party))
    if old is None or len(key_numbers(view, party)) >= 12:
        return None
    new = _fresh(view, party)
    action = RotateKey(party, old, new.suite, new.public)
    twists = ({"old": "0" * 20}, {"public": b"short"}, {"public": demo_key(party, 0).public})
    return drawn(rng, view, action, *twists)


@attacks("lock-out")
def _revoke(rng: random.Random, view: ReadView) -> Draw | None:
    party = _one(rng, view)
    live = _live(view, party)
    if len(live) < 3 and rng.randrange(4):
        return None
    key = pick(rng, live) or "0" * 20
    return drawn(rng, view, RevokeKey(party, key, "lost"), {"key": "f" * 20})


@attacks("strictest-policy", "lock-out")
def _set_policy(rng: random.Random, view: ReadView) -> Draw | None:
    party = _one(rng, view)
    keys = rng.choice((1, 1, 2))
    action = SetPolicy(party, rng.choice(SCOPES), Policy(keys, keys))
    twists = ({"policy": Policy(0, 1)}, {"policy": Policy(16, 900)})
    return drawn(rng, view, action, *twists)


@attacks("proposals")
def _propose(rng: random.Random, view: ReadView) -> Draw | None:
    """A policy with keys to spare, so that others have to approve; now and then nonsense."""
    proposer, other = _one(rng, view), _one(rng, view, "operator")
    known = rng.choice(_parties(view))
    action: Transaction = UpdateParty(known.id, other, f"{known.id} by proposal", known.roles)
    raw = msgspec.Raw(msgspec.json.encode((action,)))
    due = view.time_ms + rng.choice((1_000, _HOUR, 100 * _HOUR))
    nested = Propose(proposer, raw, due)
    twists = (
        {"expires_at_ms": view.time_ms}, {"expires_at_ms": due + 10**11},
        {"actions": msgspec.Raw(b'[{"type":"no.such"}]')}, {"actions": msgspec.Raw(b"[]")},
        {"actions": msgspec.Raw(msgspec.json.encode((nested,)))}, {"proposer": "nobody"},
    )  # fmt: skip
    return drawn(rng, view, Propose(proposer, raw, due), *twists, party=proposer)


def _open(rng: random.Random, view: ReadView) -> Proposal | None:
    found = pick(rng, (proposal for _, proposal in view.scan(PROPOSALS)))
    return found if found or rng.randrange(10) else Proposal("none", "nobody", 0, {})


def _concerned(rng: random.Random, view: ReadView, proposal: Proposal) -> str:
    if rng.randrange(100) < HOSTILE_PERCENT:
        return _one(rng, view)
    raw = view.get(PROPOSED, proposal.id)
    actions = msgspec.json.decode(raw or b"[{}]")
    return str(actions[0].get("by", proposal.proposer))


@attacks("approvals")
def _approve(rng: random.Random, view: ReadView) -> Draw | None:
    proposal = _open(rng, view)
    if proposal is None:
        return None
    party = _concerned(rng, view, proposal)
    return drawn(rng, view, ApproveProposal(party, proposal.id), party=party)


@attacks("approvals")
def _reject(rng: random.Random, view: ReadView) -> Draw | None:
    proposal = _open(rng, view)
    if proposal is None or rng.randrange(3):
        return None
    party = _concerned(rng, view, proposal)
    return drawn(rng, view, RejectProposal(party, proposal.id, "no"), {"reason": ""}, party=party)


@attacks("proposals")
def _withdraw(rng: random.Random, view: ReadView) -> Draw | None:
    proposal = _open(rng, view)
    if proposal is None or rng.randrange(3):
        return None
    party = proposal.proposer if rng.randrange(4) else _one(rng, view)
    return drawn(rng, view, WithdrawProposal(party, proposal.id), party=party)


GENERATORS: dict[str, Generator] = {
    "parties.register": _register,
    "parties.update": _update,
    "parties.suspend": _suspend,
    "parties.reinstate": _reinstate,
    "parties.add_key": _add_key,
    "parties.rotate_key": _rotate,
    "parties.revoke_key": _revoke,
    "parties.set_policy": _set_policy,
    "parties.propose": _propose,
    "parties.approve": _approve,
    "parties.reject": _reject,
    "parties.withdraw": _withdraw,
}
"""One for each kind of transaction, by its tag."""
