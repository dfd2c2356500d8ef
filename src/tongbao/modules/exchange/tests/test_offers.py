"""Orders and offers: what trades, what stands, and what is set aside."""

from __future__ import annotations

from typing import Any

import pytest

from tongbao.kernel.transaction import Event
from tongbao.modules.accounts import HoldAsset
from tongbao.modules.assets import DefineAsset, FreezeHolding, Issue
from tongbao.modules.exchange import (
    CancelOffer,
    CancelOffers,
    ExchangeCode,
    PlaceOffer,
    depth,
    offers_of,
)
from tongbao.modules.testing import OPENING, Bench

MEMBERS = ("bank-a", "bank-b", "firm-a", "firm-b", "firm-c")


@pytest.fixture
def bench() -> Bench:
    """Everybody has CNY and HKD."""
    bench = Bench(
        DefineAsset("HKD", "central", 2, "cbdc", "Hong Kong dollar", freezable=True),
    )
    for party in MEMBERS:
        bench.do(party, HoldAsset(f"{party}/main", "HKD"))
        bench.do("central", Issue("HKD", f"{party}/main", OPENING))
    return bench


def sell_hkd(party: str, amount: int, buy: int, sell: int = 100, **terms: Any) -> PlaceOffer:
    """HKD for CNY."""
    return PlaceOffer(f"{party}/main", "HKD", amount, "CNY", buy, sell, **terms)


def sell_cny(party: str, amount: int, buy: int, sell: int, **terms: Any) -> PlaceOffer:
    """CNY for HKD: `buy` HKD are asked for `sell` CNY."""
    return PlaceOffer(f"{party}/main", "CNY", amount, "HKD", buy, sell, **terms)


def of_kind(events: tuple[Event, ...], name: str) -> list[Any]:
    return [event for event in events if type(event).__name__ == name]


def test_an_offer_that_meets_nothing_stands_and_its_money_is_set_aside(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 50_000, 92))
    assert bench.available("bank-a/main", "HKD") == OPENING - 50_000
    assert bench.balance("bank-a/main", "HKD") == OPENING
    [level] = depth(bench.view, "HKD", "CNY")
    assert level == (92, 100, 50_000, 1)


def test_the_best_price_goes_first_and_then_the_oldest(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 93))
    bench.do("bank-b", sell_hkd("bank-b", 10_000, 92))
    bench.do("firm-b", sell_hkd("firm-b", 10_000, 46, 50))
    trades = of_kind(bench.do("firm-a", sell_cny("firm-a", 20_000, 100, 93)), "Traded")
    assert [(t.maker, t.paid_minor, t.got_minor) for t in trades] == [
        ("bank-b/main", 9_200, 10_000), ("firm-b/main", 9_200, 10_000),
        ("bank-a/main", 1_600, 1_720),
    ]  # fmt: skip
    assert bench.balance("firm-a/main") == OPENING - 20_000
    assert bench.balance("firm-a/main", "HKD") == OPENING + 21_720


def test_the_rest_of_an_order_stands_at_its_own_price(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 92))
    bench.do("firm-a", sell_cny("firm-a", 20_000, 100, 93))
    [level] = depth(bench.view, "CNY", "HKD")
    assert level == (100, 93, 20_000 - 9_200, 1)
    assert not list(depth(bench.view, "HKD", "CNY"))


def test_immediate_or_cancel_leaves_nothing_in_the_book(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 92))
    order = sell_cny("firm-a", 20_000, 100, 93, time_in_force="ioc")
    [ended] = of_kind(bench.do("firm-a", order), "OrderEnded")
    assert (ended.left_minor, ended.reason) == (10_800, "immediate")
    assert not list(depth(bench.view, "CNY", "HKD"))
    assert bench.available("firm-a/main") == OPENING - 9_200


