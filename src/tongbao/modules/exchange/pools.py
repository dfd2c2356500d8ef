"""Pools: opening one, putting money in for shares, taking it out again."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Duration, Whole
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts import open_kept
from tongbao.modules.assets import require_moving
from tongbao.modules.exchange.arithmetic import first_shares, price_of_shares, share_of
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.events import PoolChanged, PoolCreated
from tongbao.modules.exchange.holders import require_not_frozen
from tongbao.modules.exchange.model import LOCKED_SHARES, MAX_FEE_BPS, SCOPE, Pool
from tongbao.modules.exchange.place import check_reservable
from tongbao.modules.exchange.state import POOLS, SHARES, put_shares
from tongbao.modules.exchange.swap import pool_now
from tongbao.modules.payments import Journal


def pool_id(asset_a: str, asset_b: str, fee_bps: int) -> str:
    """The one pool of two assets with a fee."""
    return f"{asset_a}:{asset_b}:{fee_bps}"


@transaction(code=5020, scope=SCOPE)
class CreatePool(Transaction, tag="exchange.create_pool"):
    """Open the pool of two assets with a fee, and put the first money in.

    An asset with an allow-list takes part once its issuer has put the pool's account
    (`@exchange/A:B:fee`) on it: open the pool empty, and deposit then.
    """

    account: AccountId
    """Whose money it is, and who gets the shares."""
    asset_a: AssetCode
    """The assets in order of name."""
    asset_b: AssetCode
    fee_bps: int
    """What a swap leaves in the pool, in basis points of what is paid in; 0 to 1000."""
    a_minor: Amount = 0
    """The first money of both assets; none of either opens an empty pool."""
    b_minor: Amount = 0
    reservable_ms: Duration = 0
    """How long a taker may reserve from it at a firm price; 0: not at all."""
    charge_bps: int = 0

    def signers(self, view: ReadView) -> Signers:
        """The account's owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def check(self) -> None:
        """Shape."""
        ordered = self.asset_a < self.asset_b
        require(
            ordered, ExchangeCode.POOL_ORDER, asset_a=self.asset_a[:32], asset_b=self.asset_b[:32]
        )
        fits = 0 <= self.fee_bps <= MAX_FEE_BPS
        require(
            fits, ExchangeCode.BAD_TERMS,
            field="fee_bps", value=str(self.fee_bps), limit=MAX_FEE_BPS,
        )  # fmt: skip
        check_amount(self.a_minor, "a_minor", low=0)
        check_amount(self.b_minor, "b_minor", low=0)
        check_reservable(self.reservable_ms, self.charge_bps)

    def admit(self, view: ReadView) -> None:
        """A new pool."""
        name = pool_id(self.asset_a, self.asset_b, self.fee_bps)
        require(not view.has(POOLS, name), ExchangeCode.POOL_EXISTS, pool=name)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Open its account, write it, put the money in."""
        name = pool_id(self.asset_a, self.asset_b, self.fee_bps)
        pool = Pool(
            name, self.asset_a, self.asset_b, self.fee_bps, 0, 0, 0, 0, 0, 0,
            self.reservable_ms, self.charge_bps,
        )  # fmt: skip
        yield from open_kept(ledger, pool.account, f"Pool {name}", (self.asset_a, self.asset_b))
        ledger.put(POOLS, name, value=pool)
        yield PoolCreated(
            name, self.account, self.asset_a, self.asset_b, self.fee_bps, self.reservable_ms,
            self.charge_bps,
        )  # fmt: skip
        journal = Journal(ledger, "exchange.create_pool", subject=name)
        if self.a_minor or self.b_minor:
            yield put_in(ledger, journal, pool, self.account, (self.a_minor, self.b_minor), 1)
        yield journal.posted()


@transaction(code=5021, scope=SCOPE)
class DepositPool(Transaction, tag="exchange.deposit"):
    """Put money into a pool for shares: at the pool's own ratio, at most what is given here."""

    account: AccountId
    pool: str
    a_minor: Amount
    """At most so much of the pool's first asset ..."""
    b_minor: Amount
    """... and so much of its second; all of it where the pool is empty."""
    least_shares: Whole = 1
    """Refuse where it would give fewer."""

    def signers(self, view: ReadView) -> Signers:
        """The account's owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def check(self) -> None:
        """Shape."""
        check_amount(self.a_minor, "a_minor")
        check_amount(self.b_minor, "b_minor")
        check_amount(self.least_shares, "least_shares")

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Post both amounts and write the shares."""
        pool = pool_now(ledger, self.pool)
        journal = Journal(ledger, "exchange.deposit", subject=pool.id)
        amounts = self.a_minor, self.b_minor
        yield put_in(ledger, journal, pool, self.account, amounts, self.least_shares)
        yield journal.posted()


