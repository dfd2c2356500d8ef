"""The database beneath the lists: SQLite in a file, or a server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

CHECKED_BYTES = 64 * 1_048_576
"""SQLite files up to this size are looked through as they are opened."""


def open_engine(url: str) -> Engine:
    """Connections to a database, as SQLAlchemy writes its URL."""
    parsed = make_url(url)
    engine = create_engine(parsed, pool_size=8, max_overflow=8)
    if parsed.get_backend_name() == "sqlite":

        @event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            # WAL lets readers work beside the one writer. Blocks are durable in the ledger, so a
            # lost last transaction here is projected again: NORMAL suffices.
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")
            cursor.execute("PRAGMA busy_timeout=10000")
            cursor.close()

    return engine


def file_of(engine: Engine) -> Path | None:
    """The file of an SQLite database; None for another or one in memory."""
    sqlite = engine.url.get_backend_name() == "sqlite"
    return Path(engine.url.database) if sqlite and engine.url.database else None


def check_file(engine: Engine) -> None:
    """DatabaseError where the file's structure is broken; small files are looked through."""
    file = file_of(engine)
    if file is None or not file.exists() or file.stat().st_size > CHECKED_BYTES:
        return
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        raise DatabaseError("PRAGMA quick_check", None, sqlite3.DatabaseError(str(found)[:200]))


def on_damage(engine: Engine, tell: Callable[[str], None]) -> None:
    """Call `tell` with SQLite's words whenever a statement meets a broken file."""

    @event.listens_for(engine, "handle_error")
    def _met(context: ExceptionContext) -> None:
        if type(context.original_exception) is sqlite3.DatabaseError:
            tell(str(context.original_exception))


def is_damage(fault: DatabaseError) -> bool:
    """Whether SQLite says that its file is broken, rather than busy, full or wrongly asked."""
    return type(fault.orig) is sqlite3.DatabaseError
