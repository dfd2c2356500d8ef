"""Firm quotes: the money behind them is there, and goes back exactly."""

from __future__ import annotations

from typing import Any

import pytest

from tongbao.kernel.laws import broken_anywhere
from tongbao.modules.accounts import RESERVED
from tongbao.modules.assets import FreezeHolding, PauseAsset
from tongbao.modules.exchange import (
    CancelOffer,
    CreatePool,
    DeclineQuote,
    DepositPool,
    ExchangeCode,
    Hop,
    OfferQuote,
    PayAcross,
    PayQuote,
    ReserveQuote,
    Route,
    WithdrawPool,
    depth,
    offers_of,
    quote_of,
)
from tongbao.modules.exchange.tests.trading import of_kind, sell, trading_bench
from tongbao.modules.payments import PaymentsCode
from tongbao.modules.testing import OPENING, Bench

MAKER, TAKER, PAYEE = "bank-a/main", "firm-a/main", "firm-b/main"
TO_HKD = Route("CNY", (Hop("HKD"),))
THROUGH = Route("CNY", (Hop("HKD"), Hop("USD", "HKD:USD:30")))


@pytest.fixture
def bench() -> Bench:
    """A market maker whose offer and pool may be reserved for a minute."""
    bench = trading_bench()
    bench.do("bank-a", sell("bank-a", "HKD", 50_000, (92, 100), "CNY", reservable_ms=60_000))
    bench.do("bank-b", CreatePool("bank-b/main", "HKD", "USD", 30, 780_000, 100_000, 60_000))
    return bench


def reserve(bench: Bench, route: Route = TO_HKD, receive: int = 20_000, **more: Any) -> str:
    """Firm-a reserves; the quote's id."""
    expires = bench.time_ms + more.pop("ms", 30_000)
    action = ReserveQuote(TAKER, route, "receive", OPENING, receive, expires, **more)
    [given] = of_kind(bench.do("firm-a", action), "QuoteGiven")
    return str(given.quote)


def set_aside(bench: Bench, account: str = MAKER, asset: str = "HKD") -> dict[str, int]:
    return {key[2]: amount for key, amount in bench.view.scan(RESERVED, account, asset)}


def test_what_is_reserved_leaves_the_book_and_stays_set_aside(bench: Bench) -> None:
    reserve(bench)
    assert set_aside(bench) == {"offers": 30_000, "quotes": 20_000}
    assert [level.amount_minor for level in depth(bench.view, "HKD", "CNY")] == [30_000]


def test_a_reserved_price_is_paid_whatever_the_market_did_meanwhile(bench: Bench) -> None:
    quote = reserve(bench)
    bench.do("bank-a", CancelOffer(next(offers_of(bench.view, MAKER)).id))
    assert not list(depth(bench.view, "HKD", "CNY"))
    bench.do("firm-a", PayQuote(quote, TAKER, PAYEE))
    assert bench.balance(PAYEE, "HKD") == OPENING + 20_000
    assert bench.balance(TAKER) == OPENING - 18_400
    assert set_aside(bench) == {}
    bench.refuses(ExchangeCode.QUOTE_UNKNOWN, "firm-a", PayQuote(quote, TAKER, PAYEE))


def test_expiry_puts_it_back_into_the_offer_to_the_unit(bench: Bench) -> None:
    before = next(offers_of(bench.view, MAKER))
    quote = reserve(bench, receive=12_345)
    events = bench.advance(30_000)
    assert [event.reason for event in of_kind(events, "QuoteEnded")] == ["expired"]
    assert next(offers_of(bench.view, MAKER)) == before
    assert set_aside(bench) == {"offers": 50_000}
    assert quote_of(bench.view, quote) is None


def test_what_comes_back_to_a_cancelled_offer_is_its_makers(bench: Bench) -> None:
    quote = reserve(bench)
    bench.do("bank-a", CancelOffer(next(offers_of(bench.view, MAKER)).id))
    assert set_aside(bench) == {"quotes": 20_000}
    bench.do("firm-a", DeclineQuote(quote))
    assert set_aside(bench) == {}
    assert bench.available(MAKER, "HKD") == OPENING


def test_what_would_cross_the_book_does_not_come_back_into_it(bench: Bench) -> None:
    """All of it, which costs something: for nothing half of an offer is reserved at most."""
    bench.do("bank-a", CancelOffer(next(offers_of(bench.view, MAKER)).id))
    dear = sell("bank-a", "HKD", 50_000, (92, 100), "CNY", reservable_ms=60_000, charge_bps=1)
    bench.do("bank-a", dear)
    reserve(bench, receive=50_000, most_charge_minor=5)
    assert not list(depth(bench.view, "HKD", "CNY"))
    bench.do("firm-c", sell("firm-c", "CNY", 9_200, (100, 93), "HKD"))
    events = bench.advance(30_000)
    assert [event.reason for event in of_kind(events, "OfferClosed")] == ["filled"]
    assert bench.available(MAKER, "HKD") == OPENING
    assert list(broken_anywhere(bench.view, bench.registry)) == []


