from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, AssetCode
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.control import (
    owner_and_servicer,
    require_empty,
    require_not_expected,
    require_unfrozen,
)
from tongbao.modules.accounts.events import AssetDropped
from tongbao.modules.accounts.model import SCOPE
from tongbao.modules.accounts.state import LIMITS, SPENT, require_account


@transaction(code=2003, scope=SCOPE)
class DropAsset(Transaction, tag="accounts.drop_asset"):
    """Stop holding an asset; the holding has to be empty, and not frozen."""

    account: AccountId
    asset: AssetCode

    def signers(self, view: ReadView) -> Signers:
        """The owner; and the servicer where limits go with the holding, as for setting them."""
        if view.has(LIMITS, self.account, self.asset):
            return owner_and_servicer(view, self.account)
        return (Approval(owner_of(self.account), SCOPE),)

    def admit(self, view: ReadView) -> None:
        """An empty holding that no freeze keeps in place."""
        require_account(view, self.account)
        holding = view.holding(self.account, self.asset)
        there = {"account": self.account, "asset": self.asset}
        require(holding is not None, AccountsCode.HOLDS_NOT, **there)
        assert holding is not None
        require_empty(view, self.account, self.asset, holding)
        require_unfrozen(view, self.account, self.asset)
        require_not_expected(view, self.account, self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove the holding with its limits."""
        ledger.delete_holding(self.account, self.asset)
        ledger.delete(LIMITS, self.account, self.asset)
        ledger.delete(SPENT, self.account, self.asset)
        yield AssetDropped(self.account, self.asset)
