"""The journal of a cross-border payment: postings that carry its texts."""

from __future__ import annotations

from tongbao.kernel.views import WriteView
from tongbao.modules.corridors.model import Payment
from tongbao.modules.payments import Journal

TIMER = "corridors.hold"


def journal_of(ledger: WriteView, cause: str, payment: Payment) -> Journal:
    """A journal that carries a payment's texts."""
    return Journal(
        ledger, cause, subject=payment.uetr, payee_reference=payment.payee_reference,
        uetr=payment.uetr, purpose=payment.purpose, remittance=payment.remittance,
        document=payment.document,
    )  # fmt: skip
