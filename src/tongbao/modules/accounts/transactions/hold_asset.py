from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.fields import AccountId, AssetCode
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.control import hold_asset
from tongbao.modules.accounts.model import SCOPE
from tongbao.modules.accounts.state import require_account


@transaction(code=2002, scope=SCOPE)
class HoldAsset(Transaction, tag="accounts.hold_asset"):
    """Let an account hold a further asset: nobody can push one into it."""

    account: AccountId
    asset: AssetCode

    def signers(self, view: ReadView) -> Signers:
        """The owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Open the holding."""
        yield hold_asset(ledger, require_account(ledger, self.account), self.asset)
