"""A lawful order reaches what its holder set aside in the market, wherever it went."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tongbao.kernel.laws import broken_anywhere
from tongbao.modules.assets import Clawback, FreezeHolding
from tongbao.modules.exchange import CreatePool, Hop, OfferQuote, ReserveQuote, Route
from tongbao.modules.exchange.tests.trading import sell, trading_bench
from tongbao.modules.testing import OPENING, Bench

ALL = "bank-a/main"


def offered(bench: Bench) -> None:
    bench.do("bank-a", sell("bank-a", "HKD", OPENING, (92, 100), "CNY"))


def wholly_promised(bench: Bench) -> None:
    """By a quote that takes all of an offer, which stays open with nothing in the book."""
    dear = sell("bank-a", "HKD", OPENING, (50, 100), "CNY", reservable_ms=600_000, charge_bps=1)
    bench.do("bank-a", dear)
    route = Route("CNY", (Hop("HKD"),))
    expires = bench.time_ms + 500_000
    all_of_it = ReserveQuote("firm-c/main", route, "receive", OPENING, OPENING, expires, 500)
    bench.do("firm-c", all_of_it)


def quoted_to_itself(bench: Bench) -> None:
    expires = bench.time_ms + 500_000
    bench.do("bank-a", OfferQuote(ALL, "bank-a", "HKD", OPENING, "CNY", 1, expires))


def in_a_pool(bench: Bench) -> None:
    bench.do("bank-a", CreatePool(ALL, "CNY", "HKD", 30, OPENING, OPENING))


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("hide", [offered, wholly_promised, quoted_to_itself, in_a_pool])
def test_money_that_is_set_aside_in_the_market_is_not_hidden(
    hide: Callable[[Bench], None], frozen: bool
) -> None:
    bench = trading_bench()
    hide(bench)
    if frozen:
        bench.do("central", FreezeHolding("HKD", ALL, "court order 7"))
    amount = OPENING - 1_000 if hide is in_a_pool else OPENING
    bench.do("central", Clawback("HKD", ALL, amount, "central", "court order 7"))
    if hide is not in_a_pool:
        assert bench.balance(ALL, "HKD") == 0
    assert list(broken_anywhere(bench.view, bench.registry)) == []
