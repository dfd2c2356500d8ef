"""Every refusal code of the module is met by a transaction that breaks its rule, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tongbao.kernel.transaction import Transaction
from tongbao.modules.exchange import (
    CancelOffer,
    CancelOffers,
    CreatePool,
    DeclineQuote,
    DepositPool,
    ExchangeCode,
    Hop,
    OfferQuote,
    PayAcross,
    PayQuote,
    PullOffer,
    PullOffers,
    ReserveQuote,
    Route,
    WithdrawPool,
    choosing,
    quoting,
)
from tongbao.modules.exchange.model import MAX_AHEAD_MS, MAX_HOPS
from tongbao.modules.exchange.tests.trading import of_kind, sell, trading_bench
from tongbao.modules.exchange.transactions import place_offer
from tongbao.modules.testing import Bench
from tongbao.words import sentence

C = ExchangeCode
ME = "firm-a/main"
CNY_HKD = Route("CNY", (Hop("HKD"),))
POOL = "HKD:USD:30"


def order(**changes: Any) -> Transaction:
    """Sells CNY for HKD, changed."""
    return sell("firm-a", "CNY", 10_000, (100, 92), "HKD", **changes)


def asked(bench: Bench, **changes: Any) -> Bench:
    """With an offer of HKD for CNY."""
    bench.do("bank-a", sell("bank-a", "HKD", 50_000, (92, 100), "CNY", **changes))
    return bench


def pooled(bench: Bench) -> Bench:
    bench.do("bank-a", CreatePool("bank-a/main", "HKD", "USD", 30, 78_000, 10_000))
    return bench


def pay(
    route: Route = CNY_HKD, exact: Any = "send", send: int = 920, receive: int = 1
) -> PayAcross:
    return PayAcross(ME, "firm-b/main", route, exact, send, receive)


def reserve(bench: Bench, **changes: Any) -> ReserveQuote:
    fields: dict[str, Any] = {
        "account": ME, "route": CNY_HKD, "exact": "receive", "send_minor": 10_000,
        "receive_minor": 1_000, "expires_at_ms": bench.time_ms + 30_000,
    }  # fmt: skip
    return ReserveQuote(**(fields | changes))


def quoted(bench: Bench) -> str:
    """A market maker's quote for firm-b."""
    expires = bench.time_ms + 60_000
    events = bench.do("bank-a", OfferQuote("bank-a/main", "firm-b", "HKD", 100, "CNY", 92, expires))
    return str(of_kind(events, "QuoteGiven")[0].quote)


def _offer_of(bench: Bench) -> str:
    events = asked(bench).do("bank-b", sell("bank-b", "HKD", 50_000, (93, 100), "CNY"))
    return str(of_kind(events, "OfferPlaced")[0].offer)


