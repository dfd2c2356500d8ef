from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import HoldingFlag, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.control import set_flag
from tongbao.modules.accounts.events import ReferenceRequiredSet
from tongbao.modules.accounts.model import SCOPE
from tongbao.modules.accounts.state import ACCOUNTS, require_account


@transaction(code=2007, scope=SCOPE)
class SetReferenceRequired(Transaction, tag="accounts.set_reference_required"):
    """Say whether payments into the account need a payee reference."""

    account: AccountId
    required: bool

    def signers(self, view: ReadView) -> Signers:
        """The owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def admit(self, view: ReadView) -> None:
        """A change."""
        changed = require_account(view, self.account).reference_required != self.required
        require(changed, AccountsCode.NOTHING_CHANGES, account=self.account)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the account and every holding's switch."""
        account = require_account(ledger, self.account)
        ledger.put(ACCOUNTS, self.account, value=replace(account, reference_required=self.required))
        for asset, _ in list(ledger.holdings(self.account)):
            flag = HoldingFlag.REFERENCE_REQUIRED
            set_flag(ledger, self.account, asset, flag, self.required)
        yield ReferenceRequiredSet(self.account, self.required)
