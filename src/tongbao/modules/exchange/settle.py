"""From fills to postings: each maker pays the next; nobody holds what only passes through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tongbao.kernel.views import WriteView
from tongbao.modules.exchange.model import Fill
from tongbao.modules.payments import Journal, charge

Share = tuple[str, int]
"""(account, amount)"""


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
    moves.
    """
    sent = sum(fill.takes_minor for fill in hops[0])
    givers: list[Share] = [(payer, sent)]
    for asset, fills in zip(assets, hops, strict=False):
        takers = [(fill.account, fill.takes_minor) for fill in fills]
        _pour(journal, asset, givers, takers, "exchange")
        givers = [(fill.account, fill.gives_minor) for fill in fills]
    received = sum(amount for _, amount in givers)
    _pour(journal, assets[-1], givers, [(payee, received)], payee_reference)
    charge(ledger, payer, assets[0], sent)


def _pour(
    journal: Journal,
    asset: str,
    givers: Iterable[Share],
    takers: Iterable[Share],
    payee_reference: str,
) -> None:
    """Match what is given with what is taken, in order; both sums are the same."""
    waiting = iter(takers)
    taker, wanted = next(waiting)
    for giver, given in givers:
        while given:
            if not wanted:
                taker, wanted = next(waiting)
            part = min(given, wanted)
            if giver != taker:
                journal.pay(giver, taker, asset, part, payee_reference, counted=True)
            given -= part
            wanted -= part
