"""When a corridor is open: dated rules, local hours, holidays. Time is the block's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeAlias, TypeVar

from tongbao.kernel.codes import require
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.model import MINUTES_A_DAY, Holiday, Hours, Terms

MINUTE_MS = 60_000
DAY_MS = MINUTES_A_DAY * MINUTE_MS
LOOK_AHEAD_DAYS = 31
_THURSDAY = 3
"""1970-01-01, counted from Monday."""
ByDay: TypeAlias = dict[tuple[str, int], list[Holiday]]
"""Holidays by (calendar, day): a refusal looks a month ahead, and terms may name hundreds."""


class Dated(Protocol):
    """A rule that holds from a time on."""

    @property
    def effective_from_ms(self) -> int:
        """Block time from which it holds."""
        ...


D = TypeVar("D", bound=Dated)


def in_force(rules: Iterable[D], time_ms: int) -> D | None:
    """Of rules that follow one another, the newest that holds at a time."""
    found = [rule for rule in rules if rule.effective_from_ms <= time_ms]
    return max(found, key=lambda rule: rule.effective_from_ms, default=None)


def calendars(terms: Terms, time_ms: int) -> tuple[Hours, ...]:
    """The hours of each calendar at a time, by calendar."""
    names = sorted({hours.calendar for hours in terms.hours})
    found = (in_force((h for h in terms.hours if h.calendar == name), time_ms) for name in names)
    return tuple(hours for hours in found if hours is not None)


def closed_by(terms: Terms, time_ms: int) -> tuple[str, str] | None:
    """The first calendar that is closed at a time, and why; None where all are open."""
    return _closed_by(terms, _by_day(terms), time_ms)


def _by_day(terms: Terms) -> ByDay:
    found: ByDay = {}
    for holiday in terms.holidays:
        found.setdefault((holiday.calendar, holiday.day), []).append(holiday)
    return found


def _closed_by(terms: Terms, holidays: ByDay, time_ms: int) -> tuple[str, str] | None:
    for hours in calendars(terms, time_ms):
        why = _why_closed(hours, holidays, time_ms)
        if why:
            return hours.calendar, why
    return None


def _why_closed(hours: Hours, holidays: ByDay, time_ms: int) -> str:
    local_minute = time_ms // MINUTE_MS + hours.utc_offset_minutes
    day, minute = divmod(local_minute, MINUTES_A_DAY)
    for holiday in holidays.get((hours.calendar, day), ()):
        if holiday.effective_from_ms <= time_ms:
            return f"{holiday.name}; {holiday.source}"
    if (day + _THURSDAY) % 7 not in hours.weekdays:
        return f"not a business day; {hours.source}"
    if minute < hours.opens_minute:
        return f"before opening; {hours.source}"
    if minute >= hours.closes_minute:
        return f"past the cut-off; {hours.source}"
    return ""


def opens_at(terms: Terms, time_ms: int) -> int:
    """The next time at which every calendar is open; 0 where there is none within a month."""
    first = time_ms // DAY_MS - 1
    candidates: set[int] = set()
    for hours in terms.hours:
        opening = (hours.opens_minute - hours.utc_offset_minutes) * MINUTE_MS
        days = range(first, first + LOOK_AHEAD_DAYS + 2)
        candidates |= {day * DAY_MS + opening for day in days}
        candidates.add(hours.effective_from_ms)
    later = sorted(one for one in candidates if one > time_ms)
    holidays = _by_day(terms)
    return next((one for one in later if _closed_by(terms, holidays, one) is None), 0)


def require_open(corridor: str, terms: Terms, time_ms: int) -> None:
    """Refuse while a calendar is closed; the refusal says which, why and until when."""
    closed = closed_by(terms, time_ms)
    if closed is not None:
        calendar, why = closed
        require(
            False, CorridorsCode.CORRIDOR_CLOSED,
            corridor=corridor, calendar=calendar, why=why, opens_at_ms=opens_at(terms, time_ms),
        )  # fmt: skip
