"""Nobody blocks a book at no risk: dust, and what cannot be filled, stand in nobody's way."""

from __future__ import annotations

from typing import Any

import pytest

from tongbao.kernel.generation import both_keys
from tongbao.kernel.transaction import Event
from tongbao.modules.accounts import FreezeAccount, OpenAccount, SetLimits
from tongbao.modules.assets import FreezeHolding
from tongbao.modules.exchange import (
    ExchangeCode,
    Hop,
    MarketIndex,
    PayAcross,
    PlaceOffer,
    PullOffer,
    PullOffers,
    Route,
    book,
    invariants,
    market,
    offers_of,
    plan,
)
from tongbao.modules.exchange.model import MAX_IN_BOOK
from tongbao.modules.exchange.tests.trading import of_kind, sell, trading_bench
from tongbao.modules.exchange.transactions import place_offer, pull_offers
from tongbao.modules.testing import OPENING, Bench

NO_LIMITS = {"per_payment": 0, "per_day": 0}

PAYER = PAYEE = "firm-a/main"
ROUTE = Route("CNY", (Hop("HKD"),))
ATTACKERS = ("bank-a", "firm-b", "firm-c")


@pytest.fixture
def bench() -> Bench:
    """An honest maker sells 9,000.00 HKD at par."""
    bench = trading_bench()
    bench.do("bank-b", sell("bank-b", "HKD", 900_000, (100, 100), "CNY"))
    return bench


def pay(send: int = 0, receive: int = 0) -> PayAcross:
    exact: Any = "send" if send else "receive"
    return PayAcross(PAYER, PAYEE, ROUTE, exact, send or OPENING, receive or 1)


def wall(bench: Bench, each: int, size: int, parties: tuple[str, ...] = ATTACKERS) -> None:
    """So many offers of each party at the best price."""
    for party in parties:
        bench.do(party, *[sell(party, "HKD", size, (99, 100), "CNY")] * each)


def limit(bench: Bench, party: str, **limits: int) -> None:
    """By the party and its bank: nobody else is asked."""
    signers = [*both_keys(party), *(both_keys("bank-a") if party != "bank-a" else ())]
    bench.do(party, SetLimits(f"{party}/main", "HKD", **NO_LIMITS | limits), signers=signers)


def makers(events: tuple[Event, ...]) -> set[str]:
    return {trade.maker for trade in of_kind(events, "Traded")}


def test_a_party_has_few_offers_in_one_book_whatever_accounts_it_has(bench: Bench) -> None:
    other = OpenAccount("firm-c/other", servicer="bank-a", assets=("CNY", "HKD"))
    bench.do("firm-c", other, signers=(*both_keys("firm-c"), *both_keys("bank-a")))
    wall(bench, MAX_IN_BOOK, 200, ("firm-c",))
    more = PlaceOffer("firm-c/other", "HKD", 200, "CNY", 99, 100)
    bench.refuses(ExchangeCode.TOO_MANY_OFFERS, "firm-c", more)
    bench.do("firm-c", sell("firm-c", "CNY", 200, (120, 100), "HKD"))


