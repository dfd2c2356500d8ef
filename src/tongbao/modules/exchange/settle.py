"""From fills to postings: each maker pays the next; nobody holds what only passes through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tongbao.kernel.views import WriteView
from tongbao.modules.accounts import restore_limits
from tongbao.modules.exchange.model import Fill
from tongbao.modules.payments import Journal, charge

Share = tuple[str, int]
"""(account, amount)"""


class Given(NamedTuple):
    """What an account gives to the next."""

    account: str
    amount: int
    counted: int = 0
    """What its limits have counted for it today."""


def settle(
    ledger: WriteView,
    journal: Journal,
    payer: str,
    payee: str,
    assets: Sequence[str],
    hops: Sequence[Sequence[Fill]],
    payee_reference: str,
) -> None:
    """Post a whole conversion: the payer pays the first hop's makers, they the second's, ...

    Freezes, allow-lists and pauses hold for each posting. The payer's limits count the whole once;
    the makers' were counted when they were taken. Where one account would pay itself, nothing
    moves, and nothing counts.
    """
    sent = sum(fill.takes_minor for fill in hops[0])
    givers = [Given(payer, sent)]
    stays = sum(fill.takes_minor for fill in hops[0] if fill.account == payer)
    for asset, fills in zip(assets, hops, strict=False):
        takers = [(fill.account, fill.takes_minor) for fill in fills]
        _pour(ledger, journal, asset, givers, takers, "exchange")
        givers = [Given(fill.account, fill.gives_minor, fill.counted_minor) for fill in fills]
    received = sum(one.amount for one in givers)
    _pour(ledger, journal, assets[-1], givers, [(payee, received)], payee_reference)
    if sent > stays:
        charge(ledger, payer, assets[0], sent - stays)


def _pour(
    ledger: WriteView,
    journal: Journal,
    asset: str,
    givers: Iterable[Given],
    takers: Iterable[Share],
    payee_reference: str,
) -> None:
    """Match what is given with what is taken, in order; both sums are the same."""
    waiting = iter(takers)
    taker, wanted = next(waiting)
    for giver, given, counted in givers:
        while given:
            if not wanted:
                taker, wanted = next(waiting)
            part = min(given, wanted)
            if giver != taker:
                journal.pay(giver, taker, asset, part, payee_reference, counted=True)
            else:
                back = min(part, counted)
                restore_limits(ledger, giver, asset, back, ledger.time_ms)
                counted -= back
            given -= part
            wanted -= part
