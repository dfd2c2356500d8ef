"""What gives way to a lawful order: offers, then quotes, then shares of pools."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.registry import Broken
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import WriteView
from tongbao.modules.accounts import ACCOUNTS, hold_asset
from tongbao.modules.assets import FREEZES, require_asset, set_freeze
from tongbao.modules.exchange.closing import close_offers
from tongbao.modules.exchange.model import Pool
from tongbao.modules.exchange.pools import change_shares, part_of
from tongbao.modules.exchange.quoting import release_quote
from tongbao.modules.exchange.state import (
    OFFERS,
    OFFERS_BY_ACCOUNT,
    POOLS_BY_HOLDER,
    QUOTES_BY_GIVER,
    SHARES,
)
from tongbao.modules.exchange.swap import pool_now
from tongbao.modules.payments import Journal

CAUSE = "assets.clawback"


def offers_and_quotes(ledger: WriteView, account: str, asset: str, why: str) -> Iterator[Broken]:
    """Close the account's offers of the asset, then release the quotes it is promised in.

    In this order: what a quote promised would otherwise go back into the offer it came from.
    """
    for (_, _, _, name), _ in list(ledger.scan(OFFERS_BY_ACCOUNT, account, asset)):
        offer = ledger.get(OFFERS, name)
        # Also one that is promised whole: what its quotes release would go back into it.
        if offer is not None:
            yield Broken(f"offer {name}", tuple(close_offers(ledger, CAUSE, [name], "clawback")))
    yield from _quotes(ledger, account, asset)


def _quotes(ledger: WriteView, account: str, asset: str) -> Iterator[Broken]:
    for (_, _, name), _ in list(ledger.scan(QUOTES_BY_GIVER, account, asset)):
        yield Broken(f"quote {name}", tuple(release_quote(ledger, CAUSE, name, "clawback")))


def pool_shares(ledger: WriteView, account: str, asset: str, why: str) -> Iterator[Broken]:
    """Take the account's shares out of the pools of an asset: its part of both comes back to it.

    What quotes were promised out of such a pool is released before: the part of a holder is
    reckoned without it, so whoever reserves from its own pool could keep its money there.
    """
    for (_, name), _ in list(ledger.scan(POOLS_BY_HOLDER, account)):
        pool = pool_now(ledger, name)
        if asset in (pool.asset_a, pool.asset_b):
            yield from _quotes(ledger, pool.account, asset)
            yield Broken(f"shares of pool {name}", _taken_out(ledger, name, account))


def _taken_out(ledger: WriteView, name: str, account: str) -> tuple[Event, ...]:
    """Past every switch, also of the asset that nobody ordered: it only comes back to its holder.

    Otherwise the issuer of some other asset, by pausing it or freezing it in the pool, would keep
    the money beside it out of reach. Its own freeze of the pool goes with what comes out.
    """
    pool = pool_now(ledger, name)
    shares = ledger.get(SHARES, name, account) or 0
    journal = Journal(ledger, CAUSE, subject=name)
    out = part_of(pool, shares)
    reported: list[Event] = []
    for amount, asset in zip(out, (pool.asset_a, pool.asset_b), strict=True):
        known = ledger.get(ACCOUNTS, account)
        if ledger.holding(account, asset) is None and known is not None:
            reported.append(hold_asset(ledger, known, asset))
        if amount:
            journal.take(pool.account, account, asset, amount)
            _freeze_too(ledger, pool, account, asset)
    reported.append(change_shares(ledger, pool, account, -shares, -out[0], -out[1]))
    return (*reported, journal.posted())


def _freeze_too(ledger: WriteView, pool: Pool, account: str, asset: str) -> None:
    issuer = require_asset(ledger, asset).issuer
    freeze = ledger.get(FREEZES, pool.account, asset, issuer)
    if freeze is not None and not ledger.has(FREEZES, account, asset, issuer):
        set_freeze(ledger, account, asset, issuer, freeze.basis)
