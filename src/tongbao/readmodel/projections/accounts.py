"""Accounts, their numbers, switches and limits."""

from __future__ import annotations

import msgspec

from tongbao.kernel.money import HoldingFlag
from tongbao.modules.accounts import events
from tongbao.readmodel import schema
from tongbao.readmodel.posting import open_holding
from tongbao.readmodel.projecting import Step, as_json, projects


@projects("accounts.opened")
def _opened(event: events.AccountOpened, step: Step) -> None:
    step.rows.put(schema.accounts, {
        "account": event.account, "party": event.owner, "servicer": event.servicer,
        "title": event.title, "title_local": event.title_local, "state": "open",
        "reference_required": event.reference_required, "opened_at_ms": step.time_ms,
        "frozen_by": "[]",
    })  # fmt: skip


@projects("accounts.asset_held")
def _held(event: events.AssetHeld, step: Step) -> None:
    open_holding(step, event.account, event.asset, HoldingFlag(0))


@projects("accounts.asset_dropped")
def _dropped(event: events.AssetDropped, step: Step) -> None:
    step.rows.remove(schema.holdings, event.account, event.asset)
    step.rows.remove(schema.limits, event.account, event.asset)


@projects("accounts.closed")
def _closed(event: events.AccountClosed, step: Step) -> None:
    step.rows.update(schema.accounts, event.account, state="closed")
    for row in step.rows.where(schema.identifiers, account=event.account):
        step.rows.remove(schema.identifiers, row["identifier"])


@projects("accounts.frozen")
def _frozen(event: events.AccountFrozen, step: Step) -> None:
    _freezes(step, event.account, event.by, True)


@projects("accounts.unfrozen")
def _unfrozen(event: events.AccountUnfrozen, step: Step) -> None:
    _freezes(step, event.account, event.by, False)


def _freezes(step: Step, account: str, by: str, on: bool) -> None:
    row = step.rows.get(schema.accounts, account)
    if row is None:
        return
    names = [name for name in msgspec.json.decode(row["frozen_by"]) if name != by]
    names += [by] if on else []
    state = "frozen" if names else "open"
    step.rows.update(schema.accounts, account, frozen_by=as_json(names), state=state)


@projects("accounts.reference_required_set")
def _reference_required(event: events.ReferenceRequiredSet, step: Step) -> None:
    step.rows.update(schema.accounts, event.account, reference_required=event.required)


@projects("accounts.identifier_linked")
def _linked(event: events.IdentifierLinked, step: Step) -> None:
    step.rows.put(schema.identifiers, {"identifier": event.identifier, "account": event.account})


@projects("accounts.identifier_unlinked")
def _unlinked(event: events.IdentifierUnlinked, step: Step) -> None:
    step.rows.remove(schema.identifiers, event.identifier)


@projects("accounts.limits_set")
def _limits(event: events.LimitsSet, step: Step) -> None:
    if event.per_payment or event.per_day:
        step.rows.put(schema.limits, {
            "account": event.account, "asset": event.asset,
            "per_transfer_minor": str(event.per_payment), "per_day_minor": str(event.per_day),
        })  # fmt: skip
    else:
        step.rows.remove(schema.limits, event.account, event.asset)
