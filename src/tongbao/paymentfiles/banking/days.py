"""On which day a payment between banks settles: on the day that it names, never before it.

The ledger settles on every calendar day. A day is one where the accounts are kept: a payment dated
Monday waits for Monday there, whatever day it is sent on.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from tongbao.iso20022.dates import requested
from tongbao.paymentfiles.banking.orders import OrderRefused

MOST_DAYS_BACK = 30
"""How old a settlement date may be: what was sent late settles late."""


def require_day(stated: str, now: datetime, zone: tzinfo = UTC) -> None:
    """Refuse (DT01) a settlement date that lies ahead, or too far back. Empty is today."""
    if not stated:
        return
    written = stated.strip()
    meant = requested(written, zone)
    if meant is None:
        raise OrderRefused("DT01", "the settlement date {stated} is no day", stated=stated[:20])
    day, current = meant.day, now.astimezone(zone).date()
    if meant.at_ms > now.timestamp() * 1000:
        raise OrderRefused(
            "DT01", "the settlement date {written} lies ahead of {current}: send it then",
            written=written, current=current,
        )  # fmt: skip
    if (current - day).days > MOST_DAYS_BACK:
        raise OrderRefused(
            "DT01",
            "the settlement date {day} is more than {most_days_back} days before {current}",
            day=day,
            most_days_back=MOST_DAYS_BACK,
            current=current,
        )
