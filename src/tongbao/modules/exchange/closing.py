"""Taking offers off the ledger: by their owners, or by time."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.transaction import Event
from tongbao.kernel.views import WriteView
from tongbao.modules.exchange.book import Taking
from tongbao.modules.exchange.state import OFFERS
from tongbao.modules.payments import Journal


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
    yield from taking.reported()
    yield journal.posted()
