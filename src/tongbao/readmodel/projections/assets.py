"""Switches of holdings, and the entries that supply makes."""

from __future__ import annotations

from tongbao.kernel.money import HoldingFlag
from tongbao.modules.assets import events
from tongbao.readmodel.posting import open_holding, post, set_flags
from tongbao.readmodel.projecting import Step, projects


@projects("assets.defined")
def _defined(event: events.AssetDefined, step: Step) -> None:
    open_holding(step, event.issuing_account, event.asset, HoldingFlag.ISSUING)


@projects("assets.holder_authorised")
def _authorised(event: events.HolderAuthorised, step: Step) -> None:
    set_flags(step, event.account, event.asset, "authorised", True)


@projects("assets.holder_revoked")
def _revoked(event: events.HolderRevoked, step: Step) -> None:
    set_flags(step, event.account, event.asset, "authorised", False)


@projects("assets.holding_frozen")
def _frozen(event: events.HoldingFrozen, step: Step) -> None:
    set_flags(step, event.account, event.asset, f"frozen:{event.by}", True)


@projects("assets.holding_unfrozen")
def _unfrozen(event: events.HoldingUnfrozen, step: Step) -> None:
    set_flags(step, event.account, event.asset, f"frozen:{event.by}", False)


@projects("assets.issued")
def _issued(event: events.Issued, step: Step) -> None:
    post(
        step, "assets.issued", event.issuing_account, event.account, event.asset,
        event.amount_minor, payee_reference=event.reference,
    )  # fmt: skip


@projects("assets.redeemed")
def _redeemed(event: events.Redeemed, step: Step) -> None:
    post(
        step, "assets.redeemed", event.account, event.issuing_account, event.asset,
        event.amount_minor, payee_reference=event.reference,
    )  # fmt: skip


@projects("assets.clawed_back")
def _clawed_back(event: events.ClawedBack, step: Step) -> None:
    post(
        step, "assets.clawed_back", event.account, event.issuing_account, event.asset,
        event.amount_minor, remittance=event.basis, document=event.document,
    )  # fmt: skip
