from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.control import AllowList, require_holding
from tongbao.modules.assets.events import HolderAuthorised
from tongbao.modules.assets.model import SCOPE


@transaction(code=3005, scope=SCOPE)
class AuthoriseHolder(AllowList, tag="assets.authorise_holder"):
    """Put an account on the allow-list."""

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Set the holding's switch."""
        there = {"account": self.account, "asset": self.asset}
        require(not self._is_authorised(ledger), AssetsCode.ALREADY_AUTHORISED, **there)
        holding = require_holding(ledger, self.account, self.asset)
        flags = holding.flags | HoldingFlag.AUTHORISED
        ledger.put_holding(self.account, self.asset, holding._replace(flags=flags))
        yield HolderAuthorised(self.asset, self.account)
