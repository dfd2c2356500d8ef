"""Pools: opening one, putting money in for shares, taking it out again."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.views import WriteView
from tongbao.modules.assets import require_moving
from tongbao.modules.exchange.arithmetic import first_shares, price_of_shares, share_of
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.events import PoolChanged
from tongbao.modules.exchange.model import LOCKED_SHARES, Pool
from tongbao.modules.exchange.state import POOLS, SHARES, put_shares
from tongbao.modules.payments import Journal


def pool_id(asset_a: str, asset_b: str, fee_bps: int) -> str:
    """The one pool of two assets with a fee."""
    return f"{asset_a}:{asset_b}:{fee_bps}"


def part_of(pool: Pool, shares: int) -> tuple[int, int]:
    """What shares of a pool are worth in its two assets.

    What quotes may still take out is left out of the reckoning, in favour of those who stay.
    """
    out_a = share_of(shares, pool.a_minor - pool.out_a, pool.shares)
    return out_a, share_of(shares, pool.b_minor - pool.out_b, pool.shares)


def put_in(
    ledger: WriteView,
    journal: Journal,
    pool: Pool,
    account: str,
    amounts: tuple[int, int],
    least_shares: int,
) -> PoolChanged:
    """Carry a deposit out."""
    require_moving(ledger, pool.asset_a)
    require_moving(ledger, pool.asset_b)
    if not pool.shares:
        pool, shares, paid_a, paid_b = _found(ledger, pool, amounts)
    else:
        given_a, given_b = amounts
        shares = min(
            share_of(pool.shares, given_a, pool.a_minor or 1),
            share_of(pool.shares, given_b, pool.b_minor or 1),
        )
        paid_a = price_of_shares(shares, pool.a_minor, pool.shares)
        paid_b = price_of_shares(shares, pool.b_minor, pool.shares)
    enough = shares >= least_shares and paid_a and paid_b
    few = ExchangeCode.SHARES_TOO_FEW
    require(enough, few, shares=str(shares), least=str(least_shares))
    journal.pay(account, pool.account, pool.asset_a, paid_a, pool.id)
    journal.pay(account, pool.account, pool.asset_b, paid_b, pool.id)
    return change_shares(ledger, pool, account, shares, paid_a, paid_b)


def _found(ledger: WriteView, pool: Pool, amounts: tuple[int, int]) -> tuple[Pool, int, int, int]:
    """The first deposit: a thousand shares are nobody's for ever."""
    root = first_shares(*amounts)
    small = ExchangeCode.POOL_TOO_SMALL
    require(root > LOCKED_SHARES, small, root=str(root), least=LOCKED_SHARES)
    put_shares(ledger, pool, pool.account, LOCKED_SHARES)
    # Gifts to a pool that was still empty are the pool's.
    there_a, there_b = pool.a_minor + amounts[0], pool.b_minor + amounts[1]
    pool = replace(
        pool, shares=LOCKED_SHARES, base_a=there_a, base_b=there_b, base_shares=root,
    )  # fmt: skip
    return pool, root - LOCKED_SHARES, *amounts


def change_shares(
    ledger: WriteView, pool: Pool, account: str, shares: int, change_a: int, change_b: int
) -> PoolChanged:
    """Write what a deposit or a withdrawal made of pool and shares."""
    after = replace(
        pool, shares=pool.shares + shares, a_minor=pool.a_minor + change_a,
        b_minor=pool.b_minor + change_b,
    )  # fmt: skip
    ledger.put(POOLS, pool.id, value=after)
    held = (ledger.get(SHARES, pool.id, account) or 0) + shares
    put_shares(ledger, pool, account, held)
    return PoolChanged(
        pool.id, account, shares, pool.asset_a, change_a, pool.asset_b, change_b,
        after.shares, held,
    )  # fmt: skip
