"""What can never happen on the exchange."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongbao.kernel.registry import Invariant, Tally
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import EXPECTED, RESERVED
from tongbao.modules.assets import require_asset
from tongbao.modules.exchange.arithmetic import crosses, smallest
from tongbao.modules.exchange.model import BOOK as BOOK_VENUE
from tongbao.modules.exchange.model import (
    FREE_PART,
    KEEPER,
    MAX_IN_BOOK,
    MAX_RESERVATIONS,
    Offer,
    Pool,
    Quote,
    gives_of,
    pays_of,
    reserved_with,
)
from tongbao.modules.exchange.state import (
    BOOK,
    FOR_OFFERS,
    FOR_QUOTES,
    OFFERS,
    OPEN_OFFERS,
    POOLS,
    POOLS_BY_HOLDER,
    QUOTES,
    QUOTES_BY_GIVER,
    RESERVATIONS,
    SHARES,
    book_place,
)

Counted = Iterator[tuple[tuple[str, ...], int]]


def _sound(_view: ReadView, _key: tuple[Any, ...], _before: Any, after: Offer | None) -> bool:
    if after is None:
        return True
    whole = after.remaining_minor >= 0 and after.promised_minor >= 0
    return whole and 0 < after.remaining_minor + after.promised_minor <= after.sell_minor


def _stands_once(
    view: ReadView, _key: tuple[Any, ...], before: Offer | None, after: Offer | None
) -> bool:
    if after is not None:
        return view.has(BOOK, *book_place(after)) is after.stands
    return before is None or not view.has(BOOK, *book_place(before))


def _leads_to_offer(
    view: ReadView, key: tuple[Any, ...], _before: str | None, after: str | None
) -> bool:
    if after is None:
        return True
    offer = view.get(OFFERS, after)
    return offer is not None and offer.stands and book_place(offer) == key


def _not_crossed(
    view: ReadView, key: tuple[Any, ...], _before: str | None, after: str | None
) -> bool:
    if after is None:
        return True
    mine, best = view.get(OFFERS, after), next(view.scan(BOOK, key[1], key[0]), None)
    other = None if best is None else view.get(OFFERS, best[1])
    if mine is None or other is None:
        return True
    return not crosses(mine.price_buy, mine.price_sell, other.price_buy, other.price_sell)


def _never_falls(
    _view: ReadView, _key: tuple[Any, ...], _before: Pool | None, after: Pool | None
) -> bool:
    if after is None:
        return False
    product = after.a_minor * after.b_minor * after.base_shares**2
    return product >= after.base_a * after.base_b * after.shares**2


def _above_zero(
    _view: ReadView, _key: tuple[Any, ...], _before: int | None, after: int | None
) -> bool:
    return after is None or after > 0


# ---- sums ----------------------------------------------------------------------------------------


def _offered(_key: tuple[Any, ...], offer: Offer) -> Counted:
    yield (FOR_OFFERS, offer.account, offer.sell_asset), offer.remaining_minor


def _quoted(_key: tuple[Any, ...], quote: Quote) -> Counted:
    for hop in quote.hops:
        for fill in hop.fills:
            yield (FOR_QUOTES, fill.account, hop.asset), fill.gives_minor


def _reserved(key: tuple[Any, ...], amount: int) -> Counted:
    account, asset, purpose = key
    if purpose in (FOR_OFFERS, FOR_QUOTES):
        yield (purpose, account, asset), -amount


def _promised_by_pool(key: tuple[Any, ...], pool: Pool) -> Counted:
    yield ("pool", key[0], pool.asset_a), pool.out_a
    yield ("pool", key[0], pool.asset_b), pool.out_b


def _promised_to_quote(_key: tuple[Any, ...], quote: Quote) -> Counted:
    for hop in quote.hops:
        for fill in hop.fills:
            if fill.source and hop.venue != BOOK_VENUE:
                yield ("pool", fill.source, hop.asset), -fill.gives_minor


def _shares_in_all(key: tuple[Any, ...], pool: Pool) -> Counted:
    yield (key[0],), pool.shares


def _shares_held(key: tuple[Any, ...], shares: int) -> Counted:
    yield (key[0],), -shares


def _opened(_key: tuple[Any, ...], offer: Offer) -> Counted:
    yield (offer.party, offer.sell_asset, offer.buy_asset), 1


def _open_count(key: tuple[Any, ...], count: int) -> Counted:
    yield key, -count


def _given(_key: tuple[Any, ...], quote: Quote) -> Counted:
    for account, asset in gives_of(quote):
        yield (account, asset, quote.id), 1


def _listed(key: tuple[Any, ...], _value: str) -> Counted:
    yield key, -1


def _has_shares(key: tuple[Any, ...], _shares: int) -> Counted:
    pool, account = key
    if not account.startswith(f"{KEEPER}/"):
        yield (account, pool), 1


def _quote_pays(_key: tuple[Any, ...], quote: Quote) -> Counted:
    for pair in pays_of(quote):
        yield pair, 1


def _shares_pay(key: tuple[Any, ...], _shares: int) -> Counted:
    pool, account = key
    if not account.startswith(f"{KEEPER}/"):
        for asset in pool.split(":")[:2]:
            yield (account, asset), 1


def _expected(key: tuple[Any, ...], count: int) -> Counted:
    yield key, -count


def _reserves(_key: tuple[Any, ...], quote: Quote) -> Counted:
    for maker in reserved_with(quote):
        yield (quote.taker, maker), 1


def _few(_view: ReadView, _key: tuple[Any, ...], _before: int | None, after: int | None) -> bool:
    return after is None or 0 < after <= MAX_IN_BOOK


def _few_reserved(
    _view: ReadView, _key: tuple[Any, ...], before: int | None, after: int | None
) -> bool:
    return after is None or 0 < after <= MAX_RESERVATIONS


def _free_part(
    _view: ReadView, _key: tuple[Any, ...], before: Offer | None, after: Offer | None
) -> bool:
    """What is promised for nothing grows to a part of what was there, and no further."""
    was = 0 if before is None else before.promised_minor
    if after is None or after.charge_bps or after.promised_minor <= was:
        return True
    return after.promised_minor * FREE_PART <= after.remaining_minor + after.promised_minor


def _free_part_of_pool(
    _view: ReadView, _key: tuple[Any, ...], before: Pool | None, after: Pool | None
) -> bool:
    """As for an offer: each side alone."""
    if after is None or after.charge_bps:
        return True
    was = (0, 0) if before is None else (before.out_a, before.out_b)
    sides = zip(was, (after.out_a, after.out_b), (after.a_minor, after.b_minor), strict=True)
    return all(out <= had or out * FREE_PART <= there for had, out, there in sides)


def _no_dust(
    view: ReadView, _key: tuple[Any, ...], _before: Offer | None, after: Offer | None
) -> bool:
    if after is None or not after.stands:
        return True
    asset = require_asset(view, after.sell_asset)
    return after.remaining_minor >= smallest(asset.decimals)


INVARIANTS = (
    Invariant(OFFERS, "an offer has something left, at most what was offered", _sound),
    Invariant(OFFERS, "an offer stands in the book unless what is left is dust", _stands_once),
    Invariant(
        BOOK, "a place in the book leads to the offer of its price and time", _leads_to_offer
    ),
    Invariant(BOOK, "no book is crossed", _not_crossed),
    Invariant(OFFERS, "no more than a part of an offer is promised for nothing", _free_part),
    Invariant(OFFERS, "what stands in a book is no dust", _no_dust),
    Invariant(
        POOLS, "no more than a part of a pool's side is promised for nothing", _free_part_of_pool
    ),
    Invariant(OPEN_OFFERS, "a party has few offers in a book", _few),
    Invariant(RESERVATIONS, "a taker has few reservations with a maker", _few_reserved),
    Invariant(POOLS, "the product of a pool never falls for a share of it", _never_falls),
    Invariant(SHARES, "nobody has less than one share", _above_zero),
)
TALLIES = (
    Tally("what is set aside for offers and quotes is what the open ones may still give",
          ((OFFERS, _offered), (QUOTES, _quoted), (RESERVED, _reserved))),
    Tally("what pools have promised is what open quotes may take from them",
          ((POOLS, _promised_by_pool), (QUOTES, _promised_to_quote))),
    Tally("the shares of a pool are those of its holders",
          ((POOLS, _shares_in_all), (SHARES, _shares_held))),
    Tally("the offers that a party is recorded to have open in a book are those it has",
          ((OFFERS, _opened), (OPEN_OFFERS, _open_count))),
    Tally("the reservations that a taker is recorded to have with a maker are its open quotes",
          ((QUOTES, _reserves), (RESERVATIONS, _open_count))),
    Tally("every quote is found under whoever gives for it, and no other is",
          ((QUOTES, _given), (QUOTES_BY_GIVER, _listed))),
    Tally("every pool is found under whoever has shares of it, and no other is",
          ((SHARES, _has_shares), (POOLS_BY_HOLDER, _listed))),
    Tally("what an account is recorded to be paid still is what quotes and pools will pay it",
          ((QUOTES, _quote_pays), (SHARES, _shares_pay), (EXPECTED, _expected))),
)  # fmt: skip
