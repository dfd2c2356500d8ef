"""Payments across assets: the route that a plan tells does what the plan says."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tongbao.kernel.codes import Refusal
from tongbao.kernel.laws import broken_anywhere
from tongbao.modules.accounts import SetLimits
from tongbao.modules.assets import ALLOW_LIST, AuthoriseHolder, FreezeHolding, Issue, PauseAsset
from tongbao.modules.exchange import (
    CancelOffers,
    CreatePool,
    ExchangeCode,
    Hop,
    MarketIndex,
    PayAcross,
    Plan,
    PullOffers,
    Route,
    book,
    depth,
    market,
    plan,
)
from tongbao.modules.exchange.market import venues
from tongbao.modules.exchange.model import MAX_IN_BOOK
from tongbao.modules.exchange.paths import routes_receiving, routes_sending
from tongbao.modules.exchange.tests.trading import ASSETS, MEMBERS, of_kind, sell, trading_bench
from tongbao.modules.payments import PaymentsCode
from tongbao.modules.testing import OPENING, Bench

PAYER, PAYEE = "firm-a/main", "firm-b/main"
MAKERS = tuple(party for party in MEMBERS if party != "firm-b")
WHOLE = Route("CNY", (Hop("HKD"), Hop("USD", "HKD:USD:30"), Hop("JPY")))


@pytest.fixture
def bench() -> Bench:
    """CNY to HKD on the book, HKD to USD in a pool, USD to JPY on the book."""
    bench = trading_bench()
    bench.do("bank-a", sell("bank-a", "HKD", 500_000, (92, 100), "CNY"))
    bench.do("bank-b", CreatePool("bank-b/main", "HKD", "USD", 30, 780_000, 100_000))
    bench.do("firm-c", sell("firm-c", "JPY", 900_000, (100, 150), "USD"))
    return bench


def pay(best: Plan, exact: Any, payee: str = PAYEE) -> PayAcross:
    return PayAcross(PAYER, payee, best.route, exact, best.sent, best.received)


def test_three_hops_are_paid_in_one_and_nobody_keeps_what_passes_through(bench: Bench) -> None:
    best = plan(bench.view, "CNY", "JPY", send=9_200)[0]
    assert best.route == WHOLE
    assert [(h.paid_minor, h.got_minor) for h in best.hops] == [
        (9_200, 10_000), (10_000, 1_262), (1_262, 1_893),
    ]  # fmt: skip
    bench.do("firm-a", pay(best, "send"))
    assert bench.balance(PAYEE, "JPY") == OPENING + 1_893
    for asset in ("HKD", "USD", "JPY"):
        assert bench.balance(PAYER, asset) == OPENING


def test_an_exact_amount_arrives_and_the_bounds_are_kept(bench: Bench) -> None:
    best = plan(bench.view, "CNY", "JPY", receive=1_893)[0]
    assert best.sent <= 9_200
    tight = PayAcross(PAYER, PAYEE, best.route, "receive", best.sent - 1, 1_893)
    bench.refuses(ExchangeCode.SENT_TOO_MUCH, "firm-a", tight)
    bench.do("firm-a", pay(best, "receive"))
    assert bench.balance(PAYEE, "JPY") == OPENING + 1_893
    assert bench.balance(PAYER) == OPENING - best.sent


def test_payer_and_payee_may_be_one_and_makers_may_meet_themselves(bench: Bench) -> None:
    bench.do("bank-a", sell("bank-a", "USD", 50_000, (770, 100), "HKD"))
    route = Route("CNY", (Hop("HKD"), Hop("USD")))
    bench.do("firm-a", PayAcross(PAYER, PAYER, route, "send", 9_200, 1))
    # bank-a sold HKD to itself: only what it really took and gave moved.
    assert bench.balance("bank-a/main", "HKD") == OPENING
    assert bench.balance(PAYER, "USD") == OPENING + 1_298
    assert list(broken_anywhere(bench.view, bench.registry)) == []


def test_what_buys_no_further_unit_is_the_last_makers(bench: Bench) -> None:
    bench.do("firm-b", sell("firm-b", "JPY", 10, (1_000, 1), "CNY"))
    route = Route("CNY", (Hop("JPY"),))
    events = bench.do("firm-a", PayAcross(PAYER, "firm-c/main", route, "send", 2_500, 1))
    [trade] = of_kind(events, "Traded")
    assert (trade.paid_minor, trade.got_minor) == (2_500, 2)
    assert bench.balance("firm-b/main") == OPENING + 2_500


def test_a_frozen_hop_is_passed_over_and_the_plan_knows(bench: Bench) -> None:
    bench.do("bank-b", sell("bank-b", "HKD", 200_000, (95, 100), "CNY"))
    index = MarketIndex(bench.view)
    assert index.plans(bench.view, "CNY", "HKD", send=9_500)[0].received == 10_326
    bench.do("central", FreezeHolding("HKD", "bank-a/main", "order"))
    [best] = index.plans(bench.view, "CNY", "HKD", send=9_500)
    assert best.received == 10_000
    events = bench.do("firm-a", pay(best, "send"))
    assert [event.reason for event in of_kind(events, "OfferClosed")] == ["undeliverable"]


def test_an_index_that_still_has_what_the_ledger_has_no_longer_finds_the_best_all_the_same(
    bench: Bench,
) -> None:
    bench.do("bank-b", sell("bank-b", "HKD", 200_000, (80, 100), "CNY"))
    index = MarketIndex(bench.view)
    bench.do("bank-b", CancelOffers("bank-b/main"))
    assert index.plans(bench.view, "CNY", "HKD", send=9_200)[0].received == 10_000
    bench.do("bank-b", sell("bank-b", "HKD", 200_000, (80, 100), "CNY"))
    assert index.plans(bench.view, "CNY", "HKD", send=9_200)[0].received == 11_500


def test_a_paused_asset_stops_every_route_through_it(bench: Bench) -> None:
    bench.do("central", PauseAsset("USD", "review"))
    assert plan(bench.view, "CNY", "JPY", send=9_200) == []
    answer = bench.offer("firm-a", PayAcross(PAYER, PAYEE, WHOLE, "send", 9_200, 1))
    assert isinstance(answer, Refusal)
    assert answer.code.name == "ASSET_PAUSED"


def test_a_payee_off_the_allow_list_is_refused_on_the_last_leg() -> None:
    bench = trading_bench(policy=ALLOW_LIST)
    bench.do("central", AuthoriseHolder("HKD", "bank-a/main"), Issue("HKD", "bank-a/main", 99_999))
    bench.do("bank-a", sell("bank-a", "HKD", 50_000, (92, 100), "CNY"))
    action = PayAcross(PAYER, PAYEE, Route("CNY", (Hop("HKD"),)), "send", 920, 1)
    bench.refuses(PaymentsCode.PAYEE_NOT_AUTHORISED, "firm-a", action)


def test_an_offer_gives_what_its_makers_limit_leaves_and_is_pulled_where_that_is_dust(
    bench: Bench,
) -> None:
    bench.do("bank-a", SetLimits("bank-a/main", "HKD", per_payment=5_000, per_day=0))
    route = Route("CNY", (Hop("HKD"),))
    bench.do("firm-a", PayAcross(PAYER, PAYEE, route, "send", 4_600, 5_000))
    bench.refuses(ExchangeCode.NO_DEPTH, "firm-a", PayAcross(PAYER, PAYEE, route, "send", 4_601, 1))
    assert plan(bench.view, "CNY", "HKD", send=4_601) == []
    assert plan(bench.view, "CNY", "HKD", send=4_600)[0].received == 5_000
    bench.do("bank-a", SetLimits("bank-a/main", "HKD", per_payment=108, per_day=0))
    assert plan(bench.view, "CNY", "HKD", send=92) == []
    bench.do("firm-c", PullOffers("HKD", "CNY", "firm-c"))
    assert not list(depth(bench.view, "HKD", "CNY"))


def test_the_payers_own_offers_are_not_taken_by_its_payment(bench: Bench) -> None:
    bench.do("firm-a", sell("firm-a", "HKD", 500_000, (90, 100), "CNY"))
    best = plan(bench.view, "CNY", "HKD", send=9_200, party="firm-a")[0]
    assert best.received == 10_000
    events = bench.do("firm-a", pay(best, "send"))
    assert [trade.maker for trade in of_kind(events, "Traded")] == ["bank-a/main"]


def test_a_frozen_maker_with_many_offers_costs_one_search_more(bench: Bench) -> None:
    many = [sell("firm-c", "HKD", 200 + n, (90, 100), "CNY") for n in range(MAX_IN_BOOK)]
    bench.do("firm-c", *many)
    bench.do("central", FreezeHolding("HKD", "firm-c/main", "order"))
    [best] = plan(bench.view, "CNY", "HKD", send=920)
    assert best.received == 1_000
    bench.do("firm-a", pay(best, "send"))


def look_at_few(patch: pytest.MonkeyPatch) -> None:
    """An action looks at twenty offers, and no more."""
    for module in (book, market):
        patch.setattr(module, "MAX_LOOKS", 20)


def test_an_offer_behind_more_than_an_action_looks_at_is_in_no_plan(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_few(monkeypatch)
    bench.do("firm-a", *[sell("firm-a", "HKD", 200, (90, 100), "CNY")] * MAX_IN_BOOK)
    assert plan(bench.view, "CNY", "HKD", send=920, party="firm-a") == []
    assert plan(bench.view, "CNY", "HKD", send=920, party="firm-b")
    action = PayAcross(PAYER, PAYEE, Route("CNY", (Hop("HKD"),)), "send", 920, 1)
    bench.refuses(ExchangeCode.TOO_MANY_FILLS, "firm-a", action)


def test_an_order_that_only_stands_does_not_stand_where_it_could_not_look_far_enough(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind 32 offers of its own party, which give way, there is one that it would trade with."""
    look_at_few(monkeypatch)
    bench.do("bank-a", sell("bank-a", "HKD", 200, (91, 100), "CNY"))
    bench.do("firm-a", *[sell("firm-a", "HKD", 200, (90, 100), "CNY")] * MAX_IN_BOOK)
    order = sell("firm-a", "CNY", 920, (100, 95), "HKD", time_in_force="post_only")
    *_, ended, _posted = bench.do("firm-a", order)
    assert ended.reason == "fills"  # type: ignore[attr-defined]
    bench.refuses(ExchangeCode.WOULD_TRADE, "firm-a", order)


