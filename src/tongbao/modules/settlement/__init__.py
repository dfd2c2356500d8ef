"""Settlement: batches of legs that settle together, and queues that save liquidity."""

from __future__ import annotations

from tongbao.kernel.registry import Module, Reservation
from tongbao.modules.settlement import events, executing, running
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.generators import GENERATORS
from tongbao.modules.settlement.invariants import INVARIANTS, TALLIES
from tongbao.modules.settlement.model import (
    PRIORITIES,
    Batch,
    Instruction,
    Queue,
    QueueAsset,
    Queued,
    QueueLimits,
    Run,
    Step,
)
from tongbao.modules.settlement.queries import batches_of, closings_of, queues, waiting_in
from tongbao.modules.settlement.records import RECORDS
from tongbao.modules.settlement.state import (
    BATCHES,
    BATCHES_BY_GIVER,
    BILATERAL,
    BY_PAYER,
    CLOSINGS,
    COUNTERS,
    LIMITS,
    NO_LIMITS,
    ORDER,
    PAIRS,
    POSITIONS,
    PURPOSE,
    QUEUED,
    QUEUES,
    RUNS,
    counters_of,
)
from tongbao.modules.settlement.transactions.allocate import Allocate
from tongbao.modules.settlement.transactions.amend_batch import AmendBatch
from tongbao.modules.settlement.transactions.approve import ApproveBatch
from tongbao.modules.settlement.transactions.cancel import CancelPayment
from tongbao.modules.settlement.transactions.change_priority import ChangePriority
from tongbao.modules.settlement.transactions.define_queue import DefineQueue
from tongbao.modules.settlement.transactions.propose_batch import ProposeBatch
from tongbao.modules.settlement.transactions.reorder import ReorderPayment
from tongbao.modules.settlement.transactions.revoke import RevokeApproval
from tongbao.modules.settlement.transactions.run_netting import RunNetting
from tongbao.modules.settlement.transactions.set_limits import SetQueueLimits
from tongbao.modules.settlement.transactions.settle_batch import SettleBatch
from tongbao.modules.settlement.transactions.submit import SubmitPayment
from tongbao.modules.settlement.transactions.withdraw_batch import WithdrawBatch

MODULE = Module(
    name="settlement",
    number=0x48,
    uses=("parties", "assets", "accounts", "payments"),
    tables=(
        BATCHES, QUEUES, QUEUED, ORDER, BY_PAYER, PAIRS, LIMITS, BILATERAL, POSITIONS, CLOSINGS,
        COUNTERS, RUNS, BATCHES_BY_GIVER,
    ),
    transactions=(
        ProposeBatch, AmendBatch, WithdrawBatch, Allocate, ApproveBatch, RevokeApproval,
        SettleBatch, DefineQueue, SetQueueLimits, SubmitPayment, CancelPayment, ReorderPayment,
        ChangePriority, RunNetting,
    ),
    events=(
        events.BatchProposed, events.BatchAmended, events.Allocated, events.Approved,
        events.Revoked, events.BatchSettled, events.BatchWaits, events.BatchEnded,
        events.QueueDefined, events.LimitsSet, events.PaymentSubmitted, events.PaymentsSettled,
        events.PaymentMoved, events.PaymentEnded, events.RunStarted, events.RunEnded,
    ),
    codes=SettlementCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    tallies=TALLIES,
    reservations=(Reservation(50, (PURPOSE,), executing.give_way),),
    records=RECORDS,
    public=(events.QueueDefined, events.RunStarted),
    internal=(
        ORDER, BY_PAYER, PAIRS, POSITIONS, CLOSINGS, BATCHES_BY_GIVER,
        # What these say, the rows that they change show.
        events.BatchProposed, events.BatchAmended, events.Allocated, events.Approved,
        events.Revoked, events.QueueDefined, events.LimitsSet, events.PaymentSubmitted,
        events.PaymentMoved, events.RunStarted,
    ),
    timers={
        executing.DEADLINE: executing.deadline_has_come,
        executing.SETTLE: executing.time_to_settle,
        running.NETTING: running.netting_is_due,
        running.WORK: running.work_is_due,
        running.CLOSE: running.day_is_over,
    },
)  # fmt: skip

__all__ = [
    "BATCHES",
    "BILATERAL",
    "GENERATORS",
    "LIMITS",
    "MODULE",
    "NO_LIMITS",
    "PRIORITIES",
    "QUEUED",
    "QUEUES",
    "Allocate",
    "AmendBatch",
    "ApproveBatch",
    "Batch",
    "CancelPayment",
    "ChangePriority",
    "DefineQueue",
    "Instruction",
    "ProposeBatch",
    "Queue",
    "QueueAsset",
    "QueueLimits",
    "Queued",
    "ReorderPayment",
    "RevokeApproval",
    "Run",
    "RunNetting",
    "SetQueueLimits",
    "SettleBatch",
    "SettlementCode",
    "Step",
    "SubmitPayment",
    "WithdrawBatch",
    "batches_of",
    "closings_of",
    "counters_of",
    "queues",
    "waiting_in",
]
