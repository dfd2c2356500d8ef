"""Holds: money set aside, posted in full or part, or released; also by time."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import refuse
from tongbao.kernel.money import owner_of
from tongbao.kernel.registry import Broken
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts import restore_limits, set_aside
from tongbao.modules.parties import count_open
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import HoldReleased
from tongbao.modules.payments.model import OpenHold
from tongbao.modules.payments.state import HOLDS, HOLDS_BY_PAYER, PURPOSE

TIMER = "payments.hold"


OPEN = "holds"


def require_hold(view: ReadView, hold: str) -> OpenHold:
    """An open hold, or a refusal."""
    found = view.get(HOLDS, hold)
    if found is None or found.due_at_ms <= view.time_ms:
        refuse(PaymentsCode.HOLD_UNKNOWN, hold=hold[:128])
    return found


def hold_is_due(ledger: WriteView, hold: str) -> Iterator[Event]:
    """Timer: the hold's time has come."""
    found = ledger.get(HOLDS, hold)
    assert found is not None  # whatever closes it before takes the timer back
    yield from close_hold(ledger, found, "due")


def reserve_money(ledger: WriteView, hold: OpenHold, change: int) -> None:
    set_aside(ledger, hold.payer, hold.asset, PURPOSE, change)


def close_hold(ledger: WriteView, hold: OpenHold, reason: str) -> Iterator[Event]:
    count_open(ledger, owner_of(hold.payer), OPEN, -1)
    ledger.delete(HOLDS, hold.id)
    ledger.delete(HOLDS_BY_PAYER, hold.payer, hold.asset, hold.id)
    ledger.unschedule(hold.due_at_ms, TIMER, hold.id)
    if hold.remaining_minor:
        reserve_money(ledger, hold, -hold.remaining_minor)
        # A promise that ends gives back what it counted.
        counted, made = hold.counted_minor, hold.made_at_ms
        restore_limits(ledger, hold.payer, hold.asset, counted, made)
        yield HoldReleased(hold.id, hold.payer, hold.asset, hold.remaining_minor, reason)


def give_way(ledger: WriteView, account: str, asset: str, why: str) -> Iterator[Broken]:
    """Break the holds of an account for a lawful order, the oldest id first."""
    for (_, _, name), _ in list(ledger.scan(HOLDS_BY_PAYER, account, asset)):
        hold = ledger.get(HOLDS, name)
        assert hold is not None  # both rows are written and removed together
        yield Broken(f"hold {name}", tuple(close_hold(ledger, hold, f"clawback: {why}"[:140])))
