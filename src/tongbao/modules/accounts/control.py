"""Who controls an account, and what its holdings allow: shared by its transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import Holding, HoldingFlag, owner_of
from tongbao.kernel.transaction import Event, Transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.events import AccountOpened, AssetHeld
from tongbao.modules.accounts.model import SCOPE, Account
from tongbao.modules.accounts.state import ACCOUNTS, EXPECTED, require_account
from tongbao.modules.assets import ALLOW_LIST, FREEZES, require_asset, set_freeze
from tongbao.modules.parties import has_role


def set_flag(ledger: WriteView, account: str, asset: str, flag: HoldingFlag, on: bool) -> None:
    """Set or clear one switch of a holding."""
    holding = ledger.holding(account, asset)
    require(holding is not None, AccountsCode.HOLDS_NOT, account=account, asset=asset)
    assert holding is not None
    flags = holding.flags | flag if on else holding.flags & ~flag
    ledger.put_holding(account, asset, holding._replace(flags=flags))


class ByOverseer(Transaction):
    """What the bank that keeps the account, or a supervisor, approves."""

    account: AccountId
    by: PartyId
    """The account's servicer (its owner where it keeps it itself), or a supervisor."""

    def signers(self, view: ReadView) -> Signers:
        """Servicer's or supervisor's."""
        return (Approval(self.by, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """One who may."""
        account = require_account(view, self.account)
        keeper = account.servicer or owner_of(self.account)
        may = self.by == keeper or has_role(view, self.by, "supervisor")
        require(may, AccountsCode.NOT_PERMITTED, party=self.by, account=self.account)


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


def require_unfrozen(view: ReadView, account: str, *asset: str) -> None:
    """Refuse while a freeze stands on the account, or on what it holds of an asset."""
    known = view.get(ACCOUNTS, account)
    frozen_by = known.frozen_by if known is not None else ()
    freeze = next(view.scan(FREEZES, account, *asset), None)
    by = frozen_by[0] if frozen_by else freeze[0][2].removesuffix("*") if freeze else ""
    require(not by, AccountsCode.ALREADY_FROZEN, account=account, by=by)


def require_empty(view: ReadView, account: str, asset: str, holding: Holding) -> None:
    require(
        holding.posted == 0 and holding.reserved == 0, AccountsCode.HOLDING_NOT_EMPTY,
        account=account, asset=asset, posted=str(holding.posted), reserved=str(holding.reserved),
    )  # fmt: skip


def require_not_expected(view: ReadView, account: str, *assets: str) -> None:
    """Refuse while a firm quote or shares of a pool will be paid into it."""
    for asset in assets or [key[1] for key, _ in view.scan(EXPECTED, account)]:
        expected = view.has(EXPECTED, account, asset)
        require(not expected, AccountsCode.STILL_EXPECTED, account=account, asset=asset)