@pytest.mark.parametrize("sending", [True, False])
def test_a_wall_of_dust_at_the_best_price_stops_no_payment(
    bench: Bench, sending: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """180 least offers; a payment that would take more than a hundred passes them over."""
    for module in (place_offer, invariants):
        monkeypatch.setattr(module, "MAX_IN_BOOK", 60)
    wall(bench, 60, 102)
    amounts: dict[str, int] = {"send": 100_000} if sending else {"receive": 100_000}
    [best] = plan(bench.view, "CNY", "HKD", party="firm-a", **amounts)
    assert (best.sent, best.received) == (100_000, 100_000)
    events = bench.do("firm-a", pay(**amounts))
    assert makers(events) == {"bank-b/main"}
    small: dict[str, int] = {"send": 5_050} if sending else {"receive": 5_100}
    [best] = plan(bench.view, "CNY", "HKD", party="firm-a", **small)
    before = bench.balance(PAYEE, "HKD")
    events = bench.do("firm-a", pay(**small))
    assert "bank-b/main" not in makers(events)
    assert bench.balance(PAYEE, "HKD") - before in (best.received, best.received - 5_100)


def test_an_order_takes_the_small_ones_and_fill_or_kill_passes_them_over(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (place_offer, invariants):
        monkeypatch.setattr(module, "MAX_IN_BOOK", 60)
    wall(bench, 60, 102)
    whole = sell("firm-a", "CNY", 100_000, (100, 100), "HKD", time_in_force="fok")
    assert makers(bench.do("firm-a", whole)) == {"bank-b/main"}
    order = sell("firm-a", "CNY", 100_000, (100, 100), "HKD")
    events = bench.do("firm-a", order)
    assert len(of_kind(events, "Traded")) == 100
    assert of_kind(events, "OrderEnded")[0].reason == "fills"


def test_offers_beyond_their_makers_limits_stop_no_payment(bench: Bench) -> None:
    wall(bench, MAX_IN_BOOK, 200)
    for party in ATTACKERS:
        limit(bench, party, per_payment=50)
    index = MarketIndex(bench.view)
    for send in (200, 1_000, 100_000):
        assert index.plans(bench.view, "CNY", "HKD", send=send)[0].received == send
    events = bench.do("firm-a", pay(100_000))
    assert makers(events) == {"bank-b/main"}
    assert {one.reason for one in of_kind(events, "OfferClosed")} == {"undeliverable"}
    assert not list(offers_of(bench.view, "firm-c/main"))


def test_a_limit_that_leaves_more_than_dust_is_given_offer_by_offer(bench: Bench) -> None:
    """150 of each 200 can be taken, 300 a day: two offers' worth, and the others are pulled."""
    wall(bench, 8, 200, ("firm-c",))
    limit(bench, "firm-c", per_payment=150, per_day=300)
    [best] = plan(bench.view, "CNY", "HKD", receive=10_000)
    assert best.sent == 2 * 149 + 9_700
    events = bench.do("firm-a", pay(receive=10_000))
    trades = [(t.maker, t.got_minor) for t in of_kind(events, "Traded")]
    assert trades == [("firm-c/main", 150), ("firm-c/main", 150), ("bank-b/main", 9_700)]


def test_an_order_pulls_what_a_limit_leaves_of_an_offer_that_it_goes_past(bench: Bench) -> None:
    """The rest of the order stands, and must not cross an offer of which no more could be taken."""
    wall(bench, 1, 10_000, ("firm-c",))
    limit(bench, "firm-c", per_payment=150)
    order = sell("firm-a", "CNY", 1_000, (100, 99), "HKD")
    events = bench.do("firm-a", order)
    assert [t.got_minor for t in of_kind(events, "Traded")] == [150]
    assert [c.released_minor for c in of_kind(events, "OfferClosed")] == [9_850]
    assert of_kind(events, "OfferPlaced")


@pytest.mark.parametrize("how", ["limits", "holding", "account"])
def test_anybody_may_pull_what_cannot_be_filled_one_or_all_and_that_stands(
    bench: Bench, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a payment cannot look past them in one go, pulling goes on from where it was."""
    wall(bench, MAX_IN_BOOK, 200)
    for party in ATTACKERS:
        account = f"{party}/main"
        if how == "limits":
            limit(bench, party, per_payment=50)
        elif how == "holding":
            bench.do("central", FreezeHolding("HKD", account, "order"))
        else:
            bench.do("watch", FreezeAccount(account, "watch", "order"))
    for module in (book, market):
        monkeypatch.setattr(module, "MAX_LOOKS", 50)
    one = next(offers_of(bench.view, "bank-a/main"))
    bench.do("firm-a", PullOffer(one.id, "firm-a"))
    bench.refuses(ExchangeCode.TOO_MANY_FILLS, "firm-a", pay(1_000))
    assert plan(bench.view, "CNY", "HKD", send=1_000) == []
    bench.do("firm-a", PullOffers("HKD", "CNY", "firm-a"), pay(1_000))
    bench.refuses(ExchangeCode.NOTHING_TO_PULL, "firm-a", PullOffers("HKD", "CNY", "firm-a"))
    assert plan(bench.view, "CNY", "HKD", send=1_000)[0].received == 1_000


def test_pulling_a_wall_that_is_longer_than_one_action_looks_gets_on_each_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall(bench, MAX_IN_BOOK, 200)
    for party in ATTACKERS:
        limit(bench, party, per_payment=50)
    for module in (book, market, pull_offers):
        monkeypatch.setattr(module, "MAX_LOOKS", 40)
    pull = PullOffers("HKD", "CNY", "firm-a")
    assert [len(of_kind(bench.do("firm-a", pull), "OfferClosed")) for _ in range(3)] == [40, 40, 16]
    bench.do("firm-a", pay(1_000))


def test_all_actions_of_a_transaction_together_look_at_a_bounded_number_of_offers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each payment passes over thirty offers of its own party; four would look at 124."""
    wall(bench, 30, 200, ("firm-a",))
    monkeypatch.setattr(book, "MAX_LOOKS_TOGETHER", 100)
    bench.do("firm-a", *[pay(send=100)] * 3)
    bench.refuses(ExchangeCode.TOO_MANY_FILLS, "firm-a", *[pay(send=100)] * 4)
    bench.do("firm-a", pay(send=100))
