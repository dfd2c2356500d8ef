"""Accounts: where a party holds assets, who keeps it, and what may go out."""

from __future__ import annotations

from tongbao.kernel.registry import Module
from tongbao.modules.accounts import events
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.control import hold_asset, open_kept
from tongbao.modules.accounts.generators import GENERATORS
from tongbao.modules.accounts.invariants import INVARIANTS
from tongbao.modules.accounts.model import Account, Limits
from tongbao.modules.accounts.queries import account_of
from tongbao.modules.accounts.records import RECORDS
from tongbao.modules.accounts.state import (
    ACCOUNTS,
    ALIASES,
    DAY_MS,
    EXPECTED,
    LIMITS,
    RESERVED,
    SPENT,
    charge_limits,
    count_firm,
    expect,
    require_account,
    restore_limits,
    set_aside,
    spent_today,
)
from tongbao.modules.accounts.transactions.close import CloseAccount
from tongbao.modules.accounts.transactions.drop_asset import DropAsset
from tongbao.modules.accounts.transactions.freeze import FreezeAccount
from tongbao.modules.accounts.transactions.hold_asset import HoldAsset
from tongbao.modules.accounts.transactions.link_identifier import LinkIdentifier
from tongbao.modules.accounts.transactions.open import OpenAccount
from tongbao.modules.accounts.transactions.set_limits import SetLimits
from tongbao.modules.accounts.transactions.set_reference_required import SetReferenceRequired
from tongbao.modules.accounts.transactions.unfreeze import UnfreezeAccount
from tongbao.modules.accounts.transactions.unlink_identifier import UnlinkIdentifier

MODULE = Module(
    name="accounts",
    number=0x28,
    uses=("parties", "assets"),
    tables=(ACCOUNTS, ALIASES, LIMITS, SPENT, RESERVED, EXPECTED),
    transactions=(
        OpenAccount, HoldAsset, DropAsset, CloseAccount, FreezeAccount, UnfreezeAccount,
        SetReferenceRequired, LinkIdentifier, UnlinkIdentifier, SetLimits,
    ),
    events=(
        events.AccountOpened, events.AssetHeld, events.AssetDropped, events.AccountClosed,
        events.AccountFrozen, events.AccountUnfrozen, events.ReferenceRequiredSet,
        events.IdentifierLinked, events.IdentifierUnlinked, events.LimitsSet,
    ),
    codes=AccountsCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    on_outflow=charge_limits,
    records=RECORDS,
    # What these say, the rows that they change show.
    internal=(
        ALIASES, SPENT, RESERVED, EXPECTED, events.AccountOpened, events.AssetHeld,
        events.AssetDropped, events.AccountClosed, events.AccountFrozen, events.AccountUnfrozen,
        events.ReferenceRequiredSet, events.IdentifierLinked, events.IdentifierUnlinked,
        events.LimitsSet,
    ),
)  # fmt: skip

__all__ = [
    "ACCOUNTS",
    "ALIASES",
    "DAY_MS",
    "EXPECTED",
    "GENERATORS",
    "LIMITS",
    "MODULE",
    "RESERVED",
    "SPENT",
    "Account",
    "AccountsCode",
    "CloseAccount",
    "DropAsset",
    "FreezeAccount",
    "HoldAsset",
    "Limits",
    "LinkIdentifier",
    "OpenAccount",
    "SetLimits",
    "SetReferenceRequired",
    "UnfreezeAccount",
    "UnlinkIdentifier",
    "account_of",
    "charge_limits",
    "count_firm",
    "expect",
    "hold_asset",
    "open_kept",
    "require_account",
    "restore_limits",
    "set_aside",
    "spent_today",
]