def _many(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Transaction:
    monkeypatch.setattr(choosing, "MAX_FILLS", 2)
    for _ in range(3):
        bench.do("bank-a", sell("bank-a", "HKD", 100, (92, 92), "CNY"))
    return pay(send=300)


def _full(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Transaction:
    monkeypatch.setattr(place_offer, "MAX_IN_BOOK", 1)
    bench.do("firm-a", order())
    return order()


def _reserved(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Transaction:
    monkeypatch.setattr(quoting, "MAX_RESERVATIONS", 1)
    asked(bench, reservable_ms=60_000).do("firm-a", reserve(bench))
    return reserve(bench)


def _late(bench: Bench) -> Transaction:
    """The quote's timer has not come yet, but its time is over: as when many are due at once."""
    name = quoted(bench)
    bench.time_ms += 60_000
    return PayQuote(name, "firm-b/main", "firm-c/main")


Breaking = Callable[[Bench], Transaction]


def one(action: Transaction) -> Breaking:
    """Nothing has to happen before."""
    return lambda bench: action


def then(_ready: Bench, action: Transaction) -> Transaction:
    """The action, once something has been done."""
    return action


CYCLE = Route("CNY", (Hop("HKD"), Hop("USD"), Hop("CNY")))
LONG = Route("CNY", tuple(Hop(f"A{n:02d}") for n in range(MAX_HOPS + 1)))
THROUGH = Route("HKD", (Hop("USD", POOL),))
GREEDY = WithdrawPool("bank-a/main", POOL, 10_000, least_a_minor=78_000)
BROKEN: dict[ExchangeCode, Breaking] = {
    C.SAME_ASSET: one(sell("firm-a", "CNY", 10_000, (1, 1), "CNY")),
    C.BAD_PRICE: one(sell("firm-a", "CNY", 10_000, (0, 1), "HKD")),
    C.TOO_SMALL: one(sell("firm-a", "CNY", 99, (1, 1), "HKD")),
    C.EXPIRES_PAST: lambda b: order(expires_at_ms=b.time_ms),
    C.TOO_FAR_AHEAD: lambda b: order(expires_at_ms=b.time_ms + 2 * MAX_AHEAD_MS),
    C.WOULD_TRADE: lambda b: then(asked(b), order(time_in_force="post_only")),
    C.NOT_FILLED: one(order(time_in_force="fok")),
    C.OFFER_UNKNOWN: one(CancelOffer("none")),
    C.NOTHING_TO_CANCEL: one(CancelOffers(ME)),
    C.OFFER_SOUND: lambda b: PullOffer(_offer_of(b), "firm-a"),
    C.NOTHING_TO_PULL: lambda b: then(asked(b), PullOffers("HKD", "CNY", "firm-a")),
    C.BAD_TERMS: one(order(charge_bps=1_001)),
    C.ROUTE_LENGTH: one(pay(LONG)),
    C.ROUTE_CYCLE: one(pay(CYCLE)),
    C.NO_DEPTH: one(pay()),
    C.RECEIVED_TOO_LITTLE: lambda b: then(asked(b), pay(receive=1_001)),
    C.SENT_TOO_MUCH: lambda b: then(asked(b), pay(exact="receive", send=919, receive=1_000)),
    C.POOL_UNKNOWN: one(pay(Route("CNY", (Hop("HKD", "none"),)))),
    C.POOL_EXISTS: lambda b: then(pooled(b), CreatePool(ME, "HKD", "USD", 30)),
    C.POOL_OTHER: lambda b: then(pooled(b), pay(Route("CNY", (Hop("HKD", POOL),)))),
    C.POOL_TOO_SMALL: one(CreatePool(ME, "HKD", "USD", 30, 1_000, 1_000)),
    C.POOL_ORDER: one(CreatePool(ME, "USD", "HKD", 30)),
    C.SHARES_TOO_FEW: lambda b: then(pooled(b), DepositPool(ME, POOL, 7_800, 1_000, 10**9)),
    C.WITHDRAWN_TOO_LITTLE: lambda b: then(pooled(b), GREEDY),
    C.INTO_OTHERS: lambda b: then(pooled(b), replace(GREEDY, into="bank-b/main")),
    C.SHARES_NOT_HELD: lambda b: then(pooled(b), WithdrawPool(ME, POOL, 1)),
    C.QUOTE_UNKNOWN: one(DeclineQuote("none")),
    C.QUOTE_OTHERS: lambda b: PayQuote(quoted(b), ME, "firm-c/main"),
    C.NOT_RESERVABLE: lambda b: then(pooled(b), reserve(b, route=THROUGH)),
    C.CHARGE_TOO_HIGH: lambda b: reserve(asked(b, reservable_ms=60_000, charge_bps=10)),
}
PATCHED = {
    C.TOO_MANY_FILLS: _many,
    C.TOO_MANY_OFFERS: _full,
    C.TOO_MANY_RESERVATIONS: _reserved,
}


@pytest.mark.parametrize("code", BROKEN, ids=lambda code: code.name)
def test_each_broken_rule_answers_with_its_code_and_writes_nothing(code: ExchangeCode) -> None:
    bench = trading_bench()
    action = BROKEN[code](bench)
    party = "bank-a" if isinstance(action, WithdrawPool) and action.account != ME else "firm-a"
    values = bench.refuses(code, party, action)
    for language in ("en", "zh"):
        assert "{" not in sentence(code.template, values, language)


@pytest.mark.parametrize("code", PATCHED, ids=lambda code: code.name)
def test_the_bounds_on_work_are_rules_too(
    code: ExchangeCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = trading_bench()
    bench.refuses(code, "firm-a", PATCHED[code](bench, monkeypatch))


def test_a_quote_whose_time_is_over_is_refused_before_its_timer_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tongbao.kernel import blocks

    bench = trading_bench()
    action = _late(bench)
    monkeypatch.setattr(blocks, "MAX_TIMERS_PER_BLOCK", 0)
    values = bench.refuses(C.QUOTE_EXPIRED, "firm-b", action)
    assert "{" not in sentence(C.QUOTE_EXPIRED.template, values, "zh")


def test_every_code_of_the_module_is_met() -> None:
    assert {*BROKEN, *PATCHED, C.QUOTE_EXPIRED} == set(ExchangeCode)