def test_only_who_allows_it_is_reserved_and_only_for_so_long(bench: Bench) -> None:
    bench.do("firm-c", sell("firm-c", "HKD", 50_000, (91, 100), "CNY"))
    reserve(bench)
    assert set_aside(bench, "firm-c/main") == {"offers": 50_000}
    late = ReserveQuote(TAKER, TO_HKD, "receive", OPENING, 1_000, bench.time_ms + 61_000)
    bench.refuses(ExchangeCode.NO_DEPTH, "firm-a", late)


def test_a_charge_is_paid_when_it_is_reserved_and_never_more_than_allowed(bench: Bench) -> None:
    bench.do("firm-c", sell("firm-c", "HKD", 50_000, (91, 100), "CNY", reservable_ms=60_000,
                            charge_bps=10))  # fmt: skip
    quote = reserve(bench, receive=10_000, most_charge_minor=10)
    found = quote_of(bench.view, quote)
    assert found is not None
    assert (found.send_minor, found.charge_minor) == (9_100, 10)
    assert bench.balance("firm-c/main") == OPENING + 10
    assert bench.balance(TAKER) == OPENING - 10


def test_book_and_pool_are_reserved_in_one_and_paid(bench: Bench) -> None:
    quote = reserve(bench, THROUGH, 1_000)
    assert set_aside(bench, "@exchange/HKD:USD:30", "USD") == {"quotes": 1_000}
    bench.do("firm-a", PayQuote(quote, TAKER, PAYEE))
    assert bench.balance(PAYEE, "USD") == OPENING + 1_000
    assert list(broken_anywhere(bench.view, bench.registry)) == []


def test_a_pools_promise_holds_through_swaps_withdrawals_and_deposits(bench: Bench) -> None:
    quote = reserve(bench, THROUGH, 3_000)
    pool = "HKD:USD:30"
    to_usd, to_hkd = Route("HKD", (Hop("USD", pool),)), Route("USD", (Hop("HKD", pool),))
    for route, amount in ((to_usd, 200_000), (to_hkd, 5_000), (to_usd, 30_000)):
        bench.do("firm-c", PayAcross("firm-c/main", "firm-c/main", route, "send", amount, 1))
    held = WithdrawPool("bank-b/main", pool, 270_000)
    bench.do("bank-b", held)
    bench.do("firm-c", DepositPool("firm-c/main", pool, 50_000, 50_000))
    bench.do("firm-a", PayQuote(quote, TAKER, PAYEE))
    assert bench.balance(PAYEE, "USD") == OPENING + 3_000
    assert list(broken_anywhere(bench.view, bench.registry)) == []


def test_reserving_gives_nobody_a_better_price_in_the_other_direction(bench: Bench) -> None:
    pool = "HKD:USD:30"
    back = Route("USD", (Hop("HKD", pool),))
    plain = of_kind(
        trading_twin().do(
            "firm-c", PayAcross("firm-c/main", "firm-c/main", back, "send", 5_000, 1)
        ),
        "Swapped",
    )
    reserve(bench, Route("CNY", (Hop("HKD"), Hop("USD", pool))), 2_000)
    reported = of_kind(
        bench.do("firm-c", PayAcross("firm-c/main", "firm-c/main", back, "send", 5_000, 1)),
        "Swapped",
    )
    assert reported[0].got_minor == plain[0].got_minor


def trading_twin() -> Bench:
    bench = trading_bench()
    bench.do("bank-b", CreatePool("bank-b/main", "HKD", "USD", 30, 780_000, 100_000, 60_000))
    return bench


def test_a_market_makers_quote_is_firm_and_its_takers_alone(bench: Bench) -> None:
    action = OfferQuote(MAKER, "firm-a", "USD", 1_000, "CNY", 7_100, bench.time_ms + 60_000)
    [given] = of_kind(bench.do("bank-a", action), "QuoteGiven")
    assert set_aside(bench, MAKER, "USD") == {"quotes": 1_000}
    other = PayQuote(given.quote, PAYEE, "firm-c/main")
    bench.refuses(ExchangeCode.QUOTE_OTHERS, "firm-b", other)
    bench.do("firm-a", PayQuote(given.quote, TAKER, PAYEE))
    assert bench.balance(PAYEE, "USD") == OPENING + 1_000
    assert bench.balance(MAKER) == OPENING + 7_100


def test_no_more_can_be_promised_than_there_is(bench: Bench) -> None:
    action = OfferQuote(MAKER, "firm-a", "HKD", OPENING - 49_999, "CNY", 1, bench.time_ms + 60_000)
    bench.refuses(PaymentsCode.INSUFFICIENT_FUNDS, "bank-a", action)


def test_a_freeze_or_a_pause_stands_against_a_quote_too_and_it_stays_open(bench: Bench) -> None:
    quote = reserve(bench)
    bench.do("central", PauseAsset("HKD", "review"))
    assert bench.offer("firm-a", PayQuote(quote, TAKER, PAYEE)).code.name == "ASSET_PAUSED"  # type: ignore[union-attr]
    bench.advance(30_000)
    assert set_aside(bench) == {"offers": 50_000}


def test_expiry_with_a_frozen_maker_releases_and_leaves_nothing_behind(bench: Bench) -> None:
    reserve(bench)
    bench.do("central", FreezeHolding("HKD", MAKER, "order"))
    bench.advance(30_000)
    assert set_aside(bench) == {"offers": 30_000}
    assert list(broken_anywhere(bench.view, bench.registry)) == []
