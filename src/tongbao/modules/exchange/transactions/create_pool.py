from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Duration
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts import open_kept
from tongbao.modules.exchange.bounds import check_reservable
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.events import PoolCreated
from tongbao.modules.exchange.model import MAX_FEE_BPS, SCOPE, Pool
from tongbao.modules.exchange.pools import pool_id, put_in
from tongbao.modules.exchange.state import POOLS
from tongbao.modules.payments import Journal


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
            self.reservable_ms, self.charge_bps, opened_by=owner_of(self.account),
            opened_at_ms=ledger.time_ms,
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
