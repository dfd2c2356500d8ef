"""How the simulator draws transactions: the contract of a module's generators.

A generator gets an injected source of randomness and the ledger as it stands, and draws one
transaction: mostly valid, sometimes hostile, or None where the ledger has nothing to draw from.
"""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # determinism: test keys alone
    Ed25519PrivateKey,
)

from tongbao.kernel.approvals import policy_of
from tongbao.kernel.codes import Refusal
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import KEYS, Approval, Key, key_id
from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import ReadView

HOSTILE_PERCENT = 20
"""Share of draws that are meant to be refused."""
ANY = TypeVar("ANY")


class Draw(NamedTuple):
    """A transaction to be signed and sent."""

    party: str
    """Who names it."""
    actions: tuple[Transaction, ...]
    signers: tuple[tuple[str, int], ...]
    """(party, number of its key): which demonstration keys sign."""
    hostile: bool = False
    """Drawn to be refused."""


Generator = Callable[[random.Random, ReadView], Draw | None]
DRAWING = TypeVar("DRAWING", bound=Callable[..., Any])


def attacks(*rows: str) -> Callable[[DRAWING], DRAWING]:
    """Name the rows of `docs/concepts/rules-of-the-ledger.md` that a generator tries to break."""

    def name(drawing: DRAWING) -> DRAWING:
        vars(drawing)["attacks"] = rows
        return drawing

    return name


def rows_attacked(drawing: Callable[..., Any]) -> tuple[str, ...]:
    """What `attacks` named; empty where nothing was."""
    named: tuple[str, ...] = vars(drawing).get("attacks", ())
    return named


def demo_seed(party: str, number: int) -> bytes:
    """Ed25519 seed of a simulated party's n-th key. Protects nothing."""
    return content_digest(f"{party}/{number}".encode())


@lru_cache(maxsize=4_096)
def demo_public(party: str, number: int) -> bytes:
    """Public half of a simulated party's n-th key."""
    private = Ed25519PrivateKey.from_private_bytes(demo_seed(party, number))
    return private.public_key().public_bytes_raw()


def demo_key(party: str, number: int, **fields: Any) -> Key:
    """A simulated party's n-th key, as the ledger keeps it."""
    return Key("ed25519", demo_public(party, number), **fields)


def both_keys(party: str) -> tuple[tuple[str, int], ...]:
    """The first two keys of a party: enough for any policy of two."""
    return ((party, 0), (party, 1))


def key_numbers(view: ReadView, party: str) -> dict[int, Key]:
    """The keys that a party ever had, by their numbers: the n-th new key has number n."""
    known = {key[1]: value for key, value in view.scan(KEYS, party)}
    names = ((n, key_id("ed25519", demo_public(party, n))) for n in range(len(known) + 2))
    return {n: known[name] for n, name in names if name in known}


def approving(view: ReadView, needed: Iterable[Approval]) -> Iterator[tuple[str, int]]:
    """As few live keys as meet each party's policy; all of them where they cannot."""
    for party, scope in dict.fromkeys(needed):
        policy = policy_of(view, party, scope)
        count = weight = 0
        for number, key in key_numbers(view, party).items():
            if count >= policy.keys and weight >= policy.weight:
                break
            if key.state(view.time_ms) == "live" and key.covers(scope):
                count += 1
                weight += key.weight
                yield party, number


def drawn(
    rng: random.Random,
    view: ReadView,
    action: Transaction,
    *twists: dict[str, Any],
    party: str = "",
    hostile: bool = False,
) -> Draw:
    """An action with the approvals it needs; one in five is twisted so that it is refused.

    Each of `twists` gives fields other values. Without `party` the first who approves names it.
    """
    if twists and not hostile and rng.randrange(100) < HOSTILE_PERCENT:
        action, hostile = msgspec.structs.replace(action, **rng.choice(twists)), True
    try:
        needed = action.signers(view)
    except Refusal:
        needed = ()
    signers = list(dict.fromkeys(approving(view, needed)))
    namer = party or (signers[0][0] if signers else "nobody")
    if not any(one == namer for one, _ in signers):
        signers.insert(0, (namer, next(iter(key_numbers(view, namer)), 0)))
    if len(signers) > 1 and rng.randrange(50) == 0:
        signers.remove(rng.choice(signers[1:]))
    return Draw(namer, (action,), tuple(signers), hostile)


def pick(rng: random.Random, rows: Iterable[ANY]) -> ANY | None:
    """One of them, or None of none."""
    every: Sequence[ANY] = list(rows)
    return rng.choice(every) if every else None


def amount_of(rng: random.Random, most: int) -> int:
    """1 to `most`, small ones as often as large ones."""
    return max(1, most // rng.choice((1, 2, 10, 100, 1_000)))
