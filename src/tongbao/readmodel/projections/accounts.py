"""Which assets accounts hold."""

from __future__ import annotations

from tongbao.kernel.money import HoldingFlag
from tongbao.modules.accounts import events
from tongbao.readmodel import schema
from tongbao.readmodel.posting import open_holding
from tongbao.readmodel.projecting import Step, projects


@projects("accounts.asset_held")
def _held(event: events.AssetHeld, step: Step) -> None:
    open_holding(step, event.account, event.asset, HoldingFlag(0))


@projects("accounts.asset_dropped")
def _dropped(event: events.AssetDropped, step: Step) -> None:
    step.rows.remove(schema.holdings, event.account, event.asset)
