"""How a payment goes back: the return with its FX treatment, by the best route of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongbao.kernel.wording import WordedFault
from tongbao.modules.corridors import ReturnTerms
from tongbao.sdk.build import uetr

if TYPE_CHECKING:
    from tongbao.sdk import Client
    from tongbao.sdk.documents_corridors import PaymentTrack


class CannotReturn(WordedFault):
    """No route converts it back now, or so little that nothing would come back."""


def return_terms(
    ledger: Client,
    payment: PaymentTrack,
    treatment: str,
    amount_minor: int = 0,
    return_uetr: str = "",
) -> ReturnTerms:
    """A return of an amount of what was credited (0: all that remains), under a new UETR.

    Its limit is what the route does now: where the market moves before it is signed and sent, it
    is refused, and nothing goes. Raises NoWayBack where nothing converts it.
    """
    part = amount_minor or int(payment.credited_minor) - int(payment.returned_minor)
    name = return_uetr or uetr()
    same = payment.send_asset == payment.receive_asset
    if same or treatment == "beneficiary_currency":
        return ReturnTerms(name, treatment, amount_minor)
    original = part * int(payment.converted_minor) // max(1, int(payment.arrived_minor))
    at_original = treatment == "original_rate"
    if at_original and not original:
        raise CannotReturn(
            "so little is nothing in {send_asset} at the original rate",
            send_asset=payment.send_asset,
        )
    options = ledger.corridors.conversions(
        payment.receive_asset, payment.send_asset, payer=payment.payee,
        send=0 if at_original else part, receive=original if at_original else 0,
    )  # fmt: skip
    if not options.options:
        raise CannotReturn(
            "no route leads from {receive_asset} to {send_asset} now",
            receive_asset=payment.receive_asset,
            send_asset=payment.send_asset,
        )
    best = options.options[0]
    hops = tuple((hop.get_asset, hop.venue) for hop in best.hops)
    limit = int(best.converted_minor if at_original else best.arrived_minor)
    return ReturnTerms(name, treatment, amount_minor, limit, hops)
