"""One spelling for each number, by its own standard; what cannot be a number is none."""

from __future__ import annotations

import random

import pytest
from stdnum import iban as library_iban
from stdnum import lei as library_lei
from stdnum.cn import uscc as library_uscc

from tongbao.kernel import identifiers as ids
from tongbao.kernel.currencies import DECIMALS
from tongbao.kernel.hashing import content_digest

IBAN = "DE89370400440532013000"
LEI = "529900T8BM49AURSDO55"
USCC = "91110000600037341L"


@pytest.mark.parametrize(
    "written",
    [IBAN, "DE89 3704 0044 0532 0130 00", "de89 3704 0044 0532 0130 00", f" {IBAN} ",
     "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", "DE89-3704-0044-0532-0130-00"],
)  # fmt: skip
def test_every_spelling_of_an_iban_is_one_number(written: str) -> None:
    assert ids.iban(written) == ids.account_number(written) == IBAN
    assert ids.is_iban(IBAN) and not ids.is_iban(written.lower())


@pytest.mark.parametrize(
    "written",
    ["DE01370400440000000042", "DE98370400440000000043", "DE00370400440532013000",
     "DE99370400440532013000", "DE8937040044053201300", "DE893704004405320130000",
     "DEX9370400440532013000", "DE89A70400440532013000", "US64370400440532013000",
     "ZZ15370400440532013000", "ＤＥ89370400440532013000", "DE89３70400440532013000", ""],
)  # fmt: skip
def test_what_cannot_be_an_iban_is_none(written: str) -> None:
    assert ids.iban(written) is None


def test_check_digits_are_02_to_98_though_others_leave_the_same_remainder() -> None:
    """ISO 7064: 00, 01 and 99 leave the remainder 1 where 97, 98 and 02 do (cases A13, A14)."""
    seen: dict[str, int] = {"00": 0, "01": 0, "99": 0}
    for number in range(2_000):
        bban = f"{number:018d}"
        right = ids.check_digits(f"{bban}DE")
        assert 2 <= int(right) <= 98 and ids.iban(f"DE{right}{bban}")
        for twin in seen:
            if (int(twin) - int(right)) % 97 == 0:
                seen[twin] += 1
                assert ids.iban(f"DE{twin}{bban}") is None
                assert ids.account_number(f"DE{twin}{bban}") is None
                assert ids.lei(f"{number:018d}{twin}") is None
    assert all(seen.values())


def test_lei_and_code_have_their_forms_and_check_characters() -> None:
    assert ids.lei("5299 00T8 BM49 AURS DO55") == ids.lei(LEI.lower()) == LEI
    assert ids.lei("00TB00BUGCASE0007001") is None
    assert ids.lei("00TB00BUGCASE0007098") is not None
    assert ids.lei(LEI[:-2] + "5A") is None and ids.lei(LEI[:-1]) is None
    assert ids.uscc(f" {USCC.lower()}") == USCC
    assert ids.uscc(USCC[:-1] + "K") is None
    for letter in "IOZSV":
        stem = f"9111000060003{letter}341"
        assert all(ids.uscc(stem + one) is None for one in "0123456789ABCDEFGHJKLMNPQRTUWXY")


@pytest.mark.parametrize(
    ("written", "right"),
    [("ICBKCNBJXXX", "ICBKCNBJXXX"), ("icbkcnbj", "ICBKCNBJ"), ("1CBKCN2J", "1CBKCN2J"),
     ("12345678", None), ("ICBKZZBJ", None), ("ICBKCNBJX", None), ("ICBKCNBJXX", None),
     ("NOTPROVIDED", None), ("ICBKXKBJ", "ICBKXKBJ"), ("IC-KCNBJ", None), ("", None)],
)  # fmt: skip
def test_a_bic_is_that_of_iso_9362(written: str, right: str | None) -> None:
    assert ids.bic(written) == right


def test_a_plain_number_is_kept_in_capitals_without_blanks() -> None:
    assert ids.account_number("6222 0210 0100 1234") == "6222021001001234"
    assert ids.account_number("ab-12") == "AB-12"
    assert ids.account_number("abc") is None and ids.account_number("a" * 35) is None
    assert ids.account_number("账号1234") is None


def test_our_functions_agree_with_a_library_where_that_is_right() -> None:
    draw = random.Random(7)
    for country, structure in sorted(ids._STRUCTURES.items()):
        for _ in range(20):
            bban = _drawn(draw, structure.pattern)
            good = f"{country}{ids.check_digits(bban + country)}{bban}"
            assert ids.iban(good) == good
            assert library_iban.is_valid(good, check_country=False), good
    for _ in range(500):
        stem = "".join(draw.choices("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=18))
        assert library_lei.is_valid(ids.lei(stem + ids.check_digits(stem)) or "")
        code = "91" + "".join(draw.choices("0123456789", k=6))
        code += "".join(draw.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=9))
        assert library_uscc.is_valid(ids.uscc(code + ids.uscc_check(code)) or "")


def _drawn(draw: random.Random, pattern: str) -> str:
    kinds = {"[0-9]": "0123456789", "[A-Z]": "ABCXYZ", "[0-9A-Z]": "0189AZ"}
    parts = [part.split("{") for part in pattern.split("}") if part]
    return "".join("".join(draw.choices(kinds[k], k=int(n))) for k, n in parts)


def test_the_tables_are_frozen_and_a_change_of_them_is_a_new_version_of_the_rules() -> None:
    """Were a table to change under one version, a release would part from those before it."""
    tables = repr((ids._BBAN.split(), sorted(ids.COUNTRIES), ids._USCC.pattern, DECIMALS))
    assert content_digest(tables.encode()).hex()[:16] == "e59d7a41592d5613"
