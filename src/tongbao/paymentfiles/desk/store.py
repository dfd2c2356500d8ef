"""The desk's memory: one SQLite file beside the read model, written act by act.

An act is one SQL transaction, synced before it is answered. Unlike the read model this cannot be
rebuilt from blocks: a file of an older schema is migrated (`schema.py`), and one of a newer schema
or of another chain is refused, not emptied.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    event,
    select,
)
from sqlalchemy.pool import StaticPool

from tongbao.kernel.codes import refuse
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.desk.schema import bring_to_newest

metadata = MetaData()


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, String, nullable=False, default="", **more)


def _number(name: str, **more: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, default=0, **more)


meta = Table("meta", metadata, Column("name", String, primary_key=True), _text("value"))
files = Table(
    "files", metadata,
    Column("number", Integer, primary_key=True),
    Column("file", String, nullable=False, unique=True),
    _text("party"), _text("name"), _text("message"), _text("message_id"), _text("state"),
    _number("version"), _text("digest"), _text("uploaded_by"), _text("uploaded_label"),
    _number("created_at_ms"), _number("planned_at_ms"), _number("release_at_ms"),
    Column("original", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("files_party", "party", "number"), Index("files_state", "state", "number"),
)  # fmt: skip
"""A file; `original` as it was uploaded, `content` with its repairs."""
payments = Table(
    "payments", metadata,
    Column("file", String, primary_key=True), Column("item", Integer, primary_key=True),
    _text("path"), _number("line"), _text("end_to_end_id"), _text("uetr"), _text("currency"),
    _text("amount_minor"), _text("creditor"), _text("creditor_account"), _text("state"),
    _number("batch"), _number("place"), _text("reason"), _text("rule"), _text("text"),
    _text("text_zh"), _number("height"), _number("settled_at_ms"), _text("digest"),
    _text("findings"),
    Index("payments_state", "file", "state", "item"),
)  # fmt: skip
"""`findings` is JSON: everything that is wrong with a refused payment."""
batches = Table(
    "batches", metadata,
    Column("file", String, primary_key=True), Column("batch", Integer, primary_key=True),
    _text("party"), _text("reference"), _number("payments"), _text("currency"),
    _text("total_minor"), Column("body", LargeBinary, nullable=False), _text("state"),
    _number("due_at_ms"), _number("valid_from_ms"), _number("valid_until_ms"),
    _text("envelope"), _text("digest"), _number("height"), _number("time_ms"), _number("code"),
    _text("values"), _text("failed"), _text("text"), _text("text_zh"),
)  # fmt: skip
"""`envelope` is base64, kept before it is sent; `failed` is JSON: place -> refusal code."""
signatures = Table(
    "signatures", metadata,
    Column("file", String, primary_key=True), Column("batch", Integer, primary_key=True),
    Column("key", String, primary_key=True), _text("signature"), _number("at_ms"),
)  # fmt: skip
acts = Table(
    "acts", metadata,
    Column("file", String, primary_key=True), Column("act", Integer, primary_key=True),
    _text("action"), _text("key"), _text("label"), _number("at_ms"), _number("item"),
    _text("path"), _text("old"), _text("new"), _text("statement"), _text("signed"),
)  # fmt: skip
"""Who did what: the statement and its signatures prove it."""
names = Table(
    "names", metadata,
    Column("number", Integer, primary_key=True),
    _text("party"), _text("kind"), _text("value"), _text("file"), _number("item"),
    UniqueConstraint("party", "kind", "value"), Index("names_file", "file"),
)  # fmt: skip
"""Message ids and end-to-end ids that were used: a second file with them is shown so."""
spent = Table(
    "spent", metadata,
    Column("statement", String, primary_key=True), _text("party"), _text("action"),
    _number("at_ms"), Index("spent_order", "party", "action", "at_ms"),
)  # fmt: skip
"""SHA-256 of every statement that was applied: it counts once. `at_ms` is the statement's."""
limits = Table(
    "limits", metadata,
    Column("party", String, primary_key=True), Column("key", String, primary_key=True),
    Column("currency", String, primary_key=True), _text("most_minor"),
)  # fmt: skip


Row = dict[str, Any]


def rows(connection: Connection, query: Select[Any]) -> list[Row]:
    """All rows by column name."""
    return [dict(row._mapping) for row in connection.execute(query)]


def row(connection: Connection, query: Select[Any]) -> Row | None:
    """The one row, or None."""
    found = connection.execute(query).one_or_none()
    return None if found is None else dict(found._mapping)


class DeskStore:
    """The file, open."""

    def __init__(self, path: Path | None, chain: str) -> None:
        """Open or create; in memory without a path. Refusal where the file is of another desk."""
        self.engine = _engine(path)
        self._lock = threading.Lock()
        with self.write() as connection:
            bring_to_newest(connection, metadata)
            found = connection.scalar(select(meta.c.value).where(meta.c.name == "chain"))
            if found is None:
                connection.execute(meta.insert().values(name="chain", value=chain))
            elif found != chain:
                refuse(DeskCode.OTHER_DESK, found=found, wanted=chain)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One act: all of it is durable at the end of the block, or none."""
        with self._lock, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Release the file."""
        self.engine.dispose()


def _engine(path: Path | None) -> Engine:
    if path is None:
        engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
    else:
        engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # Signatures and decisions stand nowhere else: FULL, where the read model needs NORMAL.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.close()

    return engine
