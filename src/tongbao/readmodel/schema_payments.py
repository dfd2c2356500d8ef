"""The tables of holds and scheduled transfers, and of what people search for.

Words are kept in a table of their own: an index of text that SQLite and PostgreSQL read alike.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from tongbao.readmodel.schema import metadata

_ID = String(128)
_NAME = String(200)
_ASSET = String(32)
WORD_LENGTH = 40


def _amount(name: str) -> Column[str]:
    return Column(name, String(40), nullable=False, default="0")


holds = Table(
    "holds", metadata,
    Column("hold", _NAME, primary_key=True), Column("payer", _ID, index=True),
    Column("payee", _ID, index=True), Column("asset", _ASSET), _amount("amount_minor"),
    _amount("remaining_minor"), Column("due_at_ms", BigInteger), Column("state", String(16)),
    Column("arbiter", _ID), Column("hashlock", String(64)), Column("payee_reference", String(40)),
    Column("remittance", Text), Column("creditor_reference", String(40)),
    Column("opened_at_ms", BigInteger, nullable=False),
    Index("holds_time", "opened_at_ms", "hold"), Index("holds_reference", "payee_reference"),
)  # fmt: skip
schedules = Table(
    "scheduled_transfers", metadata,
    Column("schedule", _NAME, primary_key=True), Column("payer", _ID, index=True),
    Column("payee", _ID, index=True), Column("asset", _ASSET), _amount("amount_minor"),
    Column("due_at_ms", BigInteger), Column("state", String(16)),
    Column("payee_reference", String(40)), Column("purpose", String(8)),
    Column("remittance", Text), Column("creditor_reference", String(40)),
    Column("scheduled_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger), Column("reason", Text), Column("code", Integer),
    Index("scheduled_transfers_time", "scheduled_at_ms", "schedule"),
    Index("scheduled_transfers_reference", "payee_reference"),
)  # fmt: skip
concerned = Table(
    "concerned", metadata,
    Column("party", _ID, primary_key=True),
    Column("height", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
)  # fmt: skip
payment_words = Table(
    "payment_words", metadata,
    Column("word", String(WORD_LENGTH), primary_key=True),
    Column("height", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
)  # fmt: skip
name_words = Table(
    "name_words", metadata,
    Column("word", String(WORD_LENGTH), primary_key=True),
    Column("kind", String(16), primary_key=True), Column("subject", _ID, primary_key=True),
    Index("name_words_subject", "subject"),
)  # fmt: skip
