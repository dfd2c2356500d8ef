"""A hop through a pool, either way, exact in what goes in or in what comes out.

While quotes hold a promise of a pool, each direction is priced as if its own promises had been
applied and the other direction's had not: so that whichever of them are used or expire, in
whatever order, the product per share never falls (docs/decisions/exchange.md has the proof).
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.arithmetic import fee_of, swap_in, swap_out
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.events import Swapped
from tongbao.modules.exchange.model import Fill, Pool
from tongbao.modules.exchange.state import POOLS, require_pool


class Sides(NamedTuple):
    """A pool as one who pays one asset in for the other sees it."""

    there_in: int
    there_out: int
    fee_bps: int


def synced(view: ReadView, pool: Pool) -> Pool:
    """The pool with what its account really holds.

    Where somebody else moved money into it or out of it (an issuer's clawback, a gift), the law
    looks back to this moment; what is promised then counts as gone for nothing, because it was
    promised at the prices of before.
    """
    a, b = view.holding(pool.account, pool.asset_a), view.holding(pool.account, pool.asset_b)
    there_a, there_b = (0 if one is None else one.posted for one in (a, b))
    if (there_a, there_b) == (pool.a_minor, pool.b_minor):
        return pool
    return replace(
        pool, a_minor=there_a, b_minor=there_b,
        base_a=there_a - pool.out_a, base_b=there_b - pool.out_b, base_shares=pool.shares,
    )  # fmt: skip


def sides(pool: Pool, pay_asset: str, get_asset: str) -> Sides:
    """What counts for a payment of one asset for the other; a refusal for any other pair."""
    if (pay_asset, get_asset) == (pool.asset_a, pool.asset_b):
        return Sides(pool.a_minor + pool.in_a, pool.b_minor - pool.out_b, pool.fee_bps)
    if (pay_asset, get_asset) != (pool.asset_b, pool.asset_a):
        refuse(ExchangeCode.POOL_OTHER, pool=pool.id, pay_asset=pay_asset, get_asset=get_asset)
    return Sides(pool.b_minor + pool.in_b, pool.a_minor - pool.out_a, pool.fee_bps)


def fill_paying(pool: Pool, pay_asset: str, get_asset: str, amount: int) -> Fill:
    """The fill for exactly `amount` paid in."""
    there = sides(pool, pay_asset, get_asset)
    usable = there.there_in > 0 and there.there_out > 0
    out = swap_out(amount, *there) if usable else 0
    return _fill(pool, pay_asset, get_asset, amount, out)


def fill_getting(pool: Pool, pay_asset: str, get_asset: str, amount: int) -> Fill:
    """The fill for exactly `amount` got out."""
    there = sides(pool, pay_asset, get_asset)
    usable = there.there_in > 0 and there.there_out > 0
    paid = swap_in(amount, *there) if usable else None
    return _fill(pool, pay_asset, get_asset, paid or 0, amount if paid else 0)


def _fill(pool: Pool, pay_asset: str, get_asset: str, paid: int, out: int) -> Fill:
    there = {"pay_asset": pay_asset, "get_asset": get_asset, "venue": pool.id}
    require(paid > 0 and out > 0, ExchangeCode.NO_DEPTH, **there)
    return Fill(pool.account, paid, out, pool.id)


def convert_with_pool(
    ledger: WriteView, pool: Pool, fill: Fill, pay_asset: str, taker: str
) -> Swapped:
    """Write the pool as the fill leaves it; the postings follow."""
    takes, gives = fill.takes_minor, fill.gives_minor
    if pay_asset == pool.asset_a:
        after = replace(pool, a_minor=pool.a_minor + takes, b_minor=pool.b_minor - gives)
        get_asset = pool.asset_b
    else:
        after = replace(pool, a_minor=pool.a_minor - gives, b_minor=pool.b_minor + takes)
        get_asset = pool.asset_a
    ledger.put(POOLS, pool.id, value=after)
    return Swapped(
        pool.id, taker, pay_asset, takes, get_asset, gives, pay_asset,
        fee_of(takes, pool.fee_bps),
    )  # fmt: skip


def promise(pool: Pool, fill: Fill, pay_asset: str, sign: int) -> Pool:
    """The pool with a fill promised to a quote, or (`sign` -1) no longer."""
    takes, gives = sign * fill.takes_minor, sign * fill.gives_minor
    if pay_asset == pool.asset_a:
        return replace(pool, in_a=pool.in_a + takes, out_b=pool.out_b + gives)
    return replace(pool, in_b=pool.in_b + takes, out_a=pool.out_a + gives)


def pool_now(view: ReadView, pool: str) -> Pool:
    """A pool with what its account holds now, or a refusal."""
    return synced(view, require_pool(view, pool))
