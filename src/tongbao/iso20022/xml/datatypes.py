"""The tests of simple values: strings, codes, numbers, dates.

Source: W3C XML Schema 1.0 part 2 for the lexical forms; the facets come from each message. A test
takes the text as written and answers None, or what is broken.
"""

from __future__ import annotations

import re
from base64 import b64decode
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

Check = Callable[[str], "Broken | None"]

_NO_BREAKS = str.maketrans("", "", "\t\r\n")
_SPACES = " \t\r\n"
_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_CLOCK = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_DAY = r"(-?(?:[1-9]\d{3,8}|0\d{3}))-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_DATE = re.compile(_DAY + _ZONE, re.ASCII)
_DATETIME = re.compile(_DAY + "T" + _CLOCK + _ZONE, re.ASCII)
_TIME = re.compile(_CLOCK + _ZONE, re.ASCII)
_PERIOD = re.compile(r"-?(?:[1-9]\d{3,8}|0\d{3})(?:-(?:0[1-9]|1[0-2]))?" + _ZONE, re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))", re.ASCII)


class Broken(NamedTuple):
    """A broken rule and the words that its text needs."""

    rule: str
    words: dict[str, str]


class Facets(NamedTuple):
    """The limits that a message sets on a simple type; None where it sets none."""

    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    total_digits: int | None = None
    fraction_digits: int | None = None
    min_inclusive: Decimal | None = None


def string_check(facets: Facets) -> Check:
    """Length in characters, then the pattern; white space counts (xs:string preserves it)."""
    low = facets.min_length or 0
    high = facets.max_length if facets.max_length is not None else 2**31
    form = re.compile(facets.pattern, re.ASCII) if facets.pattern else None
    length = Broken("xsd.length", {"expected": f"{low}-{high}"})
    pattern = Broken("xsd.pattern", {"expected": facets.pattern or ""})

    def check(text: str) -> Broken | None:
        if not low <= len(text) <= high:
            return length._replace(words={**length.words, "actual": str(len(text))})
        if form is not None and form.fullmatch(text) is None:
            return pattern
        return None

    return check


def enumeration_check(codes: tuple[str, ...]) -> Check:
    """One of the codes, exactly."""
    allowed = frozenset(codes)
    shown = ", ".join(codes[:12]) + (", …" if len(codes) > 12 else "")
    broken = Broken("xsd.enumeration", {"expected": shown})

    def check(text: str) -> Broken | None:
        return None if text in allowed else broken

    return check


def decimal_check(facets: Facets) -> Check:
    """A decimal number without exponent; digits are counted without leading and trailing zeros."""
    total, fraction, least = facets.total_digits, facets.fraction_digits, facets.min_inclusive

    def check(text: str) -> Broken | None:
        text = text.strip(_SPACES)
        match = _DECIMAL.fullmatch(text)
        if match is None:
            return Broken("xsd.type", {"expected": "decimal"})
        whole = (match[1] or "").lstrip("0")
        part = (match[2] or match[3] or "").rstrip("0")
        if fraction is not None and len(part) > fraction:
            return Broken("xsd.digits", {"expected": f"at most {fraction} decimals"})
        digits = len(whole + part) if whole else len(part)
        if total is not None and digits > total:
            return Broken("xsd.digits", {"expected": f"at most {total} digits"})
        if least is not None and Decimal(text) < least:
            return Broken("xsd.range", {"expected": str(least)})
        return None

    return check


def base64_check(facets: Facets) -> Check:
    """xs:base64Binary; lengths are those of the bytes."""
    low = facets.min_length or 0
    high = facets.max_length if facets.max_length is not None else 2**31

    def check(text: str) -> Broken | None:
        packed = "".join(text.split(" ")).translate(_NO_BREAKS)
        try:
            size = len(b64decode(packed, validate=True))
        except ValueError:
            return Broken("xsd.type", {"expected": "base64Binary"})
        if low <= size <= high:
            return None
        return Broken("xsd.length", {"expected": f"{low}-{high}", "actual": str(size)})

    return check


def check_boolean(text: str) -> Broken | None:
    """xs:boolean: true, false, 1, 0."""
    if text.strip(_SPACES) in ("true", "false", "1", "0"):
        return None
    return Broken("xsd.type", {"expected": "boolean"})


def check_date(text: str) -> Broken | None:
    """xs:date: a day that the calendar has, with or without a zone."""
    match = _DATE.fullmatch(text.strip(_SPACES))
    return None if match and _in_calendar(match) else Broken("xsd.type", {"expected": "date"})


def check_datetime(facets: Facets) -> Check:
    """xs:dateTime, with the pattern that some headers add (a time in UTC, `.*Z`)."""
    form = re.compile(facets.pattern) if facets.pattern else None

    def check(text: str) -> Broken | None:
        text = text.strip(_SPACES)
        match = _DATETIME.fullmatch(text)
        if match is None or not _in_calendar(match):
            return Broken("xsd.type", {"expected": "dateTime"})
        if form is not None and form.fullmatch(text) is None:
            return Broken("xsd.pattern", {"expected": facets.pattern or ""})
        return None

    return check


def check_time(text: str) -> Broken | None:
    """xs:time."""
    found = _TIME.fullmatch(text.strip(_SPACES))
    return None if found else Broken("xsd.type", {"expected": "time"})


def check_period(text: str) -> Broken | None:
    """xs:gYearMonth or xs:gYear; the metadata does not tell them apart."""
    found = _PERIOD.fullmatch(text.strip(_SPACES))
    return None if found else Broken("xsd.type", {"expected": "year or year-month"})


def _in_calendar(match: re.Match[str]) -> bool:
    """Whether year (not 0000), month and day name a real day."""
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    return year != 0 and day <= monthrange(2000 + year % 400, month)[1]
