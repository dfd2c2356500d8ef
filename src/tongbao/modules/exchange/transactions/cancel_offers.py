from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, AssetCode
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.closing import close_offers
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.model import SCOPE
from tongbao.modules.exchange.queries import offers_of

MAX_CANCELLED = 500
"""Offers that one action takes back at most."""


@transaction(code=5003, scope=SCOPE)
class CancelOffers(Transaction, tag="exchange.cancel_offers"):
    """Take the offers of an account back: all, or those that sell or buy certain assets.

    At most 500 in one action; send it again for the rest.
    """

    account: AccountId
    sell_asset: AssetCode = ""
    buy_asset: AssetCode = ""

    def signers(self, view: ReadView) -> Signers:
        """The account's owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Close them."""
        offers = offers_of(ledger, self.account, self.sell_asset, self.buy_asset)
        found = [offer.id for offer in islice(offers, MAX_CANCELLED)]
        require(found, ExchangeCode.NOTHING_TO_CANCEL, account=self.account[:80])
        yield from close_offers(ledger, "exchange.cancel_offers", found, "cancelled")
