from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.fields import AccountId, Amount, AssetCode
from tongbao.kernel.identity import Signers
from tongbao.kernel.money import HoldingFlag, check_amount
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.control import owner_and_servicer, set_flag
from tongbao.modules.accounts.events import LimitsSet
from tongbao.modules.accounts.model import SCOPE, Limits
from tongbao.modules.accounts.state import LIMITS


@transaction(code=2010, scope=SCOPE)
class SetLimits(Transaction, tag="accounts.set_limits"):
    """Say how much of an asset the account may pay out, at once and on a UTC day.

    Both limits are stated each time: whoever changes one does not lift the other without a word.
    """

    account: AccountId
    asset: AssetCode
    per_payment: Amount
    """0 is no limit."""
    per_day: Amount
    """0 is no limit."""

    def signers(self, view: ReadView) -> Signers:
        """Owner and servicer."""
        return owner_and_servicer(view, self.account)

    def check(self) -> None:
        check_amount(self.per_payment, "per_payment", low=0)
        check_amount(self.per_day, "per_day", low=0)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the limits and the holding's switch."""
        limits = Limits(self.per_payment, self.per_day)
        limited = limits != Limits()
        set_flag(ledger, self.account, self.asset, HoldingFlag.LIMITED, limited)
        if limited:
            ledger.put(LIMITS, self.account, self.asset, value=limits)
        else:
            ledger.delete(LIMITS, self.account, self.asset)
        yield LimitsSet(self.account, self.asset, self.per_payment, self.per_day)
