from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.control import ByOverseer
from tongbao.modules.accounts.events import AccountUnfrozen
from tongbao.modules.accounts.model import SCOPE
from tongbao.modules.accounts.state import ACCOUNTS, require_account
from tongbao.modules.assets import lift_freeze


@transaction(code=2006, scope=SCOPE)
class UnfreezeAccount(ByOverseer, tag="accounts.unfreeze"):
    """Lift one's own freeze; others' stand."""

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Lift it from every holding."""
        account = require_account(ledger, self.account)
        there = {"account": self.account, "by": self.by}
        require(self.by in account.frozen_by, AccountsCode.NOT_FROZEN, **there)
        rest = tuple(by for by in account.frozen_by if by != self.by)
        ledger.put(ACCOUNTS, self.account, value=replace(account, frozen_by=rest))
        for asset, _ in list(ledger.holdings(self.account)):
            lift_freeze(ledger, self.account, asset, f"{self.by}*")
        yield AccountUnfrozen(self.account, self.by)
