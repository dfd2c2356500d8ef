"""A small disk of one node, in memory, that can be filled up."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

BALLAST = "ballast-of-the-test"
PIECE = bytes(1_048_576)


class SmallDisk:
    """A folder on a file system of its own."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        """Put what the folder holds onto a small tmpfs in its place. Raises OSError."""
        self.folder = folder
        held = folder.with_name(folder.name + ".held")
        folder.rename(held)
        folder.mkdir(mode=0o700)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            folder.rmdir()
            held.rename(folder)
            raise OSError(f"no small disk: {done.stderr.strip()}")
        shutil.copytree(held, folder, dirs_exist_ok=True)
        shutil.rmtree(held)

    def fill(self) -> None:
        """Leave no byte free."""
        with (self.folder / BALLAST).open("wb", buffering=0) as ballast:
            for piece in (PIECE, PIECE[:4096], b"x"):
                try:
                    while ballast.write(piece) == len(piece):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Give the room back."""
        (self.folder / BALLAST).unlink(missing_ok=True)

    def close(self) -> None:
        """Unmount, once nothing runs in it any more."""
        for _ in range(50):
            if subprocess.run(["umount", str(self.folder)], capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True, check=False)


def small_disk(folder: Path, megabytes: int) -> SmallDisk | None:
    """A small disk, or None where this machine does not let us mount one."""
    if os.geteuid():
        return None
    try:
        return SmallDisk(folder, megabytes)
    except OSError:
        return None
