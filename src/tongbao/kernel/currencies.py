"""Decimals of the currencies of ISO 4217, frozen: part of the rules, not of a library's release.

Source: ISO 4217, list one (active codes) with amendments up to 179, and of list three the codes
withdrawn since 2022. Metals, bond units, testing and "no currency" have no minor unit ("N.A."): an
asset that is called so has the decimals that its issuer states.
"""

from __future__ import annotations

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

DECIMALS: dict[str, int] = {
    code: decimals for decimals, codes in _CODES.items() for code in codes.split()
}
"""Digits behind the point of every currency in which an amount can be stated."""
