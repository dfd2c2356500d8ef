"""Sentences with values in them: amounts in units, moments as dates, durations in words.

A template of a refusal code or an event names its values in braces. How a value is told is said by
its name or, where the name does not tell, behind a colon:

    {limit_minor}, {limit:money}        an amount; its asset is the value `limit_asset` where there
                                        is one, else `asset`: 12.50 CNY
    {paid_minor:money sell_asset}       an amount whose asset is the value `sell_asset`
    {due_at_ms}, {time_ms}, {x:moment}  milliseconds since 1970: 2026-11-30 09:00:00 UTC
    {limit_ms}, {x:duration}            milliseconds as a duration: 24 hours

The values themselves stay what the ledger keeps: integers or decimal strings of minor units with
the asset's code beside them. So the consensus bytes know no form of writing, and a refusal that
names an amount always names its asset.

Values may come from outside (a receipt may claim anything): none is believed to have its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from tongbao.kernel.currencies import DECIMALS

Decimals: TypeAlias = Callable[[str], int | None]
"""Digits behind the point of an asset by its code; None where they are not known."""

_FIELD = re.compile(r"\{(\w+)(?::([a-z]+)(?: (\w+))?)?\}")
_WHOLE = re.compile(r"-?[0-9]{1,45}")
_DURATIONS = ("limit_ms", "window_ms", "memory_ms")
"""Values in milliseconds that are lengths of time; every other is a moment."""
_UNITS = (
    (86_400_000, "day", "天"), (3_600_000, "hour", "小时"), (60_000, "minute", "分钟"),
    (1_000, "second", "秒"), (1, "millisecond", "毫秒"),
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_decimals(asset: str) -> int | None:
    """What needs no ledger: an asset that is called as a currency has the currency's decimals."""
    return DECIMALS.get(asset)


def filled(
    template: str,
    values: Mapping[str, Any],
    language: str = "en",
    decimals: Decimals = iso_decimals,
) -> str:
    """The sentence with its values, in `en` or `zh`; the bare template where one is missing."""
    if any(name not in values for name, _, _ in _FIELD.findall(template)):
        return bare(template)
    zh = language.startswith("zh")
    return _FIELD.sub(lambda found: _told(found, values, zh, decimals), template)


def bare(template: str) -> str:
    """The template with the names of its values alone, without how they are told."""
    return _FIELD.sub(lambda found: "{" + found.group(1) + "}", template)


def kind_of(name: str, form: str = "") -> str:
    """How a value is told: `money`, `moment`, `duration`, or `` for as it is."""
    if form:
        return form
    if name.endswith("_minor"):
        return "money"
    if name in _DURATIONS:
        return "duration"
    return "moment" if name.endswith("_ms") else ""


@lru_cache(maxsize=4_096)
def amounts_of(template: str) -> frozenset[str]:
    """Names of the values that a template tells as amounts."""
    fields = _FIELD.findall(template)
    return frozenset(name for name, form, _ in fields if kind_of(name, form) == "money")


def asset_of(name: str, values: Mapping[str, Any], field: str = "") -> Any:
    """The asset of an amount among the values; None where none is named."""
    own = field or name.removesuffix("_minor") + "_asset"
    return values.get(own, None if field else values.get("asset"))


def amount(minor: Any, asset: Any, language: str, decimals: Decimals = iso_decimals) -> str:
    """`1,250.00 CNY`; `125,000 minor units of X` where the asset's decimals are not known."""
    whole = minor if type(minor) is int else _number(minor)
    if whole is None:
        return _plain(minor)
    name = _plain(asset)
    digits = decimals(name) if name else None
    if digits is None:
        zh = language.startswith("zh")
        named = name or ("该资产" if zh else "the asset")
        return f"{named} {whole:,} 个最小单位" if zh else f"{whole:,} minor units of {named}"
    return f"{units(whole, digits)} {name}"


def units(minor: int, decimals: int) -> str:
    """Minor units as people write the amount: 1234567 with 2 decimals is 12,345.67."""
    whole, part = divmod(abs(minor), 10**decimals)
    rest = f".{part:0{decimals}d}" if decimals else ""
    return f"{'-' if minor < 0 else ''}{whole:,}{rest}"


def moment(time_ms: Any) -> str:
    """A block's time in UTC, for people; as it is where it is no such time."""
    whole = time_ms if type(time_ms) is int else _number(time_ms)
    try:
        at = _EPOCH + timedelta(milliseconds=whole or 0)
    except OverflowError:
        return _plain(time_ms)
    return _plain(time_ms) if whole is None else at.strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(length_ms: Any, language: str) -> str:
    """A length of time in the largest unit in which it is whole: 24 hours, 400 days."""
    whole = length_ms if type(length_ms) is int else _number(length_ms)
    if whole is None:
        return _plain(length_ms)
    for size, en, zh in _UNITS:
        # One day is said as 24 hours: it need not be a calendar day.
        if whole % size == 0 and (abs(whole) >= size) and not (en == "day" and abs(whole) == size):
            count = whole // size
            return f"{count} {zh}" if language.startswith("zh") else _counted(count, en)
    return f"0 {'秒' if language.startswith('zh') else 'seconds'}"


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"


def _told(found: re.Match[str], values: Mapping[str, Any], zh: bool, decimals: Decimals) -> str:
    name, form, field = found.group(1), found.group(2) or "", found.group(3) or ""
    value, language = values[name], "zh" if zh else "en"
    kind = kind_of(name, form)
    if kind == "money":
        return amount(value, asset_of(name, values, field), language, decimals)
    if kind == "moment":
        return moment(value)
    return duration(value, language) if kind == "duration" else _plain(value)


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else None


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
