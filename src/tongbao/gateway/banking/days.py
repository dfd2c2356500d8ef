"""On which day a payment between banks settles: on the day that it names, never before it.

The day is UTC's. Saturday and Sunday belong to the business day that follows, as in systems that
settle on every calendar day (TIPS, RTP): a payment dated Monday is Monday's business from Saturday.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tongbao.gateway.banking.orders import OrderRefused

MOST_DAYS_BACK = 30
"""How old a settlement date may be: what was sent late settles late."""
_SATURDAY = 5


def business_day(now: datetime) -> date:
    """The day whose business is settled at a moment."""
    today = now.astimezone(UTC).date()
    over = today.weekday() - _SATURDAY
    return today if over < 0 else today + timedelta(days=2 - over)


def require_day(stated: str, now: datetime) -> None:
    """Refuse (DT01) a settlement date that lies ahead, or too far back. Empty is today."""
    if not stated:
        return
    try:
        day = date.fromisoformat(stated[:10])
    except ValueError:
        raise OrderRefused("DT01", f"the settlement date {stated[:20]} is no day") from None
    current = business_day(now)
    if day > current:
        raise OrderRefused(
            "DT01", f"the settlement date {day} lies ahead of {current}: send it on that day",
        )  # fmt: skip
    if (current - day).days > MOST_DAYS_BACK:
        raise OrderRefused(
            "DT01", f"the settlement date {day} is more than {MOST_DAYS_BACK} days before {current}"
        )
