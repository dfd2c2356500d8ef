"""What a key can create for nothing is counted: open holds and scheduled transfers of a party."""

from __future__ import annotations

import pytest

from tongbao.modules.parties import PartiesCode
from tongbao.modules.payments import CancelScheduled, Hold, ScheduleTransfer, VoidHold
from tongbao.modules.testing import DAY_MS, Bench

PAYER, PAYEE = "firm-a/main", "firm-b/main"


def test_a_party_has_so_many_open_holds_and_one_that_ends_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tongbao.modules.payments.transactions.hold.MAX_HOLDS", 2)
    one = Bench()
    hold = Hold(PAYER, PAYEE, "CNY", 1, one.time_ms + DAY_MS)
    first = one.do("firm-a", hold)[0].hold  # type: ignore[attr-defined]
    one.do("firm-a", hold)
    one.refuses(PartiesCode.TOO_MANY_OPEN, "firm-a", hold)
    one.do("firm-b", VoidHold(first, "not needed"))
    one.do("firm-a", hold)
    one.refuses(PartiesCode.TOO_MANY_OPEN, "firm-a", hold)


def test_a_party_has_so_many_scheduled_transfers_and_one_that_ends_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tongbao.modules.payments.transactions.schedule_transfer.MAX_SCHEDULED", 2)
    one = Bench()
    order = ScheduleTransfer(PAYER, PAYEE, "CNY", 1, one.time_ms + DAY_MS)
    first = one.do("firm-a", order)[0].schedule  # type: ignore[attr-defined]
    one.do("firm-a", order)
    one.refuses(PartiesCode.TOO_MANY_OPEN, "firm-a", order)
    one.do("firm-a", CancelScheduled(first, "not needed"))
    one.do("firm-a", order)
    one.refuses(PartiesCode.TOO_MANY_OPEN, "firm-a", order)
