"""What a price is worth: rates, spread and total cost against a reference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tongbao.sdk.documents_corridors import CostLine, FxHop, FxOption, FxOptions, StatedRate
from tongbao.sdk.fx import (
    currency_of,
    ecb_rate,
    pay_abroad,
    percent,
    rate_text,
    reference_of,
    reserve,
    worth,
)

OPTION = FxOption(
    "EUR-JPY", "SHAR", "10100", "10000", "16000", "15900", "EUR", "JPY",
    (
        CostLine("network", "central/fees", "EUR", "100"),
        CostLine("receiving_bank", "b/fees", "JPY", "100"),
    ),
    (FxHop("book", "EUR", "10000", "JPY", "16000"),),
)  # fmt: skip
OPTIONS = FxOptions("EUR", "JPY", "send", "10000", 7, 1_750_000_000_000, (OPTION,))
DECIMALS = {"EUR": 2, "JPY": 0}


def stated(base: str, quote: str, value: str, decimals: int) -> FxOptions:
    rate = StatedRate(base, quote, 1_749_000_000_000, value, decimals, "fixing", "central")
    return FxOptions("EUR", "JPY", "send", "10000", 7, 1_750_000_000_000, (OPTION,), rate)


def test_rate_spread_and_total_cost_are_those_of_the_whole_payment() -> None:
    options = stated("EUR", "JPY", "1616", 1)
    found = worth(options, OPTION, DECIMALS, reference_of(options))
    assert found.rate == 160
    assert percent(found.spread) == "0.9901%"
    assert rate_text(found.all_in_rate) == "≈157.42574"
    assert rate_text(Decimal("98765432.109")) == "≈98765432"
    assert rate_text(Decimal("0.92")) == "0.92"
    assert percent(found.total_cost) == "2.5831%"


def test_a_reference_may_be_stated_the_other_way_round() -> None:
    reference = reference_of(stated("JPY", "EUR", "625", 5))
    assert reference is not None
    assert reference.rate == 160
    assert reference.day == date(2025, 6, 4)


def test_without_a_rate_of_the_network_the_ecb_s_is_taken_of_the_last_day_before() -> None:
    found = reference_of(OPTIONS)
    assert found is not None
    assert found.day <= date(2025, 6, 15)
    assert Decimal(160) < found.rate < Decimal(172)
    assert reference_of(OPTIONS, ecb=False) is None
    weekend = ecb_rate("EUR", "USD", date(2024, 12, 29))
    friday = ecb_rate("EUR", "USD", date(2024, 12, 27))
    assert weekend is not None
    assert friday is not None
    assert weekend.rate == friday.rate


def test_what_the_ecb_does_not_quote_has_no_reference() -> None:
    assert ecb_rate("GOLD", "EUR", date(2024, 1, 1)) is None
    found = worth(OPTIONS, OPTION, DECIMALS)
    assert (percent(found.spread), percent(found.total_cost)) == ("", "")


@pytest.mark.parametrize(
    ("asset", "currency"),
    [("EUR", "EUR"), ("EURX", "EUR"), ("CNY.B", "CNY"), ("EUROPE", ""), ("USDC", ""), ("XXX", "")],
)
def test_an_asset_stands_for_the_currency_that_it_begins_with(asset: str, currency: str) -> None:
    assert currency_of(asset) == currency


def test_one_currency_is_at_par() -> None:
    options = FxOptions("CNY", "CNY", "send", "5", 7, 1_750_000_000_000)
    reference = reference_of(options)
    assert reference is not None
    assert reference.rate == 1


def test_what_is_signed_and_reserved_is_what_was_shown() -> None:
    uetr = "7d3c1d0a-5f0b-4c7e-9a61-0f7b2a9c5d11"
    action = pay_abroad(OPTIONS, OPTION, "a/main", "b/main", uetr, purpose="GDDS")
    assert (action.send_minor, action.receive_minor, action.limit_minor) == (10_000, 0, 16_000)
    assert [cost.amount_minor for cost in action.costs] == [100, 100]
    assert action.route == (("JPY", "book"),)
    held = reserve(OPTIONS, OPTION, "a/main", 5)
    assert (held.exact, held.send_minor, held.receive_minor) == ("send", 10_000, 16_000)
    assert held.route.receive_asset == "JPY"
