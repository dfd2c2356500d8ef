"""Which schema a desk's file has, and how it comes to the newest: in place, in one transaction.

The migrations stand in `migrations/versions`, one file each. Alembic is loaded only where a file is
older: a new file is made whole by the tables as they are now.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text

from tongbao.kernel.codes import require
from tongbao.paymentfiles.desk.codes import DeskCode

NEWEST = "3"
_KNOWN = ("1", "2", NEWEST)
_BEFORE_ALEMBIC = ("1", "2")
"""Their number stands in the table `meta`."""
_FOLDER = Path(__file__).parent / "migrations"
_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def bring_to_newest(connection: Connection, tables: MetaData) -> None:
    """Make the tables of a new file, or migrate an older one; Refusal NEWER_DESK for others.

    All of it becomes durable with the transaction of `connection`, or nothing.
    """
    # Python's driver opens a transaction at the first row that is written, and not for a table.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    found = _schema(connection)
    if found is None:
        tables.create_all(connection)
        _version.create(connection)
        connection.execute(_version.insert().values(version_num=NEWEST))
        return
    require(found in _KNOWN, DeskCode.NEWER_DESK, found=found[:32], newest=NEWEST)
    if found != NEWEST:
        _migrate(connection, found)


def _schema(connection: Connection) -> str | None:
    """The schema of the file, None of an empty one."""
    there = inspect(connection).get_table_names()
    if _version.name in there:
        return str(connection.execute(select(_version.c.version_num)).scalar_one())
    if "meta" not in there:
        return None
    statement = connection.execute(text("SELECT value FROM meta WHERE name = 'version'"))
    return str(statement.scalar_one())


def _migrate(connection: Connection, found: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    if found in _BEFORE_ALEMBIC[1:]:
        command.stamp(config, found)
    command.upgrade(config, "head")
