"""A payment within the ledger, shown as banks' messages tell any payment: its steps and returns.

It names no corridor, bears no charge and is not converted; a request for its return is what a
request to cancel is abroad (camt.056), and a return or a refusal of it the answer (camt.029).
"""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.sdk.documents_corridors import PaymentReturn, PaymentTrack, TrackStep
from tongbao.sdk.documents_payments import LedgerPayment

NO_ANSWER = "NOAS"
"""ISO 20022: no answer from the customer."""
_STATES = {"waiting": "cleared"}
"""Where banks' words for a payment abroad are others."""


def track_of(payment: LedgerPayment) -> PaymentTrack:
    """The payment as a track of one step for each thing that happened to it."""
    asked = payment.request
    accepted = asked is not None and asked.state == "returned"
    state = _STATES.get(payment.state, payment.state)
    if state == "returned" and accepted:
        state = "cancelled"
    paid = payment.amount_minor if payment.state in ("settled", "returned") else "0"
    return PaymentTrack(
        uetr=payment.uetr, corridor="", state=state, payer=payment.payer, payee=payment.payee,
        send_asset=payment.asset, receive_asset=payment.asset, exact="send",
        instructed_minor=payment.amount_minor, limit_minor=payment.amount_minor, bearer="SLEV",
        payee_reference=payment.payee_reference, debited_minor=paid, converted_minor=paid,
        arrived_minor=paid, credited_minor=paid, returned_minor=payment.returned_minor,
        cancellation_by=payment.payer.partition("/")[0] if asked and asked.state == "open" else "",
        accepted_at_ms=payment.at_ms, steps=tuple(_steps(payment)),
        returns=tuple(
            PaymentReturn(
                one.return_uetr, payment.uetr, "beneficiary_currency", one.amount_minor,
                one.amount_minor, payment.asset, one.amount_minor, one.reason, one.note, one.at_ms,
            )
            for one in payment.returns
        ),
    )  # fmt: skip


def _steps(payment: LedgerPayment) -> Iterator[TrackStep]:
    payer, payee = (one.partition("/")[0] for one in (payment.payer, payment.payee))
    first = "settled" if payment.state == "returned" else _STATES.get(payment.state, payment.state)
    reported = [TrackStep(first, payment.at_ms, payer)]
    left = int(payment.amount_minor)
    for back in payment.returns:
        left -= int(back.amount_minor)
        step = "returned_part" if left else "returned"
        reported.append(TrackStep(step, back.at_ms, payee, back.reason, back.note))
    asked = payment.request
    if asked is not None:
        reported.append(TrackStep("cancellation_asked", asked.at_ms, payer))
        if asked.state == "returned":
            step = "cancellation_accepted"
            reported.append(TrackStep(step, asked.at_ms, payee, asked.reason, asked.note))
        elif asked.state != "open":
            reason = asked.reason or NO_ANSWER
            step = "cancellation_rejected"
            reported.append(TrackStep(step, asked.at_ms, payee, reason, asked.note))
    yield from sorted(reported, key=lambda one: one.at_ms)
