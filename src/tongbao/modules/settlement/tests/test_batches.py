"""Settlement batches: DvP, PvP and longer chains, all or none."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.modules.accounts import SetLimits
from tongbao.modules.assets import FreezeHolding
from tongbao.modules.payments import PaymentsCode, Posted, Posting, Transfer
from tongbao.modules.settlement import (
    BATCHES,
    Allocate,
    AmendBatch,
    ApproveBatch,
    ProposeBatch,
    RevokeApproval,
    SettleBatch,
    SettlementCode,
    Step,
    WithdrawBatch,
)
from tongbao.modules.settlement.tests.room import (
    MINUTE,
    A,
    B,
    C,
    dvp,
    kind,
    kinds,
    propose,
    two_currencies,
)
from tongbao.modules.testing import OPENING, Bench


@pytest.fixture
def bench() -> Bench:
    return two_currencies()


def approve(bench: Bench, batch: str, *parties: str, revision: int = 0) -> list[str]:
    """Everybody in turn; what the last one caused."""
    reported: list[str] = []
    for party in parties:
        reported = kinds(bench.do(party, ApproveBatch(batch, party, revision)))
    return reported


def test_delivery_versus_payment_settles_with_the_last_approval_both_legs_at_once(
    bench: Bench,
) -> None:
    batch = propose(bench, dvp(bench))
    assert approve(bench, batch, "bank-a") == ["approved"]
    assert (bench.balance(A), bench.balance(A, "HKD")) == (OPENING, OPENING)
    events = bench.do("bank-b", ApproveBatch(batch, "bank-b"))
    assert kinds(events) == ["approved", "batch_settled"]
    posted = events[-1]
    assert isinstance(posted, Posted)
    assert posted.postings == (Posting(A, B, "HKD", 1_000), Posting(B, A, "CNY", 100))
    assert posted.references == (("delivery", ""), ("payment", ""))
    assert (bench.balance(A), bench.balance(A, "HKD")) == (OPENING + 100, OPENING - 1_000)
    assert (bench.balance(B), bench.balance(B, "HKD")) == (OPENING - 100, OPENING + 1_000)


def test_a_batch_whose_payer_lacks_money_moves_nothing_and_settles_once_it_is_there(
    bench: Bench,
) -> None:
    steps = (
        Step("bank-a", "bank-b", "HKD", 10, A, B),
        Step("bank-b", "bank-a", "CNY", 2 * OPENING, B, A),
    )
    batch = propose(bench, dvp(bench, steps=steps))
    approve(bench, batch, "bank-a")
    events = bench.do("bank-b", ApproveBatch(batch, "bank-b"))
    assert kinds(events) == ["approved", "batch_waits"]
    assert events[1].refusal == PaymentsCode.INSUFFICIENT_FUNDS  # type: ignore[attr-defined]
    assert events[-1] == Posted("settlement.approve", subject=batch)
    again = SettleBatch(batch, "bank-b")
    bench.refuses(PaymentsCode.INSUFFICIENT_FUNDS, "bank-b", again)
    bench.do("firm-c", Transfer(C, B, "CNY", OPENING))
    assert kinds(bench.do("bank-b", again)) == ["batch_settled"]
    assert (bench.balance(A), bench.balance(B)) == (3 * OPENING, 0)
    bench.refuses(SettlementCode.BATCH_UNKNOWN, "bank-b", again)


def test_money_that_comes_in_by_the_same_batch_pays_for_what_goes_out(bench: Bench) -> None:
    """A chain: nobody but the first has the money, and it settles all the same."""
    most = OPENING + 500
    steps = (
        Step("bank-a", "bank-b", "CNY", most, A, B),
        Step("bank-b", "firm-c", "CNY", most, B, C),
        Step("firm-c", "bank-a", "CNY", most, C, A),
    )
    batch = propose(bench, ProposeBatch("central", steps, bench.time_ms + MINUTE))
    assert approve(bench, batch, "bank-a", "bank-b", "firm-c") == ["approved", "batch_settled"]
    assert [bench.balance(one) for one in (A, B, C)] == [OPENING] * 3


def test_netted_legs_post_what_remains_of_them(bench: Bench) -> None:
    steps = (
        Step("bank-a", "bank-b", "CNY", 300, A, B), Step("bank-b", "bank-a", "CNY", 200, B, A),
        Step("bank-b", "firm-c", "CNY", 40, B, C),
    )  # fmt: skip
    batch = propose(bench, ProposeBatch("bank-a", steps, bench.time_ms + MINUTE, netted=True))
    bench.do("bank-a", ApproveBatch(batch, "bank-a"))
    posted = bench.do("bank-b", ApproveBatch(batch, "bank-b"))[-1]
    assert isinstance(posted, Posted)
    assert posted.postings == (Posting(A, B, "CNY", 60), Posting(A, C, "CNY", 40))


def test_a_frozen_account_holds_a_netted_batch_up_though_it_comes_out_even(bench: Bench) -> None:
    steps = (
        Step("bank-a", "bank-b", "CNY", 300, A, B), Step("bank-b", "bank-a", "CNY", 300, B, A)
    )  # fmt: skip
    batch = propose(bench, ProposeBatch("bank-a", steps, bench.time_ms + MINUTE, netted=True))
    bench.do("central", FreezeHolding("CNY", B, "order 7"))
    assert approve(bench, batch, "bank-a", "bank-b") == ["approved", "batch_waits"]


def test_limits_of_an_account_count_every_leg_also_when_netted(bench: Bench) -> None:
    bench.do("bank-a", SetLimits(A, "CNY", per_payment=299, per_day=0))
    for netted in (False, True):
        steps = (
            Step("bank-a", "bank-b", "CNY", 300, A, B), Step("bank-b", "bank-a", "CNY", 290, B, A)
        )  # fmt: skip
        action = ProposeBatch("bank-a", steps, bench.time_ms + MINUTE, netted=netted)
        batch = propose(bench, action)
        assert approve(bench, batch, "bank-a", "bank-b") == ["approved", "batch_waits"]


def test_an_approval_sets_the_amount_aside_so_that_it_is_there_when_the_batch_settles(
    bench: Bench,
) -> None:
    batch = propose(bench, dvp(bench, reserve=True))
    bench.do("bank-a", ApproveBatch(batch, "bank-a"))
    assert bench.available(A, "HKD") == OPENING - 1_000
    bench.refuses(PaymentsCode.INSUFFICIENT_FUNDS, "bank-a", Transfer(A, C, "HKD", OPENING - 999))
    bench.do("bank-a", Transfer(A, C, "HKD", OPENING - 1_000))
    assert approve(bench, batch, "bank-b") == ["approved", "batch_settled"]
    assert bench.balance(A, "HKD") == bench.available(A, "HKD") == 0


def test_what_was_set_aside_is_free_again_after_revoking_withdrawing_or_the_deadline(
    bench: Bench,
) -> None:
    batch = propose(bench, dvp(bench, reserve=True))
    bench.do("bank-a", ApproveBatch(batch, "bank-a"))
    bench.do("bank-a", RevokeApproval(batch, "bank-a", "not yet"))
    assert bench.available(A, "HKD") == OPENING
    bench.do("bank-a", ApproveBatch(batch, "bank-a"))
    bench.do("bank-a", WithdrawBatch(batch, "no more"))
    assert bench.available(A, "HKD") == OPENING
    late = propose(bench, dvp(bench, reserve=True))
    bench.do("bank-a", ApproveBatch(late, "bank-a"))
    events = bench.advance(MINUTE)
    assert kinds(events) == ["batch_ended"]
    assert events[0].reason == "deadline"  # type: ignore[attr-defined]
    assert bench.available(A, "HKD") == OPENING
    assert bench.view.get(BATCHES, late) is None


def test_a_batch_settles_at_its_time_and_not_before(bench: Bench) -> None:
    when = bench.time_ms + MINUTE // 2
    batch = propose(bench, dvp(bench, settle_at_ms=when))
    assert approve(bench, batch, "bank-a", "bank-b") == ["approved"]
    bench.refuses(SettlementCode.NOT_DUE, "bank-a", SettleBatch(batch, "bank-a"))
    assert bench.advance(MINUTE // 4) == ()
    assert kinds(bench.advance(MINUTE // 4)) == ["batch_settled"]
    assert bench.balance(A) == OPENING + 100
    assert bench.advance(MINUTE) == ()


def test_a_block_that_brings_time_to_settle_and_deadline_settles_first(bench: Bench) -> None:
    when = bench.time_ms + MINUTE // 2
    batch = propose(bench, dvp(bench, settle_at_ms=when))
    approve(bench, batch, "bank-a", "bank-b")
    assert kinds(bench.advance(2 * MINUTE)) == ["batch_settled"]


def test_accounts_are_allocated_by_whoever_owns_them(bench: Bench) -> None:
    steps = (Step("bank-a", "bank-b", "CNY", 5), Step("bank-b", "bank-a", "HKD", 7))
    batch = propose(bench, ProposeBatch("bank-a", steps, bench.time_ms + MINUTE))
    bench.refuses(SettlementCode.NOT_ALLOCATED, "bank-a", ApproveBatch(batch, "bank-a"))
    bench.refuses(KernelCode.APPROVAL_MISSING, "bank-a", Allocate(batch, "deliver", B, (1,)))
    bench.do("bank-a", Allocate(batch, "deliver", A))
    bench.do("bank-b", Allocate(batch, "deliver", B, (1,)))
    approve(bench, batch, "bank-a", "bank-b")
    bench.refuses(SettlementCode.APPROVED_ALREADY, "bank-a", Allocate(batch, "deliver", A, (0,)))
    bench.do("bank-a", Allocate(batch, "receive", A))
    events = bench.do("bank-b", Allocate(batch, "receive", B))
    assert kinds(events) == ["allocated", "batch_settled"]
    assert (bench.balance(A), bench.balance(B)) == (OPENING - 5, OPENING + 5)


def test_receivers_approve_where_that_was_agreed(bench: Bench) -> None:
    steps = (Step("bank-a", "bank-b", "CNY", 5, A, B),)
    action = ProposeBatch("bank-a", steps, bench.time_ms + MINUTE, receivers_approve=True)
    batch = propose(bench, action)
    assert approve(bench, batch, "bank-a") == ["approved"]
    bench.refuses(SettlementCode.NOT_COMPLETE, "bank-a", SettleBatch(batch, "bank-a"))
    bench.refuses(SettlementCode.NOTHING_TO_APPROVE, "bank-a", ApproveBatch(batch, "bank-a"))
    assert approve(bench, batch, "bank-b") == ["approved", "batch_settled"]


def test_an_amended_step_loses_its_approval_and_an_unchanged_one_keeps_it(bench: Bench) -> None:
    batch = propose(bench, dvp(bench, reserve=True))
    bench.do("bank-a", ApproveBatch(batch, "bank-a"))
    old = [one.step for one in bench.view.get(BATCHES, batch).instructions]  # type: ignore[union-attr]
    cheaper = (old[0], Step("bank-b", "bank-a", "CNY", 90, B, A, "payment"))
    bench.do("bank-a", AmendBatch(batch, cheaper, bench.time_ms + MINUTE))
    assert bench.available(A, "HKD") == OPENING - 1_000
    smaller = (Step("bank-a", "bank-b", "HKD", 900, A, B), cheaper[1])
    events = bench.do("bank-a", AmendBatch(batch, smaller, bench.time_ms + MINUTE))
    assert events[0].kept == (1,)  # type: ignore[attr-defined]
    assert bench.available(A, "HKD") == OPENING
    reported = bench.refuses(SettlementCode.AMENDED_SINCE, "bank-b", ApproveBatch(batch, "bank-b"))
    assert (reported["revision"], reported["approved"]) == (2, 0)
    last = approve(bench, batch, "bank-b", "bank-a", revision=2)
    assert last == ["approved", "batch_settled"]
    assert bench.balance(A) == OPENING + 90


def test_nobodys_approval_outlives_a_change_of_what_it_gets_for_it(bench: Bench) -> None:
    """bank-b proposed, and once bank-a has approved its delivery it makes the price one unit."""
    batch = propose(bench, replace(dvp(bench, reserve=True), proposer="bank-b"))
    bench.do("bank-a", ApproveBatch(batch, "bank-a"))
    old = [one.step for one in bench.view.get(BATCHES, batch).instructions]  # type: ignore[union-attr]
    robbed = (old[0], replace(old[1], amount_minor=1))
    for steps in (robbed, old[:1]):
        events = bench.do("bank-b", AmendBatch(batch, tuple(steps), bench.time_ms + MINUTE))
        assert kinds(events) == ["batch_amended"]
        assert bench.available(A, "HKD") == OPENING
        revision = bench.view.get(BATCHES, batch).revision  # type: ignore[union-attr]
        bench.offer("bank-b", ApproveBatch(batch, "bank-b", revision))
    assert bench.balance(A, "HKD") == OPENING


@pytest.mark.parametrize("retimed", ["settle_at_ms", "deadline_at_ms"])
def test_nobodys_approval_outlives_the_time_that_was_agreed(bench: Bench, retimed: str) -> None:
    batch = propose(bench, replace(dvp(bench, reserve=True), proposer="bank-b"))
    bench.do("bank-a", ApproveBatch(batch, "bank-a"))
    there = bench.view.get(BATCHES, batch)
    assert there is not None
    steps = tuple(one.step for one in there.instructions)
    times = {"deadline_at_ms": there.deadline_at_ms, "settle_at_ms": 0}
    times[retimed] = there.deadline_at_ms + (1 if retimed == "deadline_at_ms" else -1)
    events = bench.do("bank-b", AmendBatch(batch, steps, **times))
    assert events[0].kept == (1,)  # type: ignore[attr-defined]
    assert bench.available(A, "HKD") == OPENING


def test_a_batch_can_always_be_ended_so_its_clock_is_a_time(bench: Bench) -> None:
    """With a time below zero neither revoking nor the deadline could have taken the clock back."""
    never = dvp(bench, reserve=True, settle_at_ms=-1)
    bench.refuses(SettlementCode.SETTLES_NEVER, "bank-a", never)
    batch = propose(bench, dvp(bench, reserve=True))
    steps = tuple(one.step for one in bench.view.get(BATCHES, batch).instructions)  # type: ignore[union-attr]
    amend = AmendBatch(batch, steps, bench.time_ms + MINUTE, -1)
    bench.refuses(SettlementCode.SETTLES_NEVER, "bank-a", amend)


def test_who_is_not_concerned_by_a_change_keeps_its_approval(bench: Bench) -> None:
    more = (Step("bank-a", "bank-b", "HKD", 5, A, B), Step("firm-c", "firm-a", "CNY", 5, C))
    batch = propose(bench, dvp(bench, steps=more))
    bench.do("firm-c", ApproveBatch(batch, "firm-c"))
    changed = (replace(more[0], amount_minor=6), more[1])
    deadline = bench.view.get(BATCHES, batch).deadline_at_ms  # type: ignore[union-attr]
    events = bench.do("bank-a", AmendBatch(batch, changed, deadline))
    assert events[0].kept == (1,)  # type: ignore[attr-defined]


def test_more_than_anybody_can_have_waits_for_funds_like_any_other_leg(bench: Bench) -> None:
    steps = (Step("bank-a", "bank-b", "CNY", MAX_AMOUNT, A, B),)
    batch = propose(bench, dvp(bench, steps=steps))
    assert approve(bench, batch, "bank-a") == ["approved", "batch_waits"]


def test_an_amendment_that_leaves_only_approved_legs_settles_the_batch(bench: Bench) -> None:
    batch = propose(bench, dvp(bench))
    bench.do("bank-a", ApproveBatch(batch, "bank-a"))
    first = bench.view.get(BATCHES, batch).instructions[0].step  # type: ignore[union-attr]
    events = bench.do("bank-a", AmendBatch(batch, (first,), bench.time_ms + MINUTE))
    assert kinds(events) == ["batch_amended", "batch_settled"]
    assert kind(events[-1]) == "posted"


def test_only_the_proposer_amends_and_withdraws(bench: Bench) -> None:
    batch = propose(bench, dvp(bench))
    bench.refuses(KernelCode.APPROVAL_MISSING, "bank-b", WithdrawBatch(batch, "no"))
    steps = (Step("bank-b", "bank-a", "CNY", 1, B, A),)
    bench.refuses(
        KernelCode.APPROVAL_MISSING, "bank-b", AmendBatch(batch, steps, bench.time_ms + MINUTE)
    )
