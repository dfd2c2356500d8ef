"""Payments: transfers, single and in bulk, holds, and transfers that wait for their time."""

from __future__ import annotations

from tongbao.kernel.registry import Module, Reservation
from tongbao.modules.payments import events, hold, schedule
from tongbao.modules.payments.bulk import MAX_LINES, BulkTransfer
from tongbao.modules.payments.bulk_line import MAX_STRUCTURED, Details, Line
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import BulkTransferred, Posted, Transferred
from tongbao.modules.payments.generators import GENERATORS
from tongbao.modules.payments.hold import Hold, PostHold, VoidHold
from tongbao.modules.payments.invariants import INVARIANTS, TALLIES
from tongbao.modules.payments.journal import Journal, Leg
from tongbao.modules.payments.model import (
    OpenHold,
    Posting,
    Reserving,
    Scheduled,
    check_texts,
    check_uetr,
)
from tongbao.modules.payments.posting import charge, pay
from tongbao.modules.payments.schedule import CancelScheduled, ScheduleTransfer
from tongbao.modules.payments.state import HOLDS, HOLDS_BY_PAYER, PURPOSE, SCHEDULED
from tongbao.modules.payments.transfer import Transfer

MODULE = Module(
    name="payments",
    number=0x38,
    uses=("parties", "assets", "accounts"),
    tables=(HOLDS, HOLDS_BY_PAYER, SCHEDULED),
    transactions=(
        Transfer, BulkTransfer, Hold, PostHold, VoidHold, ScheduleTransfer, CancelScheduled,
    ),
    events=(
        events.Transferred, events.BulkTransferred, events.HoldOpened, events.HoldPosted,
        events.HoldReleased, events.TransferScheduled, events.ScheduleEnded, events.Posted,
    ),
    codes=PaymentsCode,
    invariants=INVARIANTS,
    tallies=TALLIES,
    reservations=(Reservation(40, (PURPOSE,), hold.give_way),),
    timers={hold.TIMER: hold.hold_is_due, schedule.TIMER: schedule.schedule_is_due},
)  # fmt: skip

__all__ = [
    "GENERATORS",
    "MAX_LINES",
    "MAX_STRUCTURED",
    "MODULE",
    "BulkTransfer",
    "BulkTransferred",
    "CancelScheduled",
    "Details",
    "Hold",
    "Journal",
    "Leg",
    "Line",
    "OpenHold",
    "PaymentsCode",
    "PostHold",
    "Posted",
    "Posting",
    "Reserving",
    "ScheduleTransfer",
    "Scheduled",
    "Transfer",
    "Transferred",
    "VoidHold",
    "charge",
    "check_texts",
    "check_uetr",
    "pay",
]
