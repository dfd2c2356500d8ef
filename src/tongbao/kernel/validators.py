"""Who signs blocks, under the state root: rules change it, engines read it after every block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from tongbao.kernel.hashing import chain_hash
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView


class Seat(msgspec.Struct, frozen=True):
    """A validator's place: Ed25519 public key and voting power."""

    public: bytes
    power: int


SEATS: Table[Seat] = Table(
    b"\x07", "seats", (str,), Seat, "validator's name -> key and power: who signs blocks"
)


class Misbehavior(msgspec.Struct, frozen=True, array_like=True):
    """A validator that was caught: the engine's evidence, in a block."""

    kind: str
    """`duplicate_vote` or `light_client_attack`."""
    address: bytes
    """The validator's address: first 20 bytes of its key's SHA-256."""
    height: int
    """Where it happened."""
    time_ms: int
    power: int


class Validator(NamedTuple):
    """One who signs blocks: Ed25519 public key and voting power."""

    public: bytes
    power: int


def address_of(public: bytes) -> bytes:
    """A validator's address, as CometBFT derives it: first 20 bytes of its key's SHA-256."""
    return chain_hash(public)[:20]


def validators_of(view: ReadView) -> tuple[Validator, ...]:
    """The validators that the state names, in order of name."""
    return tuple(Validator(seat.public, seat.power) for _, seat in view.scan(SEATS))


def changes(before: Sequence[Validator], after: Sequence[Validator]) -> tuple[Validator, ...]:
    """What an engine has to be given to come from one set to another; power 0 removes."""
    powers = {one.public: one.power for one in before}
    kept = {one.public for one in after}
    new = [one for one in after if powers.get(one.public) != one.power]
    gone = [Validator(one.public, 0) for one in before if one.public not in kept]
    return tuple(sorted(new + gone))
