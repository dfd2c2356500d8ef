"""What can never happen to an asset."""

from __future__ import annotations

from typing import Any

from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.registry import Invariant
from tongbao.kernel.views import ReadView
from tongbao.modules.assets.model import Asset, Freeze
from tongbao.modules.assets.state import ASSETS, FREEZES, outstanding


def _same_identity(
    _view: ReadView, _key: tuple[Any, ...], before: Asset | None, after: Asset | None
) -> bool:
    if before is None or after is None:
        return after is not None
    fixed = ("id", "issuer", "decimals", "kind", "policy")
    return all(getattr(before, name) == getattr(after, name) for name in fixed)


def _within_cap(
    view: ReadView, _key: tuple[Any, ...], _before: Asset | None, after: Asset | None
) -> bool:
    if after is None:
        return False
    return after.supply_cap == 0 or outstanding(view, after) <= after.supply_cap


def _frozen_flag(
    view: ReadView, key: tuple[Any, ...], _before: Freeze | None, _after: Freeze | None
) -> bool:
    account, asset, _by = key
    holding = view.holding(account, asset)
    stands = next(view.scan(FREEZES, account, asset), None) is not None
    # Lifted and dropped in one envelope, neither the freeze nor the holding is there.
    return (holding is not None and HoldingFlag.FROZEN in holding.flags) == stands


INVARIANTS = (
    Invariant(ASSETS, "issuer, decimals, kind and policy of an asset never change", _same_identity),
    Invariant(ASSETS, "no more is outstanding than the cap allows", _within_cap),
    Invariant(FREEZES, "a holding is frozen exactly while a freeze of it stands", _frozen_flag),
)
