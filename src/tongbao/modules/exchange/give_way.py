"""What gives way to a lawful order: offers, then quotes, then shares of pools."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import Refusal
from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.registry import Broken
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import WriteView
from tongbao.modules.accounts import ACCOUNTS, hold_asset
from tongbao.modules.exchange.cancel import close_offers
from tongbao.modules.exchange.model import Pool
from tongbao.modules.exchange.pools import change_shares, part_of
from tongbao.modules.exchange.quote_end import release_quote
from tongbao.modules.exchange.state import OFFERS, OFFERS_BY_ACCOUNT, POOLS, QUOTES, SHARES
from tongbao.modules.exchange.swap import pool_now
from tongbao.modules.payments import Journal

CAUSE = "assets.clawback"
_SWITCHES = (
    HoldingFlag.FROZEN | HoldingFlag.CLOSED | HoldingFlag.ALLOW_LIST_REQUIRED
    | HoldingFlag.REFERENCE_REQUIRED
)  # fmt: skip


def offers_and_quotes(ledger: WriteView, account: str, asset: str, why: str) -> Iterator[Broken]:
    """Close the account's offers of the asset, then release the quotes it is promised in.

    In this order: what a quote promised would otherwise go back into the offer it came from.
    """
    for (_, _, _, name), _ in list(ledger.scan(OFFERS_BY_ACCOUNT, account, asset)):
        offer = ledger.get(OFFERS, name)
        # Also one that is promised whole: what its quotes release would go back into it.
        if offer is not None:
            yield Broken(f"offer {name}", tuple(close_offers(ledger, CAUSE, [name], "clawback")))
    for (name,), quote in list(ledger.scan(QUOTES)):
        promised = any(
            hop.asset == asset and fill.account == account
            for hop in quote.hops for fill in hop.fills
        )  # fmt: skip
        if promised:
            yield Broken(f"quote {name}", tuple(release_quote(ledger, CAUSE, name, "clawback")))


def pool_shares(ledger: WriteView, account: str, asset: str, why: str) -> Iterator[Broken]:
    """Take the account's shares out of the pools of an asset: its part of both comes back to it."""
    for (name,), pool in list(ledger.scan(POOLS)):
        shares = ledger.get(SHARES, name, account) or 0
        if shares and account != pool.account and asset in (pool.asset_a, pool.asset_b):
            told = _taken_out(ledger, pool_now(ledger, name), account, shares)
            if told:
                yield Broken(f"shares of pool {name}", told)


def _taken_out(ledger: WriteView, pool: Pool, account: str, shares: int) -> tuple[Event, ...]:
    """What happened, or nothing where the pool itself cannot pay now (paused, frozen)."""
    journal = Journal(ledger, CAUSE, subject=pool.id)
    out = part_of(pool, shares)
    told: list[Event] = []
    try:
        with journal.attempt():
            for amount, asset in zip(out, (pool.asset_a, pool.asset_b), strict=True):
                known = ledger.get(ACCOUNTS, account)
                if ledger.holding(account, asset) is None and known is not None:
                    told.append(hold_asset(ledger, known, asset))
                _credit(ledger, journal, pool, account, asset, amount)
            told.append(change_shares(ledger, pool, account, -shares, -out[0], -out[1]))
    except Refusal:
        told = []
    return (*told, journal.posted()) if told else ()


def _credit(
    ledger: WriteView, journal: Journal, pool: Pool, account: str, asset: str, amount: int
) -> None:
    """Past the switches of the holding, which are set again: it is the law that moves."""
    held = ledger.holding(account, asset)
    assert held is not None
    ledger.put_holding(account, asset, held._replace(flags=held.flags & ~_SWITCHES))
    if amount:
        journal.pay(pool.account, account, asset, amount, pool.id)
    after = ledger.holding(account, asset)
    assert after is not None
    ledger.put_holding(account, asset, after._replace(flags=held.flags))
