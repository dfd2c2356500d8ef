"""Tables of the module, and the freezes that several modules share."""

from __future__ import annotations

from tongbao.kernel.codes import Value, require
from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView, WriteView
from tongbao.kernel.wording import Decimals
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.model import Asset, Freeze

ASSETS: Table[Asset] = Table(b"\x30\x01", "assets", (str,), Asset, "asset id -> definition")
PAUSED: Table[str] = Table(b"\x30\x02", "paused", (str,), str, "asset id -> why it may not move")
FREEZES: Table[Freeze] = Table(
    b"\x30\x03", "freezes", (str, str, str), Freeze, "(account, asset, by whom) -> legal basis"
)


def require_asset(view: ReadView, asset: str) -> Asset:
    """The definition of an asset, or a refusal."""
    found = view.get(ASSETS, asset)
    require(found is not None, AssetsCode.ASSET_UNKNOWN, asset=asset)
    assert found is not None
    return found


def decimals_in(view: ReadView) -> Decimals:
    """The decimals of every asset that is defined, for telling amounts (`kernel/wording.py`)."""

    def decimals(asset: str) -> int | None:
        found = view.get(ASSETS, asset)
        return None if found is None else found.decimals

    return decimals


def require_moving(view: ReadView, asset: str) -> None:
    """Refuse while an asset is paused."""
    reason = view.get(PAUSED, asset)
    require(reason is None, AssetsCode.ASSET_PAUSED, asset=asset, reason=reason or "")


def outstanding(view: ReadView, asset: Asset) -> int:
    """Supply in circulation, in minor units."""
    holding = view.holding(asset.issuing_account, asset.id)
    return 0 if holding is None else -holding.posted


def set_freeze(ledger: WriteView, account: str, asset: str, by: str, basis: str) -> None:
    """Freeze a holding on somebody's behalf; the holding stays frozen while any freeze stands."""
    there: dict[str, Value] = {"account": account, "asset": asset}
    holding = ledger.holding(account, asset)
    require(holding is not None, AssetsCode.HOLDING_UNKNOWN, **there)
    assert holding is not None
    require(not ledger.has(FREEZES, account, asset, by), AssetsCode.ALREADY_FROZEN, by=by, **there)
    ledger.put(FREEZES, account, asset, by, value=Freeze(basis, ledger.time_ms, by.rstrip("*")))
    frozen = holding._replace(flags=holding.flags | HoldingFlag.FROZEN)
    ledger.put_holding(account, asset, frozen)


def lift_freeze(ledger: WriteView, account: str, asset: str, by: str) -> None:
    """Take one freeze back."""
    there: dict[str, Value] = {"account": account, "asset": asset}
    holding = ledger.holding(account, asset)
    require(holding is not None, AssetsCode.HOLDING_UNKNOWN, **there)
    assert holding is not None
    require(ledger.has(FREEZES, account, asset, by), AssetsCode.NOT_FROZEN, by=by, **there)
    ledger.delete(FREEZES, account, asset, by)
    if next(ledger.scan(FREEZES, account, asset), None) is None:
        ledger.put_holding(
            account, asset, holding._replace(flags=holding.flags & ~HoldingFlag.FROZEN)
        )
