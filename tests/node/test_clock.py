"""Time of the chain: an idle ledger, clocks that jump, clocks that are wrong as a node starts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from tests.node.conftest import VALIDATOR, Clocks, Ledger

from tongbao.kernel.codes import KernelCode
from tongbao.modules.payments import ScheduleTransfer, Transfer
from tongbao.node.answers import Status
from tongbao.node.clock import GRACE_MS, TOLERANCE_MS, ChainClock, ClockRefused, utc_ms
from tongbao.node.solo import SoloEngine
from tongbao.words import text_of

HOUR, DAY = 3_600_000, 86_400_000
YEAR = 365 * DAY
JUMPS = (90_000, HOUR, 5 * HOUR, DAY, 3 * DAY, 30 * DAY, 200 * DAY, YEAR, 10 * YEAR, 100 * YEAR)


def pay(amount: int = 1) -> Transfer:
    return Transfer(payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=amount)


def started_again(ledger: Ledger, clocks: Clocks, *, accept: bool = False) -> Ledger:
    """The same ledger under another engine, as after a stop."""
    engine = SoloEngine(
        ledger.app, VALIDATOR, clocks.wall, clocks.steady, accept_clock=accept
    )  # fmt: skip
    again = Ledger(ledger.app, engine, clocks)
    engine.start()
    return again


@pytest.fixture
def stopped(ledger: Ledger) -> Iterator[Ledger]:
    """A ledger that has paid once, and was stopped."""
    ledger.send("hengtong", pay())
    ledger.engine.stop()
    yield ledger


@pytest.mark.parametrize("idle", [HOUR, DAY, 7 * DAY, YEAR], ids=["hour", "day", "week", "year"])
def test_a_ledger_that_was_idle_takes_payments_whose_expiry_follows_its_time(
    ledger: Ledger, idle: int
) -> None:
    assert ledger.send("hengtong", pay()).status is Status.RECORDED
    ledger.clocks.rested += idle
    assert ledger.app.time_ms >= utc_ms() + idle - 1000
    answer = ledger.send("hengtong", pay())
    assert (answer.status, answer.outcome.code) == (Status.RECORDED, 0)
    assert ledger.engine.clock().trusted


def test_a_clock_that_was_behind_and_came_right_is_not_believed_when_it_jumps_later() -> None:
    passed, off = 0, -10 * 60_000
    clock = ChainClock(DAY, lambda: DAY + passed + off, lambda: passed)
    assert not clock.read().trusted
    passed, off = 30_000, 0
    assert clock.read() == (DAY + 30_000, 0)
    passed, off = 60_000, 200 * DAY
    assert clock.read() == (DAY + 60_000, 200 * DAY)


@pytest.mark.parametrize("idle", [HOUR, DAY, 7 * DAY, YEAR], ids=["hour", "day", "week", "year"])
def test_a_ledger_that_was_stopped_for_long_starts_without_ceremony(
    stopped: Ledger, idle: int
) -> None:
    again = started_again(stopped, Clocks(rested=idle))
    answer = again.send("hengtong", pay())
    again.engine.stop()
    assert (answer.status, answer.outcome.code) == (Status.RECORDED, 0)


@pytest.mark.parametrize("jump", [*JUMPS, *(-jump for jump in JUMPS)])
def test_a_clock_that_jumps_is_told_and_no_block_carries_its_time(
    ledger: Ledger, jump: int
) -> None:
    ledger.send("hengtong", pay())
    ledger.clocks.ahead = jump
    reading = ledger.engine.clock()
    assert not reading.trusted
    assert abs(reading.ahead_ms - jump) < 5_000
    assert "not trusted" in reading.text and "不予采信" in text_of(reading.text, "zh")
    honest = ledger.send("hengtong", pay())
    assert honest.status is Status.RECORDED
    assert abs(ledger.app.tip.time_ms - utc_ms()) < TOLERANCE_MS
    ledger.clocks.ahead = 0
    assert ledger.engine.clock().trusted
    assert ledger.send("hengtong", pay()).status is Status.RECORDED


def test_who_signs_by_a_clock_that_jumped_hears_of_the_clock_and_may_send_again(
    ledger: Ledger,
) -> None:
    ledger.send("hengtong", pay())
    ledger.clocks.ahead = 10 * YEAR
    wrong = ledger.send("hengtong", pay(), expires_in_ms=10 * YEAR + HOUR)
    assert (wrong.status, wrong.outcome.code) == (Status.REJECTED, KernelCode.CLOCK_NOT_TRUSTED)
    assert {"clock", "ledger"} == set(wrong.outcome.values)


def test_a_timer_alone_carries_no_time_of_a_clock_that_jumped(ledger: Ledger) -> None:
    due = ledger.now() + DAY
    tomorrow = ScheduleTransfer("hengtong/main", "mingda/main", "CNY", 1, due)
    assert ledger.send("hengtong", tomorrow).status is Status.RECORDED
    height = ledger.app.tip.height
    ledger.clocks.ahead = 10 * YEAR
    with ledger.engine._changed:
        ledger.engine._changed.notify_all()
    time.sleep(0.3)
    assert ledger.app.tip.height == height
    ledger.clocks.ahead = 0
    assert ledger.send("hengtong", pay()).status is Status.RECORDED


def test_after_a_long_rest_timers_wait_until_a_wrong_clock_had_time_to_be_set_right(
    ledger: Ledger,
) -> None:
    due = ledger.now() + HOUR
    later = ScheduleTransfer("hengtong/main", "mingda/main", "CNY", 1, due)
    assert ledger.send("hengtong", later).status is Status.RECORDED
    ledger.engine.stop()
    height, wrong = ledger.app.tip.height, Clocks(ahead=300 * DAY)
    again = started_again(ledger, wrong)
    time.sleep(0.2)
    assert again.app.tip.height == height
    wrong.ahead = 0  # somebody asked a time server
    answer = again.send("hengtong", pay())
    again.engine.stop()
    assert (answer.status, answer.outcome.code) == (Status.RECORDED, 0)
    assert abs(again.app.tip.time_ms - utc_ms()) < TOLERANCE_MS


def test_timers_that_fell_due_during_a_rest_come_once_the_grace_is_over() -> None:
    clocks = Clocks()
    clock = ChainClock(utc_ms() - 2 * DAY, clocks.wall, clocks.steady)
    assert clock.waits_for_timers()
    clocks.rested += GRACE_MS
    assert not clock.waits_for_timers()


def test_a_clock_further_ahead_than_any_rest_does_not_start_the_node_unless_confirmed(
    stopped: Ledger,
) -> None:
    wrong = Clocks(ahead=10 * YEAR)
    with pytest.raises(ClockRefused, match="--accept-clock"):
        started_again(stopped, wrong)
    again = started_again(stopped, Clocks(rested=2 * YEAR), accept=True)
    answer = again.send("hengtong", pay())
    again.engine.stop()
    assert answer.status is Status.RECORDED


@pytest.mark.parametrize("behind", JUMPS[1:])
def test_a_clock_behind_the_ledger_as_it_starts_is_told_and_the_ledger_goes_on(
    stopped: Ledger, behind: int
) -> None:
    wrong = Clocks(ahead=-behind)
    again = started_again(stopped, wrong)
    assert again.engine.clock().ahead_ms < 0
    assert again.send("hengtong", pay()).status is Status.RECORDED
    wrong.ahead = 0  # set right: it is trusted from here on, without a restart
    assert again.engine.clock().trusted
    assert again.send("hengtong", pay()).status is Status.RECORDED
    again.engine.stop()


def test_a_clock_that_is_slewed_stays_believed() -> None:
    clocks = Clocks()
    clock = ChainClock(utc_ms(), clocks.wall, clocks.steady)
    for _ in range(100):
        clocks.rested += HOUR
        clocks.ahead += 2_000
        assert clock.read().trusted
