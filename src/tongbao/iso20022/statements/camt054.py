"""camt.054 out: notifications for an account's owner."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tongbao.iso20022.model import AccountStatement, Party
from tongbao.iso20022.statements.writing import FORMS, write_statements

_FORM = FORMS["camt.054"]


def write_camt054(
    statements: Iterable[AccountStatement],
    *,
    message_id: str,
    created_at: datetime,
    recipient: Party = Party(),
) -> bytes:
    """A camt.054: debits and credits as they are booked; the message has no balances.

    `created_at` needs a time zone. Raises DocumentRefused when the values do not make a valid
    camt.054.001.08 (a text too long, a balance missing or not allowed).
    """
    return write_statements(_FORM, statements, message_id, created_at, recipient)
