"""The one leg that carries a payment from its payer's asset to its payee's."""

from __future__ import annotations

from typing import NamedTuple

from tongbao.kernel.views import WriteView
from tongbao.modules.corridors.model import Payment
from tongbao.modules.payments import Journal


class Carried(NamedTuple):
    """What left one side and what came out on the other, in minor units."""

    converted: int
    arrived: int


def carry(ledger: WriteView, journal: Journal, payment: Payment, amount_minor: int) -> Carried:
    """Move `amount_minor` (of the side that the payment states) to the payee."""
    payer, payee, asset = payment.payer, payment.payee, payment.send_asset
    journal.pay(payer, payee, asset, amount_minor, payment.payee_reference)
    return Carried(amount_minor, amount_minor)
