"""camt.053 out: statements for an account's owner."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tongbao.iso20022.model import AccountStatement, Party
from tongbao.iso20022.statements.writing import FORMS, write_statements

_FORM = FORMS["camt.053"]


def write_camt053(
    statements: Iterable[AccountStatement],
    *,
    message_id: str,
    created_at: datetime,
    recipient: Party = Party(),
) -> bytes:
    """A camt.053: booked entries between an opening (OPBD) and a closing balance (CLBD).

    `created_at` needs a time zone. Raises DocumentRefused when the values do not make a valid
    camt.053.001.08 (a text too long, a balance missing or not allowed).
    """
    return write_statements(_FORM, statements, message_id, created_at, recipient)
