"""What people type and read: amounts, prices, lengths of time, moments. The one parser of each.

Money is exact: what does not stand in the form that is asked for is refused in one sentence that
says what was typed and how to type it, and is never guessed. `1250,50` is thus no amount, because
in one country the comma groups and in another it is the decimal sign.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from math import gcd

from tongbao.kernel.wording import Text, WordedFault

MAX_AMOUNT = 2**127 - 1
"""Of minor units: the ledger's own bound (`kernel.money.MAX_AMOUNT`, held equal by a test)."""
MAX_DURATION_MS = 3_660 * 86_400_000
"""Ten years."""
SIGNIFICANT_DIGITS = 10
"""Of a price that is rounded for people."""
_MOST_TYPED = 80
_SHOWN = 40
_AMOUNT = re.compile(r"([0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_STEPS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_MILLISECONDS = re.compile(r"[0-9]{13}")
_PRICE = re.compile(r"([0-9]{1,39})(?:\.([0-9]{1,39})|/([0-9]{1,39}))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


class BadQuantity(WordedFault, ValueError):
    """What was typed is not what it has to be: names what was typed and how to type it."""


def parse_amount(text: str, decimals: int, asset: str = "") -> int:
    """Minor units of an amount such as `1250.50` or `1,250.50`; never negative.

    ASCII digits, grouped by commas in exact threes or not at all, a dot before the decimals, of
    which there are at most `decimals`; at most 2**127 - 1 minor units. `asset` is for the sentence.
    """
    typed = shown(text)
    plain = "1250.50" if decimals > 1 else "1250.5" if decimals else "1250"
    example = Text("{plain} or {grouped}", plain=plain, grouped=f"1,{plain[1:]}")
    found = _AMOUNT.fullmatch(text) if len(text) <= _MOST_TYPED else None
    if found is None:
        raise BadQuantity(
            "{typed} is not an amount: type digits with a dot before the decimals, e.g. {example}"
            if decimals
            else "{typed} is not an amount: type digits without decimals, e.g. {example}",
            typed=typed, example=example,
        )  # fmt: skip
    whole, rest = found[1].replace(",", ""), found[2] or ""
    amount = Text("an amount of {asset}", asset=asset) if asset else Text("an amount")
    if len(rest) > decimals:
        raise BadQuantity(
            "{typed} has {count} decimals: {amount} has at most {decimals}, e.g. {example}",
            typed=typed, count=len(rest), amount=amount, decimals=decimals, example=example,
        )  # fmt: skip
    minor = int(whole + rest.ljust(decimals, "0"))
    if minor > MAX_AMOUNT:
        raise BadQuantity(
            "{typed} is too large: {amount} is at most {most}",
            typed=typed, amount=amount, most=amount_text(MAX_AMOUNT, decimals),
        )  # fmt: skip
    return minor


def amount_text(minor: int, decimals: int) -> str:
    """An amount as people write it: 1234567 with 2 decimals is 12,345.67."""
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).zfill(decimals + 1)
    whole = digits[: len(digits) - decimals] if decimals else digits
    rest = digits[len(digits) - decimals :] if decimals else ""
    return f"{sign}{int(whole):,}" + (f".{rest}" if rest else "")


def parse_duration_ms(text: str) -> int:
    """Milliseconds of a length of time such as 30s, 15m, 12h or 7d; at most ten years."""
    found = _DURATION.fullmatch(text)
    length = int(found[1]) * _STEPS_MS[found[2]] if found else 0
    if not length:
        raise BadQuantity(
            "{typed} is not a length of time: type e.g. 30s, 15m, 12h or 7d",
            typed=shown(text),
        )
    if length > MAX_DURATION_MS:
        days = MAX_DURATION_MS // 86_400_000
        raise BadQuantity("{typed} is too long: at most {days}d", typed=shown(text), days=days)
    return length


def parse_moment_ms(text: str, now_ms: int) -> int:
    """A moment in UTC milliseconds since 1970, as people type it.

    `2026-12-01T10:00+08:00`; without a zone it is UTC, and a day alone is its begin in UTC; `+12h`
    counts from `now_ms`. Thirteen digits are such milliseconds themselves, as answers tell them.
    """
    if text.startswith("+"):
        moment = now_ms + parse_duration_ms(text[1:])
    elif _MILLISECONDS.fullmatch(text):
        moment = int(text)
    else:
        moment = _written_moment_ms(text)
    if not 0 <= moment <= _LAST_MS:
        raise BadQuantity("{typed} is outside 1970 to 9999", typed=shown(text))
    return moment


def _written_moment_ms(text: str) -> int:
    try:
        if _MOMENT.fullmatch(text) is None:
            raise ValueError(text)
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError) as fault:
        raise BadQuantity(
            "{typed} is not a moment (ISO 8601): type e.g. 2026-12-01T10:00Z (without a"
            " zone it is UTC), 2026-12-01T18:00+08:00, or +30m, +12h, +7d from now",
            typed=shown(text),
        ) from fault


def parse_price(text: str) -> tuple[int, int]:
    """A price above zero as an exact fraction in lowest terms: of `1.0832`, or of `3/7`."""
    found = _PRICE.fullmatch(text)
    above, below = 0, 1
    if found is not None:
        rest = found[2] or ""
        above = int(found[1] + rest)
        below = int(found[3]) if found[3] else 10 ** len(rest)
    if not above or not below:
        raise BadQuantity(
            "{typed} is no price: type digits with a dot before the decimals, or a"
            " fraction, above zero, e.g. 1.0832 or 3/7",
            typed=shown(text),
        )
    common = gcd(above, below)
    return above // common, below // common


def price_text(numerator: int, denominator: int, digits: int = SIGNIFICANT_DIGITS) -> str:
    """A price for people: exact where decimals can say it, else rounded behind `≈`."""
    common = gcd(numerator, denominator)
    above, below = numerator // common, denominator // common
    places = _places(below)
    exact = None if places is None else _plain(above * 10**places // below, places)
    if exact is not None and len(exact) <= 40:
        return exact
    # Rounded half up to so many significant digits.
    power = len(str(above)) - len(str(below))
    power -= above * 10 ** max(-power, 0) < below * 10 ** max(power, 0)
    places = digits - 1 - power
    scaled = above * 10 ** max(places, 0)
    divisor = below * 10 ** max(-places, 0)
    rounded = (2 * scaled + divisor) // (2 * divisor) * 10 ** max(-places, 0)
    return f"≈{_plain(rounded, max(places, 0))}"


def _places(below: int) -> int | None:
    """How many decimals a fraction with this denominator needs; None where none suffice."""
    twos = fives = 0
    while below % 2 == 0:
        below, twos = below // 2, twos + 1
    while below % 5 == 0:
        below, fives = below // 5, fives + 1
    return max(twos, fives) if below == 1 else None


def _plain(digits: int, places: int) -> str:
    written = amount_text(digits, places).replace(",", "")
    return written.rstrip("0").rstrip(".") if places else written


def shown(text: str) -> str:
    """What was typed, in quotes, for a sentence: short, and nothing in it acts on a screen."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    plain = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut
    )
    return f"'{plain}'"


def parse_count(text: str, least: int, most: int) -> int:
    """A whole number in ASCII digits, from `least` to `most`."""
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not digits or not least <= int(text) <= most:
        raise BadQuantity(
            "{typed} is not a whole number from {least} to {most}",
            typed=shown(text),
            least=least,
            most=most,
        )
    return int(text)
