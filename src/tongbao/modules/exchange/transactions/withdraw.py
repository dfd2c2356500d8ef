from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, Whole
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.holders import require_not_frozen
from tongbao.modules.exchange.model import SCOPE, PoolId
from tongbao.modules.exchange.pools import change_shares, part_of
from tongbao.modules.exchange.state import SHARES
from tongbao.modules.exchange.swap import pool_now
from tongbao.modules.payments import Journal


@transaction(code=5022, scope=SCOPE)
class WithdrawPool(Transaction, tag="exchange.withdraw"):
    """Give shares of a pool back for their part of what is in it."""

    account: AccountId
    pool: PoolId
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
