from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, AccountNumber
from tongbao.kernel.identity import Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.control import owner_and_servicer, require_unfrozen
from tongbao.modules.accounts.events import IdentifierUnlinked
from tongbao.modules.accounts.model import SCOPE, number_of
from tongbao.modules.accounts.state import ACCOUNTS, ALIASES, require_account


@transaction(code=2009, scope=SCOPE)
class UnlinkIdentifier(Transaction, tag="accounts.unlink_identifier"):
    """Take a number from the account; not from a frozen one, which would be paid elsewhere then."""

    account: AccountId
    identifier: AccountNumber

    def signers(self, view: ReadView) -> Signers:
        """Owner and servicer."""
        return owner_and_servicer(view, self.account)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove both directions."""
        account, number = require_account(ledger, self.account), number_of(self.identifier)
        linked = number in account.identifiers
        unknown = AccountsCode.IDENTIFIER_UNKNOWN
        require(linked, unknown, account=self.account, identifier=number)
        require_unfrozen(ledger, self.account)
        rest = tuple(one for one in account.identifiers if one != number)
        ledger.put(ACCOUNTS, self.account, value=replace(account, identifiers=rest))
        ledger.delete(ALIASES, number)
        yield IdentifierUnlinked(self.account, number)
