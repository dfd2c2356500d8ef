"""What people list: batches, queues with what waits in them, limits, and runs of the netting."""

from __future__ import annotations

from tongbao.kernel.columns import Column, Derived
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Count
from tongbao.kernel.records import Beside, Ending, Line, Note, Record
from tongbao.modules.settlement.events import (
    BatchEnded,
    BatchSettled,
    BatchWaits,
    PaymentEnded,
    PaymentsSettled,
    RunEnded,
)
from tongbao.modules.settlement.model import BatchId, QueuedId, QueueId, RunId
from tongbao.modules.settlement.state import (
    BATCHES,
    BILATERAL,
    COUNTERS,
    LIMITS,
    QUEUED,
    QUEUES,
    RUNS,
)

_OF_ACCOUNT = (
    Column("queue", QueueId), Column("account", AccountId), Column("asset", AssetCode),
)  # fmt: skip

RECORDS = (
    Record(
        "settlement_batch", BATCHES,
        "Legs that settle together or not at all, newest first, with accounts and approvals.",
        (Column("batch", BatchId),),
        plural="settlement_batches",
        state=lambda _key, batch: "complete" if batch.complete else "open",
        states=("open", "complete", "settled", "cancelled"),
        notes={BatchWaits: Note(("reason", "refusal"), when="complete")},
        endings={
            BatchSettled: Ending("settled", sets={"reason": "", "refusal": 0}),
            BatchEnded: Ending("cancelled", takes=("reason",)),
        },
        derived=(
            Derived("missing", Count, "Accounts and approvals that an open batch waits for.",
                    lambda batch: batch.missing),
        ),
        shows=("title", "proposer", "state", "missing", "deadline_at_ms", "batch"),
    ),
    Record(
        "queue", QUEUES, "Queues that save liquidity, with their rules and how many wait.",
        (Column("queue", QueueId),),
        beside=Beside(COUNTERS), hidden=("front", "back", "runs", "asked_height"),
        shows=(
            "queue", "operator", "assets", "objective", "waiting", "settled", "netting_every_ms",
        ),
        public=True,
    ),
    Record(
        "queued_payment", QUEUED,
        "Payments that were submitted to queues, newest first, with what became of them.",
        (Column("payment", QueuedId),),
        state="waiting", states=("waiting", "settled", "cancelled", "rejected"),
        endings={
            PaymentsSettled: Ending("settled", by="payments", takes=("how", "run")),
            PaymentEnded: Ending(
                lambda event: "cancelled" if event.reason.startswith("cancelled") else "rejected",
                takes=("reason",),
            ),
        },
        filter_by=("queue", "payer", "run"),
        shows=(
            "payer", "payee", "amount_minor", "state", "created_at_ms", "how", "reason", "run",
            "payment",
        ),
        line=Line("queue", "waiting", ("priority", "order")),
    ),
    Record(
        "queue_limit", LIMITS, "What participants allow a queue to do with their accounts.",
        _OF_ACCOUNT, filter_by=("queue",),
    ),
    Record(
        "bilateral_limit", BILATERAL,
        "What participants allow a queue to let flow to single counterparties.",
        (*_OF_ACCOUNT, Column("counterparty", AccountId, "Whom the limit is against.")),
        derived=(
            Derived("bilateral_minor", Amount, "Most that may flow to it, net, on a business day.",
                    lambda most: most),
        ),
        filter_by=("queue",),
    ),
    Record(
        "netting_run", RUNS, "Runs of the netting, newest first, with what each settled.",
        (Column("run", RunId),),
        state="working", states=("working", "ended"),
        endings={RunEnded: Ending("ended", takes=("count", "value", "left", "rejected"))},
        hidden=("cursor", "passed", "gained", "closing"), filter_by=("queue",), public=True,
    ),
)  # fmt: skip
