"""Taking offers back: one, all of an account, those that nobody could take; and their expiry."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, AssetCode, PartyId, RowId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.book import LOOKS, Taking
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.holders import deliverable
from tongbao.modules.exchange.model import MAX_LOOKS, MAX_LOOKS_TOGETHER, SCOPE
from tongbao.modules.exchange.queries import offers_of
from tongbao.modules.exchange.state import BOOK, OFFERS, require_offer
from tongbao.modules.payments import Journal

MAX_CANCELLED = 500
"""Offers that one action takes back at most."""


@transaction(code=5002, scope=SCOPE)
class CancelOffer(Transaction, tag="exchange.cancel_offer"):
    """Take one offer back: what is still in the book. What quotes were promised stays promised."""

    offer: RowId

    def signers(self, view: ReadView) -> Signers:
        """The maker."""
        return (Approval(require_offer(view, self.offer).party, SCOPE),)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Close it."""
        offer = require_offer(ledger, self.offer)
        yield from close_offers(ledger, "exchange.cancel_offer", [offer.id], "cancelled")


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


@transaction(code=5004, scope=SCOPE)
class PullOffer(Transaction, tag="exchange.pull_offer"):
    """Clear an offer out of the book whose maker cannot deliver: anybody may.

    Orders do so with those that they meet; this is for whoever keeps the book tidy.
    """

    offer: RowId
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


def offer_expires(ledger: WriteView, offer: str) -> Iterator[Event]:
    """Timer: an offer's time is over."""
    yield from close_offers(ledger, "exchange.offer_expires", [offer], "expired")


def close_offers(ledger: WriteView, cause: str, offers: list[str], reason: str) -> Iterator[Event]:
    """Take offers off the ledger as one act, and tell it."""
    subject = offers[0] if len(offers) == 1 else ""
    journal = Journal(ledger, cause, subject=subject)
    taking = Taking(ledger, journal, "")
    for offer_id in offers:
        offer = ledger.get(OFFERS, offer_id)
        assert offer is not None
        taking.close(offer, reason)
    yield from taking.told()
    yield journal.posted()
