"""Assets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from tongbao.kernel.views import ReadView
from tongbao.modules.assets.state import ASSETS, PAUSED
from tongbao.readmodel import schema


def standing(view: ReadView) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Every row of the module."""
    for (name,), asset in view.scan(ASSETS):
        yield schema.assets, {
            "asset": name, "issuer": asset.issuer, "decimals": asset.decimals,
            "kind": asset.kind, "name": asset.name, "name_local": asset.name_local,
            "policy": asset.policy, "issuing_account": asset.issuing_account,
            "supply_cap_minor": str(asset.supply_cap), "freezable": asset.freezable,
            "clawback_allowed": asset.clawback_allowed,
            "state": "paused" if view.has(PAUSED, name) else "active",
        }  # fmt: skip
