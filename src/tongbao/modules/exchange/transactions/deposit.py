from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.fields import AccountId, Amount, Whole
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.model import SCOPE, PoolId
from tongbao.modules.exchange.pools import put_in
from tongbao.modules.exchange.swap import pool_now
from tongbao.modules.payments import Journal


@transaction(code=5021, scope=SCOPE)
class DepositPool(Transaction, tag="exchange.deposit"):
    """Put money into a pool for shares: at the pool's own ratio, at most what is given here."""

    account: AccountId
    pool: PoolId
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
