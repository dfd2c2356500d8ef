from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.control import AllowList, require_holding
from tongbao.modules.assets.events import HolderRevoked
from tongbao.modules.assets.model import SCOPE


@transaction(code=3006, scope=SCOPE)
class RevokeHolder(AllowList, tag="assets.revoke_holder"):
    """Take an account off the allow-list; what it holds stays where it is."""

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Clear the holding's switch."""
        there = {"account": self.account, "asset": self.asset}
        require(self._is_authorised(ledger), AssetsCode.NOT_AUTHORISED, **there)
        holding = require_holding(ledger, self.account, self.asset)
        flags = holding.flags & ~HoldingFlag.AUTHORISED
        ledger.put_holding(self.account, self.asset, holding._replace(flags=flags))
        yield HolderRevoked(self.asset, self.account)
