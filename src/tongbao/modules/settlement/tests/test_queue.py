"""The queue: entry, order, limits, offset, pairs, and the payer's say over what waits."""

from __future__ import annotations

import pytest

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.modules.accounts import HoldAsset, SetLimits
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.payments import Transfer
from tongbao.modules.settlement import (
    QUEUED,
    CancelPayment,
    ChangePriority,
    QueueAsset,
    ReorderPayment,
    RunNetting,
    SetQueueLimits,
    SettlementCode,
    waiting_in,
)
from tongbao.modules.settlement.tests.room import (
    A,
    B,
    C,
    against,
    define,
    kinds,
    payment,
    submit,
    with_queue,
)
from tongbao.modules.testing import OPENING, Bench


@pytest.fixture
def bench() -> Bench:
    return with_queue()


def waiting(bench: Bench) -> list[str]:
    return [payment.id for payment in waiting_in(bench.view, "rtgs")]


def run(bench: Bench, objective: str = "") -> list[str]:
    return kinds(bench.do("central", RunNetting("rtgs", "central", objective)))


def test_a_payment_with_funds_settles_on_entry_and_one_without_waits(bench: Bench) -> None:
    assert submit(bench, A, B, 300)[1] == "entry"
    first, how = submit(bench, A, B, OPENING)
    assert (how, waiting(bench)) == ("", [first])
    assert (bench.balance(A), bench.balance(B)) == (OPENING - 300, OPENING + 300)


def test_nothing_overtakes_an_earlier_payment_of_its_payer_but_what_is_more_urgent(
    bench: Bench,
) -> None:
    submit(bench, A, B, 2 * OPENING)
    assert submit(bench, A, B, 1)[1] == ""
    assert submit(bench, A, B, 1, priority=0)[1] == "entry"
    assert submit(bench, A, B, 1, asset="HKD")[1] == "entry"
    assert submit(bench, C, B, 1)[1] == "entry"


def test_a_queue_that_allows_it_lets_later_payments_overtake() -> None:
    bench = with_queue(overtaking=True)
    submit(bench, A, B, 2 * OPENING)
    assert submit(bench, A, B, 1)[1] == "entry"


def test_a_queue_that_only_queues_leaves_everything_to_the_netting() -> None:
    bench = with_queue(at_once=False)
    assert submit(bench, A, B, 1)[1] == ""
    assert run(bench) == ["run_started", "payments_settled", "run_ended"]
    assert waiting(bench) == []


def test_two_payments_that_flow_against_each_other_settle_by_offset(bench: Bench) -> None:
    submit(bench, A, B, 5 * OPENING)
    assert submit(bench, B, A, 5 * OPENING + 3)[1] == "offset"
    assert (bench.balance(A), bench.balance(B)) == (OPENING + 3, OPENING - 3)
    assert waiting(bench) == []


def test_offset_takes_several_from_the_front_of_the_other_queue(bench: Bench) -> None:
    waits = [submit(bench, A, B, amount)[0] for amount in (2 * OPENING, OPENING, 5 * OPENING)]
    assert submit(bench, B, A, 3 * OPENING)[1] == "offset"
    assert waiting(bench) == waits[2:]


def test_a_queue_without_offset_waits_for_the_netting() -> None:
    bench = with_queue(offset=False)
    submit(bench, A, B, 5 * OPENING)
    assert submit(bench, B, A, 5 * OPENING)[1] == ""
    assert run(bench) == ["run_started", "payments_settled", "run_ended"]


def test_a_gridlock_of_three_is_resolved_by_the_netting_alone(bench: Bench) -> None:
    for payer, payee in ((A, B), (B, C), (C, A)):
        assert submit(bench, payer, payee, 7 * OPENING)[1] == ""
    events = bench.do("central", RunNetting("rtgs", "central"))
    settled, ended = events[1], events[2]
    assert (settled.count, ended.count, ended.left) == (3, 3, 0)  # type: ignore[attr-defined]
    assert [bench.balance(one) for one in (A, B, C)] == [OPENING] * 3


