from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AssetCode, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.book import LOOKS
from tongbao.modules.exchange.closing import close_offers
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.holders import deliverable
from tongbao.modules.exchange.model import MAX_LOOKS, MAX_LOOKS_TOGETHER, SCOPE
from tongbao.modules.exchange.state import BOOK, require_offer


@transaction(code=5005, scope=SCOPE)
class PullOffers(Transaction, tag="exchange.pull_offers"):
    """Clear the best of a book of all whose makers cannot deliver: anybody may.

    Looks at a thousand offers; send it again for the rest. It stands by itself, so a payment that a
    wall of such offers refuses gets on by it, also as a later action of the same transaction.
    """

    sell_asset: AssetCode
    buy_asset: AssetCode
    party: PartyId
    """Who clears it."""

    def signers(self, view: ReadView) -> Signers:
        """Whoever clears it."""
        return (Approval(self.party, SCOPE),)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Close them."""
        there = self.sell_asset[:32], self.buy_asset[:32]
        looked = islice(ledger.scan(BOOK, *there), MAX_LOOKS)
        found = [
            offer_id for _, offer_id in looked
            if ledger.may_work(LOOKS, MAX_LOOKS_TOGETHER) and not _is_sound(ledger, offer_id)
        ]  # fmt: skip
        nothing = ExchangeCode.NOTHING_TO_PULL
        require(found, nothing, sell_asset=there[0], buy_asset=there[1])
        yield from close_offers(ledger, "exchange.pull_offers", found, "undeliverable")


def _is_sound(view: ReadView, offer_id: str) -> bool:
    return deliverable(view, require_offer(view, offer_id)) > 0
