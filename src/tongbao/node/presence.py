"""Whether a node runs in a folder: `node.json` stands there, and the node's process holds its lock.

A process id alone says little: after a power cut another process may have it, and in a container
every node is process 1. The system lets go of the lock as the process ends, however it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Any

import msgspec

FILE = "node.json"


class Presence:
    """The `node.json` of the node in this process."""

    def __init__(self, folder: Path, reply: dict[str, Any]) -> None:
        """Say that a node runs, and how to reach it: whole, and locked before others see it."""
        self._path = folder / FILE
        draft = folder / f"{FILE}.new"
        draft.unlink(missing_ok=True)
        self._file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):  # a file system without locks: the process id is left
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(self._file, msgspec.json.encode(reply))
        draft.replace(self._path)

    def __enter__(self) -> Presence:
        """It runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """It runs no longer."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def running_in(folder: Path) -> dict[str, Any] | None:
    """What a node that runs in a folder says of itself, or None where none runs.

    PermissionError where the folder is somebody else's.
    """
    try:
        with (folder / FILE).open("rb") as file:
            reply = msgspec.json.decode(file.read(), type=dict[str, Any])
            return reply if _held(file.fileno(), int(reply["pid"])) else None
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError, KeyError, ValueError,
            TypeError, OverflowError):  # fmt: skip
        return None


def _held(file: int, pid: int) -> bool:
    """Whether the process that wrote it is there; by its id where files cannot be locked."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return pid != os.getpid()
    return False
