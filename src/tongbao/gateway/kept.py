"""The databases that no block can make again: the desk's and that of Idempotency-Keys.

A node looks at both before it opens anything: what is damaged or gone is shown with what it held,
and no empty one takes its place by itself. `kept.json` beside them says that they were there, and
holds their SHA-256 while the node is stopped: SQLite sees a broken structure, and not a value that
a disk has changed. The lists stand in it too; those that were changed are made again.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import structlog

from tongbao.files import write_private
from tongbao.kernel.wording import Text, message
from tongbao.node.home import DamagedFile

log = structlog.get_logger(__name__)
DESK, KEYS, LISTS = "desk.db", "idempotency.db", "readmodel.db"
MARK = "kept.json"
CHECKED_BYTES = 256 * 1_048_576
"""Files up to this size are looked through as a node starts and ends: a second or less."""
_HELD = {
    DESK: message(
        "uploaded payment files with their approvals and signatures, and the limits of approvers."
        " What was paid stands in the ledger"
    ),
    KEYS: message(
        "which bytes each Idempotency-Key came with. No payment is in it, and the ledger still"
        " takes each (party, reference) once"
    ),
}  # fmt: skip
"""What each holds."""


class DamagedDatabase(DamagedFile):
    """A database that cannot be made again is damaged or gone."""

    def __init__(self, path: Path, why: str) -> None:
        """`why` in SQLite's words; empty for a file that is missing."""
        what = Text("damaged or cannot be read ({why:word})", why=why) if why else Text("missing")
        super().__init__(
            "{path} is {what}. It held {held:word}. Put back its newest copy (a backup holds one),"
            " or move away what is left of it to begin with an empty one; then remove {mark}",
            path=path, what=what, held=_HELD[path.name], mark=path.parent / MARK,
        )  # fmt: skip


def check_kept(folder: Path) -> None:
    """DamagedDatabase where one of a node's folder is not as it was left. Changes nothing."""
    known = _marked(folder)
    for path in (folder / DESK, folder / KEYS):
        if not path.exists():
            if path.name in known:
                raise DamagedDatabase(path, "")
        elif path.stat().st_size == 0 and path.name in known:
            raise DamagedDatabase(path, "it is empty")
        else:
            _look_through(path)
            if not _as_sealed(path, known):
                raise DamagedDatabase(path, CHANGED)


CHANGED = "it was changed while the node was stopped"


def open_kept(folder: Path) -> None:
    """Before the databases are opened, by who has the ledger open: they will change from now on."""
    known, lists = _marked(folder), folder / LISTS
    if lists.exists() and not _as_sealed(lists, known):
        aside = lists.with_name(f"{LISTS}.altered")
        lists.replace(aside)
        log.warning("readmodel.remade", meaning=f"{lists}: {CHANGED}; put aside, and made again")
    _write(folder, dict.fromkeys(known, ""))


def mark_kept(folder: Path) -> None:
    """Once the databases are made: remember that."""
    _write(folder, {name: "" for name in (DESK, KEYS, LISTS) if (folder / name).exists()})


def seal_kept(folder: Path) -> None:
    """Once they are closed: remember what stands in them."""
    known = _marked(folder)
    _write(folder, {name: _digest(folder / name) for name in known if (folder / name).exists()})


def _write(folder: Path, known: dict[str, str]) -> None:
    if known != _marked(folder):
        write_private(folder / MARK, msgspec.json.encode(known))


def _marked(folder: Path) -> dict[str, str]:
    """What the mark names; one that is damaged says as little as none, and is written again."""
    try:
        return msgspec.json.decode((folder / MARK).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _as_sealed(path: Path, known: dict[str, str]) -> bool:
    sealed = known.get(path.name, "")
    return not sealed or _digest(path) in ("", sealed)


def _digest(path: Path) -> str:
    """Empty where the file is large, or part of it still stands in the log beside it."""
    beside = path.with_name(f"{path.name}-wal")
    if path.stat().st_size > CHECKED_BYTES or (beside.exists() and beside.stat().st_size):
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _look_through(path: Path) -> None:
    """Opened as the node will, so that what stands in a log beside the file counts."""
    try:
        with closing(sqlite3.connect(path, timeout=10)) as base:
            small = path.stat().st_size <= CHECKED_BYTES
            what = "quick_check(1)" if small else "schema_version"
            found = base.execute(f"PRAGMA {what}").fetchone()[0]
    except sqlite3.DatabaseError as fault:
        if fault.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return  # whoever has it open says so
        raise DamagedDatabase(path, str(fault)[:200]) from fault
    if small and found != "ok":
        raise DamagedDatabase(path, " ".join(str(found).split())[:200])
