"""Whether an account may deliver or be paid an asset now: freezes, allow-lists, limits, pauses."""

from __future__ import annotations

from tongbao.kernel.codes import Value, require
from tongbao.kernel.identity import SUSPENDED
from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import ACCOUNTS, LIMITS, spent_today
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


def deliverable(view: ReadView, offer: Offer, given: int = 0) -> int:
    """How much of what remains of an offer can be taken now; 0 where its maker cannot deliver.

    A maker with limits gives what they leave in one payment, unless that is dust. A suspended party
    makes no trades: its offers are pulled like those of one who is frozen. `given`: of the maker's
    other offers of the asset, what the same action may take.
    """
    most = offer.remaining_minor
    flags = _sound_flags(view, offer.account, offer.sell_asset)
    if flags is None or not may_hold(view, offer.account, offer.buy_asset):
        return 0
    if view.has(SUSPENDED, offer.party):
        return 0
    limits = view.get(LIMITS, offer.account, offer.sell_asset) if flags & _LIMITED else None
    if limits is None:
        return most
    if limits.per_payment:
        most = min(most, limits.per_payment)
    if limits.per_day:
        spent = spent_today(view, offer.account, offer.sell_asset)
        most = min(most, limits.per_day - spent - given)
    return most if most >= min(offer.least_minor, offer.remaining_minor) else 0


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


def require_not_frozen(view: ReadView, account: str, asset: str) -> None:
    """Refuse while the holding, or the whole account, is frozen: what it owns elsewhere is too."""
    known, holding = view.get(ACCOUNTS, account), view.holding(account, asset)
    frozen = holding is not None and HoldingFlag.FROZEN in holding.flags
    frozen = frozen or (known is not None and bool(known.frozen_by))
    there: dict[str, Value] = {"account": account, "asset": asset}
    require(not frozen, PaymentsCode.PAYEE_BLOCKED, **there)


def pool_moves(view: ReadView, pool: Pool) -> bool:
    """Whether a pool's account may be paid and pay."""
    return all(may_hold(view, pool.account, asset) for asset in (pool.asset_a, pool.asset_b))
