"""Currencies and their minor units, and the step from written decimals to whole numbers.

The currencies are the ledger's own frozen table: `kernel/currencies.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tongbao.kernel.currencies import DECIMALS

MINOR_UNITS: dict[str, int] = DECIMALS
"""Decimals of every currency in which an amount can be stated."""


class NotMinor(ValueError):
    """The amount cannot be stated in whole minor units; `rule` names why."""

    def __init__(self, rule: str) -> None:
        """`rule` is `rule.currency` or `rule.currency_decimals`."""
        super().__init__(rule)
        self.rule = rule


def to_minor(text: str, currency: str) -> int:
    """Whole minor units of a schema-valid decimal, e.g. ("10.5", "EUR") -> 1050.

    More decimals than the currency has are refused even when they are zeros: "the number of
    fractional digits must comply with ISO 4217" (ISO 20022, rule CurrencyAmount). NotMinor.
    """
    decimals = MINOR_UNITS.get(currency)
    if decimals is None:
        raise NotMinor("rule.currency")
    sign, digits = (-1, text.strip()[1:]) if text.strip()[:1] == "-" else (1, text.strip())
    whole, _, part = digits.lstrip("+").partition(".")
    if len(part) > decimals:
        raise NotMinor("rule.currency_decimals")
    return sign * int((whole.lstrip("0") or "0") + part.ljust(decimals, "0"))


def to_text(amount_minor: int, decimals: int) -> str:
    """The written decimal of an amount that is not negative, e.g. (1050, 2) -> "10.50"."""
    if decimals == 0:
        return str(amount_minor)
    digits = str(amount_minor).rjust(decimals + 1, "0")
    return digits[:-decimals] + "." + digits[-decimals:]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency."""

    currency: str
    amount_minor: int
    """Minor units of `currency` by ISO 4217."""

    @property
    def decimals(self) -> int:
        """Decimals of the currency. KeyError for one without minor units."""
        return MINOR_UNITS[self.currency]

    @property
    def text(self) -> str:
        """The written decimal, as a message has it."""
        return to_text(self.amount_minor, self.decimals)