@transaction(code=5022, scope=SCOPE)
class WithdrawPool(Transaction, tag="exchange.withdraw"):
    """Give shares of a pool back for their part of what is in it."""

    account: AccountId
    pool: str
    shares: Whole
    least_a_minor: Amount = 0
    """Refuse where less would come out."""
    least_b_minor: Amount = 0
    into: AccountId = ""
    """Account of the same owner that is paid, where the one with the shares cannot be: shares of
    an account that was closed are not lost."""

    def signers(self, view: ReadView) -> Signers:
        """The account's owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def check(self) -> None:
        """Shape."""
        own = not self.into or owner_of(self.into) == owner_of(self.account)
        others = ExchangeCode.INTO_OTHERS
        require(own, others, account=self.account[:80], into=self.into[:80])
        check_amount(self.shares, "shares")
        check_amount(self.least_a_minor, "least_a_minor", low=0)
        check_amount(self.least_b_minor, "least_b_minor", low=0)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Post both amounts and write the shares."""
        pool = pool_now(ledger, self.pool)
        held = ledger.get(SHARES, pool.id, self.account) or 0
        require(
            self.shares <= held, ExchangeCode.SHARES_NOT_HELD,
            account=self.account, held=str(held), pool=pool.id, shares=str(self.shares),
        )  # fmt: skip
        out_a, out_b = part_of(pool, self.shares)
        for amount, least, asset in (
            (out_a, self.least_a_minor, pool.asset_a), (out_b, self.least_b_minor, pool.asset_b),
        ):  # fmt: skip
            require(
                amount >= least, ExchangeCode.WITHDRAWN_TOO_LITTLE,
                amount=str(amount), asset=asset, least=str(least),
            )  # fmt: skip
        journal = Journal(ledger, "exchange.withdraw", subject=pool.id)
        for amount, asset in ((out_a, pool.asset_a), (out_b, pool.asset_b)):
            require_not_frozen(ledger, self.account, asset)
            if amount:
                journal.pay(pool.account, self.into or self.account, asset, amount, pool.id)
        yield change_shares(ledger, pool, self.account, -self.shares, -out_a, -out_b)
        yield journal.posted()


def part_of(pool: Pool, shares: int) -> tuple[int, int]:
    """What shares of a pool are worth in its two assets.

    What quotes may still take out is left out of the reckoning, in favour of those who stay.
    """
    out_a = share_of(shares, pool.amount_a - pool.out_a, pool.shares)
    return out_a, share_of(shares, pool.amount_b - pool.out_b, pool.shares)


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
            share_of(pool.shares, given_a, pool.amount_a or 1),
            share_of(pool.shares, given_b, pool.amount_b or 1),
        )
        paid_a = price_of_shares(shares, pool.amount_a, pool.shares)
        paid_b = price_of_shares(shares, pool.amount_b, pool.shares)
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
    there_a, there_b = pool.amount_a + amounts[0], pool.amount_b + amounts[1]
    pool = replace(
        pool, shares=LOCKED_SHARES, base_a=there_a, base_b=there_b, base_shares=root,
    )  # fmt: skip
    return pool, root - LOCKED_SHARES, *amounts


def change_shares(
    ledger: WriteView, pool: Pool, account: str, shares: int, change_a: int, change_b: int
) -> PoolChanged:
    """Write what a deposit or a withdrawal made of pool and shares."""
    after = replace(
        pool, shares=pool.shares + shares, amount_a=pool.amount_a + change_a,
        amount_b=pool.amount_b + change_b,
    )  # fmt: skip
    ledger.put(POOLS, pool.id, value=after)
    held = (ledger.get(SHARES, pool.id, account) or 0) + shares
    put_shares(ledger, pool, account, held)
    return PoolChanged(
        pool.id, account, shares, pool.asset_a, change_a, pool.asset_b, change_b,
        after.amount_a, after.amount_b, after.shares, held,
    )  # fmt: skip
