"""Whether an account may deliver or be paid an asset now: freezes, allow-lists, limits, pauses."""

from __future__ import annotations

from tongbao.kernel.codes import Value, require
from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import LIMITS, spent_today
from tongbao.modules.assets import PAUSED
from tongbao.modules.exchange.model import Offer, Pool
from tongbao.modules.payments import PaymentsCode

_BLOCKED = int(HoldingFlag.FROZEN | HoldingFlag.CLOSED)
_LISTED = int(HoldingFlag.ALLOW_LIST_REQUIRED)
_AUTHORISED = int(HoldingFlag.AUTHORISED)
_LIMITED = int(HoldingFlag.LIMITED)


def may_hold(view: ReadView, account: str, asset: str) -> bool:
    """Whether postings into and out of the holding are allowed: as the core judges it."""
    return _sound_flags(view, account, asset) is not None


def _sound_flags(view: ReadView, account: str, asset: str) -> int | None:
    holding = view.holding(account, asset)
    if holding is None:
        return None
    flags = int(holding.flags)
    if flags & _BLOCKED or (flags & _LISTED and not flags & _AUTHORISED):
        return None
    return flags


def can_deliver(view: ReadView, offer: Offer, amount: int) -> bool:
    """Whether the maker may give `amount` of what he sells, and be paid what he buys."""
    flags = _sound_flags(view, offer.account, offer.sell_asset)
    if flags is None or not may_hold(view, offer.account, offer.buy_asset):
        return False
    return not flags & _LIMITED or _within_limits(view, offer.account, offer.sell_asset, amount)


def _within_limits(view: ReadView, account: str, asset: str, amount: int) -> bool:
    limits = view.get(LIMITS, account, asset)
    if limits is None:
        return True
    per_day = limits.per_day - spent_today(view, account, asset) if limits.per_day else amount
    return amount <= min(limits.per_payment or amount, per_day)


def require_holding(view: ReadView, account: str, asset: str) -> None:
    """Refuse who could not be paid the asset."""
    holding = view.holding(account, asset)
    there: dict[str, Value] = {"account": account, "asset": asset}
    require(holding is not None, PaymentsCode.PAYEE_UNKNOWN, **there)
    assert holding is not None
    flags = int(holding.flags)
    require(not flags & _BLOCKED, PaymentsCode.PAYEE_BLOCKED, **there)
    listed = not flags & _LISTED or flags & _AUTHORISED
    require(listed, PaymentsCode.PAYEE_NOT_AUTHORISED, **there)


def pool_moves(view: ReadView, pool: Pool) -> bool:
    """Whether a pool's account may be paid and pay."""
    return all(may_hold(view, pool.account, asset) for asset in (pool.asset_a, pool.asset_b))


def is_paused(view: ReadView, asset: str) -> bool:
    """Whether an asset may not move at all now."""
    return view.has(PAUSED, asset)
