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

from tongbao.files import write_private
from tongbao.node.application import Application
from tongbao.node.backup import BackupFault, Manifest, make_backup
from tongbao.node.home import NodeHome
from tongbao.node.presence import running_in

log = structlog.get_logger(__name__)
POLL_S = 0.2
ASKED, ANSWERED = ".backup-asked", ".backup-answered"
"""Each question has files of its own, so that two who ask at once do not meet."""


class Asked(msgspec.Struct, frozen=True):
    """A backup that somebody wants."""

    folder: str
    keys: bool


class Answered(msgspec.Struct, frozen=True):
    """What became of it."""

    fault: str = ""
    made: Manifest | None = None


class BackupsAsked:
    """Looks for such files and makes the backups, in a thread of its own."""

    def __init__(self, app: Application, home: NodeHome) -> None:
        """For a node's ledger and folder."""
        self._app, self._home = app, home
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def start(self) -> None:
        """Begin to look; what was asked of an earlier process is forgotten."""
        for kind in (ASKED, ANSWERED):
            for file in self._home.path.glob(f"*{kind}"):
                file.unlink(missing_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no longer; a backup that is being made is finished."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(POLL_S):
            for file in sorted(self._home.path.glob(f"*{ASKED}")):
                try:
                    self._answer(file)
                except OSError as fault:  # a full disk; the next one may find room
                    log.error("backup.unanswered", file=str(file), error=str(fault))

    def _answer(self, file: Path) -> None:
        try:
            asked = msgspec.json.decode(file.read_bytes(), type=Asked)
        except FileNotFoundError:
            return  # whoever asked waits no longer
        except (msgspec.DecodeError, UnicodeDecodeError):
            file.unlink(missing_ok=True)
            return
        try:
            made = make_backup(self._app, self._home, Path(asked.folder), keys=asked.keys)
            answer = Answered(made=made)
            log.info("backup.made", folder=asked.folder, height=made.height)
        except Exception as fault:  # shown to who asked; the node works on
            answer = Answered(fault=str(fault) or type(fault).__name__)
            log.warning("backup.failed", folder=asked.folder, error=str(fault))
        try:
            write_private(file.with_suffix(ANSWERED), msgspec.json.encode(answer))
        finally:
            file.unlink(missing_ok=True)


def ask_for_backup(home: NodeHome, folder: Path, *, keys: bool) -> Manifest:
    """Have the node that runs in a folder make a backup, and wait for it as long as it runs.

    BackupFault where it cannot, or ends before it has answered.
    """
    asked = home.path / f"{time.time_ns()}{ASKED}"
    answer = asked.with_suffix(ANSWERED)
    write_private(asked, msgspec.json.encode(Asked(str(folder.absolute()), keys)))
    try:
        while True:
            # Looked at before the answer, which may be the last that the node does.
            awaited = asked.exists() and running_in(home.path) is not None
            if answer.exists():
                given = msgspec.json.decode(answer.read_bytes(), type=Answered)
                break
            if not awaited:
                raise BackupFault(
                    "the node ended, or could not write its answer, before the backup was whole:"
                    " run the command again, also while the node is stopped"
                )
            time.sleep(POLL_S / 2)
    finally:
        asked.unlink(missing_ok=True)
        answer.unlink(missing_ok=True)
    if given.made is None:
        raise BackupFault("{fault}", fault=given.fault)
    return given.made