def test_the_order_of_the_queue_follows_priority_and_then_the_payers_wishes(bench: Bench) -> None:
    one, two, three = (submit(bench, A, B, 2 * OPENING)[0] for _ in range(3))
    urgent = submit(bench, A, B, 3 * OPENING, priority=1)[0]
    assert waiting(bench) == [urgent, one, two, three]
    bench.do("bank-a", ReorderPayment(three))
    bench.do("bank-a", ReorderPayment(one, to_front=False))
    assert waiting(bench) == [urgent, three, two, one]
    bench.do("bank-a", ChangePriority(one, 0))
    assert waiting(bench) == [one, urgent, three, two]
    bench.do("bank-a", CancelPayment(urgent, "paid otherwise"))
    assert waiting(bench) == [one, three, two]
    for action in (ReorderPayment(one), CancelPayment(one, "x"), ChangePriority(one, 4)):
        bench.refuses(KernelCode.APPROVAL_MISSING, "bank-b", action)


def test_a_payment_versus_payment_pair_settles_when_its_second_side_comes(bench: Bench) -> None:
    assert submit(bench, A, B, 70, **against("HKD", 10))[1] == ""
    run(bench)
    assert bench.balance(A) == OPENING
    assert submit(bench, B, A, 10, asset="HKD", **against("CNY", 70))[1] == "pair"
    assert (bench.balance(A), bench.balance(A, "HKD")) == (OPENING - 70, OPENING + 10)


def test_a_pair_of_which_one_side_lacks_money_waits_with_both_and_nets_with_others(
    bench: Bench,
) -> None:
    submit(bench, A, B, 70, **against("HKD", 2 * OPENING))
    assert submit(bench, B, A, 2 * OPENING, asset="HKD", **against("CNY", 70))[1] == ""
    assert len(waiting(bench)) == 2
    run(bench)
    assert len(waiting(bench)) == 2
    assert submit(bench, C, B, OPENING, asset="HKD")[1] == "entry"
    assert len(waiting(bench)) == 2
    run(bench)
    assert waiting(bench) == []
    assert (bench.balance(A), bench.balance(A, "HKD")) == (OPENING - 70, 3 * OPENING)


def test_a_pair_whose_other_side_was_cancelled_waits_alone_for_another(bench: Bench) -> None:
    first, _ = submit(bench, A, B, 2 * OPENING, **against("HKD", 5))
    second, _ = submit(bench, B, A, 5, asset="HKD", **against("CNY", 2 * OPENING))
    bench.do("bank-a", CancelPayment(first, "wrong amount"))
    assert waiting(bench) == [second]
    run(bench)
    bench.do("firm-c", Transfer(C, A, "CNY", OPENING))
    assert submit(bench, A, B, 2 * OPENING, **against("HKD", 5))[1] == "pair"


@pytest.mark.parametrize(
    ("amount", "asset", "wanted"),
    [(1, "HKD", ("CNY", 70)), (10, "CNY", ("CNY", 70)), (10, "HKD", ("CNY", 71))],
)
def test_nobody_is_paid_under_a_pair_for_less_than_the_other_side_asked(
    bench: Bench, amount: int, asset: str, wanted: tuple[str, int]
) -> None:
    submit(bench, A, B, 70, **against("HKD", 10))
    cheap = payment(B, A, amount, asset, **against(*wanted))
    bench.refuses(SettlementCode.PAIR_MISMATCH, "bank-b", cheap)
    assert bench.balance(A) == OPENING


def test_a_third_party_does_not_take_the_label_that_two_agreed_on(bench: Bench) -> None:
    submit(bench, C, B, 1, **against("HKD", 1))
    submit(bench, C, A, 1, **against("HKD", 1))
    submit(bench, A, B, 70, **against("HKD", 10))
    assert submit(bench, B, A, 10, asset="HKD", **against("CNY", 70))[1] == "pair"


def test_what_only_passes_through_a_full_balance_does_not_stop_the_netting(bench: Bench) -> None:
    """Who holds nearly the largest amount is left out: in a ring its balance could pass it."""
    bench.do("central", DefineAsset("JPY", "central", 0, "cbdc", "Yen"))
    for party in ("bank-a", "bank-b"):
        bench.do(party, HoldAsset(f"{party}/main", "JPY"))
    bench.do("central", Issue("JPY", B, MAX_AMOUNT))
    assets = tuple(QueueAsset(name) for name in ("CNY", "HKD", "JPY"))
    bench.do("central", define(assets=assets, at_once=False, netting_every_ms=1_000))
    submit(bench, A, B, 10, asset="JPY")
    submit(bench, B, A, 10, asset="JPY")
    submit(bench, A, B, 10)
    bench.advance(1_000)
    assert bench.balance(A) == OPENING - 10
    assert bench.balance(A, "JPY") == 10


