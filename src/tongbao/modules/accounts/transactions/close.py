from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.fields import AccountId
from tongbao.kernel.identity import Signers
from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.control import (
    owner_and_servicer,
    require_empty,
    require_not_expected,
    require_unfrozen,
)
from tongbao.modules.accounts.events import AccountClosed
from tongbao.modules.accounts.model import SCOPE
from tongbao.modules.accounts.state import ACCOUNTS, ALIASES, LIMITS, SPENT, require_account


@transaction(code=2004, scope=SCOPE)
class CloseAccount(Transaction, tag="accounts.close"):
    """Close an account for good; everything in it has to be empty, and nothing frozen."""

    account: AccountId

    def signers(self, view: ReadView) -> Signers:
        """Owner and servicer."""
        return owner_and_servicer(view, self.account)

    def admit(self, view: ReadView) -> None:
        """Empty, and no freeze would end with it."""
        require_unfrozen(view, self.account)
        for asset, holding in view.holdings(self.account):
            require_empty(view, self.account, asset, holding)
        require_not_expected(view, self.account)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Mark it and its holdings, and free its numbers."""
        account = require_account(ledger, self.account)
        for asset, holding in list(ledger.holdings(self.account)):
            flags = holding.flags | HoldingFlag.CLOSED
            ledger.put_holding(self.account, asset, holding._replace(flags=flags))
            ledger.delete(LIMITS, self.account, asset)
            ledger.delete(SPENT, self.account, asset)
        for identifier in account.identifiers:
            ledger.delete(ALIASES, identifier)
        closed = replace(account, closed_at_ms=ledger.time_ms, identifiers=())
        ledger.put(ACCOUNTS, self.account, value=closed)
        yield AccountClosed(self.account)
