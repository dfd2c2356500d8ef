"""A promise that ends gives back what it counted, and what is free is bounded."""

from __future__ import annotations

from typing import Any

import pytest

from tongbao.modules.accounts import AccountsCode, SetLimits, spent_today
from tongbao.modules.exchange import (
    CreatePool,
    DeclineQuote,
    ExchangeCode,
    Hop,
    OfferQuote,
    PayAcross,
    PayQuote,
    ReserveQuote,
    Route,
    depth,
)
from tongbao.modules.exchange.model import MAX_RESERVATIONS
from tongbao.modules.exchange.tests.trading import of_kind, sell, trading_bench
from tongbao.modules.payments import Transfer
from tongbao.modules.testing import DAY_MS, OPENING, Bench

MAKER, TAKER, PAYEE = "bank-a/main", "firm-a/main", "firm-b/main"
TO_HKD = Route("CNY", (Hop("HKD"),))


@pytest.fixture
def bench() -> Bench:
    """A maker that pays out 1,000.00 HKD a day offers 500.00, to be reserved for nothing."""
    bench = trading_bench()
    bench.do("bank-a", SetLimits(MAKER, "HKD", per_day=100_000, per_payment=0))
    bench.do("bank-a", sell("bank-a", "HKD", 50_000, (92, 100), "CNY", reservable_ms=60_000))
    return bench


def reserving(bench: Bench, receive: int, taker: str = "firm-a", **more: Any) -> ReserveQuote:
    expires = bench.time_ms + more.pop("ms", 30_000)
    account = f"{taker}/main"
    return ReserveQuote(account, TO_HKD, "receive", OPENING, receive, expires, **more)


def reserve(bench: Bench, receive: int, taker: str = "firm-a", **more: Any) -> str:
    events = bench.do(taker, reserving(bench, receive, taker, **more))
    return str(of_kind(events, "QuoteGiven")[0].quote)


def spent(bench: Bench) -> int:
    return spent_today(bench.view, MAKER, "HKD")


def test_what_is_reserved_and_declined_again_and_again_burns_nothing_of_the_makers_day(
    bench: Bench,
) -> None:
    for _ in range(10):
        quote = reserve(bench, 25_000)
        assert spent(bench) == 25_000
        bench.do("firm-a", DeclineQuote(quote))
        assert spent(bench) == 0
    bench.do("bank-a", Transfer(MAKER, PAYEE, "HKD", 100_000))


def test_what_expires_gives_its_day_back_and_what_is_used_stays_counted(bench: Bench) -> None:
    reserve(bench, 10_000)
    bench.advance(30_000)
    assert spent(bench) == 0
    bench.do("firm-a", PayQuote(reserve(bench, 10_000), TAKER, PAYEE))
    assert spent(bench) == 10_000


def test_a_makers_own_quote_that_is_declined_gives_its_day_back(bench: Bench) -> None:
    own = OfferQuote(MAKER, "firm-a", "HKD", 60_000, "CNY", 55_000, bench.time_ms + 60_000)
    [given] = of_kind(bench.do("bank-a", own), "QuoteGiven")
    bench.refuses(AccountsCode.LIMIT_PER_DAY, "bank-a", Transfer(MAKER, PAYEE, "HKD", 50_000))
    bench.do("firm-a", DeclineQuote(given.quote))
    bench.do("bank-a", Transfer(MAKER, PAYEE, "HKD", 100_000))


def test_a_promise_of_before_a_limit_was_set_gives_back_nothing_that_it_never_counted(
    bench: Bench,
) -> None:
    bench.do("bank-a", SetLimits(MAKER, "HKD", per_payment=90_000, per_day=0))
    quote = reserve(bench, 20_000)
    bench.do("bank-a", SetLimits(MAKER, "HKD", per_day=100_000, per_payment=0))
    bench.do("bank-a", Transfer(MAKER, PAYEE, "HKD", 90_000))
    bench.do("firm-a", DeclineQuote(quote))
    assert spent(bench) == 90_000


def test_what_was_promised_yesterday_and_moves_today_counts_today_and_is_firm(
    bench: Bench,
) -> None:
    expires = bench.time_ms + DAY_MS
    own = OfferQuote(MAKER, "firm-a", "HKD", 60_000, "CNY", 55_000, expires)
    [given] = of_kind(bench.do("bank-a", own), "QuoteGiven")
    bench.advance(DAY_MS - 1_000)
    bench.do("bank-a", Transfer(MAKER, PAYEE, "HKD", 90_000))
    bench.do("firm-a", PayQuote(given.quote, TAKER, PAYEE))
    assert spent(bench) == 150_000
    bench.refuses(AccountsCode.LIMIT_PER_DAY, "bank-a", Transfer(MAKER, PAYEE, "HKD", 1))


