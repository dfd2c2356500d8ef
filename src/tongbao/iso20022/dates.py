"""Requested dates as instants: a date and time is an instant, a plain date a day in a zone.

Source: ISO 20022, ISODateTime (with an offset an instant; without one, local time) and ISODate;
the message definition report of pain.001, RequestedExecutionDate: the day on which the debtor's
account is debited, which is a day where that account is kept.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<part>\d+))?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)", re.ASCII)


class Requested(NamedTuple):
    """When a payment is to be made."""

    at_ms: int
    """Not before this instant."""
    day: date
    """The day of it in the account servicer's zone."""


def zone_named(name: str) -> tzinfo:
    """A zone of the IANA database (Asia/Shanghai), UTC, or a fixed offset (+08:00). ValueError."""
    if name == "UTC":
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        return _offset(offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as fault:
        raise ValueError(f"{name[:40]!r} is no time zone") from fault


def requested(written: str, zone: tzinfo) -> Requested | None:
    """What a Dt or DtTm means where the account is kept; None where it names no moment that a
    clock shows (a year after 9999)."""
    found = _WRITTEN.fullmatch(written.strip())
    if found is None:
        return None
    own = found["zone"]
    place = zone if own is None else UTC if own == "Z" else _offset(_OFFSET.fullmatch(own))
    try:
        moment = datetime.fromisoformat(found["day"]).replace(tzinfo=place)
        if found["hour"] is not None:
            # 24:00:00 is the first moment of the next day (XML Schema, dateTime).
            moment += timedelta(days=1) if found["hour"] == "24" else timedelta()
            part = (found["part"] or "").ljust(6, "0")[:6]
            moment = moment.replace(
                hour=int(found["hour"]) % 24, minute=int(found["minute"]),
                second=int(found["second"]), microsecond=int(part),
            )  # fmt: skip
        return Requested(_ms(moment), moment.astimezone(zone).date())
    except (ValueError, OverflowError):
        return None


def day_at(time_ms: int, zone: tzinfo) -> date:
    """The day of an instant in a zone."""
    return datetime.fromtimestamp(time_ms / 1000, zone).date()


def _offset(found: re.Match[str] | None) -> tzinfo:
    assert found is not None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes))


def _ms(moment: datetime) -> int:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(milliseconds=1)
