"""Files that hold payments or secrets: readable by their owner alone (0600)."""

from __future__ import annotations

import os
import re
from pathlib import Path

_KIND = re.compile(r"(.*?)((?:\.pain\.002|\.camt\.054)?\.[^.]*|)")


def write_private(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all, readable by its owner alone."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def free_place(path: Path, content: bytes) -> Path:
    """Where an answer goes: the path itself, unless another answer stands there that tells of
    settled payments; then the next free `<name>.2.<kind>`, so that no good answer is lost."""
    place, number = path, 1
    while _stays(place, content):
        number += 1
        found = _KIND.fullmatch(path.name)
        name, kind = found.groups() if found else (path.name, "")
        place = path.with_name(f"{name}.{number}{kind}")
    return place


def _stays(place: Path, content: bytes) -> bool:
    try:
        there = place.read_bytes()
    except OSError:
        return False
    return there != content and (b">ACSC<" in there or b"BkToCstmrDbtCdtNtfctn" in there)