def test_a_promise_of_before_a_limit_was_set_counts_when_it_is_paid(bench: Bench) -> None:
    bench.do("bank-a", SetLimits(MAKER, "HKD", per_payment=90_000, per_day=0))
    quote = reserve(bench, 20_000)
    bench.do("bank-a", SetLimits(MAKER, "HKD", per_day=100_000, per_payment=0))
    bench.do("firm-a", PayQuote(quote, TAKER, PAYEE))
    assert spent(bench) == 20_000


def test_a_limit_that_is_lifted_or_lowered_meanwhile_breaks_no_law(bench: Bench) -> None:
    for limits in (
        SetLimits(MAKER, "HKD", per_payment=0, per_day=0),
        SetLimits(MAKER, "HKD", per_day=150, per_payment=0),
        SetLimits(MAKER, "HKD", per_payment=1, per_day=0),
    ):
        quote, other = reserve(bench, 10_000), reserve(bench, 10_000)
        bench.do("bank-a", limits)
        bench.do("firm-a", DeclineQuote(quote))
        bench.do("firm-a", PayQuote(other, TAKER, PAYEE))
        bench.do("bank-a", SetLimits(MAKER, "HKD", per_day=100_000, per_payment=0))
        bench.do("bank-a", sell("bank-a", "HKD", 90_000, (92, 100), "CNY", reservable_ms=60_000))


def test_takers_together_reserve_half_of_an_offer_for_nothing_and_all_of_it_for_a_charge(
    bench: Bench,
) -> None:
    bench.refuses(ExchangeCode.NO_DEPTH, "firm-a", reserving(bench, 25_001))
    reserve(bench, 20_000)
    reserve(bench, 5_000, "firm-c")
    bench.refuses(ExchangeCode.NO_DEPTH, "bank-b", reserving(bench, 1_000, "bank-b"))
    assert [level.amount_minor for level in depth(bench.view, "HKD", "CNY")] == [25_000]
    dear = sell("bank-b", "HKD", 50_000, (93, 100), "CNY", reservable_ms=60_000, charge_bps=1)
    bench.do("bank-b", dear)
    reserve(bench, 50_000, most_charge_minor=5)


def test_a_taker_has_few_reservations_with_a_maker_at_a_time(bench: Bench) -> None:
    quotes = [reserve(bench, 1_000) for _ in range(MAX_RESERVATIONS)]
    reported = bench.refuses(ExchangeCode.TOO_MANY_RESERVATIONS, "firm-a", reserving(bench, 1_000))
    assert (reported["taker"], reported["maker"]) == ("firm-a", "bank-a")
    reserve(bench, 1_000, "firm-c")
    bench.do("firm-a", DeclineQuote(quotes[0]))
    reserve(bench, 1_000)


def test_half_of_a_pool_is_promised_for_nothing_at_most(bench: Bench) -> None:
    bench.do("bank-b", CreatePool("bank-b/main", "CNY", "HKD", 30, 100_000, 100_000, 60_000))
    route = Route("CNY", (Hop("HKD", "CNY:HKD:30"),))
    expires = bench.time_ms + 30_000
    most = ReserveQuote(TAKER, route, "receive", OPENING, 50_001, expires)
    bench.refuses(ExchangeCode.NOT_RESERVABLE, "firm-a", most)
    bench.do("firm-a", ReserveQuote(TAKER, route, "receive", OPENING, 50_000, expires))


@pytest.mark.parametrize("days", [0, 1])
@pytest.mark.parametrize("quoted", [True, False])
def test_what_a_maker_pays_itself_does_not_count_because_nothing_leaves(
    bench: Bench, quoted: bool, days: int
) -> None:
    """A taker that pays the maker's own account would use its day up without getting anything."""
    if quoted:
        expires = bench.time_ms + DAY_MS
        offer = OfferQuote(MAKER, "firm-a", "HKD", 40_000, "CNY", 36_800, expires)
        quote = of_kind(bench.do("bank-a", offer), "QuoteGiven")[0].quote
        action: Any = PayQuote(quote, TAKER, MAKER)
        bench.advance(days * (DAY_MS - 60_000))
    else:
        action = PayAcross(TAKER, MAKER, TO_HKD, "receive", OPENING, 40_000)
    bench.do("bank-a", Transfer(MAKER, PAYEE, "HKD", 7))
    bench.do("firm-a", action)
    assert spent(bench) == 7
    assert bench.balance(MAKER, "HKD") == OPENING - 7
    assert bench.balance(MAKER) == OPENING + 36_800
