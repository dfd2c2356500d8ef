"""Tables of the module."""

from __future__ import annotations

from tongbao.kernel.codes import refuse
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties import count_open
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.model import (
    Batch,
    Closing,
    Counters,
    Position,
    Queue,
    Queued,
    QueueLimits,
    Run,
)

PURPOSE = "settlement"
"""What batches set money aside for, in the table of reservations."""
BATCHES: Table[Batch] = Table(
    b"\x48\x01", "batches", (str,), Batch, "batch id -> instructions that settle together"
)
QUEUES: Table[Queue] = Table(b"\x48\x02", "queues", (str,), Queue, "queue id -> its rules")
QUEUED: Table[Queued] = Table(
    b"\x48\x03", "queued", (str,), Queued, "payment id -> payment that waits"
)
ORDER: Table[str] = Table(
    b"\x48\x04", "queue_order", (str, int, int, str), str,
    "(queue, priority, order, payment id) -> empty: the queue in its sequence",
)  # fmt: skip
BY_PAYER: Table[str] = Table(
    b"\x48\x05", "queued_by_payer", (str, str, str, int, int, str), str,
    "(queue, payer, asset, priority, order, payment id) -> payee",
)  # fmt: skip
PAIRS: Table[tuple[str, ...]] = Table(
    b"\x48\x06", "pairs", (str, str, str), tuple[str, ...],
    "(queue, the two parties, pair label) -> payments that settle both or not at all",
)  # fmt: skip
LIMITS: Table[QueueLimits] = Table(
    b"\x48\x07", "queue_limits", (str, str, str), QueueLimits,
    "(queue, account, asset) -> multilateral limit and urgent reserve",
)  # fmt: skip
BILATERAL: Table[int] = Table(
    b"\x48\x08", "bilateral_limits", (str, str, str, str), int,
    "(queue, account, asset, counterparty's account) -> most that may flow to it, net, on a day",
)  # fmt: skip
POSITIONS: Table[Position] = Table(
    b"\x48\x09", "queue_positions", (str, str, str, str), Position,
    "(queue, account, asset, counterparty's account or empty for all) -> what flowed out, net",
)  # fmt: skip
CLOSINGS: Table[Closing] = Table(
    b"\x48\x0a", "closings", (str, str, str), Closing,
    "(queue, account, asset) -> how the newest netting that touched it left it",
)  # fmt: skip
COUNTERS: Table[Counters] = Table(
    b"\x48\x0b", "queue_counters", (str,), Counters, "queue id -> orders, runs, clocks"
)
RUNS: Table[Run] = Table(
    b"\x48\x0c", "runs", (str,), Run, "run id -> netting that goes on in the next block"
)
BATCHES_BY_GIVER: Table[str] = Table(
    b"\x48\x0d", "batches_by_giver", (str, str, str), str,
    "(account, asset, batch id) -> empty: what is set aside for batches, by whose it is",
)  # fmt: skip
OPEN = "settlement batches"
MAX_BATCHES = 1_000
"""Open batches that a party has proposed at most."""
NO_LIMITS = QueueLimits()


def put_batch(ledger: WriteView, batch: Batch) -> None:
    """Write a batch, and find it under whoever set something aside for it."""
    before = ledger.get(BATCHES, batch.id)
    if before is None:
        count_open(ledger, batch.proposer, OPEN, 1, MAX_BATCHES)
    had, has = set() if before is None else set(before.givers), set(batch.givers)
    ledger.put(BATCHES, batch.id, value=batch)
    for giver in sorted(had - has):
        ledger.delete(BATCHES_BY_GIVER, *giver, batch.id)
    for giver in sorted(has - had):
        ledger.put(BATCHES_BY_GIVER, *giver, batch.id, value="")


def drop_batch(ledger: WriteView, batch: Batch) -> None:
    """Take these rows away."""
    before = ledger.get(BATCHES, batch.id)
    assert before is not None
    count_open(ledger, before.proposer, OPEN, -1)
    ledger.delete(BATCHES, batch.id)
    for giver in before.givers:
        ledger.delete(BATCHES_BY_GIVER, *giver, batch.id)


def require_batch(view: ReadView, batch: str) -> Batch:
    """An open batch, or a refusal."""
    found = view.get(BATCHES, batch)
    if found is None or found.deadline_at_ms <= view.time_ms:
        refuse(SettlementCode.BATCH_UNKNOWN, batch=batch[:128])
    return found


def require_queue(view: ReadView, queue: str) -> Queue:
    """The rules of a queue, or a refusal."""
    found = view.get(QUEUES, queue)
    if found is None:
        refuse(SettlementCode.QUEUE_UNKNOWN, queue=queue[:64])
    return found


def require_queued(view: ReadView, payment: str) -> Queued:
    """A payment that waits, or a refusal."""
    found = view.get(QUEUED, payment)
    if found is None:
        refuse(SettlementCode.PAYMENT_UNKNOWN, payment=payment[:128])
    return found


def counters_of(view: ReadView, queue: str) -> Counters:
    """What a queue counts."""
    return view.get(COUNTERS, queue) or Counters()
