from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.closing import close_offers
from tongbao.modules.exchange.model import SCOPE, OfferId
from tongbao.modules.exchange.state import require_offer


@transaction(code=5002, scope=SCOPE)
class CancelOffer(Transaction, tag="exchange.cancel_offer"):
    """Take one offer back: what is still in the book. What quotes were promised stays promised."""

    offer: OfferId

    def signers(self, view: ReadView) -> Signers:
        """The maker."""
        return (Approval(require_offer(view, self.offer).party, SCOPE),)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Close it."""
        offer = require_offer(ledger, self.offer)
        yield from close_offers(ledger, "exchange.cancel_offer", [offer.id], "cancelled")
