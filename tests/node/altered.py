"""One byte of a node's folder altered: who notices, and when; also while the node runs.

Each trial copies the folder of a node that was stopped in order, alters one byte of one file, and
opens it as a starting node does. What is not noticed then is read: every block, every receipt,
every place of a transaction; then comes the audit. A byte that nobody notices has to be one that
says nothing: everything that is read is as it was.
"""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tongbao import _core
from tongbao.kernel.codes import Refusal
from tongbao.kernel.registry import Registry
from tongbao.modules import installed
from tongbao.node.altered import StoreAltered
from tongbao.node.application import Application, StorageFault
from tongbao.node.audit import audit
from tongbao.node.home import HomeFault
from tongbao.node.index import digest_at
from tongbao.node.opening import open_application
from tongbao.node.scrub import scrub_now
from tongbao.node.verify import verify_newest

AT_START, ON_READING, BY_AUDIT = "at start", "on reading", "by the audit"
WHILE_OPEN, HARMLESS, UNNOTICED = "while open", "harmless", "UNNOTICED"
RECEIPTS_A_BLOCK = 20
NOTICED = (StorageFault, Refusal, ValueError, LookupError, AssertionError)


@dataclass(frozen=True)
class Trial:
    """One altered byte."""

    file: str
    """Path below the node's folder, numbers left out."""
    offset: int
    size: int
    """Of the file, zeros at its end left out."""
    noticed: str
    reply: str


def everything(app: Application) -> tuple[object, ...]:
    """All that the store gives: root, blocks, and of each block the first receipts and places."""
    blocks, receipts, places = [], [], []
    for height in range(app.state.height() + 1):
        record = app.block(height)
        assert record is not None, f"block {height} is missing"
        blocks.append(record)
        for position in range(min(len(record.transactions), RECEIPTS_A_BLOCK)):
            receipt = app.receipt(height, position)
            receipts.append(None if receipt is None else receipt.encode())
            places.append(app.locate(digest_at(record, position)))
    return app.state.root(), blocks, receipts, places


def opened(folder: Path) -> Application:
    """As a starting node opens it."""
    app = open_application(folder, Registry(installed()))
    try:
        verify_newest(app)
    except BaseException:
        app.state.close()
        raise
    return app


def files_of(folder: Path) -> list[Path]:
    """Every file with content that says what the ledger is."""
    found = [folder / "genesis.json", *sorted((folder / "ledger").rglob("*"))]
    return [path for path in found if path.is_file() and path.stat().st_size]


def trials(folder: Path, scratch: Path, count: int, seed: int) -> Iterator[Trial]:
    """`count` bytes altered, one after the other, every file in turn."""
    rng = random.Random(seed)
    app = opened(folder)
    truth = everything(app)
    # A benchmark's ledger has accounts that no genesis opened: its audit says so from the start.
    clean = not audit(app).findings
    app.state.close()
    files = files_of(folder)
    for number in range(count):
        file = files[number % len(files)]
        copy = scratch / f"trial-{number}"
        shutil.copytree(folder, copy)
        path = copy / file.relative_to(folder)
        size = _used(path)
        offset = rng.randrange(size)
        _alter(path, offset, rng.randrange(1, 256))
        noticed, reply = _who_notices(copy, truth, clean)
        shutil.rmtree(copy)
        named = re.sub(r"\d+", "#", str(file.relative_to(folder)))
        yield Trial(named, offset, size, noticed, reply)


def _used(path: Path) -> int:
    """Size without the zeros at the end: a journal is laid out long before it is written."""
    return max(1, len(path.read_bytes().rstrip(b"\0")))


def _alter(path: Path, offset: int, change: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        was = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([was ^ change]))


def _who_notices(folder: Path, truth: tuple[object, ...], clean: bool) -> tuple[str, str]:
    try:
        app = opened(folder)
    except (StorageFault, HomeFault, Refusal) as fault:  # for these alone a node ends in order
        return AT_START, str(fault)[:200]
    try:
        try:
            found = everything(app)
        except NOTICED as fault:
            return ON_READING, str(fault)[:200]
        findings = audit(app).findings if clean else ()
        if findings:
            return BY_AUDIT, findings[0].what[:200]
        return (HARMLESS, "") if found == truth else (UNNOTICED, "other content, no complaint")
    finally:
        app.state.close()


# ---- while the store is open -------------------------------------------------------------------


def filled(folder: Path, seed: int = 1) -> _core.State:
    """A store that is open, large enough that it has tables, value files and two journals."""
    state, dice = _core.State.open(str(folder)), random.Random(seed)
    for height in range(12):
        draft = state.draft()
        for _ in range(16_000):
            draft.put(dice.randbytes(24), dice.randbytes(200))
        index = [(dice.randbytes(33), dice.randbytes(12)) for _ in range(100)]
        state.commit(draft, [(height, dice.randbytes(4_000_000))], index)
    until = time.monotonic() + 20
    while not {"tables", "blobs"} <= {path.parent.name for path in _larger(folder)}:
        assert time.monotonic() < until, "the store writes no tables"
        time.sleep(0.1)
    return state


def _larger(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 10_000]


def watched_files(folder: Path) -> list[Path]:
    """What a running node reads again: all but the names of the key spaces and older lists."""
    rows = folder / "rows"
    files = [folder / "height", *_larger(folder)]
    for current in sorted(rows.glob("keyspaces/[1-9]/current")):
        number = int.from_bytes(current.read_bytes()[:8], "little")
        files += [current, current.with_name(f"v{number}")]
    return sorted(set(files))


def trials_while_open(state: _core.State, folder: Path, each: int, seed: int) -> Iterator[Trial]:
    """`each` bytes of every file altered, one after the other, and put back after each pass."""
    dice = random.Random(seed)
    for path in watched_files(folder):
        for _ in range(each):
            size = _used(path)
            offset, change = dice.randrange(size), dice.randrange(1, 256)
            _alter(path, offset, change)
            try:
                scrub_now(state)
                noticed, reply = UNNOTICED, ""
            except StoreAltered as altered:
                here = altered.place == str(path) or path.name.startswith("v")
                right = here and altered.offset <= offset
                noticed, reply = (WHILE_OPEN if right else UNNOTICED), str(altered)
            finally:
                _alter(path, offset, change)
            yield Trial(str(path.relative_to(folder)), offset, size, noticed, reply)
