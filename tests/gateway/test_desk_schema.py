"""A desk's file of an older schema is migrated in place; one of a newer schema is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from tongbao.kernel.codes import Refusal
from tongbao.paymentfiles.desk import schema
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.desk.store import DeskStore, metadata

KEPT = Path(__file__).parent / "desk_schemas"
ROWS = {
    "1": {"payments": 1, "files": 1, "limits": 1, "spent": 0},
    "2": {"payments": 1, "files": 1, "limits": 1, "spent": 1},
}


def kept(folder: Path, version: str) -> Path:
    """A file as the release of that schema wrote it."""
    path = folder / "desk.db"
    with closing(sqlite3.connect(path)) as base:
        base.executescript((KEPT / f"{version}.sql").read_text(encoding="utf-8"))
    return path


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as base:
        return list(base.iterdump())


@pytest.mark.parametrize("version", sorted(ROWS))
def test_a_file_of_an_older_schema_opens_as_a_new_one_would_with_all_its_rows(
    tmp_path: Path, version: str
) -> None:
    path = kept(tmp_path, version)
    store = DeskStore(path, "c")
    with store.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == schema.NEWEST
        found = {
            table: connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()
            for table in ROWS[version]
        }
        assert found == ROWS[version]
        assert connection.execute(text("SELECT rule, digest FROM payments")).one() == (
            "desk.creditor_account", "",
        )  # fmt: skip
    store.close()
    again = content(path)
    DeskStore(path, "c").close()
    assert content(path) == again


def test_a_new_file_is_made_with_the_newest_schema_that_the_migrations_lead_to(
    tmp_path: Path,
) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema._FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.NEWEST
    store = DeskStore(tmp_path / "desk.db", "c")
    with store.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == schema.NEWEST
    store.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All migrations of a file stand in one transaction, those that make tables included."""
    path = kept(tmp_path, "1")
    with closing(sqlite3.connect(path)) as base:
        base.execute(
            "CREATE TRIGGER full BEFORE DELETE ON meta BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    before = content(path)
    with pytest.raises(Exception, match="full"):
        DeskStore(path, "c")
    assert content(path) == before


@pytest.mark.parametrize("newer", ["4", "f00d"])
def test_a_file_of_a_newer_schema_is_refused_and_kept(tmp_path: Path, newer: str) -> None:
    path = tmp_path / "desk.db"
    DeskStore(path, "c").close()
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("UPDATE alembic_version SET version_num = ?", (newer,))
    before = content(path)
    with pytest.raises(Refusal) as refused:
        DeskStore(path, "c")
    assert refused.value.code is DeskCode.NEWER_DESK
    assert refused.value.values == {"found": newer, "newest": schema.NEWEST}
    assert content(path) == before
