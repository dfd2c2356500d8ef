"""The tables of what people search for.

Words are kept in a table of their own: an index of text that SQLite and PostgreSQL read alike.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from tongbao.readmodel.schema import metadata
from tongbao.readmodel.words import WORD_LENGTH

_ID = String(128)

concerned = Table(
    "concerned", metadata,
    Column("party", _ID, primary_key=True),
    Column("height", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("relation", String(8), nullable=False),
    Index("concerned_transaction", "height", "position"),
)  # fmt: skip
"""Whom transactions concern."""
event_parties = Table(
    "event_parties", metadata,
    Column("party", _ID, primary_key=True),
    Column("height", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("relation", String(8), nullable=False),
    Index("event_parties_event", "height", "position", "number"),
)  # fmt: skip
"""Whom events concern."""
payment_words = Table(
    "payment_words", metadata,
    Column("word", String(WORD_LENGTH), primary_key=True),
    Column("block_height", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
)  # fmt: skip
