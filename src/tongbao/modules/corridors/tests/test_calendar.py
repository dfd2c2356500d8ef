"""When a corridor is open: cut-offs and holidays in local time, dated and cited."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tongbao.modules.corridors import CorridorsCode, Holiday, Hours, closed_by, opens_at
from tongbao.modules.corridors.calendar import in_force
from tongbao.modules.corridors.tests.setting import TERMS, bench_with, paying, payment
from tongbao.modules.testing import START_MS

WEEK = (0, 1, 2, 3, 4)
CHINA = Hours("CNAPS rules 3.2", "CN", WEEK, 9 * 60, 17 * 60, 8 * 60)
EUROPE = Hours("TARGET guide", "TARGET", WEEK, 7 * 60, 18 * 60, 60)
BOTH = replace(TERMS, hours=(CHINA, EUROPE))


def at(text: str) -> int:
    """UTC milliseconds of a moment."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def day(text: str) -> int:
    """Days since 1970 of a date."""
    return at(f"{text}T00:00") // (24 * 3600 * 1000)


@pytest.mark.parametrize(
    ("moment", "calendar"),
    [
        ("2027-01-15T06:00", ""),  # 14:00 in China, 07:00 in Frankfurt: both open
        ("2027-01-15T05:59", "TARGET"),
        ("2027-01-15T09:00", "CN"),  # 17:00, the cut-off
        ("2027-01-15T08:59", ""),
        ("2027-01-16T07:00", "CN"),  # a Saturday
        ("2027-01-14T23:30", "CN"),  # already Friday there, before opening
    ],
)
def test_every_calendar_has_to_be_open(moment: str, calendar: str) -> None:
    closed = closed_by(BOTH, at(moment))
    assert (closed[0] if closed else "") == calendar


def test_the_next_opening_passes_over_weekends_and_holidays() -> None:
    assert opens_at(BOTH, at("2027-01-15T09:00")) == at("2027-01-18T06:00")
    monday = Holiday("State Council notice", "CN", day("2027-01-18"), "a day off")
    terms = replace(BOTH, holidays=(monday,))
    assert opens_at(terms, at("2027-01-15T09:00")) == at("2027-01-19T06:00")
    assert closed_by(terms, at("2027-01-18T07:00")) == ("CN", "a day off; State Council notice")
    never = tuple(Holiday("x", "CN", day("2027-01-15") + n, "closed") for n in range(40))
    assert opens_at(replace(BOTH, holidays=never), at("2027-01-15T09:00")) == 0


def test_a_rule_holds_from_its_day_and_the_newest_counts() -> None:
    summer = replace(EUROPE, utc_offset_minutes=120, effective_from_ms=at("2027-03-28T01:00"))
    terms = replace(TERMS, hours=(EUROPE, summer))
    assert closed_by(terms, at("2027-03-26T05:30")) is not None
    assert closed_by(terms, at("2027-03-29T05:30")) is None
    later = replace(CHINA, effective_from_ms=at("2027-06-01T00:00"))
    assert closed_by(replace(TERMS, hours=(later,)), at("2027-05-30T00:00")) is None
    assert in_force((), 0) is None


def test_past_the_cut_off_and_on_a_holiday_a_payment_is_refused_with_the_next_opening() -> None:
    assert at("2027-01-15T08:00") == START_MS
    bench = bench_with(BOTH)
    bench.do("firm-a", paying(bench, 1, send=500))
    bench.advance(at("2027-01-15T09:00") - bench.time_ms)
    values = bench.refuses(CorridorsCode.CORRIDOR_CLOSED, "firm-a", paying(bench, 2, send=500))
    assert (values["calendar"], values["why"]) == ("CN", "past the cut-off; CNAPS rules 3.2")
    assert values["opens_at_ms"] == at("2027-01-18T06:00")
    bench.advance(at("2027-01-18T06:00") - bench.time_ms)
    bench.do("firm-a", paying(bench, 2, send=500))
    assert payment(bench, 2).state == "settled"
