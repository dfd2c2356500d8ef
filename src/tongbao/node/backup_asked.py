"""Backups of a running node: who owns its folder asks by a file in it, and reads the answer there.

The store is open in the node's process alone, and no address of the network should be able to have
the node write files: so a file in the folder that only its owner may write is the way to ask.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import msgspec
import structlog

from tongbao.node.application import Application
from tongbao.node.backup import BackupFault, Manifest, make_backup
from tongbao.node.home import NodeHome, write_private

log = structlog.get_logger(__name__)
POLL_S = 0.2
ASKED, ANSWERED = "backup.asked", "backup.answered"
GIVE_UP_S = 3_600.0


class Asked(msgspec.Struct, frozen=True):
    """A backup that somebody wants."""

    folder: str
    keys: bool
    number: int


class Answered(msgspec.Struct, frozen=True):
    """What became of it."""

    number: int
    fault: str = ""
    made: Manifest | None = None


class BackupsAsked:
    """Looks for such a file and makes the backup, in a thread of its own."""

    def __init__(self, app: Application, home: NodeHome) -> None:
        """For a node's ledger and folder."""
        self._app, self._home = app, home
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def start(self) -> None:
        """Begin to look; what was asked of an earlier process is forgotten."""
        (self._home.path / ASKED).unlink(missing_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no longer; a backup that is being made is finished."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        file = self._home.path / ASKED
        while not self._stopping.wait(POLL_S):
            if file.exists():
                self._answer(file)

    def _answer(self, file: Path) -> None:
        try:
            asked = msgspec.json.decode(file.read_bytes(), type=Asked)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            file.unlink(missing_ok=True)
            return
        try:
            made = make_backup(self._app, self._home, Path(asked.folder), keys=asked.keys)
            answer = Answered(asked.number, made=made)
            log.info("backup.made", folder=asked.folder, height=made.height)
        except Exception as fault:  # told to who asked; the node works on
            answer = Answered(asked.number, fault=str(fault) or type(fault).__name__)
            log.warning("backup.failed", folder=asked.folder, error=str(fault))
        file.unlink(missing_ok=True)
        write_private(self._home.path / ANSWERED, msgspec.json.encode(answer))


def ask_for_backup(home: NodeHome, folder: Path, *, keys: bool) -> Manifest:
    """Have the node that runs in a folder make a backup; BackupFault where it cannot."""
    number, answer = time.time_ns(), home.path / ANSWERED
    asked = Asked(str(folder.absolute()), keys, number)
    write_private(home.path / ASKED, msgspec.json.encode(asked))
    until = time.monotonic() + GIVE_UP_S
    while time.monotonic() < until:
        time.sleep(POLL_S / 2)
        if not answer.exists():
            continue
        try:
            given = msgspec.json.decode(answer.read_bytes(), type=Answered)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            continue
        if given.number == number:
            answer.unlink(missing_ok=True)
            if given.made is None:
                raise BackupFault(given.fault)
            return given.made
    raise BackupFault("the node did not answer")
