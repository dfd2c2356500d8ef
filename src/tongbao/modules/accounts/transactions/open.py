from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, AssetCode, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.control import hold_asset
from tongbao.modules.accounts.events import AccountOpened
from tongbao.modules.accounts.model import (
    MAX_ACCOUNTS,
    MAX_ASSETS,
    SCOPE,
    Account,
    check_account_id,
    check_text,
)
from tongbao.modules.accounts.state import ACCOUNTS
from tongbao.modules.assets import ISSUING_PREFIX
from tongbao.modules.parties import count_ever, has_role, require_party

OPEN = "accounts"


@transaction(code=2001, scope=SCOPE)
class OpenAccount(Transaction, tag="accounts.open"):
    """Open an account; the bank that is to keep it agrees."""

    account: AccountId
    """`party/name`: the party controls it."""
    servicer: PartyId = ""
    """Bank that keeps it; empty where the owner does."""
    title: str = ""
    title_local: str = ""
    reference_required: bool = False
    assets: tuple[AssetCode, ...] = ()
    """Assets to hold from the start."""

    def signers(self, view: ReadView) -> Signers:
        """Owner and servicer."""
        parties = dict.fromkeys((owner_of(self.account), self.servicer or owner_of(self.account)))
        return tuple(Approval(party, SCOPE) for party in parties)

    def check(self) -> None:
        check_account_id(self.account)
        check_text("title", self.title, 0, 140)
        check_text("title_local", self.title_local, 0, 140)
        kept = self.account.partition("/")[2].startswith(ISSUING_PREFIX)
        require(not kept, AccountsCode.NAME_KEPT, account=self.account, prefix=ISSUING_PREFIX)
        few = len(self.assets) <= MAX_ASSETS
        require(few, AccountsCode.TOO_MANY_ASSETS, limit=MAX_ASSETS)

    def admit(self, view: ReadView) -> None:
        """A known owner, a bank, a new id."""
        require_party(view, owner_of(self.account))
        if self.servicer:
            bank = has_role(view, self.servicer, "bank")
            bank = bank or has_role(view, self.servicer, "central_bank")
            require(bank, AccountsCode.SERVICER_ROLE, party=self.servicer)
        there = {"account": self.account}
        require(not view.has(ACCOUNTS, self.account), AccountsCode.ACCOUNT_EXISTS, **there)
        issuing = any(True for _ in view.holdings(self.account))
        require(not issuing, AccountsCode.ACCOUNT_EXISTS, **there)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the account and its first holdings."""
        account = Account(
            self.account, ledger.time_ms, self.servicer, self.title, self.title_local,
            reference_required=self.reference_required,
        )  # fmt: skip
        count_ever(ledger, owner_of(self.account), OPEN, MAX_ACCOUNTS)
        ledger.put(ACCOUNTS, self.account, value=account)
        yield AccountOpened(
            self.account, owner_of(self.account), self.servicer, self.title, self.title_local,
            self.reference_required,
        )  # fmt: skip
        for asset in self.assets:
            yield hold_asset(ledger, account, asset)
