"""Money: whole numbers of minor units, and the fixed layout in which a holding is kept.

Law 3: an amount is an integer of minor units of at most 2**127 - 1. Rounding is a named rule and
the remainder is handed to the caller, who says whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, IntEnum, IntFlag
from typing import NamedTuple

from tongbao.kernel.codes import KernelCode, refuse

MAX_AMOUNT = 2**127 - 1
HOLDING_PREFIX = b"\x10"


class Rounding(Enum):
    """How a quotient that does not come out even is made whole."""

    DOWN = "down"
    """Toward zero."""
    UP = "up"
    """Away from zero."""
    HALF_EVEN = "half_even"
    """To the nearest, a tie to the even neighbour (IEEE 754 roundTiesToEven)."""


class HoldingFlag(IntFlag):
    """The switches of a holding, one byte, read by the Rust core on every posting."""

    FROZEN = 1
    CLOSED = 2
    ALLOW_LIST_REQUIRED = 4
    AUTHORISED = 8
    ISSUING = 16
    REFERENCE_REQUIRED = 32
    LIMITED = 64
    """The account has limits for this asset; who spends from it looks them up."""


class Holding(NamedTuple):
    """What one account holds of one asset, in minor units."""

    flags: HoldingFlag
    posted: int
    """Settled balance; below zero only for the issuer's issuing account."""
    reserved: int
    """Part of `posted` that holds have set aside."""

    @property
    def available(self) -> int:
        """What may be spent now."""
        return self.posted - self.reserved

    def encode(self) -> bytes:
        """33 bytes: flags, posted (signed, big-endian), reserved (unsigned, big-endian)."""
        return (
            bytes((self.flags,))
            + self.posted.to_bytes(16, "big", signed=True)
            + self.reserved.to_bytes(16, "big")
        )

    @staticmethod
    def decode(raw: bytes) -> Holding:
        """The inverse of `encode`."""
        return Holding(
            HoldingFlag(raw[0]),
            int.from_bytes(raw[1:17], "big", signed=True),
            int.from_bytes(raw[17:33], "big"),
        )


def holding_key(account: str, asset: str) -> bytes:
    """Where the holding stands in the state; the Rust core builds the same bytes."""
    return HOLDING_PREFIX + account.encode() + b"\0" + asset.encode()


def owner_of(account: str) -> str:
    """The party that controls an account: accounts are called `party/name`."""
    return account.partition("/")[0]


def check_amount(amount: int, field: str = "amount_minor", low: int = 1) -> None:
    """Refuse an amount outside `low` to 2**127 - 1."""
    if not low <= amount <= MAX_AMOUNT:
        refuse(
            KernelCode.AMOUNT_RANGE,
            field=field,
            amount=str(amount),
            low=str(low),
            high=str(MAX_AMOUNT),
        )


def divide(numerator: int, denominator: int, rounding: Rounding) -> tuple[int, int]:
    """Quotient by the named rule, and the remainder `numerator - quotient * denominator`.

    Both arguments are non-negative and the denominator is positive; anything else is a bug.
    """
    if numerator < 0 or denominator <= 0:
        raise ValueError("divide() takes a non-negative numerator and a positive denominator")
    quotient, rest = divmod(numerator, denominator)
    if rounding is Rounding.UP:
        quotient += rest > 0
    elif rounding is Rounding.HALF_EVEN:
        quotient += 2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1)
    return quotient, numerator - quotient * denominator


def apportion(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share `total` by `weights` to the unit (largest remainder; ties to the earlier share)."""
    whole = sum(weights)
    if whole <= 0 or total < 0 or min(weights) < 0:
        raise ValueError("apportion() takes a non-negative total and weights with a positive sum")
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return tuple(parts)


class PostingFault(IntEnum):
    """Why the core did not post; the numbers are the core's."""

    DEBIT_MISSING = 1
    CREDIT_MISSING = 2
    DEBIT_BLOCKED = 3
    CREDIT_BLOCKED = 4
    INSUFFICIENT = 5
    OVERFLOW = 6
    CREDIT_NOT_AUTHORISED = 7
    SAME_ACCOUNT = 8
    DEBIT_NOT_AUTHORISED = 9
    REFERENCE_REQUIRED = 10
    AMOUNT = 11
