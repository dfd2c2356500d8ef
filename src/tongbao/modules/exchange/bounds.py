"""Bounds of an offer and of a pool: how long, how far ahead, at what charge."""

from __future__ import annotations

from tongbao.kernel.codes import require
from tongbao.kernel.views import ReadView
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.model import MAX_FEE_BPS, MAX_RESERVE_MS


def check_reservable(reservable_ms: int, charge_bps: int) -> None:
    """Refuse terms of reservation beyond what is allowed."""
    for field, value, limit in (
        ("reservable_ms", reservable_ms, MAX_RESERVE_MS),
        ("charge_bps", charge_bps, MAX_FEE_BPS),
    ):
        fits = 0 <= value <= limit
        require(fits, ExchangeCode.BAD_TERMS, field=field, value=str(value), limit=limit)


def check_expiry(view: ReadView, expires_at_ms: int, longest_ms: int) -> None:
    """Refuse an expiry that has passed, or that lies too far ahead."""
    now = view.time_ms
    past = ExchangeCode.EXPIRES_PAST
    require(expires_at_ms > now, past, expires_at_ms=expires_at_ms, time_ms=now)
    far = ExchangeCode.TOO_FAR_AHEAD
    fits = expires_at_ms <= now + longest_ms
    require(fits, far, expires_at_ms=expires_at_ms, limit_ms=longest_ms)
