"""What people list: holds, and transfers that wait for their time."""

from __future__ import annotations

from tongbao.kernel.columns import Column
from tongbao.kernel.records import Ending, Record
from tongbao.modules.payments.events import (
    HoldPosted,
    HoldReleased,
    ScheduleEnded,
    Transferred,
)
from tongbao.modules.payments.model import HoldId, ScheduleId
from tongbao.modules.payments.state import HOLDS, SCHEDULED

RECORDS = (
    Record(
        "hold", HOLDS, "Money set aside for payees, newest first.", (Column("hold", HoldId),),
        state="open", states=("open", "posted", "released"),
        endings={
            HoldPosted: Ending("posted", sets={"remaining_minor": "0"}),
            HoldReleased: Ending("released", sets={"remaining_minor": "0"}),
        },
        hidden=("made_at_ms", "counted_minor"),
    ),
    Record(
        "scheduled_transfer", SCHEDULED,
        "Transfers ordered for a later time, newest first, with what became of them.",
        (Column("schedule", ScheduleId),),
        state="waiting", states=("waiting", "paid", "refused", "cancelled"),
        endings={
            Transferred: Ending("paid"),
            ScheduleEnded: Ending(
                lambda event: "refused" if event.code else "cancelled", takes=("reason", "code")
            ),
        },
    ),
)  # fmt: skip
