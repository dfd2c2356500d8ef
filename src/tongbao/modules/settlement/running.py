"""Runs of the netting: on demand, by the clock, at the end of the day, over several blocks.

A run looks at a window of the queue, at most `work_per_block` payments, settles what the netting
chooses of it all at once, and goes on behind it in the next block. Where a pass over a queue of
several windows settled something, another pass follows with windows that lie elsewhere, until one
settles nothing. Between two blocks nothing is half settled: a window settles in one action, and
what the run knows (its cursor) stands in the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from msgspec.structs import replace

from tongbao.kernel.transaction import Event
from tongbao.kernel.views import WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.events import PaymentEnded, RunEnded, RunStarted
from tongbao.modules.settlement.model import DAY_MS, REJECT, Queue, Queued, Run
from tongbao.modules.settlement.queueing import leave, settle_together
from tongbao.modules.settlement.state import (
    COUNTERS,
    ORDER,
    QUEUED,
    RUNS,
    counters_of,
    require_queue,
)
from tongbao.modules.settlement.window import prove, select

NETTING, WORK, CLOSE = "settlement.netting", "settlement.work", "settlement.close"
DEMAND, TIMER, AT_CLOSE = "demand", "timer", "close"
MAX_PASSES = 8
Cursor = tuple[int, int, str]


# ---- a run ---------------------------------------------------------------------------------------


def begin(
    ledger: WriteView, journal: Journal, queue: Queue, kind: str, objective: str
) -> Iterator[Event]:
    """Start a run and do the first block's work."""
    counters = counters_of(ledger, queue.id)
    number = counters.runs + 1
    run = Run(f"{queue.id}/{number}", queue.id, kind, objective, ledger.time_ms)
    ledger.put(COUNTERS, queue.id, value=replace(counters, runs=number, working=run.id))
    ledger.put(RUNS, run.id, value=run)
    yield RunStarted(run.id, queue.id, kind, objective)
    yield from work(ledger, journal, queue, run)


