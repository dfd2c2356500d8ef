"""Assets: what is held, who issues it, and the controls its issuer reserved."""

from __future__ import annotations

from tongbao.kernel.registry import Module
from tongbao.modules.assets import events
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.generators import GENERATORS
from tongbao.modules.assets.invariants import INVARIANTS
from tongbao.modules.assets.model import ALLOW_LIST, ISSUING_PREFIX, OPEN, Asset, Freeze
from tongbao.modules.assets.records import RECORDS
from tongbao.modules.assets.state import (
    ASSETS,
    FREEZES,
    PAUSED,
    decimals_in,
    lift_freeze,
    outstanding,
    require_asset,
    require_moving,
    set_freeze,
)
from tongbao.modules.assets.transactions.authorise_holder import AuthoriseHolder
from tongbao.modules.assets.transactions.clawback import Clawback
from tongbao.modules.assets.transactions.define import DefineAsset
from tongbao.modules.assets.transactions.freeze_holding import FreezeHolding
from tongbao.modules.assets.transactions.issue import Issue
from tongbao.modules.assets.transactions.pause import PauseAsset
from tongbao.modules.assets.transactions.redeem import Redeem
from tongbao.modules.assets.transactions.resume import ResumeAsset
from tongbao.modules.assets.transactions.revoke_holder import RevokeHolder
from tongbao.modules.assets.transactions.unfreeze_holding import UnfreezeHolding
from tongbao.modules.assets.transactions.update_policy import UpdatePolicy

MODULE = Module(
    name="assets",
    number=0x30,
    uses=("parties",),
    tables=(ASSETS, PAUSED, FREEZES),
    transactions=(
        DefineAsset, UpdatePolicy, PauseAsset, ResumeAsset, AuthoriseHolder, RevokeHolder,
        FreezeHolding, UnfreezeHolding, Clawback, Issue, Redeem,
    ),
    events=(
        events.AssetDefined, events.PolicyUpdated, events.AssetPaused, events.AssetResumed,
        events.HolderAuthorised, events.HolderRevoked, events.HoldingFrozen,
        events.HoldingUnfrozen, events.ClawedBack, events.Issued, events.Redeemed,
    ),
    public=(
        events.AssetDefined, events.PolicyUpdated, events.AssetPaused, events.AssetResumed,
    ),
    codes=AssetsCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    records=RECORDS,
    # What these say, the rows that they change and the entries of accounts show.
    internal=(
        events.AssetDefined, events.PolicyUpdated, events.AssetPaused, events.AssetResumed,
        events.HolderAuthorised, events.HolderRevoked, events.HoldingFrozen,
        events.HoldingUnfrozen, events.ClawedBack, events.Issued, events.Redeemed,
    ),
)  # fmt: skip

__all__ = [
    "ALLOW_LIST",
    "ASSETS",
    "FREEZES",
    "GENERATORS",
    "ISSUING_PREFIX",
    "MODULE",
    "OPEN",
    "PAUSED",
    "Asset",
    "AssetsCode",
    "AuthoriseHolder",
    "Clawback",
    "DefineAsset",
    "Freeze",
    "FreezeHolding",
    "Issue",
    "PauseAsset",
    "Redeem",
    "ResumeAsset",
    "RevokeHolder",
    "UnfreezeHolding",
    "UpdatePolicy",
    "decimals_in",
    "lift_freeze",
    "outstanding",
    "require_asset",
    "require_moving",
    "set_freeze",
]
