"""A power cut: what the disk holds of a store at one instant, whole or with a torn last write."""

from __future__ import annotations

import random
from pathlib import Path
from typing import NamedTuple

JOURNAL = ".jnl"


class Content(NamedTuple):
    """A file: its bytes without the zeros at its end, and its size with them."""

    written: bytes
    size: int


Image = dict[Path, Content]


def take_image(folder: Path) -> Image:
    """What the disk holds of a folder at this instant."""
    while True:
        before = _stamps(folder)
        image = {name: _read(folder / name) for name in before}
        if _stamps(folder) == before:
            return image


def _stamps(folder: Path) -> dict[Path, tuple[int, int]]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder): (path.stat().st_size, path.stat().st_mtime_ns) for path in files
    }


def _read(path: Path) -> Content:
    content = path.read_bytes()
    return Content(content.rstrip(b"\0"), len(content))


def put_image(folder: Path, image: Image) -> None:
    """Write an image into a folder that does not exist."""
    for name, content in image.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content.written)
            file.truncate(content.size)


def torn_image(rng: random.Random, before: Image, after: Image) -> Image:
    """`before`, with only a first part of what a commit then wrote to the journal.

    The store syncs its journal before it touches anything else, so a commit that was torn changed
    the journal alone. Where more than that changed, the commit was not torn.
    """
    changed = [name for name in after if before.get(name) != after[name]]
    journals = [name for name in changed if name.suffix == JOURNAL and name in before]
    rest = [name for name in changed if name not in journals and len(name.parts) > 1]
    if len(journals) != 1 or rest:
        return after
    victim = journals[0]
    old, new = before[victim], after[victim]
    whole = len(new.written)
    cut = rng.choice((whole, rng.randint(_common(old.written, new.written), whole)))
    kept = new.written[:cut] + old.written[cut:]
    return {**before, victim: Content(kept, max(old.size, new.size))}


def _common(old: bytes, new: bytes) -> int:
    """Length of the longest common prefix."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
