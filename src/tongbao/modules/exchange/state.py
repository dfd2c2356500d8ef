"""Tables of the module."""

from __future__ import annotations

from tongbao.kernel.codes import refuse
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts import expect
from tongbao.modules.exchange.arithmetic import rank
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.model import Offer, Pool, Quote, gives_of, pays_of

FOR_OFFERS = "offers"
"""What makers set money aside for, in the table of reservations."""
FOR_QUOTES = "quotes"
OFFERS: Table[Offer] = Table(b"\x40\x01", "offers", (str,), Offer, "offer id -> open offer")
BOOK: Table[str] = Table(
    b"\x40\x02", "book", (str, str, bytes), str,
    "(asset sold, asset bought, price and sequence) -> offer id, best and oldest first",
)  # fmt: skip
OFFERS_BY_ACCOUNT: Table[str] = Table(
    b"\x40\x03", "offers_by_account", (str, str, str, str), str,
    "(account, asset sold, asset bought, offer id) -> empty",
)  # fmt: skip
OPEN_OFFERS: Table[int] = Table(
    b"\x40\x04", "open_offers", (str, str, str), int,
    "(party, asset sold, asset bought) -> how many offers it has open, above zero",
)  # fmt: skip
SEQUENCE: Table[int] = Table(
    b"\x40\x05", "offer_sequence", (str,), int, "empty -> sequence of the newest offer"
)
POOLS: Table[Pool] = Table(b"\x40\x06", "pools", (str,), Pool, "pool id -> shares and amounts")
SHARES: Table[int] = Table(
    b"\x40\x07", "pool_shares", (str, str), int, "(pool id, account) -> its shares, above zero"
)
QUOTES: Table[Quote] = Table(b"\x40\x08", "quotes", (str,), Quote, "quote id -> open quote")
RESERVATIONS: Table[int] = Table(
    b"\x40\x09", "reservations", (str, str), int,
    "(taker, maker or pool) -> reservations that the taker has open with it, above zero",
)  # fmt: skip
QUOTES_BY_GIVER: Table[str] = Table(
    b"\x40\x0a", "quotes_by_giver", (str, str, str), str,
    "(account that gives, asset, quote id) -> empty: what is set aside for quotes, by whose it is",
)  # fmt: skip
POOLS_BY_HOLDER: Table[str] = Table(
    b"\x40\x0b", "pools_by_holder", (str, str), str,
    "(account, pool id) -> empty: the pools of which an account has shares",
)  # fmt: skip


def book_place(offer: Offer) -> tuple[str, str, bytes]:
    """Where an offer stands in the book: by price, then by time."""
    place = rank(offer.price_buy, offer.price_sell) + offer.sequence.to_bytes(8, "big")
    return offer.sell_asset, offer.buy_asset, place


def next_sequence(ledger: WriteView) -> int:
    """The place in time of a new offer."""
    sequence = (ledger.get(SEQUENCE, "") or 0) + 1
    ledger.put(SEQUENCE, "", value=sequence)
    return sequence


def count_open(ledger: WriteView, offer: Offer, change: int) -> None:
    """One open offer of its party in its book more, or less."""
    key = offer.party, offer.sell_asset, offer.buy_asset
    total = (ledger.get(OPEN_OFFERS, *key) or 0) + change
    if total:
        ledger.put(OPEN_OFFERS, *key, value=total)
    else:
        ledger.delete(OPEN_OFFERS, *key)


def count_reservation(ledger: WriteView, taker: str, maker: str, change: int) -> int:
    """One open reservation of a taker with a maker more, or less; how many there are now."""
    total = (ledger.get(RESERVATIONS, taker, maker) or 0) + change
    if total:
        ledger.put(RESERVATIONS, taker, maker, value=total)
    else:
        ledger.delete(RESERVATIONS, taker, maker)
    return total


def put_quote(ledger: WriteView, quote: Quote) -> None:
    """Write an open quote, and find it under whoever gives for it; whom it pays is expected."""
    ledger.put(QUOTES, quote.id, value=quote)
    for account, asset in gives_of(quote):
        ledger.put(QUOTES_BY_GIVER, account, asset, quote.id, value="")
    for account, asset in pays_of(quote):
        expect(ledger, account, asset, 1)


def drop_quote(ledger: WriteView, quote: Quote) -> None:
    """Take these rows away."""
    ledger.delete(QUOTES, quote.id)
    for account, asset in gives_of(quote):
        ledger.delete(QUOTES_BY_GIVER, account, asset, quote.id)
    for account, asset in pays_of(quote):
        expect(ledger, account, asset, -1)


def put_shares(ledger: WriteView, pool: Pool, account: str, shares: int) -> None:
    """Write what an account has of a pool; both its assets may come back into that account."""
    had = ledger.has(SHARES, pool.id, account)
    if shares:
        ledger.put(SHARES, pool.id, account, value=shares)
    else:
        ledger.delete(SHARES, pool.id, account)
    if account == pool.account or had == bool(shares):
        return
    if shares:
        ledger.put(POOLS_BY_HOLDER, account, pool.id, value="")
    else:
        ledger.delete(POOLS_BY_HOLDER, account, pool.id)
    for asset in (pool.asset_a, pool.asset_b):
        expect(ledger, account, asset, 1 if shares else -1)


def require_offer(view: ReadView, offer: str) -> Offer:
    """An open offer, or a refusal."""
    found = view.get(OFFERS, offer)
    if found is None:
        refuse(ExchangeCode.OFFER_UNKNOWN, offer=offer[:128])
    return found


def require_pool(view: ReadView, pool: str) -> Pool:
    """A pool, or a refusal."""
    found = view.get(POOLS, pool)
    if found is None:
        refuse(ExchangeCode.POOL_UNKNOWN, pool=pool[:80])
    return found


def require_quote(view: ReadView, quote: str) -> Quote:
    """An open quote, or a refusal."""
    found = view.get(QUOTES, quote)
    if found is None:
        refuse(ExchangeCode.QUOTE_UNKNOWN, quote=quote[:128])
    return found
