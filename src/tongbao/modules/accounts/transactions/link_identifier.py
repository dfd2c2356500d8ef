from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, AccountNumber
from tongbao.kernel.identity import Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.control import owner_and_servicer
from tongbao.modules.accounts.events import IdentifierLinked
from tongbao.modules.accounts.model import MAX_NUMBERS, SCOPE, number_of
from tongbao.modules.accounts.state import ACCOUNTS, ALIASES, require_account
from tongbao.modules.parties import has_role


@transaction(code=2008, scope=SCOPE)
class LinkIdentifier(Transaction, tag="accounts.link_identifier"):
    """Let an IBAN or account number lead to the account."""

    account: AccountId
    identifier: AccountNumber
    """In any spelling: capitals, small letters and blanks are one number."""

    def signers(self, view: ReadView) -> Signers:
        """Owner and servicer."""
        return owner_and_servicer(view, self.account)

    def check(self) -> None:
        """Check digits."""
        number_of(self.identifier)

    def admit(self, view: ReadView) -> None:
        """A number nobody has, for an account that a bank keeps: numbers are a bank's to give."""
        account = require_account(view, self.account)
        keeper = account.servicer or owner_of(self.account)
        bank = has_role(view, keeper, "bank") or has_role(view, keeper, "central_bank")
        require(bank, AccountsCode.NUMBER_NOT_OF_BANK, account=self.account, party=keeper)
        room = len(account.identifiers) < MAX_NUMBERS
        require(room, AccountsCode.TOO_MANY_NUMBERS, account=self.account, limit=MAX_NUMBERS)
        number = number_of(self.identifier)
        owner = view.get(ALIASES, number)
        require(
            owner is None, AccountsCode.IDENTIFIER_TAKEN, identifier=number, account=owner or ""
        )

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write both directions."""
        account = require_account(ledger, self.account)
        number = number_of(self.identifier)
        numbers = (*account.identifiers, number)
        ledger.put(ACCOUNTS, self.account, value=replace(account, identifiers=numbers))
        ledger.put(ALIASES, number, value=self.account)
        yield IdentifierLinked(self.account, number)
