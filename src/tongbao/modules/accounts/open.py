"""Open an account, hold and drop assets in it, close it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, AssetCode, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import Holding, HoldingFlag, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.events import AccountClosed, AccountOpened, AssetDropped, AssetHeld
from tongbao.modules.accounts.model import (
    MAX_ACCOUNTS,
    MAX_ASSETS,
    SCOPE,
    Account,
    check_account_id,
    check_text,
)
from tongbao.modules.accounts.state import (
    ACCOUNTS,
    ALIASES,
    EXPECTED,
    LIMITS,
    SPENT,
    require_account,
)
from tongbao.modules.assets import (
    ALLOW_LIST,
    FREEZES,
    ISSUING_PREFIX,
    require_asset,
    set_freeze,
)
from tongbao.modules.parties import count_ever, has_role, require_party

OPEN = "accounts"


def owner_and_servicer(view: ReadView, account: str) -> Signers:
    """Approvals of who controls an account and of the bank that keeps it."""
    found = require_account(view, account)
    parties = dict.fromkeys((owner_of(account), found.servicer or owner_of(account)))
    return tuple(Approval(party, SCOPE) for party in parties)


def hold_asset(ledger: WriteView, account: Account, asset_id: str) -> AssetHeld:
    """Open a holding with the switches that asset and account ask for."""
    asset = require_asset(ledger, asset_id)
    there = {"account": account.id, "asset": asset_id}
    held = ledger.holding(account.id, asset_id) is not None
    require(not held, AccountsCode.HOLDS_ALREADY, **there)
    flags = HoldingFlag(0)
    if asset.policy == ALLOW_LIST:
        flags |= HoldingFlag.ALLOW_LIST_REQUIRED
    if account.reference_required:
        flags |= HoldingFlag.REFERENCE_REQUIRED
    ledger.put_holding(account.id, asset_id, Holding(flags, 0, 0))
    for by in account.frozen_by:
        set_freeze(ledger, account.id, asset_id, f"{by}*", "account")
    return AssetHeld(account.id, asset_id)


def open_kept(
    ledger: WriteView, account_id: str, title: str, assets: Sequence[str]
) -> Iterator[Event]:
    """Open an account that a module keeps: no party has its owner's name, so nobody signs for it.

    `account_id` begins with `@`, which no party's name may.
    """
    assert account_id.startswith("@")
    account = Account(account_id, ledger.time_ms, title=title)
    ledger.put(ACCOUNTS, account_id, value=account)
    yield AccountOpened(account_id, owner_of(account_id), "", title)
    for asset in assets:
        yield hold_asset(ledger, account, asset)


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
        """Shape."""
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


@transaction(code=2002, scope=SCOPE)
class HoldAsset(Transaction, tag="accounts.hold_asset"):
    """Let an account hold a further asset: nobody can push one into it."""

    account: AccountId
    asset: AssetCode

    def signers(self, view: ReadView) -> Signers:
        """The owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Open the holding."""
        yield hold_asset(ledger, require_account(ledger, self.account), self.asset)


def require_unfrozen(view: ReadView, account: str, *asset: str) -> None:
    """Refuse while a freeze stands on the account, or on what it holds of an asset."""
    known = view.get(ACCOUNTS, account)
    frozen_by = known.frozen_by if known is not None else ()
    freeze = next(view.scan(FREEZES, account, *asset), None)
    by = frozen_by[0] if frozen_by else freeze[0][2].removesuffix("*") if freeze else ""
    require(not by, AccountsCode.ALREADY_FROZEN, account=account, by=by)


def _require_empty(view: ReadView, account: str, asset: str, holding: Holding) -> None:
    require(
        holding.posted == 0 and holding.reserved == 0, AccountsCode.HOLDING_NOT_EMPTY,
        account=account, asset=asset, posted=str(holding.posted), reserved=str(holding.reserved),
    )  # fmt: skip


def _require_not_expected(view: ReadView, account: str, *assets: str) -> None:
    """Refuse while a firm quote or shares of a pool will be paid into it."""
    for asset in assets or [key[1] for key, _ in view.scan(EXPECTED, account)]:
        expected = view.has(EXPECTED, account, asset)
        require(not expected, AccountsCode.STILL_EXPECTED, account=account, asset=asset)


@transaction(code=2003, scope=SCOPE)
class DropAsset(Transaction, tag="accounts.drop_asset"):
    """Stop holding an asset; the holding has to be empty, and not frozen."""

    account: AccountId
    asset: AssetCode

    def signers(self, view: ReadView) -> Signers:
        """The owner; and the servicer where limits go with the holding, as for setting them."""
        if view.has(LIMITS, self.account, self.asset):
            return owner_and_servicer(view, self.account)
        return (Approval(owner_of(self.account), SCOPE),)

    def admit(self, view: ReadView) -> None:
        """An empty holding that no freeze keeps in place."""
        require_account(view, self.account)
        holding = view.holding(self.account, self.asset)
        there = {"account": self.account, "asset": self.asset}
        require(holding is not None, AccountsCode.HOLDS_NOT, **there)
        assert holding is not None
        _require_empty(view, self.account, self.asset, holding)
        require_unfrozen(view, self.account, self.asset)
        _require_not_expected(view, self.account, self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove the holding with its limits."""
        ledger.delete_holding(self.account, self.asset)
        ledger.delete(LIMITS, self.account, self.asset)
        ledger.delete(SPENT, self.account, self.asset)
        yield AssetDropped(self.account, self.asset)


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
            _require_empty(view, self.account, asset, holding)
        _require_not_expected(view, self.account)

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