def _random_market(rng: random.Random) -> Bench:
    bench = trading_bench()
    assets = ("CNY", *ASSETS)
    for _ in range(rng.randrange(3, 16)):
        party, (give, take) = rng.choice(MAKERS), rng.sample(assets, 2)
        price = 100 + rng.randrange(-4, 9), 100
        bench.offer(party, sell(party, give, rng.randrange(100, 50_000), price, take))
    for _ in range(rng.randrange(3)):
        first, second = sorted(rng.sample(assets, 2))
        fee, amounts = rng.choice((0, 30)), (rng.randrange(2_000, 90_000) for _ in range(2))
        bench.offer("bank-b", CreatePool("bank-b/main", first, second, fee, *amounts))
    return bench


@pytest.mark.parametrize("seed", range(60))
def test_on_a_random_ledger_the_best_plan_is_no_worse_than_any_and_is_carried_out(
    seed: int,
) -> None:
    rng = random.Random(seed)
    bench = _random_market(rng)
    index = MarketIndex(bench.view)
    for _ in range(3):
        have, want = rng.sample(("CNY", *ASSETS), 2)
        sending, amount = bool(rng.randrange(2)), rng.randrange(1, 60_000)
        asked: dict[str, Any] = {"send": amount} if sending else {"receive": amount}
        found = plan(bench.view, have, want, party="firm-a", **asked)
        assert found == index.plans(bench.view, have, want, party="firm-a", **asked)
        ways: dict[str, list[Any]] = {}
        for venue in venues(bench.view, "firm-a"):
            near = venue.pay_asset if sending else venue.get_asset
            ways.setdefault(near, []).append(venue)
        search = routes_sending if sending else routes_receiving
        every = search(ways, have, want, amount)
        assert bool(found) is bool(every)
        if not found:
            continue
        best = found[0]
        assert (best.sent, best.received) == (every[0].sent, every[0].received)
        if best.sent <= bench.available(PAYER, have):
            before = bench.balance(PAYEE, want)
            events = bench.do("firm-a", pay(best, "send" if sending else "receive"))
            assert bench.balance(PAYEE, want) == before + best.received
            touched = (
                {getattr(e, "offer", "") for e in events},
                {getattr(e, "pool", "") for e in events},
            )
            index.update(bench.view, touched[0] - {""}, touched[1] - {""})
