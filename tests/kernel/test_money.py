"""Money: the fixed layout, rounding with an owner for the remainder, and sharing to the unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.money import (
    MAX_AMOUNT,
    Holding,
    HoldingFlag,
    Rounding,
    apportion,
    check_amount,
    divide,
    holding_key,
    owner_of,
)

FLAGS = st.builds(HoldingFlag, st.integers(0, 127))
AMOUNTS = st.integers(0, MAX_AMOUNT)


@given(FLAGS, st.integers(-(2**127), MAX_AMOUNT), AMOUNTS)
def test_a_holding_comes_back_from_its_33_bytes(
    flags: HoldingFlag, posted: int, reserved: int
) -> None:
    holding = Holding(flags, posted, reserved)
    raw = holding.encode()
    assert len(raw) == 33
    assert Holding.decode(raw) == holding
    assert holding.available == posted - reserved


def test_the_key_of_a_holding_names_account_and_asset() -> None:
    assert holding_key("BANKA/main", "CNY@CB") == b"\x10BANKA/main\0CNY@CB"
    assert owner_of("BANKA/main") == "BANKA"


@pytest.mark.parametrize("amount", [1, 2, MAX_AMOUNT])
def test_amounts_from_one_to_the_greatest_are_taken(amount: int) -> None:
    check_amount(amount)


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT + 1, 2**200])
def test_any_other_amount_is_refused(amount: int) -> None:
    with pytest.raises(Refusal) as caught:
        check_amount(amount)
    assert caught.value.code is KernelCode.AMOUNT_RANGE
    assert caught.value.values["amount"] == str(amount)


def test_zero_is_taken_where_the_caller_says_so() -> None:
    check_amount(0, low=0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounding", "quotient", "remainder"),
    [
        (10, 3, Rounding.DOWN, 3, 1),
        (10, 3, Rounding.UP, 4, -2),
        (9, 3, Rounding.UP, 3, 0),
        (10, 3, Rounding.HALF_EVEN, 3, 1),
        (11, 3, Rounding.HALF_EVEN, 4, -1),
        (5, 2, Rounding.HALF_EVEN, 2, 1),
        (7, 2, Rounding.HALF_EVEN, 4, -1),
        (0, 7, Rounding.UP, 0, 0),
    ],
)
def test_a_quotient_is_rounded_by_the_named_rule(
    numerator: int, denominator: int, rounding: Rounding, quotient: int, remainder: int
) -> None:
    assert divide(numerator, denominator, rounding) == (quotient, remainder)


@given(AMOUNTS, st.integers(1, MAX_AMOUNT), st.sampled_from(list(Rounding)))
def test_quotient_and_remainder_make_the_whole_again(
    numerator: int, denominator: int, rounding: Rounding
) -> None:
    quotient, remainder = divide(numerator, denominator, rounding)
    assert quotient * denominator + remainder == numerator
    assert abs(remainder) < denominator


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 3), (1, 0), (1, -1)])
def test_dividing_outside_the_rule_is_a_bug_not_a_refusal(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="divide"):
        divide(numerator, denominator, Rounding.DOWN)


@given(AMOUNTS, st.lists(st.integers(0, 10**12), min_size=1, max_size=20).filter(any))
def test_shares_sum_to_the_total_and_differ_from_the_exact_by_less_than_one(
    total: int, weights: list[int]
) -> None:
    shares = apportion(total, weights)
    whole = sum(weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * whole - total * weight) < whole


def test_a_tie_goes_to_the_earlier_share() -> None:
    assert apportion(100, [1, 1, 1]) == (34, 33, 33)
    assert apportion(101, [1, 1, 1]) == (34, 34, 33)


@pytest.mark.parametrize(("total", "weights"), [(1, [0]), (-1, [1]), (1, [2, -1])])
def test_sharing_by_impossible_weights_is_a_bug(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="apportion"):
        apportion(total, weights)
