"""Screening: what results and missing envelopes mean for a payment."""

from __future__ import annotations

from tongbao.kernel.codes import Value, require
from tongbao.kernel.views import ReadView
from tongbao.modules.corridors.calendar import in_force
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.model import Payment, Terms
from tongbao.modules.corridors.state import ATTESTATIONS

CLEAR, HIT = "clear", "hit"


SCREENING_HIT, SCREENING_MISSING = "SCREENING_HIT", "SCREENING_MISSING"


TRAVEL_RULE_MISSING = "TRAVEL_RULE_MISSING"
"""Why a payment is held."""


def reasons_to_hold(
    view: ReadView, terms: Terms, payment: Payment, amount_minor: int
) -> tuple[str, ...]:
    """Why a payment that measures so much in the send asset has to wait; empty: it need not."""
    reasons: list[str] = []
    screening = in_force(terms.screening, view.time_ms)
    if screening is not None and amount_minor >= screening.from_minor:
        subjects = (payment.originator, payment.beneficiary)
        there: dict[str, Value] = {"corridor": payment.corridor, "source": screening.source}
        require(all(subjects), CorridorsCode.SUBJECT_MISSING, **there)
        verdicts = [_verdict(view, terms, subject) for subject in subjects]
        if HIT in verdicts:
            reasons.append(SCREENING_HIT)
        elif "" in verdicts:
            reasons.append(SCREENING_MISSING)
    travel_rule = in_force(terms.travel_rule, view.time_ms)
    applies = travel_rule is not None and amount_minor >= travel_rule.from_minor
    if applies and not payment.travel_rule:
        reasons.append(TRAVEL_RULE_MISSING)
    return tuple(reasons)


def _verdict(view: ReadView, terms: Terms, subject: str) -> str:
    """`hit` where one of the corridor's screeners found one, else `clear`, or empty: unknown."""
    found = [view.get(ATTESTATIONS, subject, by) for by in terms.screeners]
    live = [one.verdict for one in found if one is not None and one.expires_at_ms > view.time_ms]
    return HIT if HIT in live else CLEAR if CLEAR in live else ""


def require_no_hit_since(view: ReadView, terms: Terms, payment: Payment, since_ms: int) -> None:
    """Refuse where a screener found something about an end after that time, and still says so."""
    for subject in (payment.originator, payment.beneficiary):
        for by in terms.screeners if subject else ():
            found = view.get(ATTESTATIONS, subject, by)
            hit = found is not None and found.verdict == HIT and found.expires_at_ms > view.time_ms
            late = hit and found is not None and found.made_at_ms > since_ms
            require(not late, CorridorsCode.HIT_SINCE, uetr=payment.uetr, party=by)
