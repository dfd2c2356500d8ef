"""The tables of the exchange: offers, trades, pools with their shares, quotes.

The parts of a price are text, as amounts are: they may go to 2**63.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from tongbao.readmodel.schema import metadata

_ID = String(128)
_NAME = String(200)
_ASSET = String(32)


def _amount(name: str) -> Column[str]:
    return Column(name, String(40), nullable=False, default="0")


offers = Table(
    "offers", metadata,
    Column("offer", _NAME, primary_key=True), Column("account", _ID, nullable=False),
    Column("sell_asset", _ASSET, nullable=False), _amount("sell_minor"),
    _amount("remaining_minor"), _amount("promised_minor"),
    Column("buy_asset", _ASSET, nullable=False), Column("price_buy", String(20)),
    Column("price_sell", String(20)), Column("sequence", BigInteger, nullable=False),
    Column("placed_at_ms", BigInteger), Column("expires_at_ms", BigInteger),
    Column("reservable_ms", BigInteger), Column("charge_bps", Integer),
    Column("state", String(16)), Column("closed_at_ms", BigInteger),
    Index("offers_account", "account", "sequence"),
    Index("offers_pair", "sell_asset", "buy_asset", "sequence"),
)  # fmt: skip
trades = Table(
    "trades", metadata,
    Column("height", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time_ms", BigInteger, nullable=False), Column("venue", _NAME, nullable=False),
    Column("offer", _NAME), Column("maker", _ID, index=True), Column("taker", _ID, index=True),
    Column("paid_asset", _ASSET, nullable=False), _amount("paid_minor"),
    Column("got_asset", _ASSET, nullable=False), _amount("got_minor"), _amount("fee_minor"),
    Column("pair", String(65), nullable=False), Column("party", _ID), Column("reference", _ID),
    Column("digest", String(64)),
    Index("trades_pair", "pair", "height", "position", "number"),
)  # fmt: skip
pools = Table(
    "pools", metadata,
    Column("pool", String(80), primary_key=True), Column("account", _ID),
    Column("asset_a", _ASSET, index=True), Column("asset_b", _ASSET, index=True),
    Column("fee_bps", Integer), _amount("shares"),
    Column("reservable_ms", BigInteger), Column("charge_bps", Integer),
    Column("created_at_ms", BigInteger), Column("created_by", _ID),
)  # fmt: skip
pool_shares = Table(
    "pool_shares", metadata,
    Column("pool", String(80), primary_key=True), Column("account", _ID, primary_key=True),
    _amount("shares"), Index("pool_shares_account", "account"),
)  # fmt: skip
quotes = Table(
    "quotes", metadata,
    Column("quote", _NAME, primary_key=True), Column("taker", _ID, nullable=False, index=True),
    Column("maker", _ID, index=True), Column("send_asset", _ASSET), _amount("send_minor"),
    Column("receive_asset", _ASSET), _amount("receive_minor"), _amount("charge_minor"),
    Column("given_at_ms", BigInteger, nullable=False), Column("expires_at_ms", BigInteger),
    Column("state", String(16)), Column("ended_at_ms", BigInteger), Column("hops", Text),
)  # fmt: skip


def pair_of(one: str, other: str) -> str:
    """Two assets in order of name: trades of both directions stand under it."""
    return f"{min(one, other)}/{max(one, other)}"
