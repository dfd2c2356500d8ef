"""Pools: what goes in, what comes out, and whose the remainders are."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tongbao.kernel.laws import broken_anywhere
from tongbao.modules.accounts import (
    AccountsCode,
    CloseAccount,
    DropAsset,
    FreezeAccount,
    OpenAccount,
    UnfreezeAccount,
)
from tongbao.modules.assets import ALLOW_LIST, AuthoriseHolder, Clawback, FreezeHolding, Issue
from tongbao.modules.exchange import (
    CreatePool,
    DepositPool,
    ExchangeCode,
    Hop,
    PayAcross,
    Pool,
    Route,
    WithdrawPool,
    plan,
    pools,
    shares_of,
)
from tongbao.modules.exchange.arithmetic import swap_in, swap_out
from tongbao.modules.exchange.model import LOCKED_SHARES
from tongbao.modules.exchange.state import POOLS
from tongbao.modules.exchange.tests.trading import of_kind, trading_bench
from tongbao.modules.payments import PaymentsCode, Transfer
from tongbao.modules.testing import OPENING, Bench

POOL, KEPT = "HKD:USD:30", "@exchange/HKD:USD:30"
TO_USD = Route("HKD", (Hop("USD", POOL),))


@pytest.fixture
def bench() -> Bench:
    bench = trading_bench()
    bench.do("bank-a", CreatePool("bank-a/main", "HKD", "USD", 30, 780_000, 100_000))
    return bench


def pool(bench: Bench) -> Pool:
    [found] = pools(bench.view)
    return found


def swap(amount: int) -> PayAcross:
    return PayAcross("firm-a/main", "firm-a/main", TO_USD, "send", amount, 1)


def test_the_first_shares_are_the_root_of_the_product_and_a_thousand_are_nobodys(
    bench: Bench,
) -> None:
    root = 279_284  # of 780,000 x 100,000 = 7.8e10, rounded down
    assert dict(shares_of(bench.view, POOL)) == {KEPT: 1_000, "bank-a/main": root - 1_000}
    assert LOCKED_SHARES == 1_000
    assert bench.balance(KEPT, "HKD") == 780_000


def test_a_swap_by_worked_numbers_and_the_product_grows_by_the_fee(bench: Bench) -> None:
    # 10,000 less 30 bp is 9,970; 100,000 * 9,970 / (780,000 + 9,970) = 1,262.07: 1,262.
    [reported] = of_kind(bench.do("firm-a", swap(10_000)), "Swapped")
    assert (reported.got_minor, reported.fee_minor) == (1_262, 30)
    after = pool(bench)
    assert (after.a_minor, after.b_minor) == (790_000, 98_738)
    assert after.a_minor * after.b_minor > 780_000 * 100_000
    assert bench.balance("firm-a/main", "USD") == OPENING + 1_262


def test_an_exact_amount_out_costs_the_least_that_brings_it(bench: Bench) -> None:
    for out in (1, 7, 1_262, 99_999):
        paid = swap_in(out, 780_000, 100_000, 30)
        assert paid is not None
        assert (
            swap_out(paid, 780_000, 100_000, 30) >= out > swap_out(paid - 1, 780_000, 100_000, 30)
        )
    assert swap_in(100_000, 780_000, 100_000, 30) is None


def test_a_deposit_takes_the_pools_ratio_and_rounds_up(bench: Bench) -> None:
    [reported] = of_kind(bench.do("bank-b", DepositPool("bank-b/main", POOL, 7_801, 5_000)),
                     "PoolChanged")  # fmt: skip
    assert (reported.a_minor, reported.b_minor, reported.shares) == (7_801, 1_001, 2_793)
    assert bench.balance("bank-b/main", "USD") == OPENING - 1_001


def test_a_withdrawal_rounds_down_and_what_is_left_is_worth_more_a_share(bench: Bench) -> None:
    bench.do("firm-a", swap(12_345))
    before = pool(bench)
    [reported] = of_kind(
        bench.do("bank-a", WithdrawPool("bank-a/main", POOL, 100_001)), "PoolChanged"
    )
    assert -reported.a_minor == before.a_minor * 100_001 // before.shares
    after = pool(bench)
    worth = after.a_minor * after.b_minor * before.shares**2
    assert worth >= before.a_minor * before.b_minor * after.shares**2


def test_an_account_with_shares_is_not_left_before_they_come_out_into_another_of_its_owner(
    bench: Bench,
) -> None:
    bench.do("bank-b", OpenAccount("bank-b/lp", assets=("HKD", "USD")))
    for asset, amount in (("HKD", 7_801), ("USD", 1_001)):
        bench.do("bank-b", Transfer("bank-b/main", "bank-b/lp", asset, amount))
    bench.do("bank-b", DepositPool("bank-b/lp", POOL, 7_801, 1_001))
    for leaving in (CloseAccount("bank-b/lp"), DropAsset("bank-b/lp", "HKD")):
        bench.refuses(AccountsCode.STILL_EXPECTED, "bank-b", leaving)
    held = WithdrawPool("bank-b/lp", POOL, dict(shares_of(bench.view, POOL))["bank-b/lp"])
    bench.do("bank-b", replace(held, into="bank-b/main"), CloseAccount("bank-b/lp"))
    assert bench.balance("bank-b/main", "HKD") == OPENING - 1
    assert "bank-b/lp" not in dict(shares_of(bench.view, POOL))


def test_shares_of_a_frozen_account_do_not_come_out_into_another(bench: Bench) -> None:
    bench.do("bank-a", OpenAccount("bank-a/other", assets=("HKD", "USD")))
    out = WithdrawPool("bank-a/main", POOL, 10_000, into="bank-a/other")
    bench.do("watch", FreezeAccount("bank-a/main", "watch", "order"))
    bench.refuses(PaymentsCode.PAYEE_BLOCKED, "bank-a", out)
    bench.do("watch", UnfreezeAccount("bank-a/main", "watch"))
    bench.do("central", FreezeHolding("USD", "bank-a/main", "order"))
    bench.refuses(PaymentsCode.PAYEE_BLOCKED, "bank-a", out)


def test_the_last_holder_leaves_and_the_locked_shares_stay(bench: Bench) -> None:
    held = dict(shares_of(bench.view, POOL))["bank-a/main"]
    bench.do("bank-a", WithdrawPool("bank-a/main", POOL, held))
    after = pool(bench)
    assert (after.shares, after.a_minor, after.b_minor) == (1_000, 2_793, 359)
    assert list(broken_anywhere(bench.view, bench.registry)) == []


def test_a_gift_and_a_clawback_change_the_price_and_break_no_law(bench: Bench) -> None:
    bench.do("firm-a", Transfer("firm-a/main", KEPT, "HKD", 5_000))
    bench.do("firm-a", swap(1_000))
    assert pool(bench).a_minor == 786_000
    bench.do("central", Clawback("HKD", KEPT, 400_000, "central", "court order 7"))
    [best] = plan(bench.view, "HKD", "USD", send=1_000, limit=1)
    [reported] = of_kind(bench.do("firm-a", swap(1_000)), "Swapped")
    assert reported.got_minor == best.received
    assert list(broken_anywhere(bench.view, bench.registry)) == []


def test_a_frozen_pool_pays_nothing_and_no_route_leads_through_it(bench: Bench) -> None:
    bench.do("central", FreezeHolding("USD", KEPT, "order"))
    bench.refuses(PaymentsCode.PAYER_BLOCKED, "firm-a", swap(1_000))
    assert plan(bench.view, "HKD", "USD", send=1_000) == []


def test_an_asset_with_an_allow_list_takes_part_once_its_issuer_lets_the_pool() -> None:
    bench = trading_bench(policy=ALLOW_LIST)
    for account in ("bank-a/main", "firm-a/main"):
        bench.do("central", AuthoriseHolder("HKD", account), Issue("HKD", account, OPENING))
    create = CreatePool("bank-a/main", "HKD", "USD", 30, 780_000, 100_000)
    bench.refuses(PaymentsCode.PAYEE_NOT_AUTHORISED, "bank-a", create)
    bench.do("bank-a", CreatePool("bank-a/main", "HKD", "USD", 30))
    bench.refuses(ExchangeCode.NO_DEPTH, "firm-a", swap(1_000))
    bench.do("central", AuthoriseHolder("HKD", KEPT))
    bench.do("bank-a", DepositPool("bank-a/main", POOL, 780_000, 100_000))
    bench.do("firm-a", swap(1_000))


def test_a_pool_whose_product_fell_breaks_a_law(bench: Bench) -> None:
    from msgspec.structs import replace

    thin = replace(pool(bench), a_minor=779_999)
    assert bench.broken_by("firm-a", (POOLS, (POOL,), thin))
    assert bench.broken_by("firm-a", (POOLS, (POOL,), None))
    assert bench.broken_by("firm-a", (POOLS, (POOL,), replace(pool(bench), shares=1)))
