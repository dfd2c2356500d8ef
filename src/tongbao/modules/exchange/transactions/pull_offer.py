from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.closing import close_offers
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.holders import deliverable
from tongbao.modules.exchange.model import SCOPE, OfferId
from tongbao.modules.exchange.state import require_offer


@transaction(code=5004, scope=SCOPE)
class PullOffer(Transaction, tag="exchange.pull_offer"):
    """Clear an offer out of the book whose maker cannot deliver: anybody may.

    Orders do so with those that they meet; this is for whoever keeps the book tidy.
    """

    offer: OfferId
    party: PartyId
    """Who clears it."""

    def signers(self, view: ReadView) -> Signers:
        """Whoever clears it."""
        return (Approval(self.party, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """Only what could not be taken."""
        sound = deliverable(view, require_offer(view, self.offer))
        require(not sound, ExchangeCode.OFFER_SOUND, offer=self.offer)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Close it."""
        yield from close_offers(ledger, "exchange.pull_offer", [self.offer], "undeliverable")
