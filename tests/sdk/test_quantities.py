"""One parser of what people type: the right value, or one sentence that says how to type it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongbao.kernel import money
from tongbao.sdk.quantities import (
    MAX_AMOUNT,
    MAX_DURATION_MS,
    BadQuantity,
    amount_text,
    parse_amount,
    parse_duration_ms,
    parse_moment_ms,
    parse_price,
    price_text,
    shown,
)
from tongbao.words import text_of

CASE = Path("shared", "data", "cases", "D12-typed-amounts.json")
NOW = 1_796_000_000_000
DECEMBER = 1_796_083_200_000
"""The first of December 2026, 00:00 UTC."""

AMOUNTS = [
    ("1250.50", 125050), ("1,250.50", 125050), ("12,345,678.90", 1234567890), ("0", 0),
    ("0.01", 1), ("1250.5", 125050), ("1250", 125000), ("007", 700), ("999,999", 99999900),
    ("1,000,000.00", 100000000),
]  # fmt: skip
NO_AMOUNTS = [
    "1250,50", "1.250,50", "12,5", "0,01", "0,001", "1,2,3", "1,2345", "1234,567", ",123", "1,250,",
    "1,25.00", "1 250.50", "1'250.50", "1_000", "１２５０.５０", "²", "١٢٣", "१२३", "5.", ".50",
    ".", "", " ", "5 ", " 5", "5\n", "1250.505", "1e3", "-5", "+5", "−5", "0x10", "nan", "inf",
    "Infinity", "1.2.3", "1,250.50.1", "1.2,3", "五", "\u20661\u2069", "5\0", "\ud800",
    "1" * 5000, "0" * 81, "1,000" * 999, "10" * 40, "$5", "5 CNY", "5%", "1/2",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "minor"), AMOUNTS)
def test_an_amount_in_the_form_asked_for_is_exactly_that_amount(typed: str, minor: int) -> None:
    assert parse_amount(typed, 2, "CNY") == minor


@pytest.mark.parametrize("typed", NO_AMOUNTS)
@pytest.mark.parametrize("decimals", [0, 2, 18])
def test_anything_else_is_refused_in_one_sentence_of_each_language(
    typed: str, decimals: int
) -> None:
    if decimals == 18 and typed == "1250.505":
        return
    with pytest.raises(BadQuantity) as refused:
        parse_amount(typed, decimals, "CNY")
    for sentence in (text_of(refused.value, "en"), text_of(refused.value, "zh")):
        assert "\n" not in sentence
        assert sentence.isprintable()
        assert len(sentence) < 250
        assert shown(typed)[1:-1] in sentence


def test_the_amounts_of_case_d12_are_right() -> None:
    beside = [above / CASE for above in Path(__file__).resolve().parents]
    file = next((one for one in beside if one.exists()), None)
    if file is None:
        pytest.skip("../shared/data/cases is not here")
    for case in msgspec.json.decode(file.read_bytes()):
        typed, minor = case["typed"], case["minor"]
        if isinstance(minor, int) or typed == "0":
            assert parse_amount(typed, 2) == (minor if isinstance(minor, int) else 0)
        else:
            with pytest.raises(BadQuantity):
                parse_amount(typed, 2)


def test_an_amount_beyond_what_the_ledger_can_hold_is_refused_by_range() -> None:
    assert MAX_AMOUNT == money.MAX_AMOUNT
    assert parse_amount(str(MAX_AMOUNT), 0) == MAX_AMOUNT
    with pytest.raises(BadQuantity, match="too large: an amount of CNY is at most"):
        parse_amount(str(MAX_AMOUNT + 1), 0, "CNY")
    with pytest.raises(BadQuantity, match="too large"):
        parse_amount("1" + "0" * 40, 2)


def test_too_many_decimals_are_told_with_how_many_the_asset_has() -> None:
    with pytest.raises(BadQuantity, match="has 3 decimals: an amount of CNY has at most 2"):
        parse_amount("1250.505", 2, "CNY")
    with pytest.raises(BadQuantity, match="has 2 decimals: an amount of JPY has at most 0"):
        parse_amount("5000.00", 0, "JPY")


@given(st.integers(-MAX_AMOUNT, MAX_AMOUNT), st.integers(0, 18))
def test_what_is_told_of_an_amount_is_typed_as_the_same_amount(minor: int, decimals: int) -> None:
    text = amount_text(minor, decimals)
    assert parse_amount(text.lstrip("-"), decimals) == abs(minor)
    assert text.startswith("-") == (minor < 0)


@given(st.text(), st.integers(0, 18))
def test_no_text_is_more_than_an_amount_or_a_refusal(typed: str, decimals: int) -> None:
    try:
        assert 0 <= parse_amount(typed, decimals) <= MAX_AMOUNT
    except BadQuantity as refused:
        assert str(refused).isprintable()


@pytest.mark.parametrize(
    ("typed", "length"),
    [("30s", 30_000), ("15m", 900_000), ("12h", 43_200_000), ("7d", 604_800_000),
     ("3660d", MAX_DURATION_MS)],
)  # fmt: skip
def test_a_length_of_time_is_digits_and_a_unit(typed: str, length: int) -> None:
    assert parse_duration_ms(typed) == length


@pytest.mark.parametrize(
    "typed",
    ["", "0s", "5", "s", "5 m", "1.5h", "-5m", "+5m", "5M", "1h30m", "٣m", "²d", "3661d",
     "999999999d", "9999999999999999s", "5m\n"],
)  # fmt: skip
def test_any_other_length_of_time_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(BadQuantity) as refused:
        parse_duration_ms(typed)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-12-01", DECEMBER), ("2026-12-01T00:00", DECEMBER), ("2026-12-01 00:00", DECEMBER),
        ("2026-12-01T00:00:00Z", DECEMBER), ("2026-12-01T08:00+08:00", DECEMBER),
        ("2026-12-01T08:00+0800", DECEMBER), ("2026-11-30T16:30:00-07:30", DECEMBER),
        ("2026-12-01T00:00:00.250Z", DECEMBER + 250), ("+30m", NOW + 1_800_000),
        ("1796083200000", DECEMBER), ("9999-12-31", 253402214400000),
    ],
)  # fmt: skip
def test_a_moment_is_an_instant_and_utc_where_no_zone_stands(typed: str, moment: int) -> None:
    assert parse_moment_ms(typed, NOW) == moment


@pytest.mark.parametrize(
    "typed",
    ["", "+", "+0s", "tomorrow", "0000-01-01", "0001-01-01T00:00", "1969-12-31T23:59Z",
     "99999-01-01", "2026-13-01", "2026-02-30", "2026-12-01T25:00", "2026-12-01T10:00+99:00",
     "2026-12-01T10:00 Z", "9999-12-31T23:59:59-12:00", "20261201", "2026-W49-2", "²",
     "٢٠٢٦-١٢-٠١", "-5", "1796083200", "9" * 13 + "0", "+99999999d", "2026-12-01\n"],
)  # fmt: skip
def test_what_is_no_moment_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(BadQuantity) as refused:
        parse_moment_ms(typed, NOW)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("typed", "price"),
    [("1.0832", (677, 625)), ("3/7", (3, 7)), ("6/14", (3, 7)), ("2", (2, 1)), ("1.50", (3, 2)),
     ("0.000000000000000001", (1, 10**18)), ("98765432.109", (98765432109, 1000))],
)  # fmt: skip
def test_a_price_is_an_exact_fraction(typed: str, price: tuple[int, int]) -> None:
    assert parse_price(typed) == price


@pytest.mark.parametrize(
    "typed",
    ["1e9999999", "1e-400", "1e3", "nan", "inf", "1/0", "0", "0.0", "0/5", "7,42", "1,083.20", "-1",
     "+1", "1.", ".5", "1/2/3", "1.5/2", "", "²", "１", "1 / 2", "9" * 40, "1_0", "1" * 9999],
)  # fmt: skip
def test_what_is_no_price_is_refused_at_once(typed: str) -> None:
    with pytest.raises(BadQuantity) as refused:
        parse_price(typed)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("price", "reported"),
    [((98765432109, 1000), "98765432.109"), ((987654321, 100), "9876543.21"), ((1, 8), "0.125"),
     ((1, 10**18), "0.000000000000000001"), ((1, 44), "≈0.02272727273"), ((2, 3), "≈0.6666666667"),
     ((10**30, 3), "≈333333333300000000000000000000"), ((3, 1), "3"), ((1999999999999, 2 * 10**12),
     "0.9999999999995"), ((10**12 - 1, 3 * 10**12 // 7), "≈2.333333333"), ((1, 3 * 10**40),
     "≈0.00000000000000000000000000000000000000003333333333")],
)  # fmt: skip
def test_a_price_is_shown_exactly_or_said_to_be_rounded(
    price: tuple[int, int], reported: str
) -> None:
    assert price_text(*price) == reported


@given(st.integers(1, 10**40), st.integers(1, 10**40))
def test_a_shown_price_is_the_price_or_near_it(above: int, below: int) -> None:
    reported, price = price_text(above, below), Fraction(above, below)
    if reported.startswith("≈"):
        assert abs(Fraction(reported[1:]) / price - 1) < Fraction(1, 10**9)
    else:
        assert Fraction(reported) == price
