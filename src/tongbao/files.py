"""Files at rest: readable by their owner alone, whole or not there, durable once written."""

from __future__ import annotations

import os
from pathlib import Path

STATE_VARIABLE = "TONGBAO_STATE"


def write_private(path: Path, content: bytes, *, new: bool = False) -> None:
    """Write a file that only its owner may read (0600), whole or not at all, whatever happens.

    It is durable once this returns. With `new`, FileExistsError where the file is there already.
    """
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if new:
            os.link(draft, path)
            draft.unlink()
        else:
            draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make durable which files a folder holds: a new name may be gone after a power cut else.

    Of a file, what stands in it.
    """
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sync_tree(folder: Path) -> None:
    """Make durable all that was written below a folder, and under which names."""
    for one in (folder, *folder.rglob("*")):
        sync_folder(one)


def make_private(folder: Path) -> None:
    """Folders 0700 and files 0600, as who copied them would not have it."""
    folder.chmod(0o700)
    for one in folder.rglob("*"):
        one.chmod(0o700 if one.is_dir() else 0o600)


def state_folder() -> Path:
    """Where this machine remembers what its keys signed, and who has logged in."""
    chosen = os.environ.get(STATE_VARIABLE)
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_STATE_HOME") or str(Path("~/.local/state").expanduser())
    return Path(base) / "tongbao"
