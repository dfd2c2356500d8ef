from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Amount, AssetCode
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.events import PolicyUpdated
from tongbao.modules.assets.model import SCOPE, Asset
from tongbao.modules.assets.state import ASSETS, outstanding, require_asset


@transaction(code=3002, scope=SCOPE)
class UpdatePolicy(Transaction, tag="assets.update_policy"):
    """Move the cap, or give up a right. A right not reserved at the start is never acquired.

    All three are stated each time: what is given up is gone for good, so not by leaving it out.
    """

    asset: AssetCode
    supply_cap: Amount
    """Most that may be outstanding from now on; 0 is no cap."""
    freezable: bool
    """Whether the right to freeze a holding stays."""
    clawback_allowed: bool
    """Whether the right to take back stays."""

    def signers(self, view: ReadView) -> Signers:
        """The issuer's."""
        return (Approval(require_asset(view, self.asset).issuer, SCOPE),)

    def check(self) -> None:
        check_amount(self.supply_cap, "supply_cap", low=0)

    def admit(self, view: ReadView) -> None:
        """Cap not below what is outstanding; no new rights; some change."""
        asset = require_asset(view, self.asset)
        supply = outstanding(view, asset)
        fits = self.supply_cap == 0 or self.supply_cap >= supply
        require(fits, AssetsCode.CAP_BELOW_SUPPLY, asset=self.asset,
                cap=str(self.supply_cap), supply=str(supply))  # fmt: skip
        for right in ("freezable", "clawback_allowed"):
            kept = getattr(asset, right) or not getattr(self, right)
            require(kept, AssetsCode.RIGHT_CANNOT_GROW, right=right, asset=self.asset)
        require(self._applied(asset) != asset, AssetsCode.NOTHING_CHANGES, asset=self.asset)

    def _applied(self, asset: Asset) -> Asset:
        return msgspec.structs.replace(
            asset, supply_cap=self.supply_cap, freezable=self.freezable,
            clawback_allowed=self.clawback_allowed,
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the definition."""
        asset = self._applied(require_asset(ledger, self.asset))
        ledger.put(ASSETS, self.asset, value=asset)
        yield PolicyUpdated(self.asset, asset.supply_cap, asset.freezable, asset.clawback_allowed)
