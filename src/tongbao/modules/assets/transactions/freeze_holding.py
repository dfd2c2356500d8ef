from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.control import ByIssuer
from tongbao.modules.assets.events import HoldingFrozen
from tongbao.modules.assets.model import SCOPE, check_text
from tongbao.modules.assets.state import require_asset, set_freeze


@transaction(code=3007, scope=SCOPE)
class FreezeHolding(ByIssuer, tag="assets.freeze_holding"):
    """Freeze what an account holds of the asset, with the legal basis."""

    account: AccountId
    basis: str
    """Legal basis: law, court order, contract clause."""

    def check(self) -> None:
        check_text("basis", self.basis, 1, 200)

    def admit(self, view: ReadView) -> None:
        """A right the issuer has reserved."""
        asset = require_asset(view, self.asset)
        require(asset.freezable, AssetsCode.FREEZE_NOT_ALLOWED, asset=self.asset)
        # Frozen, it could take nothing back: no redemption, no clawback. Pausing stops an asset.
        issuing = self.account == asset.issuing_account
        require(not issuing, AssetsCode.ISSUING_STAYS, account=self.account, asset=self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Freeze in the issuer's name."""
        issuer = require_asset(ledger, self.asset).issuer
        set_freeze(ledger, self.account, self.asset, issuer, self.basis)
        yield HoldingFrozen(self.asset, self.account, issuer, self.basis)
