"""Databases that no block can make again, and lists that a reader finds broken."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError
from tests.node.test_signed import founded, home, machine, node, pay

from tongbao.gateway.kept import DESK, KEYS, LISTS, MARK, DamagedDatabase, check_kept
from tongbao.node.backup import BackupFault, make_backup
from tongbao.node.home import DamagedFile, NodeHome
from tongbao.readmodel import SqlQueries, Viewer
from tongbao.scenarios import founding
from tongbao.words import text_of

__all__ = ["founded", "home", "machine"]


def _scribbled(file: Path) -> None:
    with file.open("r+b") as open_file:
        open_file.seek(100)
        open_file.write(b"\xff" * 4_000)


HARM: dict[str, Callable[[Path], None]] = {
    "damaged": _scribbled,
    "damaged or": lambda file: file.write_bytes(b"this is no database at all" * 400),
    "empty": lambda file: file.write_bytes(b""),
    "missing": lambda file: file.unlink(),
}


@pytest.mark.parametrize("name", [DESK, KEYS])
@pytest.mark.parametrize("reply", HARM)
def test_a_database_that_cannot_be_made_again_is_told_with_what_it_held(
    name: str, reply: str, home: Path
) -> None:
    with node(home):
        pass
    assert (home / MARK).exists()
    HARM[reply](home / name)
    with pytest.raises(DamagedDatabase, match=f"{name} is .*{reply}") as reported, node(home):
        pass
    assert "It held" in str(reported.value) and "其中保存" in text_of(reported.value, "zh")
    (home / name).unlink(missing_ok=True)
    (home / MARK).unlink()
    with node(home) as up:  # what the sentence says to do, to begin with an empty one
        pay(up, "mingda")


def _changed(file: Path) -> None:
    """One digit of one row, as a disk would: the structure stays whole."""
    raw = file.read_bytes()
    place = raw.rindex(b"tongbao-demo" if file.name == DESK else b"mingda")
    file.write_bytes(raw[:place] + bytes((raw[place] ^ 1,)) + raw[place + 1 :])


def test_a_value_that_changed_while_the_node_was_stopped_is_noticed(home: Path) -> None:
    with node(home) as up:
        pay(up, "mingda")
        assert up.read_model.wait_for(up.application.tip.height, 20)
    _changed(home / LISTS)
    with node(home) as up:  # lists are made again
        assert up.read_model.wait_for(up.application.tip.height, 20)
        page = SqlQueries(up.read_model).records.list_rows(Viewer.node(), "party", {}, limit=100)
        assert "mingda" in {row["party"] for row in page.items}
    _changed(home / DESK)
    with pytest.raises(DamagedDatabase, match="changed while the node was stopped"), node(home):
        pass


def test_a_node_that_was_killed_finds_its_databases_as_they_are(home: Path) -> None:
    with node(home) as up:
        pay(up, "mingda")
        shutil.copytree(home, home.with_name("killed"))
    check_kept(home.with_name("killed"))


def test_no_backup_is_made_of_a_damaged_desk(home: Path, tmp_path: Path) -> None:
    with node(home) as up:
        application = up.application
        other_home = tmp_path / "other"
        other_home.mkdir()
        with closing(sqlite3.connect(other_home / DESK)) as other:
            other.execute("CREATE TABLE one (two TEXT)")
            other.executemany("INSERT INTO one VALUES (?)", [("x" * 500,)] * 500)
            other.commit()
        _scribbled(other_home / DESK)
        with pytest.raises(BackupFault, match=DESK):
            make_backup(application, NodeHome(other_home), tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_folder_that_never_had_a_desk_is_no_damage(tmp_path: Path) -> None:
    check_kept(tmp_path)


def test_lists_that_a_reader_finds_broken_are_made_again_while_the_node_runs(home: Path) -> None:
    with node(home) as up:
        pay(up, "mingda")
        lists = up.read_model
        assert lists.wait_for(up.application.tip.height, 20)
        with lists.engine.connect() as one:
            one.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        lists.engine.dispose()
        file = NodeHome(home).readmodel_file
        size = file.stat().st_size
        with file.open("r+b") as open_file:
            open_file.seek(4_096)
            open_file.write(b"\xff" * (size - 4_096))
        with pytest.raises(DatabaseError):
            SqlQueries(lists).records.list_rows(Viewer.node(), "party", {}, limit=10)
        until = time.monotonic() + 20
        while not lists.remade or lists.height < up.application.tip.height:
            assert time.monotonic() < until
            time.sleep(0.02)
        assert SqlQueries(lists).records.list_rows(Viewer.node(), "party", {}, limit=10).items


def test_a_genesis_that_is_gone_beside_a_ledger_is_named(home: Path) -> None:
    with node(home):
        pass
    (home / "genesis.json").unlink()
    with pytest.raises(DamagedFile, match=r"genesis\.json is missing"), node(home):
        pass
    with pytest.raises(DamagedFile, match=r"genesis\.json is missing.*ledger"):
        founding.set_up(home)
