"""Backups while a node works, and what restoring them may do."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from tests.node.test_signed import founded, home, machine, node, pay, worked

from tongbao.cli.main import run
from tongbao.gateway.bounds.limits_file import read_limits
from tongbao.modules import protocols
from tongbao.node import backup
from tongbao.node.audit import audit
from tongbao.node.backup import BackupFault, DamagedBackup, make_backup, read_backup, restore
from tongbao.node.home import NodeHome
from tongbao.node.opening import open_application
from tongbao.paymentfiles.banking.book import FILE as BANK_BOOK

__all__ = ["founded", "home", "machine"]


def posted(path: Path, account: str = "mingda/main") -> int:
    app = open_application(path, protocols())
    held = app.view().holding(account, "CNY")
    assert held is not None and not audit(app).findings
    app.state.close()
    return held.posted


def test_what_was_acknowledged_before_a_backup_began_is_in_it_while_the_node_works(
    home: Path, tmp_path: Path
) -> None:
    stop = threading.Event()
    with node(home) as up:
        pay(up, "mingda")
        before = up.application.tip.height

        def work() -> None:
            while not stop.is_set():
                pay(up, "yuntu")

        worker = threading.Thread(target=work)
        worker.start()
        try:
            made = make_backup(up.application, NodeHome(home), tmp_path / "backup")
        finally:
            stop.set()
            worker.join()
        newest = up.application.tip.height
    assert before <= made.height <= newest
    shutil.rmtree(tmp_path / "machine")
    shutil.rmtree(home)
    restore(tmp_path / "backup", home, newest=True)
    assert posted(home) > 0
    with node(home) as up:
        pay(up, "mingda")


def test_a_restored_ledger_is_written_a_portion_at_a_time_and_is_whole(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with node(home) as up:
        pay(up, *["mingda", "yuntu"] * 6)
        make_backup(up.application, NodeHome(home), tmp_path / "backup")
        tip = up.application.tip.height
        blocks = [up.application.state.block(height) for height in range(tip + 1)]
        index = up.application.state.index_scan(b"", None, 1_000)
    monkeypatch.setattr(backup, "PORTION_BYTES", 2_000)
    restore(tmp_path / "backup", tmp_path / "restored")
    app = open_application(tmp_path / "restored", protocols())
    assert [app.state.block(height) for height in range(tip + 1)] == blocks
    assert app.state.index_scan(b"", None, 1_000) == index
    assert not audit(app).findings
    app.state.close()


def test_a_restore_reads_the_blocks_once_to_check_and_once_to_write(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with node(home) as up:
        pay(up, "mingda", "yuntu")
        make_backup(up.application, NodeHome(home), tmp_path / "backup")
    read: list[str] = []
    digest, rows = backup._digest, backup._read_rows
    monkeypatch.setattr(backup, "_digest", lambda path: read.append(path.name) or digest(path))
    monkeypatch.setattr(backup, "_read_rows", lambda path: read.append(path.name) or rows(path))
    assert (
        run(["--json", "restore", f"{tmp_path / 'backup'}", "--home", f"{tmp_path / 'new'}"]) == 0
    )
    assert read.count("blocks") == 2 and read.count("index") == 2


def test_what_an_operator_set_is_in_a_backup(home: Path, tmp_path: Path) -> None:
    (home / "limits.toml").write_text("waiting_reads = 7\n")
    with node(home) as up:
        make_backup(up.application, NodeHome(home), tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "restored")
    assert read_limits(tmp_path / "restored").waiting_reads == 7


def test_backups_of_every_age_are_restored_and_none_signs_a_height_twice(
    home: Path, tmp_path: Path
) -> None:
    heights = []
    with node(home) as up:
        for age in range(6):
            made = make_backup(up.application, NodeHome(home), tmp_path / f"backup-{age}")
            heights.append(made.height)
            pay(up, "mingda")
    newest = worked(home)
    for age, height in enumerate(heights):
        target = tmp_path / f"restored-{age}"
        with pytest.raises(BackupFault, match=f"{newest - height} blocks"):
            restore(tmp_path / f"backup-{age}", target)
        done = restore(tmp_path / f"backup-{age}", target, accept_loss=True)
        assert (done.chain, done.made.height, done.lost) == (
            "tongbao-demo-2", height, newest - height,
        )  # fmt: skip
        with node(target) as up:
            pay(up, "mingda")
            assert up.application.genesis.chain == "tongbao-demo-2"
            assert up.read_model.wait_for(up.application.tip.height, 20)


def test_the_newest_backup_of_a_stopped_node_goes_on_as_the_same_chain(
    home: Path, tmp_path: Path
) -> None:
    worked(home, "mingda")
    app = open_application(home, protocols())
    make_backup(app, NodeHome(home), tmp_path / "backup")
    app.state.close()
    shutil.rmtree(home)
    assert restore(tmp_path / "backup", home).lost == 0
    assert worked(home, "yuntu")


def test_another_machine_asks_what_was_signed_after_the_backup(home: Path, tmp_path: Path) -> None:
    worked(home, "mingda")
    app = open_application(home, protocols())
    make_backup(app, NodeHome(home), tmp_path / "backup", keys=False)
    app.state.close()
    shutil.rmtree(tmp_path / "machine")
    with pytest.raises(BackupFault, match="--newest"):
        restore(tmp_path / "backup", tmp_path / "other")
    restore(tmp_path / "backup", tmp_path / "other", newest=True)
    assert not (tmp_path / "other" / "validator.pem").exists()


def test_an_altered_missing_or_foreign_file_of_a_backup_is_named(
    home: Path, tmp_path: Path
) -> None:
    worked(home, "mingda")
    app = open_application(home, protocols())
    made = make_backup(app, NodeHome(home), tmp_path / "backup")
    app.state.close()
    for name in [*made.files, "manifest.json"]:
        file = tmp_path / "backup" / name
        assert file.stat().st_mode & 0o077 == 0
        whole = file.read_bytes()
        file.write_bytes(b"")
        if whole:
            with pytest.raises(BackupFault, match=Path(name).name):
                read_backup(tmp_path / "backup")
        file.unlink()
        with pytest.raises(BackupFault, match=Path(name).name):
            read_backup(tmp_path / "backup")
        file.write_bytes(whole)
    (tmp_path / "backup" / "home" / "more").touch()
    with pytest.raises(DamagedBackup, match=r"more.*remove it"):
        read_backup(tmp_path / "backup")
    with pytest.raises(BackupFault, match="not a backup"):
        read_backup(tmp_path / "nothing")
    with pytest.raises(BackupFault, match="own folder"):
        make_backup(app, NodeHome(home), home / "files" / "backup")


def test_a_bank_s_book_of_names_is_in_every_backup() -> None:
    assert BANK_BOOK in backup.DATABASES


def test_nothing_is_restored_over_a_folder_that_holds_anything(home: Path, tmp_path: Path) -> None:
    worked(home)
    app = open_application(home, protocols())
    make_backup(app, NodeHome(home), tmp_path / "backup")
    with pytest.raises(BackupFault, match="new folder"):
        make_backup(app, NodeHome(home), tmp_path / "backup")
    app.state.close()
    with pytest.raises(BackupFault, match="not empty"):
        restore(tmp_path / "backup", home)
