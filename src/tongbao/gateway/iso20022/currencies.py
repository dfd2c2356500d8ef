"""Currencies and their minor units, and the step from written decimals to whole numbers.

Source: ISO 4217, list one (active codes, SIX Financial Information) with amendments up to 179, and
from list three the codes withdrawn since 2022 that statements of older days still carry. Metals,
bond units, testing and "no currency" have no minor unit ("N.A."): no amount can be made of them.
"""

from __future__ import annotations

from dataclasses import dataclass

_CODES: dict[int, str] = {
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
    PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    ANG BGN CUC HRK SLL ZWL
    """,
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""By decimals; the last line of the twos are the codes of list three."""

MINOR_UNITS: dict[str, int] = {
    code: decimals for decimals, codes in _CODES.items() for code in codes.split()
}
"""Decimals of every currency in which an amount can be stated."""


class NotMinor(ValueError):
    """The amount cannot be said in whole minor units; `rule` names why."""

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
