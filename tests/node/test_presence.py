"""Who says that a node runs, and what becomes of a backup that a node was asked for and dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from tongbao.node import backup_asked
from tongbao.node.backup import BackupFault
from tongbao.node.backup_asked import BackupsAsked, ask_for_backup
from tongbao.node.home import NodeHome
from tongbao.node.presence import FILE, Presence, running_in

OTHER = """
import sys, time
from pathlib import Path
from tongbao.node.presence import Presence
with Presence(Path(sys.argv[1]), {"pid": int(sys.argv[2]), "url": "http://127.0.0.1:1"}):
    print("there", flush=True)
    time.sleep(60)
"""


def other(folder: Path, pid: int = 1) -> subprocess.Popen[bytes]:
    """Another process whose node runs in a folder."""
    words = [sys.executable, "-c", OTHER, str(folder), str(pid)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"there\n"
    return process


def test_a_node_runs_as_long_as_its_process_does(tmp_path: Path) -> None:
    assert running_in(tmp_path) is None
    with Presence(tmp_path, {"pid": os.getpid(), "url": "http://127.0.0.1:1"}):
        assert running_in(tmp_path) == {"pid": os.getpid(), "url": "http://127.0.0.1:1"}
        assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert running_in(tmp_path) is None and not (tmp_path / FILE).exists()


def test_a_node_that_was_killed_runs_no_more_whoever_has_its_process_id_now(
    tmp_path: Path,
) -> None:
    """In a container every node is process 1; after a power cut another process has the id."""
    process = other(tmp_path, os.getpid())
    try:
        assert running_in(tmp_path) is not None
    finally:
        process.kill()
        process.wait()
    assert (tmp_path / FILE).exists() and running_in(tmp_path) is None
    with Presence(tmp_path, {"pid": os.getpid()}):
        assert running_in(tmp_path) == {"pid": os.getpid()}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": "x"}', '{"pid": null}', "\x00"])
def test_what_is_no_word_of_a_node_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert running_in(tmp_path) is None


def test_whoever_asked_a_node_that_dies_for_a_backup_is_told_at_once(tmp_path: Path) -> None:
    process = other(tmp_path)
    timer = threading.Timer(0.5, process.send_signal, [signal.SIGKILL])
    timer.start()
    began = time.monotonic()
    with pytest.raises(BackupFault, match="the node ended"):
        ask_for_backup(NodeHome(tmp_path), tmp_path / "backup", keys=True)
    assert time.monotonic() - began < 10
    process.wait()
    assert [one.name for one in tmp_path.iterdir()] == [FILE]  # nobody is asked any more


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Folders of which backups were asked, each of which takes a while."""
    folders: list[str] = []

    def make(app: Any, home: NodeHome, folder: Path, *, keys: bool) -> Any:
        folders.append(folder.name)
        time.sleep(0.5)
        if folder.name == "bad":
            raise BackupFault("no room")
        return backup_asked.Manifest("c", "g", 1, b"", 0, keys, {folder.name: ""})

    monkeypatch.setattr(backup_asked, "make_backup", make)
    return folders


def test_two_who_ask_at_once_each_get_their_own_backup(tmp_path: Path, made: list[str]) -> None:
    home, reported = NodeHome(tmp_path), dict[str, object]()

    def ask(name: str) -> None:
        try:
            reported[name] = list(ask_for_backup(home, tmp_path / name, keys=False).files)
        except BackupFault as fault:
            reported[name] = str(fault)

    asked = BackupsAsked(SimpleNamespace(), home)  # type: ignore[arg-type]
    asked.start()
    with Presence(tmp_path, {"pid": os.getpid()}):
        askers = [threading.Thread(target=ask, args=(one,)) for one in ("one", "two", "bad")]
        for one in askers:
            one.start()
        for one in askers:
            one.join(20)
        asked.stop()
    assert reported == {"one": ["one"], "two": ["two"], "bad": "no room"}
    assert sorted(made) == ["bad", "one", "two"] and not list(tmp_path.iterdir())


def test_what_was_asked_of_an_earlier_process_is_forgotten(tmp_path: Path, made: list[str]) -> None:
    asked = msgspec.json.encode(backup_asked.Asked("late", keys=True))
    (tmp_path / f"1{backup_asked.ASKED}").write_bytes(asked)
    node = BackupsAsked(SimpleNamespace(), NodeHome(tmp_path))  # type: ignore[arg-type]
    node.start()
    time.sleep(3 * backup_asked.POLL_S)
    node.stop()
    assert made == [] and not list(tmp_path.iterdir())
