from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.control import ByOverseer
from tongbao.modules.accounts.events import AccountFrozen
from tongbao.modules.accounts.model import SCOPE, check_text
from tongbao.modules.accounts.state import ACCOUNTS, require_account
from tongbao.modules.assets import set_freeze


@transaction(code=2005, scope=SCOPE)
class FreezeAccount(ByOverseer, tag="accounts.freeze"):
    """Let nothing move in or out, with the legal basis."""

    basis: str

    def check(self) -> None:
        check_text("basis", self.basis, 1, 200)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Freeze every holding in this party's name; issuers' own freezes stay apart (`by*`)."""
        account = require_account(ledger, self.account)
        there = {"account": self.account, "by": self.by}
        require(self.by not in account.frozen_by, AccountsCode.ALREADY_FROZEN, **there)
        frozen = replace(account, frozen_by=(*account.frozen_by, self.by))
        ledger.put(ACCOUNTS, self.account, value=frozen)
        for asset, _ in list(ledger.holdings(self.account)):
            set_freeze(ledger, self.account, asset, f"{self.by}*", self.basis)
        yield AccountFrozen(self.account, self.by, self.basis)
