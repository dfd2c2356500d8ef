"""Requests for a return: answered, or lapsed."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.transaction import Event
from tongbao.kernel.views import WriteView
from tongbao.modules.payments.events import ReturnAnswered
from tongbao.modules.payments.model import Known
from tongbao.modules.payments.state import UETRS
from tongbao.modules.payments.uetrs import answer_request, find_uetr


def request_is_due(ledger: WriteView, uetr: str) -> Iterator[Event]:
    """Timer: nobody answered a request."""
    found = find_uetr(ledger, uetr, ending=True)
    assert found is not None  # who forgets a payment ends its request with it
    yield from close_request(ledger, found[0], uetr, found[1], "lapsed", "", "")


def close_request(
    ledger: WriteView, period: int, uetr: str, known: Known, answer: str, reason: str, note: str
) -> Iterator[Event]:
    known = answer_request(ledger, uetr, known, answer, reason, note)
    ledger.put(UETRS, period, uetr, value=known)
    yield ReturnAnswered(uetr, known.payer, known.payee, answer, reason, note)
