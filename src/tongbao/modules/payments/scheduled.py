"""Scheduled transfers: signed now, applied when they are due."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.approvals import require_active
from tongbao.kernel.codes import Refusal, refuse
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import decimals_in
from tongbao.modules.parties import count_open
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import ScheduleEnded, Transferred
from tongbao.modules.payments.model import PAID, REFUSED, Scheduled
from tongbao.modules.payments.posting import pay
from tongbao.modules.payments.state import SCHEDULED, UETRS
from tongbao.modules.payments.uetrs import find_uetr, write_uetr

TIMER = "payments.schedule"


OPEN = "scheduled transfers"


def require_scheduled(view: ReadView, schedule: str) -> Scheduled:
    """A transfer that still waits, or a refusal."""
    found = view.get(SCHEDULED, schedule)
    if found is None:
        refuse(PaymentsCode.SCHEDULE_UNKNOWN, schedule=schedule[:128])
    return found


def remove_scheduled(ledger: WriteView, one: Scheduled, state: str) -> None:
    count_open(ledger, owner_of(one.payer), OPEN, -1)
    ledger.delete(SCHEDULED, one.id)
    found = find_uetr(ledger, one.uetr, ending=True) if one.uetr else None
    if found is not None:
        # From its settlement on it is known as long as any other payment.
        old, known = found
        ledger.delete(UETRS, old, one.uetr)
        write_uetr(ledger, one.uetr, replace(known, state=state, at_ms=ledger.time_ms))


def schedule_is_due(ledger: WriteView, schedule: str) -> Iterator[Event]:
    """Timer: apply it, or say by an event why it could not be."""
    one = require_scheduled(ledger, schedule)
    try:
        with ledger.attempt():
            require_active(ledger, owner_of(one.payer))
            pay(ledger, one.payer, one.payee, one.asset, one.amount_minor, one.payee_reference)
    except Refusal as refusal:
        remove_scheduled(ledger, one, REFUSED)
        words = refusal.code.text(refusal.values, decimals_in(ledger))
        yield ScheduleEnded(one.id, words[:280], int(refusal.code))
    else:
        remove_scheduled(ledger, one, PAID)
        yield Transferred(
            one.payer, one.payee, one.asset, one.amount_minor, one.payee_reference, one.uetr,
            purpose=one.purpose, remittance=one.remittance, schedule=one.id,
            creditor_reference=one.creditor_reference,
        )  # fmt: skip
