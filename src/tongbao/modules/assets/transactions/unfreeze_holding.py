from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.fields import AccountId
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.assets.control import ByIssuer
from tongbao.modules.assets.events import HoldingUnfrozen
from tongbao.modules.assets.model import SCOPE
from tongbao.modules.assets.state import lift_freeze, require_asset


@transaction(code=3008, scope=SCOPE)
class UnfreezeHolding(ByIssuer, tag="assets.unfreeze_holding"):
    """Lift the issuer's freeze; others' freezes stand."""

    account: AccountId

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Lift in the issuer's name."""
        issuer = require_asset(ledger, self.asset).issuer
        lift_freeze(ledger, self.account, self.asset, issuer)
        yield HoldingUnfrozen(self.asset, self.account, issuer)