def test_rules_set_anew_end_a_netting_that_is_under_way(bench: Bench) -> None:
    bench.do("central", define(at_once=False, work_per_block=2))
    for _ in range(5):
        submit(bench, A, B, 2 * OPENING)
    assert "run_ended" not in run(bench)
    assert kinds(bench.do("central", define()))[:1] == ["run_ended"]
    assert run(bench)[-1] == "run_ended"


def test_a_multilateral_limit_bounds_what_flows_out_net_and_urgent_payments_pass(
    bench: Bench,
) -> None:
    bench.do("bank-a", SetQueueLimits("rtgs", A, "CNY", 100))
    assert submit(bench, A, B, 60)[1] == "entry"
    held, how = submit(bench, A, C, 50)
    assert how == ""
    run(bench)
    assert waiting(bench) == [held]
    assert submit(bench, A, B, 500, priority=0)[1] == "entry"
    assert submit(bench, C, A, 10)[1] == "entryrelease"
    assert waiting(bench) == []


def test_a_bilateral_limit_bounds_what_flows_to_one_counterparty(bench: Bench) -> None:
    bench.do("bank-a", SetQueueLimits("rtgs", A, "CNY", bilateral=((B, 100),)))
    assert submit(bench, A, B, 101)[1] == ""
    assert submit(bench, A, C, 200, priority=4)[1] == "entry"
    run(bench)
    assert bench.balance(B) == OPENING
    assert submit(bench, B, A, 1)[1] == "entryrelease"
    assert bench.balance(B) == OPENING + 100


def test_a_limit_starts_anew_on_the_next_business_day(bench: Bench) -> None:
    bench.do("bank-a", SetQueueLimits("rtgs", A, "CNY", 100))
    submit(bench, A, B, 100)
    assert submit(bench, A, B, 1)[1] == ""
    bench.advance(24 * 3_600_000)
    assert run(bench) == ["run_started", "payments_settled", "run_ended"]


def test_what_is_kept_for_urgent_payments_only_urgent_ones_use(bench: Bench) -> None:
    bench.do("bank-a", SetQueueLimits("rtgs", A, "CNY", urgent_reserve_minor=OPENING - 50))
    held, how = submit(bench, A, B, 51)
    assert how == ""
    run(bench)
    assert waiting(bench) == [held]
    assert submit(bench, A, B, 51, priority=2)[1] == "entry"
    assert submit(bench, B, A, 51)[1] == "entry"
    assert submit(bench, B, A, 1)[1] == "entryrelease"
    assert bench.balance(A) == OPENING - 50


def test_an_accounts_own_daily_limit_bounds_the_netting(bench: Bench) -> None:
    bench.do("bank-a", SetLimits(A, "CNY", per_day=100, per_payment=0))
    submit(bench, A, B, 2 * OPENING)
    for amount in (60, 50, 40):
        submit(bench, A, B, amount)
    run(bench)
    assert bench.balance(A) == OPENING - 90 or bench.balance(A) == OPENING - 100
    assert len(waiting(bench)) == 2


def test_money_from_outside_the_queue_helps_the_next_run(bench: Bench) -> None:
    held, _ = submit(bench, A, B, OPENING + 5)
    bench.do("firm-c", Transfer(C, A, "CNY", 5))
    assert bench.view.get(QUEUED, held) is not None
    run(bench)
    assert bench.balance(A) == 0


def test_one_who_has_a_payment_in_the_queue_may_run_it_and_nobody_else(bench: Bench) -> None:
    submit(bench, A, B, 2 * OPENING)
    assert run(bench) == ["run_started", "run_ended"]
    assert kinds(bench.do("bank-a", RunNetting("rtgs", "bank-a"))) == ["run_started", "run_ended"]
    for party in ("bank-b", "firm-a", "watch"):
        bench.refuses(SettlementCode.NOT_PARTICIPANT, party, RunNetting("rtgs", party))


def test_an_operator_changes_the_rules_and_what_waits_stays(bench: Bench) -> None:
    held, _ = submit(bench, A, B, 2 * OPENING)
    bench.do("central", define(overtaking=True))
    assert submit(bench, A, B, 1)[1] == "entry"
    assert waiting(bench) == [held]
