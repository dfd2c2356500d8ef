"""Runs of the netting: over several blocks, by the clock, at the end of the day."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongbao.kernel.codes import Refusal
from tongbao.kernel.laws import broken_anywhere
from tongbao.modules.settlement import RunNetting, SettlementCode, closings_of, waiting_in
from tongbao.modules.settlement.model import Closing
from tongbao.modules.settlement.state import CLOSINGS, RUNS
from tongbao.modules.settlement.tests.room import A, B, C, kinds, payment, submit, with_queue
from tongbao.modules.testing import DAY_MS, OPENING, Bench

ACCOUNTS = ("bank-a/main", "bank-b/main", "firm-a/main", "firm-b/main", "firm-c/main")


def fill(bench: Bench, count: int, seed: int) -> None:
    """Payments at random, more than there is money for; they only queue."""
    rng = random.Random(seed)
    for _ in range(count):
        payer, payee = rng.sample(ACCOUNTS, 2)
        asset = rng.choice(("CNY", "CNY", "HKD"))
        amount = rng.choice((1, 3, 10)) * OPENING // rng.choice((1, 2, 7))
        bench.do(payer.split("/")[0], payment(payer, payee, amount, asset))


def carried_through(bench: Bench) -> list[str]:
    """A run on demand and every block it needs; what was settled, in order."""
    settled: list[str] = []
    events = bench.do("central", RunNetting("rtgs", "central"))
    for _ in range(200):
        for event in events:
            settled += getattr(event, "payments", ())
        assert list(broken_anywhere(bench.view, bench.registry)) == []
        totals = {asset: sum(bench.balance(one, asset) for one in ACCOUNTS)
                  for asset in ("CNY", "HKD")}  # fmt: skip
        assert totals == {"CNY": 5 * OPENING, "HKD": 5 * OPENING}
        assert min(bench.balance(one, asset) for one in ACCOUNTS for asset in totals) >= 0
        if "run_ended" in kinds(events):
            return settled
        events = bench.advance(1)
    raise AssertionError("the run does not come to its end")


def test_a_large_queue_is_worked_over_several_blocks_and_every_block_balances() -> None:
    bench = with_queue(at_once=False, work_per_block=8)
    fill(bench, 60, seed=1)
    before = [one.id for one in waiting_in(bench.view, "rtgs")]
    events = bench.do("central", RunNetting("rtgs", "central"))
    assert "run_ended" not in kinds(events)
    blocks = 1
    while "run_ended" not in kinds(events):
        events = bench.advance(1)
        blocks += 1
    assert blocks > len(before) // 8
    assert next(bench.view.scan(RUNS), None) is None
    after = {one.id for one in waiting_in(bench.view, "rtgs")}
    assert after < set(before)
    ended = events[-2]
    assert (ended.count, ended.left) == (len(before) - len(after), len(after))  # type: ignore[attr-defined]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from((2, 5, 17, 100)))
def test_a_run_is_the_same_every_time_and_conserves_money_at_every_block(
    seed: int, work: int
) -> None:
    settled = []
    for _ in range(2):
        bench = with_queue(at_once=False, work_per_block=work)
        fill(bench, 30, seed)
        settled.append(carried_through(bench))
    assert settled[0] == settled[1]


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32))
def test_between_two_blocks_of_a_run_payments_may_enter_and_leave(seed: int) -> None:
    rng = random.Random(seed)
    bench = with_queue(at_once=False, work_per_block=4)
    fill(bench, 24, seed)
    bench.do("central", RunNetting("rtgs", "central"))
    again = bench.offer("central", RunNetting("rtgs", "central"))
    assert isinstance(again, Refusal)
    assert again.code is SettlementCode.RUN_UNDER_WAY
    for _ in range(200):
        if next(bench.view.scan(RUNS), None) is None:
            break
        if rng.randrange(2):
            fill(bench, 1, rng.randrange(2**32))
        else:
            bench.advance(1)
        assert list(broken_anywhere(bench.view, bench.registry)) == []
    else:
        raise AssertionError("the run does not come to its end")


def test_the_clock_runs_the_netting_while_payments_wait_and_rests_when_none_do() -> None:
    bench = with_queue(at_once=False, netting_every_ms=5_000)
    assert bench.advance(60_000) == ()
    submit(bench, A, B, 5)
    assert kinds(bench.advance(5_000)) == ["run_started", "payments_settled", "run_ended"]
    assert bench.advance(60_000) == ()
    submit(bench, A, B, 2 * OPENING)
    for _ in range(2):
        assert kinds(bench.advance(5_000)) == ["run_started", "run_ended"]


@pytest.mark.parametrize(("at_close", "left"), [("reject", 0), ("carry", 5)])
def test_the_end_of_the_day_nets_once_more_and_rejects_or_carries_what_is_left(
    at_close: str, left: int
) -> None:
    bench = with_queue(at_once=False, day_ends_ms=0, at_close=at_close, work_per_block=4)
    submit(bench, A, B, 5)
    for _ in range(5):
        submit(bench, B, C, 9 * OPENING)
    until = DAY_MS - bench.time_ms % DAY_MS
    reported = kinds(bench.advance(until))
    while "run_ended" not in reported:
        reported += kinds(bench.advance(1))
    assert reported.count("payments_settled") == 1
    assert reported.count("payment_ended") == 5 - left
    assert len(list(waiting_in(bench.view, "rtgs"))) == left
    assert bench.balance(A) == OPENING - 5
    assert "run_started" not in kinds(bench.advance(DAY_MS // 2))
    again = kinds(bench.advance(DAY_MS))
    assert ("run_started" in again) == bool(left)


def test_a_run_leaves_the_proof_of_its_feasibility_and_a_law_guards_it() -> None:
    bench = with_queue(at_once=False)
    submit(bench, A, B, 30)
    submit(bench, B, A, OPENING + 20)
    bench.do("central", RunNetting("rtgs", "central"))
    proofs = {account: closing for account, _, closing in closings_of(bench.view, "rtgs")}
    assert proofs[B] == Closing(OPENING, OPENING + 20, 30, 10)
    assert bench.broken_by("central", (CLOSINGS, ("rtgs", A, "CNY"), Closing(5, 6, 0, -1)))
    assert bench.broken_by("central", (CLOSINGS, ("rtgs", A, "CNY"), Closing(5, 1, 0, 5)))


def test_an_end_of_day_during_a_run_waits_for_it() -> None:
    bench = with_queue(at_once=False, day_ends_ms=0, at_close="reject", work_per_block=2)
    for _ in range(6):
        submit(bench, B, C, 9 * OPENING)
    bench.advance(DAY_MS - bench.time_ms % DAY_MS - 2)
    bench.do("central", RunNetting("rtgs", "central"))
    reported: list[str] = []
    for _ in range(12):
        reported += kinds(bench.advance(1))
    assert reported.count("run_ended") == 2
    assert reported.count("payment_ended") == 6
