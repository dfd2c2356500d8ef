"""The tables. Amounts are decimal text: exact to 2**127 on every database; sums are done in Python.

No database has a whole number of 128 bits that all of them share, and floats are no option. Nothing
here sorts or adds by amount: balances are kept as they come to stand after each entry.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

VERSION = "15"
"""Of these tables; a database of another version is rebuilt."""
metadata = MetaData()
_ID = String(128)

meta = Table("meta", metadata, Column("name", String(32), primary_key=True), Column("value", Text))
blocks = Table(
    "blocks", metadata,
    Column("height", BigInteger, primary_key=True, autoincrement=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("app_hash", String(64), nullable=False),
    Column("transactions", Integer, nullable=False), Index("blocks_time", "time_ms"),
)  # fmt: skip
transactions = Table(
    "transactions", metadata,
    Column("height", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("party", _ID, nullable=False),
    Column("reference", _ID, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("code", Integer, nullable=False),
    Column("types", Text, nullable=False),
    Column("memo", Text, nullable=False, default=""),
    Index("transactions_name", "party", "reference"),
    Index("transactions_reference", "reference"), Index("transactions_digest", "digest"),
)  # fmt: skip
events = Table(
    "events", metadata,
    Column("height", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("event", String(64), nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("party", _ID, nullable=False, default=""),
    Column("reference", _ID, nullable=False, default=""),
    Column("digest", String(64), nullable=False, default=""),
    Column("data", Text, nullable=False),
    Column("public", Boolean, nullable=False),
    Index("events_kind", "event", "height"),
)  # fmt: skip
account_banks = Table(
    "account_banks", metadata,
    Column("account", _ID, primary_key=True), Column("bank", _ID, nullable=False, index=True),
)  # fmt: skip
