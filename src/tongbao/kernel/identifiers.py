"""Numbers by which the outside knows accounts, institutions and companies, each in one spelling.

Pure functions for every way in, the ledger's and the gateway's: each takes what somebody wrote and
answers the one spelling in which it is kept (capitals, no blanks), or `None` where there can be no
such number. The tables are ours and frozen: an answer of the ledger may not change with the release
of a library. A change of the registers is a new version of the rules.

Sources: ISO 13616-1 with the IBAN registry (SWIFT, release 101), ISO/IEC 7064 MOD 97-10, ISO 17442,
GB 32100-2015, ISO 9362:2022, ISO 3166-1.
"""

from __future__ import annotations

import re

_BLANKS = re.compile("[ \t\u00a0\u2007\u202f\u3000]+")
_HYPHENS = str.maketrans("", "", "-")
_ALNUM = re.compile(r"[0-9A-Z]+")
_NUMBER = re.compile(r"[A-Z0-9-]{4,34}")
_IBAN_LIKE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_BIC = re.compile(r"[0-9A-Z]{4}([A-Z]{2})[0-9A-Z]{2}(?:[0-9A-Z]{3})?")
_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(f"[{_USCC_LETTERS}]{{2}}[0-9]{{6}}[{_USCC_LETTERS}]{{10}}")
_PLACEHOLDERS = ("NOTPROVIDED", "NOTAVAIL")
"""Words that are shaped like a BIC and are nobody's."""
_BBAN = """
    AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c
    CH5n12c CR18n CY8n16c CZ20n DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n
    FO14n FR10n11c2n GB4a14n GE2a16n GI4a15c GL14n GR7n16c GT24c HN4a20n HR17n HU24n IE4a14n
    IL19n IQ4a15n IS22n IT1a10n12c JO4a4n18c KW4a22c KZ3n13c LB4n20c LC4a24c LI5n12c LT16n
    LU3n13c LV4a13c LY21n MC10n11c2n MD20c ME18n MK3n10c2n MN16n MR23n MT4a5n18c MU4a19n3a
    NI4a20n NL4a10n NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c
    SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c SO19n ST21n SV4a20n TL19n TN20n
    TR6n16c UA6n19c VA18n VG4a16n XK16n YE4a4n18c
"""
"""Country and structure of its basic account number: so many digits (n), letters (a), both (c)."""
_COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
    VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2."""


def _structures() -> dict[str, re.Pattern[str]]:
    classes = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}
    found: dict[str, re.Pattern[str]] = {}
    for word in _BBAN.split():
        parts = re.findall(r"([0-9]+)([nac])", word[2:])
        found[word[:2]] = re.compile("".join(f"{classes[k]}{{{n}}}" for n, k in parts))
    return found


_STRUCTURES = _structures()


def squeezed(text: str) -> str:
    """Capitals without blanks, where all of it is ASCII; else the text as it is."""
    bare = _BLANKS.sub("", text)
    return bare.upper() if bare.isascii() else bare  # determinism: ASCII alone


def iban(text: str) -> str | None:
    """An IBAN in its electronic form, e.g. `DE89370400440532013000`.

    Country, length and structure by the registry; check digits are 98 less the remainder, so 02 to
    98 (ISO 7064): 00, 01 and 99 also leave the remainder 1 and are no check digits.
    """
    word = squeezed(text).translate(_HYPHENS)
    structure = _STRUCTURES.get(word[:2])
    if structure is None or structure.fullmatch(word, 4) is None:
        return None
    return word if _checked(word[2:4], word[4:] + word[:4]) else None


def check_digits(stem: str) -> str:
    """The check digits that follow a stem (ISO 7064): of a LEI, or of an IBAN whose basic number
    and country stand in this order."""
    return f"{98 - _remainder(stem + '00'):02d}"


def lei(text: str) -> str | None:
    """A legal entity identifier: 18 letters or digits, and check digits from 02 to 98."""
    word = squeezed(text)
    if _LEI.fullmatch(word) is None:
        return None
    return word if _checked(word[-2:], word) else None


def uscc(text: str) -> str | None:
    """A unified social credit code (统一社会信用代码) of 18 characters with its check character."""
    word = squeezed(text)
    if _USCC.fullmatch(word) is None:
        return None
    return word if word[-1] == uscc_check(word[:17]) else None


def uscc_check(first: str) -> str:
    """The check character of the first 17 characters of a code (GB 32100-2015, annex B)."""
    weighed = sum(_USCC_LETTERS.index(c) * pow(3, n, 31) for n, c in enumerate(first))
    return _USCC_LETTERS[-weighed % 31]


def bic(text: str) -> str | None:
    """A business identifier code: prefix of 4, country, suffix of 2, and a branch or none.

    Digits are allowed in prefix, suffix and branch. `XK` stands for Kosovo by common use.
    """
    word = squeezed(text)
    found = _BIC.fullmatch(word)
    if found is None or word in _PLACEHOLDERS:
        return None
    return word if found.group(1) in COUNTRIES or found.group(1) == "XK" else None


def account_number(text: str) -> str | None:
    """The number of an account: an IBAN, or 4 to 34 letters, digits and hyphens.

    What is shaped like an IBAN has to be one.
    """
    word = squeezed(text)
    if _IBAN_LIKE.fullmatch(word.translate(_HYPHENS)):
        return iban(word)
    return word if _NUMBER.fullmatch(word) else None


def is_iban(number: str) -> bool:
    """Whether the number of an account, in its one spelling, is an IBAN."""
    return _IBAN_LIKE.fullmatch(number) is not None and iban(number) == number


def _checked(digits: str, word: str) -> bool:
    return "02" <= digits <= "98" and _ALNUM.fullmatch(word) is not None and _remainder(word) == 1


def _remainder(word: str) -> int:
    """By 97, letters counted as 10 to 35."""
    return int("".join(str(int(c, 36)) for c in word)) % 97
