"""On which day a payment between banks settles: on the day that it names, never before it.

The ledger settles on every calendar day. A day is one where the accounts are kept: a payment dated
Monday waits for Monday there, whatever day it is sent on.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from tongbao.paymentfiles.banking.orders import OrderRefused

MOST_DAYS_BACK = 30
"""How old a settlement date may be: what was sent late settles late."""


def require_day(stated: str, now: datetime, zone: tzinfo = UTC) -> None:
    """Refuse (DT01) a settlement date that lies ahead, or too far back. Empty is today."""
    if not stated:
        return
    try:
        day = date.fromisoformat(stated[:10])
    except ValueError:
        raise OrderRefused("DT01", f"the settlement date {stated[:20]} is no day") from None
    current = now.astimezone(zone).date()
    if day > current:
        raise OrderRefused(
            "DT01", f"the settlement date {day} lies ahead of {current}: send it on that day",
        )  # fmt: skip
    if (current - day).days > MOST_DAYS_BACK:
        raise OrderRefused(
            "DT01", f"the settlement date {day} is more than {MOST_DAYS_BACK} days before {current}"
        )
