"""What the issuer's controls share: who approves them, and the holding they act on."""

from __future__ import annotations

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, AssetCode
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import Holding, HoldingFlag
from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import ReadView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.model import ALLOW_LIST, SCOPE
from tongbao.modules.assets.state import require_asset


def require_holding(view: ReadView, account: str, asset: str) -> Holding:
    holding = view.holding(account, asset)
    require(holding is not None, AssetsCode.HOLDING_UNKNOWN, account=account, asset=asset)
    assert holding is not None
    return holding


class ByIssuer(Transaction):
    """What the issuer alone approves."""

    asset: AssetCode

    def signers(self, view: ReadView) -> Signers:
        """The issuer's."""
        return (Approval(require_asset(view, self.asset).issuer, SCOPE),)


class AllowList(ByIssuer):
    """A change of an asset's allow-list."""

    account: AccountId

    def admit(self, view: ReadView) -> None:
        """An allow-list asset that the account holds."""
        asset = require_asset(view, self.asset)
        require(asset.policy == ALLOW_LIST, AssetsCode.NOT_ALLOW_LIST, asset=self.asset)
        require_holding(view, self.account, self.asset)

    def _is_authorised(self, view: ReadView) -> bool:
        return HoldingFlag.AUTHORISED in require_holding(view, self.account, self.asset).flags
