"""What a payment or an order takes of a book: chosen first, then taken.

The one arithmetic of the ledger (`Taking`) and of the planner (`paths`, and its twin in the core).
It reads offers best first and takes them in that order. Where that would be more than `MAX_FILLS`
offers, a payment (or an order that trades whole or not at all) passes over those that bring less
than one part in `MAX_FILLS` of what it wants: so each that it takes brings enough, and no number of
small offers, at however good a price, stands between it and a large one. Whoever is content with
less takes the small ones first, and anybody may clear them away at their own good price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tongbao.modules.exchange import arithmetic
from tongbao.modules.exchange.model import MAX_FILLS, Offer


class Ready(NamedTuple):
    """An offer, and how much of it can be taken now."""

    offer: Offer
    most: int


Stream = Iterable[Ready | str]
"""Offers that can be taken, best first; a word where it ends before its end, and why."""


class Take(NamedTuple):
    """What is taken of one offer."""

    offer: Offer
    gives: int
    paid: int
    all_ready: bool = False
    """Whether no more of it could be taken now."""


class Chosen(NamedTuple):
    """What taking from a book comes to."""

    takes: list[Take]
    left_minor: int
    """Of what was to be paid, or to be got."""
    stopped: str
    """Why it ended: `filled`, `dust` (what is left buys nothing more), `depth`, `price`,
    `self-trade`, or `fills`: it took, or looked at, as many offers as one action may."""


class _Kept:
    """A stream that can be read again."""

    def __init__(self, stream: Stream) -> None:
        self._kept: list[Ready | str] = []
        self._more = iter(stream)

    def __iter__(self) -> Iterator[Ready | str]:
        yield from self._kept
        for one in self._more:
            self._kept.append(one)
            yield one


def paying(stream: Stream, amount: int) -> Chosen:
    """Exactly `amount` paid: what buys no further unit is the last maker's."""
    kept = _Kept(stream)
    chosen = _pay(kept, amount, 0, exact=True)
    return _passing_over(chosen, lambda: _pay(kept, amount, _small(amount), exact=True))


def spending(stream: Stream, amount: int, *, whole: bool) -> Chosen:
    """Up to `amount` paid, each fill at its own cost; `whole`: all of it or nothing."""
    kept = _Kept(stream)
    chosen = _pay(kept, amount, 0, exact=False)
    if not whole:
        return chosen
    return _passing_over(chosen, lambda: _pay(kept, amount, _small(amount), exact=False))


def getting(stream: Stream, amount: int) -> Chosen:
    """Exactly `amount` got."""
    kept = _Kept(stream)
    chosen = _get(kept, amount, 0)
    return _passing_over(chosen, lambda: _get(kept, amount, _small(amount)))


def _small(amount: int) -> int:
    return -(-amount // MAX_FILLS)


def _passing_over(chosen: Chosen, again: Callable[[], Chosen]) -> Chosen:
    if chosen.stopped != "fills":
        return chosen
    over = again()
    return over if over.stopped in ("filled", "dust") else chosen


def _pay(stream: Stream, amount: int, small: int, *, exact: bool) -> Chosen:
    takes: list[Take] = []
    left = amount
    for one in stream:
        if isinstance(one, str):
            return Chosen(takes, left, one)
        price = one.offer.price_buy, one.offer.price_sell
        whole = arithmetic.cost(one.most, *price)
        if whole < min(small, left):
            continue
        gives = one.most if whole <= left else arithmetic.bought(left, *price)
        if gives and len(takes) == MAX_FILLS:
            return Chosen(takes, left, "fills")
        if whole > left:
            if gives:
                paid = left if exact else arithmetic.cost(gives, *price)
                takes.append(Take(one.offer, gives, paid))
                left -= paid
            elif exact and takes:
                takes[-1] = takes[-1]._replace(paid=takes[-1].paid + left)
                left = 0
            return Chosen(takes, left, "dust" if left else "filled")
        takes.append(Take(one.offer, gives, whole, all_ready=True))
        left -= whole
        if not left:
            return Chosen(takes, 0, "filled")
    return Chosen(takes, left, "depth")


def _get(stream: Stream, amount: int, small: int) -> Chosen:
    takes: list[Take] = []
    left = amount
    for one in stream:
        if isinstance(one, str):
            return Chosen(takes, left, one)
        if one.most < min(small, left):
            continue
        if len(takes) == MAX_FILLS:
            return Chosen(takes, left, "fills")
        gives = min(left, one.most)
        paid = arithmetic.cost(gives, one.offer.price_buy, one.offer.price_sell)
        takes.append(Take(one.offer, gives, paid))
        left -= gives
        if not left:
            return Chosen(takes, 0, "filled")
    return Chosen(takes, left, "depth")
