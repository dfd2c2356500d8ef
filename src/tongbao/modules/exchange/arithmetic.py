"""The arithmetic of prices and pools: whole numbers, exact, every rounding against the taker.

A price is a fraction of two integers, `price_buy / price_sell`: so many minor units of the asset
that the maker buys for so many of the one that he sells. The taker of an offer always pays the
next whole unit up and always gets the last whole unit down; what that leaves over is the maker's,
and less than one minor unit of the asset in which it was rounded. The same holds for pools, where
the remainder stays in the pool.
"""

from __future__ import annotations

from math import isqrt

MAX_PRICE_PART = 2**63 - 1
"""Either part of a price is 1 to this."""
WHOLE_BPS = 10_000
"""Basis points in one."""
_RANK_SHIFT = 126
RANK_BYTES = 24


def rank(price_buy: int, price_sell: int) -> bytes:
    """A price as 24 bytes that sort as prices do, equal only for equal prices.

    Two different fractions with denominators below 2**63 lie more than 2**-126 apart, so that
    their multiples of 2**126 differ by more than one and stay apart when rounded down.
    """
    return ((price_buy << _RANK_SHIFT) // price_sell).to_bytes(RANK_BYTES, "big")


def cost(sold: int, price_buy: int, price_sell: int) -> int:
    """What a taker pays for `sold` units of an offer: rounded up."""
    return -(-sold * price_buy // price_sell)


def bought(paid: int, price_buy: int, price_sell: int) -> int:
    """What a taker gets of an offer for `paid`: rounded down."""
    return paid * price_sell // price_buy


def crosses(price_buy: int, price_sell: int, other_buy: int, other_sell: int) -> bool:
    """Whether two opposite offers meet: one asks no more than the other gives.

    The first sells what the second buys: b1/s1 <= s2/b2.
    """
    return price_buy * other_buy <= price_sell * other_sell


def smallest(decimals: int) -> int:
    """The least an offer may be worth in an asset: a hundred minor units, or one whole unit.

    From a hundred minor units on a rounding costs at most one percent.
    """
    return int(10 ** min(decimals, 2))


# ---- pools ---------------------------------------------------------------------------------------


def swap_out(paid: int, there_in: int, there_out: int, fee_bps: int) -> int:
    """What a pool gives for `paid`, rounded down; the fee is taken from what is paid and stays.

    x * y never falls: (x + paid) * (y - out) >= x * y.
    """
    counted = paid * (WHOLE_BPS - fee_bps)
    return there_out * counted // (there_in * WHOLE_BPS + counted)


def swap_in(out: int, there_in: int, there_out: int, fee_bps: int) -> int | None:
    """What a pool takes for giving `out`, rounded up; None where it has not that much.

    The least payment for which `swap_out` gives at least `out`.
    """
    if out >= there_out:
        return None
    kept = (there_out - out) * (WHOLE_BPS - fee_bps)
    return -(-there_in * out * WHOLE_BPS // kept)


def fee_of(paid: int, fee_bps: int) -> int:
    """The part of a payment into a pool that is its fee, rounded up."""
    return -(-paid * fee_bps // WHOLE_BPS)


def first_shares(amount_a: int, amount_b: int) -> int:
    """Shares of a new pool: the square root of the product, rounded down."""
    return isqrt(amount_a * amount_b)


def share_of(shares: int, there: int, total: int) -> int:
    """What `shares` of `total` are worth of what is there, when they leave: rounded down."""
    return there * shares // total


def price_of_shares(shares: int, there: int, total: int) -> int:
    """What `shares` cost of what is there, when they come: rounded up."""
    return -(-there * shares // total)
