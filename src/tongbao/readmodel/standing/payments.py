"""Open holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from tongbao.kernel.views import ReadView
from tongbao.modules.payments.state import HOLDS
from tongbao.readmodel import schema


def standing(view: ReadView) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Every row of the module."""
    for (name,), hold in view.scan(HOLDS):
        yield schema.holds, {
            "hold": name, "payer": hold.payer, "payee": hold.payee, "asset": hold.asset,
            "amount_minor": str(hold.amount_minor), "remaining_minor": str(hold.remaining_minor),
            "due_at_ms": hold.due_at_ms, "state": "open", "arbiter": hold.arbiter,
            "hashlock": hold.hashlock, "payee_reference": hold.payee_reference,
        }  # fmt: skip
