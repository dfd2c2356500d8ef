"""A lawful order reaches what its holder set aside in the market, wherever it went."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tongbao.kernel.laws import broken_anywhere
from tongbao.modules.accounts import HoldAsset
from tongbao.modules.assets import (
    Clawback,
    DefineAsset,
    FreezeHolding,
    Issue,
    PauseAsset,
    ResumeAsset,
    UnfreezeHolding,
)
from tongbao.modules.exchange import CreatePool, Hop, OfferQuote, ReserveQuote, Route
from tongbao.modules.exchange.tests.trading import sell, trading_bench
from tongbao.modules.payments import PaymentsCode, Transfer
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


def kept_by_promises(bench: Bench) -> None:
    """In a pool of its own that a friend has promised most of, again and again, for next to
    nothing."""
    terms = {"reservable_ms": 600_000, "charge_bps": 1}
    bench.do("bank-a", CreatePool(ALL, "CNY", "HKD", 30, OPENING, OPENING, **terms))
    route = Route("CNY", (Hop("HKD", "CNY:HKD:30"),))
    expires = bench.time_ms + 500_000
    for account in ("firm-b/main", "firm-c/main"):
        bench.do(account[:6], ReserveQuote(account, route, "send", 10**6, 1, expires, 100))


def beside_a_paused_asset(bench: Bench) -> None:
    """In a pool with an asset whose issuer, a friend, lets nothing move and freezes the pool."""
    bench.do("bank-b", DefineAsset("CLAIM", "bank-b", 2, "deposit", "Claims", freezable=True))
    bench.do("bank-a", HoldAsset(ALL, "CLAIM"))
    bench.do("bank-b", Issue("CLAIM", ALL, OPENING))
    bench.do("bank-a", CreatePool(ALL, "CLAIM", "HKD", 0, OPENING, OPENING))
    there = "@exchange/CLAIM:HKD:0"
    bench.do("bank-b", FreezeHolding("CLAIM", there, "b"), PauseAsset("CLAIM", "closed"))


POOLED = (in_a_pool, kept_by_promises, beside_a_paused_asset)


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("hide", [offered, wholly_promised, quoted_to_itself, *POOLED])
def test_money_that_is_set_aside_in_the_market_is_not_hidden(
    hide: Callable[[Bench], None], frozen: bool
) -> None:
    bench = trading_bench()
    hide(bench)
    if frozen:
        bench.do("central", FreezeHolding("HKD", ALL, "court order 7"))
    amount = OPENING - 1_000 if hide in POOLED else OPENING
    bench.do("central", Clawback("HKD", ALL, amount, "central", "court order 7"))
    if hide not in POOLED:
        assert bench.balance(ALL, "HKD") == 0
    assert list(broken_anywhere(bench.view, bench.registry)) == []


def test_what_comes_out_beside_it_stays_frozen_as_it_was_in_the_pool() -> None:
    bench = trading_bench()
    beside_a_paused_asset(bench)
    bench.do("central", Clawback("HKD", ALL, 1, "central", "court order 7"))
    assert bench.balance(ALL, "CLAIM") == OPENING - 1_000
    bench.do("bank-b", ResumeAsset("CLAIM"))
    pay = Transfer(ALL, "bank-b/main", "CLAIM", 1)
    bench.do("bank-b", HoldAsset("bank-b/main", "CLAIM"))
    bench.refuses(PaymentsCode.PAYER_BLOCKED, "bank-a", pay)
    bench.do("bank-b", UnfreezeHolding("CLAIM", ALL))
    bench.do("bank-a", pay)
