"""How the simulator draws transactions: the contract of a module's generators.

A generator gets an injected source of randomness and the ledger as it stands, and draws one
transaction: mostly valid, sometimes hostile, or None where the ledger has nothing to draw from.
"""

from __future__ import annotations

import hashlib
import random  # determinism: the type alone; the simulator injects the source
from collections.abc import Callable
from typing import NamedTuple

from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import ReadView


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


def demo_seed(party: str, number: int) -> bytes:
    """Ed25519 seed of a simulated party's n-th key. Protects nothing."""
    return hashlib.sha256(f"{party}/{number}".encode()).digest()


def both_keys(party: str) -> tuple[tuple[str, int], ...]:
    """The first two keys of a party: enough for any policy of two."""
    return ((party, 0), (party, 1))
