"""Open holds, and transfers that wait for their time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from tongbao.kernel.views import ReadView
from tongbao.modules.payments.state import HOLDS, SCHEDULED
from tongbao.readmodel import schema_payments as schema


def standing(view: ReadView) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Every row of the module."""
    for (name,), hold in view.scan(HOLDS):
        yield schema.holds, {
            "hold": name, "payer": hold.payer, "payee": hold.payee, "asset": hold.asset,
            "amount_minor": str(hold.amount_minor), "remaining_minor": str(hold.remaining_minor),
            "due_at_ms": hold.due_at_ms, "state": "open", "arbiter": hold.arbiter,
            "hashlock": hold.hashlock, "payee_reference": hold.payee_reference,
            "remittance": hold.remittance, "creditor_reference": hold.creditor_reference,
            "opened_at_ms": 0,
        }  # fmt: skip
    for (name,), one in view.scan(SCHEDULED):
        yield schema.schedules, {
            "schedule": name, "payer": one.payer, "payee": one.payee, "asset": one.asset,
            "amount_minor": str(one.amount_minor), "due_at_ms": one.due_at_ms,
            "state": "waiting", "payee_reference": one.payee_reference, "purpose": one.purpose,
            "remittance": one.remittance, "creditor_reference": one.creditor_reference,
            "scheduled_at_ms": 0, "ended_at_ms": 0, "reason": "", "code": 0,
        }  # fmt: skip
