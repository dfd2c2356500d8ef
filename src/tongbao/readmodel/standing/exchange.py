"""Open offers, pools with their shares, and open quotes.

When an offer was placed, a pool opened or a quote given, and by whom a pool was, only older blocks
know; so do trades, and offers and quotes that have ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from tongbao.kernel.views import ReadView
from tongbao.modules.exchange import OFFERS, POOLS, QUOTES, SHARES
from tongbao.readmodel import schema_exchange as schema
from tongbao.readmodel.projecting import as_json


def standing(view: ReadView) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Every row of the module."""
    for _, offer in view.scan(OFFERS):
        yield schema.offers, {
            "offer": offer.id, "account": offer.account, "sell_asset": offer.sell_asset,
            "sell_minor": str(offer.amount_minor), "remaining_minor": str(offer.remaining_minor),
            "promised_minor": str(offer.promised_minor), "buy_asset": offer.buy_asset,
            "price_buy": str(offer.price_buy), "price_sell": str(offer.price_sell),
            "sequence": offer.sequence, "placed_at_ms": 0,
            "expires_at_ms": offer.expires_at_ms, "reservable_ms": offer.reservable_ms,
            "charge_bps": offer.charge_bps, "state": "open", "closed_at_ms": 0,
        }  # fmt: skip
    for _, pool in view.scan(POOLS):
        yield schema.pools, {
            "pool": pool.id, "account": pool.account, "asset_a": pool.asset_a,
            "asset_b": pool.asset_b, "fee_bps": pool.fee_bps, "shares": str(pool.shares),
            "reservable_ms": pool.reservable_ms, "charge_bps": pool.charge_bps,
            "created_at_ms": 0, "created_by": "",
        }  # fmt: skip
    for (name, account), shares in view.scan(SHARES):
        yield schema.pool_shares, {"pool": name, "account": account, "shares": str(shares)}
    for _, quote in view.scan(QUOTES):
        yield schema.quotes, {
            "quote": quote.id, "taker": quote.taker, "maker": quote.maker,
            "send_asset": quote.send_asset, "send_minor": str(quote.send_minor),
            "receive_asset": quote.receive_asset, "receive_minor": str(quote.receive_minor),
            "charge_minor": str(quote.charge_minor), "given_at_ms": 0,
            "expires_at_ms": quote.expires_at_ms, "state": "open", "ended_at_ms": 0,
            "hops": as_json(quote.hops),
        }  # fmt: skip
