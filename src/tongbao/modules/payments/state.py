"""Tables of the module."""

from __future__ import annotations

from tongbao.kernel.tables import Table
from tongbao.modules.payments.model import Known, OpenHold, Scheduled

PURPOSE = "holds"
"""What holds set money aside for, in the table of reservations."""
HOLDS: Table[OpenHold] = Table(
    b"\x38\x01", "holds", (str,), OpenHold, "hold id -> what is reserved"
)
HOLDS_BY_PAYER: Table[str] = Table(
    b"\x38\x02", "holds_by_payer", (str, str, str), str, "(account, asset, hold id) -> empty"
)
SCHEDULED: Table[Scheduled] = Table(
    b"\x38\x03", "scheduled", (str,), Scheduled, "schedule id -> transfer that time will apply"
)
UETRS: Table[Known] = Table(
    b"\x38\x04", "uetrs", (int, str), Known,
    "(period of 400 days, UETR) -> payment or return that it names",
)  # fmt: skip
