"""Payments: transfers, single and in bulk, holds, and transfers that wait for their time."""

from __future__ import annotations

from tongbao.kernel.registry import Module, Reservation
from tongbao.modules.payments import events, holds, requests, scheduled, uetrs
from tongbao.modules.payments.bulk_line import MAX_STRUCTURED, Details, Line
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import BulkTransferred, Posted, Transferred
from tongbao.modules.payments.generators import GENERATORS
from tongbao.modules.payments.invariants import INVARIANTS, TALLIES
from tongbao.modules.payments.journal import Journal, Leg
from tongbao.modules.payments.model import (
    MAX_LINES,
    Known,
    OpenHold,
    Posting,
    Reserving,
    Scheduled,
    check_texts,
    check_uetr,
)
from tongbao.modules.payments.posting import charge, pay
from tongbao.modules.payments.records import RECORDS
from tongbao.modules.payments.state import HOLDS, HOLDS_BY_PAYER, PURPOSE, SCHEDULED, UETRS
from tongbao.modules.payments.transactions.bulk_transfer import BulkTransfer
from tongbao.modules.payments.transactions.cancel_scheduled import CancelScheduled
from tongbao.modules.payments.transactions.decline_return import DeclineReturn
from tongbao.modules.payments.transactions.hold import Hold
from tongbao.modules.payments.transactions.post_hold import PostHold
from tongbao.modules.payments.transactions.request_return import RequestReturn
from tongbao.modules.payments.transactions.return_transfer import ReturnTransfer
from tongbao.modules.payments.transactions.schedule_transfer import ScheduleTransfer
from tongbao.modules.payments.transactions.transfer import Transfer
from tongbao.modules.payments.transactions.void_hold import VoidHold
from tongbao.modules.payments.uetrs import claim_uetr, find_uetr

MODULE = Module(
    name="payments",
    number=0x38,
    uses=("parties", "assets", "accounts"),
    tables=(HOLDS, HOLDS_BY_PAYER, SCHEDULED, UETRS),
    transactions=(
        Transfer, BulkTransfer, Hold, PostHold, VoidHold, ScheduleTransfer, CancelScheduled,
        ReturnTransfer, RequestReturn, DeclineReturn,
    ),
    events=(
        events.Transferred, events.BulkTransferred, events.HoldOpened, events.HoldPosted,
        events.HoldReleased, events.TransferScheduled, events.ScheduleEnded, events.Posted,
        events.TransferReturned, events.ReturnRequested, events.ReturnAnswered,
    ),
    codes=PaymentsCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    tallies=TALLIES,
    reservations=(Reservation(40, (PURPOSE,), holds.give_way),),
    records=RECORDS,
    internal=(
        HOLDS_BY_PAYER, UETRS,
        # What these say, the entries of accounts and the rows that they change show.
        events.BulkTransferred, events.HoldOpened, events.TransferScheduled, events.Posted,
        events.TransferReturned, events.ReturnRequested, events.ReturnAnswered,
    ),
    timers={
        holds.TIMER: holds.hold_is_due, scheduled.TIMER: scheduled.schedule_is_due,
        uetrs.TIMER: uetrs.forget, uetrs.REQUEST_TIMER: requests.request_is_due,
    },
)  # fmt: skip

__all__ = [
    "GENERATORS",
    "MAX_LINES",
    "MAX_STRUCTURED",
    "MODULE",
    "BulkTransfer",
    "BulkTransferred",
    "CancelScheduled",
    "DeclineReturn",
    "Details",
    "Hold",
    "Journal",
    "Known",
    "Leg",
    "Line",
    "OpenHold",
    "PaymentsCode",
    "PostHold",
    "Posted",
    "Posting",
    "RequestReturn",
    "Reserving",
    "ReturnTransfer",
    "ScheduleTransfer",
    "Scheduled",
    "Transfer",
    "Transferred",
    "VoidHold",
    "charge",
    "check_texts",
    "check_uetr",
    "claim_uetr",
    "find_uetr",
    "pay",
]