def test_fill_or_kill_trades_whole_or_not_at_all(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 92))
    order = sell_cny("firm-a", 20_000, 100, 93, time_in_force="fok")
    bench.refuses(ExchangeCode.NOT_FILLED, "firm-a", order)
    bench.do("firm-a", sell_cny("firm-a", 9_200, 100, 93, time_in_force="fok"))
    assert bench.balance("firm-a/main", "HKD") == OPENING + 10_000


def test_post_only_is_refused_where_it_would_trade(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 92))
    order = sell_cny("firm-a", 20_000, 100, 92, time_in_force="post_only")
    bench.refuses(ExchangeCode.WOULD_TRADE, "firm-a", order)
    bench.do("firm-a", sell_cny("firm-a", 20_000, 100, 91, time_in_force="post_only"))


def test_an_offer_expires_by_block_time_and_is_released(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 92, expires_at_ms=bench.time_ms + 60_000))
    assert bench.available("bank-a/main", "HKD") == OPENING - 10_000
    [closed] = of_kind(bench.advance(60_000), "OfferClosed")
    assert (closed.reason, closed.released_minor) == ("expired", 10_000)
    assert bench.available("bank-a/main", "HKD") == OPENING


def test_one_party_does_not_trade_with_itself(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 92))
    order = sell_cny("bank-a", 20_000, 100, 93, self_trade="cancel_incoming")
    [ended] = of_kind(bench.do("bank-a", order), "OrderEnded")
    assert ended.reason == "self-trade"
    events = bench.do("bank-a", sell_cny("bank-a", 20_000, 100, 93))
    assert [one.reason for one in of_kind(events, "OfferClosed")] == ["self-trade"]
    assert bench.balance("bank-a/main") == OPENING


def test_an_order_that_only_stands_does_not_stand_across_an_offer_of_its_own(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 92))
    order = sell_cny(
        "bank-a", 20_000, 100, 93, time_in_force="post_only", self_trade="cancel_incoming"
    )
    bench.refuses(ExchangeCode.WOULD_TRADE, "bank-a", order)


def test_the_offer_of_a_frozen_maker_is_pulled_and_the_next_one_taken(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 92))
    bench.do("bank-b", sell_hkd("bank-b", 10_000, 93))
    bench.do("central", FreezeHolding("HKD", "bank-a/main", "order"))
    events = bench.do("firm-a", sell_cny("firm-a", 9_300, 100, 93))
    assert [one.reason for one in of_kind(events, "OfferClosed")] == ["undeliverable", "filled"]
    assert [one.maker for one in of_kind(events, "Traded")] == ["bank-b/main"]
    assert bench.view.holding("bank-a/main", "HKD").reserved == 0  # type: ignore[union-attr]


def test_one_offer_is_taken_back_or_all_of_an_account(bench: Bench) -> None:
    for buy in (92, 93, 94):
        bench.do("bank-a", sell_hkd("bank-a", 10_000, buy))
    bench.do("bank-a", sell_cny("bank-a", 10_000, 200, 100))
    first = next(iter(offers_of(bench.view, "bank-a/main", "HKD")))
    bench.do("bank-a", CancelOffer(first.id))
    bench.do("bank-a", CancelOffers("bank-a/main", "HKD"))
    assert [offer.sell_asset for offer in offers_of(bench.view, "bank-a/main")] == ["CNY"]
    bench.do("bank-a", CancelOffers("bank-a/main"))
    bench.refuses(ExchangeCode.NOTHING_TO_CANCEL, "bank-a", CancelOffers("bank-a/main"))
    assert bench.available("bank-a/main", "HKD") == OPENING


def test_what_remains_as_dust_is_released_to_its_maker(bench: Bench) -> None:
    bench.do("bank-a", sell_hkd("bank-a", 10_000, 92))
    bench.do("firm-a", sell_cny("firm-a", 9_150, 100, 92))
    assert not list(depth(bench.view, "HKD", "CNY"))
    assert bench.available("bank-a/main", "HKD") == bench.balance("bank-a/main", "HKD")
    bench.refuses(ExchangeCode.TOO_SMALL, "bank-a", sell_hkd("bank-a", 100, 92))
