"""Sentences with values in them: amounts in units, moments as dates, durations in words.

A template of a refusal code or an event names its values in braces. How a value is shown stands
behind a colon; without one it is shown as it is:

    {limit_minor:money}                 an amount; its asset is the value `limit_asset` where there
                                        is one, else `asset`: 12.50 CNY
    {paid_minor:money sell_asset}       an amount whose asset is the value `sell_asset`
    {due_at_ms:moment}                  milliseconds since 1970: 2026-11-30 09:00:00 UTC
    {limit_ms:duration}                 milliseconds as a duration: 24 hours
    {kind:word}                         a word of ours, such as a kind of thing: scheduled transfer

The values themselves stay what the ledger keeps: integers or decimal strings of minor units with
the asset's code beside them. So the consensus bytes know no form of writing, and a refusal that
names an amount always names its asset.

Everything here is English. Whoever shows a sentence in another language passes a `Translate`: it is
asked for the template and for the words that go into it (`tongbao/words.py`).

Values may come from outside (a receipt may claim anything): none is trusted to have its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol, Self, TypeAlias

from tongbao.kernel.currencies import DECIMALS

Decimals: TypeAlias = Callable[[str], int | None]
"""Digits behind the point of an asset by its code; None where they are not known."""


class Translate(Protocol):
    """The text of a language for an English one; the English itself where it has none."""

    def __call__(self, text: str, context: str = "") -> str:
        """`context` is the name of the value that a word is, as in gettext's `msgctxt`."""


_FIELD = re.compile(r"\{(\w+)(?::([a-z]+)(?: (\w+))?)?\}")
_WHOLE = re.compile(r"-?[0-9]{1,45}")
_UNITS = (
    (86_400_000, "{count} day", "{count} days"),
    (3_600_000, "{count} hour", "{count} hours"),
    (60_000, "{count} minute", "{count} minutes"),
    (1_000, "{count} second", "{count} seconds"),
    (1, "{count} millisecond", "{count} milliseconds"),
)
_DAY_MS, _HOUR_MS = 86_400_000, 3_600_000
_MINOR_UNITS, _THE_ASSET, _AND = "{count} minor units of {asset}", "the asset", "; "
TEXTS = (*(text for _, *texts in _UNITS for text in texts), _MINOR_UNITS, _THE_ASSET, _AND)
"""What is put together here, to be translated."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_decimals(asset: str) -> int | None:
    """What needs no ledger: an asset that is called as a currency has the currency's decimals."""
    return DECIMALS.get(asset)


def message(text: str, context: str = "") -> str:
    """The text as it is; `tools/translations.py` collects it where it stands in the code."""
    return text


def english(text: str, context: str = "") -> str:
    """The translation into English: the text as it is."""
    return text


def filled(
    template: str,
    values: Mapping[str, Any],
    decimals: Decimals = iso_decimals,
    translate: Translate = english,
) -> str:
    """The sentence with its values; the bare template where one is missing."""
    template = translate(template)
    if any(name not in values for name, _, _ in _FIELD.findall(template)):
        return bare(template)
    return _FIELD.sub(lambda found: _value(found, values, decimals, translate), template)


class Text(str):
    """An English sentence that remembers its template and values, so that others can translate it.

    A value may be a Text itself, or a tuple of them: it is then filled in the same language.
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        """Of a template as in refusal codes."""
        made = super().__new__(cls, filled(template, values))
        made.template = template
        made.values = values
        return made

    def filled(self, decimals: Decimals = iso_decimals, translate: Translate = english) -> str:
        """The sentence with its values."""
        return filled(self.template, self.values, decimals, translate)


class WordedFault(Exception):
    """A fault that says what is wrong in a sentence of its own."""

    def __init__(self, template: str, /, **values: Any) -> None:
        """The text of the exception is the English sentence."""
        self.text = Text(template, **values)
        super().__init__(self.text)


def bare(template: str) -> str:
    """The template with the names of its values alone, without how they are shown."""
    return _FIELD.sub(lambda found: "{" + found.group(1) + "}", template)


@lru_cache(maxsize=4_096)
def amounts_of(template: str) -> frozenset[str]:
    """Names of the values that a template tells as amounts."""
    fields = _FIELD.findall(template)
    return frozenset(name for name, form, _ in fields if form == "money")


def asset_of(name: str, values: Mapping[str, Any], field: str = "") -> Any:
    """The asset of an amount among the values; None where none is named."""
    own = field or name.removesuffix("_minor") + "_asset"
    return values.get(own, None if field else values.get("asset"))


def amount(
    minor: Any, asset: Any, decimals: Decimals = iso_decimals, translate: Translate = english
) -> str:
    """`1,250.00 CNY`; `125,000 minor units of X` where the asset's decimals are not known."""
    whole = minor if type(minor) is int else _number(minor)
    if whole is None:
        return _plain(minor)
    name = _plain(asset)
    digits = decimals(name) if name else None
    if digits is None:
        name = name or translate(_THE_ASSET)
        return translate(_MINOR_UNITS).format(count=f"{whole:,}", asset=name)
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


def duration(length_ms: Any, translate: Translate = english) -> str:
    """A length of time in the largest unit in which it is whole: 24 hours, 400 days."""
    whole = length_ms if type(length_ms) is int else _number(length_ms)
    if whole is None:
        return _plain(length_ms)
    # One day is stated as 24 hours: it need not be a calendar day.
    largest = _HOUR_MS if abs(whole) == _DAY_MS else _DAY_MS
    for size, one, several in _UNITS:
        if size <= largest and whole % size == 0 and abs(whole) >= size:
            count = whole // size
            return translate(one if count == 1 else several).format(count=f"{count:,}")
    return translate("{count} seconds").format(count=0)


def _value(
    found: re.Match[str], values: Mapping[str, Any], decimals: Decimals, translate: Translate
) -> str:
    name, form, field = found.group(1), found.group(2) or "", found.group(3) or ""
    value = values[name]
    if isinstance(value, BaseException):
        value = getattr(value, "text", value)
    if isinstance(value, Text):
        return value.filled(decimals, translate)
    if isinstance(value, tuple) and any(isinstance(one, Text) for one in value):
        return translate(_AND).join(one.filled(decimals, translate) for one in value)
    match form:
        case "money":
            return amount(value, asset_of(name, values, field), decimals, translate)
        case "moment":
            return moment(value)
        case "duration":
            return duration(value, translate)
        case "word":
            return translate(_plain(value), name)
    return _plain(value)


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else None


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
