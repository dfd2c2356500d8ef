"""Decimals of currencies (ISO 4217), so that a receipt can be told without asking a node."""

from __future__ import annotations

_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
    USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
}
DECIMALS: dict[str, int] = {
    code: decimals for decimals, codes in _CODES.items() for code in codes.split()
}
"""Digits behind the point of the currencies that accounts are kept in."""


def money(amount_minor: int, asset: str, decimals: int | None) -> str:
    """For people: `1,250.00 CNY`; in minor units where the decimals are not known."""
    if decimals is None:
        return f"{amount_minor:,} minor units of {asset}"
    sign = "-" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**decimals)
    digits = f".{part:0{decimals}d}" if decimals else ""
    return f"{sign}{whole:,}{digits} {asset}"
