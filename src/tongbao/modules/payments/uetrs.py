"""UETRs of the ledger: what each names, so that it names one thing and a payment can be returned.

A row is written for each payment that bears a UETR, none for one without. Rows stand under the
period of 400 days in which they were made; a whole period is forgotten at once, one period after it
ended: a UETR is known for 400 days at least and 800 at most. No row needs a timer or an index.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import TIMERS, ReadView, WriteView
from tongbao.modules.parties import count_open
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.model import ABROAD, PAID, Answered, Known
from tongbao.modules.payments.state import UETRS

KEPT_MS = 400 * 24 * 3600 * 1000
TIMER = "payments.uetrs"
SLICE = 2_000
"""Rows forgotten in one block."""
_PAUSE_MS = 1_000


def period(time_ms: int) -> int:
    """The period of 400 days in which a moment lies."""
    return time_ms // KEPT_MS


def find_uetr(view: ReadView, uetr: str, *, ending: bool = False) -> tuple[int, Known] | None:
    """What a UETR names, with the period under which its row stands; one that is just being
    forgotten only where that is asked for."""
    now = period(view.time_ms)
    for one in (now, now - 1, now - 2) if ending else (now, now - 1):
        known = view.get(UETRS, one, uetr) if one >= 0 else None
        if known is not None:
            return one, known
    return None


def require_free(view: ReadView, uetr: str) -> None:
    """Refuse a UETR that names something already. Empty is none."""
    if uetr:
        require(find_uetr(view, uetr) is None, PaymentsCode.UETR_TAKEN, uetr=uetr)


def require_paid(view: ReadView, uetr: str) -> tuple[int, Known]:
    """A settled payment within the ledger, or a refusal."""
    found = find_uetr(view, uetr)
    if found is None or found[1].state == ABROAD:
        refuse(PaymentsCode.UETR_UNKNOWN, uetr=uetr[:40])
    known = found[1]
    require(known.state == PAID, PaymentsCode.NOT_RETURNABLE, uetr=uetr, state=known.state)
    return found


def write_uetr(ledger: WriteView, uetr: str, known: Known) -> None:
    """Give a free UETR its meaning."""
    current = period(ledger.time_ms)
    ledger.put(UETRS, current, uetr, value=known)
    due = (current + 2) * KEPT_MS
    if not ledger.has(TIMERS, due, TIMER, str(current)):
        ledger.schedule(due, TIMER, str(current))


def write_uetrs(ledger: WriteView, named: list[tuple[str, Known]]) -> None:
    """The same for the lines of a bulk transfer."""
    if named:
        write_uetr(ledger, *named[0])
        current = period(ledger.time_ms)
        for uetr, known in named[1:]:
            ledger.put(UETRS, current, uetr, value=known)


def claim_uetr(ledger: WriteView, uetr: str) -> None:
    """For modules above this one: a payment of theirs bears the UETR, which has to be free."""
    require_free(ledger, uetr)
    if uetr:
        write_uetr(ledger, uetr, Known(ABROAD, at_ms=ledger.time_ms))


def forget(ledger: WriteView, subject: str) -> Iterator[Event]:
    """Timer: the rows of a period are forgotten, a slice at a time."""
    rows = 0
    for (one, uetr), known in list(_slice(ledger, int(subject))):
        if known.asked is not None:
            end_request(ledger, uetr, known)
        ledger.delete(UETRS, one, uetr)
        rows += 1
    if rows == SLICE:
        ledger.schedule(ledger.time_ms + _PAUSE_MS, TIMER, subject)
    yield from ()


def _slice(view: ReadView, one: int) -> Iterator[tuple[tuple[int, str], Known]]:
    for number, (parts, known) in enumerate(view.scan(UETRS, one)):
        if number == SLICE:
            return
        yield (parts[0], parts[1]), known


# ---- requests for a return -----------------------------------------------------------------------

REQUESTS = "requests for a return"
REQUEST_TIMER = "payments.request"


def end_request(ledger: WriteView, uetr: str, known: Known) -> Known:
    """What a UETR names, with its open request ended."""
    assert known.asked is not None
    count_open(ledger, known.asked.by, REQUESTS, -1)
    ledger.unschedule(known.asked.due_at_ms, REQUEST_TIMER, uetr)
    return replace(known, asked=None)


def answer_request(
    ledger: WriteView, uetr: str, known: Known, answer: str, reason: str, note: str
) -> Known:
    """What a UETR names, with its open request ended by an answer: `returned`, `declined` or
    `lapsed`."""
    answered = Answered(answer, reason, ledger.time_ms, note)
    return replace(end_request(ledger, uetr, known), answered=answered)