def work(ledger: WriteView, journal: Journal, queue: Queue, run: Run) -> Iterator[Event]:
    """One block's work of a run; then it ends, or waits for the next block."""
    if run.closing:
        yield from _reject(ledger, queue, run)
        return
    # A later pass starts in the middle of the first pass's windows, so that other payments meet.
    shifted = run.passed % 2 == 1 and run.cursor is None
    size = max(1, queue.work_per_block // 2) if shifted else queue.work_per_block
    window, cursor = _window(ledger, queue, run.cursor, size)
    chosen = select(ledger, queue, window, run.objective)
    if chosen:
        yield settle_together(ledger, journal, queue, chosen, "netting", run.id)
        prove(ledger, queue, chosen)
        value = sum(p.amount_minor * queue.weight_of(p.asset) for p in chosen)
        run = replace(
            run, count=run.count + len(chosen), value=run.value + value,
            gained=run.gained + len(chosen),
        )  # fmt: skip
    whole = run.cursor is None and cursor is None
    again = not whole and run.gained and run.passed + 1 < MAX_PASSES
    if cursor is not None:
        _go_on(ledger, replace(run, cursor=cursor))
    elif again:
        _go_on(ledger, replace(run, cursor=None, passed=run.passed + 1, gained=0))
    elif run.kind == AT_CLOSE and queue.at_close == REJECT:
        yield from _reject(ledger, queue, replace(run, gained=0, closing=True))
    else:
        yield _ended(ledger, run)


def _window(
    ledger: WriteView, queue: Queue, cursor: Cursor | None, size: int
) -> tuple[list[Queued], Cursor | None]:
    """Payments behind a cursor in order; and where to go on, None at the end."""
    after = None if cursor is None else (queue.id, *cursor)
    rows = list(islice(ledger.scan(ORDER, queue.id, after=after), size + 1))
    found = (ledger.get(QUEUED, key[3]) for key, _ in rows[:size])
    window = [payment for payment in found if payment is not None]
    if len(rows) <= size:
        return window, None
    _, priority, order, payment = rows[size - 1][0]
    return window, (priority, order, payment)


def _go_on(ledger: WriteView, run: Run) -> None:
    ledger.put(RUNS, run.id, value=run)
    ledger.schedule(ledger.time_ms + 1, WORK, run.id)


def _reject(ledger: WriteView, queue: Queue, run: Run) -> Iterator[Event]:
    """The end of the day: what waits leaves, as many a block as the netting looks at."""
    window, cursor = _window(ledger, queue, None, queue.work_per_block)
    leave(ledger, queue.id, window)
    for payment in window:
        yield PaymentEnded(payment.id, "end of day")
    run = replace(run, gained=run.gained + len(window))
    if cursor is not None:
        _go_on(ledger, run)
    else:
        yield _ended(ledger, run)


def _ended(ledger: WriteView, run: Run) -> RunEnded:
    ledger.delete(RUNS, run.id)
    counters = replace(counters_of(ledger, run.queue), working="")
    ledger.put(COUNTERS, run.queue, value=counters)
    rejected = run.gained if run.closing else 0
    waiting, began = counters.waiting, run.started_at_ms
    return RunEnded(run.id, run.queue, run.count, run.value, waiting, began, rejected)


def end_run(ledger: WriteView, queue: Queue) -> Iterator[Event]:
    """End a run that is under way: what it has not settled goes on waiting."""
    working = counters_of(ledger, queue.id).working
    run = ledger.get(RUNS, working) if working else None
    if run is not None:
        yield _ended(ledger, run)


# ---- clocks --------------------------------------------------------------------------------------


def wake_netting(ledger: WriteView, queue: Queue) -> None:
    """Set the clock of the netting, where payments wait and it is not set."""
    counters = counters_of(ledger, queue.id)
    if queue.netting_every_ms and counters.waiting and not counters.netting_at_ms:
        due = ledger.time_ms + queue.netting_every_ms
        ledger.schedule(due, NETTING, queue.id)
        ledger.put(COUNTERS, queue.id, value=replace(counters, netting_at_ms=due))


def set_clocks(ledger: WriteView, queue: Queue) -> None:
    """The clocks of a queue's rules."""
    wake_netting(ledger, queue)
    if queue.day_ends_ms >= 0:
        due = (queue.day_of(ledger.time_ms) + 1) * DAY_MS + queue.day_ends_ms
        ledger.schedule(due, CLOSE, queue.id)
        counters = replace(counters_of(ledger, queue.id), close_at_ms=due)
        ledger.put(COUNTERS, queue.id, value=counters)


def stop_clocks(ledger: WriteView, queue: Queue) -> None:
    """Take both back: other rules set them anew."""
    counters = counters_of(ledger, queue.id)
    ledger.unschedule(counters.netting_at_ms, NETTING, queue.id)
    ledger.unschedule(counters.close_at_ms, CLOSE, queue.id)
    ledger.put(COUNTERS, queue.id, value=replace(counters, netting_at_ms=0, close_at_ms=0))


# Each timer tells at least its empty journal: an engine makes a block for events, and what a timer
# wrote in silence would be lost.


def netting_is_due(ledger: WriteView, queue: str) -> Iterator[Event]:
    """Timer: net what waits, unless a run is under way."""
    journal = Journal(ledger, NETTING, subject=queue)
    rules = require_queue(ledger, queue)
    counters = counters_of(ledger, queue)
    if counters.netting_at_ms <= ledger.time_ms:
        ledger.put(COUNTERS, queue, value=replace(counters, netting_at_ms=0))
        if counters.waiting and not counters.working:
            yield from begin(ledger, journal, rules, TIMER, rules.objective)
        wake_netting(ledger, rules)
    yield journal.posted()


def work_is_due(ledger: WriteView, run: str) -> Iterator[Event]:
    """Timer: the next block's work of a run."""
    journal = Journal(ledger, WORK, subject=run)
    found = ledger.get(RUNS, run)
    if found is not None:
        yield from work(ledger, journal, require_queue(ledger, found.queue), found)
    yield journal.posted()


def day_is_over(ledger: WriteView, queue: str) -> Iterator[Event]:
    """Timer: net once more; what is left is carried over or rejected, as the rules say."""
    journal = Journal(ledger, CLOSE, subject=queue)
    rules = require_queue(ledger, queue)
    counters = counters_of(ledger, queue)
    if counters.close_at_ms <= ledger.time_ms and counters.working:
        # The run that is under way comes first: a block later the day ends all the same.
        ledger.schedule(ledger.time_ms + 1, CLOSE, queue)
        ledger.put(COUNTERS, queue, value=replace(counters, close_at_ms=ledger.time_ms + 1))
    elif counters.close_at_ms <= ledger.time_ms:
        set_clocks(ledger, rules)
        if counters.waiting:
            yield from begin(ledger, journal, rules, AT_CLOSE, rules.objective)
    yield journal.posted()
