"""Backups of a node of a chain of its own: made while it runs, trusted by their digests and root.

    manifest.json     what it is of, and the SHA-256 of every other file
    state/            the state at one height, as in a snapshot
    blocks, index     every block record and index row up to that height
    home/             genesis, limits, files, the desk's database, keys (encrypted, by choice)

Lists are not in it: they are made again. Everything that was acknowledged before the backup began
is in it. The desk's database is copied before the ledger: a batch that it does not know of yet as
settled is found settled by its name. docs/decisions/sign-state.md has what restoring may do.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import msgspec

from tongbao import _core
from tongbao.files import make_private, sync_folder, sync_tree, write_private
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.genesis import Genesis, read_genesis
from tongbao.kernel.wording import Text, WordedFault, message
from tongbao.modules import protocols
from tongbao.node.application import Application
from tongbao.node.clock import utc_ms
from tongbao.node.home import NodeHome
from tongbao.node.index import LOCATION_PREFIX
from tongbao.node.opening import found_ledger, open_application
from tongbao.node.signed import LastSigned, signed_on_machine
from tongbao.node.snapshot import CHUNK_BYTES, continue_chain, export_snapshot

FORMAT = "tongbao.backup/1"
MANIFEST = "manifest.json"
DATABASES = ("desk.db", "idempotency.db", "bank-messages.db")
KEYS = ("wallet", "validator.pem", "node_key.pem", "node_key.json")
OTHERS = ("genesis.json", "origin", "files", "limits.toml", "access.jsonl", "oidc.toml")
PAGE = 10_000
PORTION_BYTES = 8 * 1_048_576
"""So much of blocks and index is in memory at once."""
K = TypeVar("K")


class BackupFault(WordedFault):
    """A backup cannot be made, or is not to be trusted, or is not to be restored like this."""


class DamagedBackup(BackupFault):
    """A file of the backup is not as it was written: nothing of it is put back."""


class LossFault(BackupFault):
    """What was acknowledged after the backup would be lost, and nobody has accepted that."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup is of."""

    chain: str
    genesis: str
    height: int
    root: bytes
    made_at_ms: int
    keys: bool
    """Whether the validator's and the wallet's keys are in it."""
    files: dict[str, str]
    """SHA-256 of each file by its path, hex."""
    format: str = FORMAT


# ---- making --------------------------------------------------------------------------------------


def make_backup(app: Application, home: NodeHome, folder: Path, *, keys: bool = True) -> Manifest:
    """Write a backup into a new folder; the ledger may go on meanwhile."""
    if folder.exists():
        raise BackupFault("{folder} exists: a backup is made in a new folder", folder=folder)
    if folder.resolve().is_relative_to(home.path.resolve()):
        raise BackupFault(
            "{folder} lies in the node's own folder, and is lost with it: choose another"
            " place, best on another disk",
            folder=folder,
        )
    making = folder.with_name(folder.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    _copy_home(home, making / "home", keys=keys)
    frozen, tip = app.state.frozen(), app.tip
    while frozen.height != tip.height:  # a block came in between
        frozen, tip = app.state.frozen(), app.tip
    frozen.export_snapshot(str(making / "state"), CHUNK_BYTES)
    _write_rows(making / "blocks", _blocks(app, frozen.height))
    _write_rows(making / "index", _index(app, frozen.height))
    files = {str(one.relative_to(making)): _digest(one) for one in _files(making)}
    made = Manifest(
        app.genesis.chain, app.genesis.digest(), frozen.height, frozen.root, utc_ms(), keys, files
    )
    write_private(making / MANIFEST, msgspec.json.format(msgspec.json.encode(made), indent=2))
    make_private(making)
    sync_tree(making)
    making.rename(folder)
    sync_folder(folder.parent)
    return made


def _copy_home(home: NodeHome, target: Path, *, keys: bool) -> None:
    target.mkdir(mode=0o700)
    for name in DATABASES:
        if (home.path / name).exists():
            _copy_database(home.path / name, target / name)
    for name in OTHERS + (KEYS if keys else ()):
        one = home.path / name
        if one.is_dir():
            shutil.copytree(one, target / name)
        elif one.exists():
            shutil.copy2(one, target / name)
    make_private(target)


def _copy_database(path: Path, target: Path) -> None:
    """One that is damaged ends the backup: it would take the place of a copy that is whole."""
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as fault:
        raise BackupFault("{path} cannot be copied: {fault}", path=path, fault=fault) from fault
    if found != "ok":
        raise BackupFault(
            "{path} is damaged ({found}): no backup is made of it", path=path, found=found
        )


def _blocks(app: Application, height: int) -> Iterator[tuple[bytes, bytes]]:
    """The newest first: with it and the state a store begins."""
    for at in range(height, app.genesis.founding_height - 1, -1):
        raw = app.state.block(at)
        if raw is not None:  # of a node that forgets old blocks, not all are there
            yield at.to_bytes(8, "big"), raw


def _index(app: Application, height: int) -> Iterator[tuple[bytes, bytes]]:
    after: bytes | None = None
    while rows := app.state.index_scan(b"", after, PAGE):
        for key, value in rows:
            later = key[:1] == LOCATION_PREFIX and int.from_bytes(value[:8], "big") > height
            if not later:
                yield key, value
        after = rows[-1][0]


def _write_rows(path: Path, rows: Iterator[tuple[bytes, bytes]]) -> None:
    with path.open("wb") as file:
        for key, value in rows:
            file.write(len(key).to_bytes(4, "big") + key + len(value).to_bytes(4, "big") + value)
        file.flush()
        os.fsync(file.fileno())


def _read_rows(path: Path) -> Iterator[tuple[bytes, bytes]]:
    with path.open("rb") as file:
        while head := file.read(4):
            key = file.read(int.from_bytes(head, "big"))
            yield key, file.read(int.from_bytes(file.read(4), "big"))


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if one.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---- restoring -----------------------------------------------------------------------------------


def read_backup(folder: Path) -> Manifest:
    """The manifest of a backup every file of which is as it was written."""
    try:
        made = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise BackupFault(
            "{folder} holds no {manifest}: not a backup", folder=folder, manifest=MANIFEST
        ) from fault
    except OSError as fault:
        raise BackupFault(
            "{folder} cannot be read: {strerror}", folder=folder / MANIFEST, strerror=fault.strerror
        ) from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise DamagedBackup(
            "{folder} was altered ({fault}). {another}",
            folder=folder / MANIFEST,
            fault=fault,
            another=Text(ANOTHER),
        ) from fault
    if made.format != FORMAT:
        raise BackupFault(
            "{folder}: unknown format {format}", folder=folder / MANIFEST, format=made.format[:40]
        )
    there = {str(one.relative_to(folder)) for one in _files(folder)} - {MANIFEST}
    for name in sorted(set(made.files) - there):
        raise DamagedBackup(
            "{folder} is missing. {another}", folder=folder / name, another=Text(ANOTHER)
        )
    for name in sorted(there - set(made.files)):
        raise DamagedBackup(
            "{folder} does not belong to the backup: remove it", folder=folder / name
        )
    for name, digest in made.files.items():
        if _digest(folder / name) != digest:
            raise DamagedBackup(
                "{folder} was altered. {another}", folder=folder / name, another=Text(ANOTHER)
            )
    return made


ANOTHER = message("Take another copy of this backup, or an older backup")


class Restored(msgspec.Struct, frozen=True):
    """What was put back."""

    made: Manifest
    chain: str
    """What the chain is called from here on."""
    lost: int
    """Blocks that were signed after the backup and are given up; -1 where nobody knows."""


def restore(
    folder: Path, path: Path, *, accept_loss: bool = False, newest: bool = False
) -> Restored:
    """Put a backup into a new folder, whole or not at all.

    BackupFault where blocks that were signed after it would be lost, or may be, and nobody has
    stated so: `newest` is the operator's word that there are none, `accept_loss` gives them up, and
    then the chain goes on under a new name.
    """
    made = read_backup(folder)
    if path.exists() and any(path.iterdir()):
        raise BackupFault(
            "{path} is not empty: move it away first; nothing is put over it", path=path
        )
    genesis = read_genesis((folder / "home" / "genesis.json").read_bytes())
    lost = _lost(made, signed_on_machine(genesis, genesis.validators[0].public), newest)
    if lost and not accept_loss:
        raise _loss(made, lost)
    making = path.absolute().with_name(path.absolute().name + ".restoring")
    shutil.rmtree(making, ignore_errors=True)
    shutil.copytree(folder / "home", making)
    _make_ledger(folder, made, making / "ledger")
    if lost:
        genesis = _go_on(NodeHome(making), genesis, made)
    make_private(making)
    sync_tree(making)
    if path.exists():
        path.rmdir()
    making.rename(path.absolute())
    sync_folder(path.absolute().parent)
    return Restored(made, genesis.chain, lost)


def _lost(made: Manifest, signed: LastSigned | None, newest: bool) -> int:
    if signed is None:
        return 0 if newest else -1
    return max(0, signed.height - made.height)


def _loss(made: Manifest, lost: int) -> LossFault:
    if lost < 0:
        return LossFault(
            "this machine does not know what was signed after block {height} of {chain}: say"
            " --newest where surely nothing was (the node was stopped before the backup), or"
            " --accept-loss to give up what may have been acknowledged since and go on under a new"
            " chain name",
            height=made.height, chain=made.chain,
        )  # fmt: skip
    return LossFault(
        "the key of this backup signed {count} blocks of {chain} after block {height}: restore a"
        " newer backup, or give up with --accept-loss what was acknowledged in them and go on under"
        " a new chain name",
        count=lost, chain=made.chain, height=made.height,
    )  # fmt: skip


def _make_ledger(folder: Path, made: Manifest, ledger: Path) -> None:
    """State and newest block first, then, a portion at a time, what is as large as the chain."""
    older = _read_blocks(folder)
    height, newest = next(older, (-1, b""))
    if height != made.height or BlockRecord.decode(newest).app_hash != made.root:
        raise BackupFault("{folder}: the newest block is not of the state beside it", folder=folder)
    try:
        state = _core.State.import_snapshot(
            str(ledger), str(folder / "state"), made.root, made.height, [(made.height, newest)]
        )
        for blocks in _portions(older):
            state.annotate([], blocks)
        for rows in _portions(_read_rows(folder / "index")):
            state.annotate(rows)
        state.close()
    except ValueError as fault:
        raise BackupFault("{folder}: {fault}", folder=folder, fault=fault) from fault


def _portions(rows: Iterator[tuple[K, bytes]]) -> Iterator[list[tuple[K, bytes]]]:
    portion: list[tuple[K, bytes]] = []
    size = 0
    for row in rows:
        portion.append(row)
        size += len(row[1])
        if size >= PORTION_BYTES or len(portion) >= PAGE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _read_blocks(folder: Path) -> Iterator[tuple[int, bytes]]:
    for key, raw in _read_rows(folder / "blocks"):
        yield int.from_bytes(key, "big"), raw


def _go_on(home: NodeHome, genesis: Genesis, made: Manifest) -> Genesis:
    """The chain goes on from the backup's state under its next name; the old ledger ends there."""
    name, now = next_name(genesis.chain), utc_ms()
    if made.height == genesis.founding_height:
        following = msgspec.structs.replace(genesis, chain=name, time_ms=now)
    else:
        shutil.rmtree(home.origin, ignore_errors=True)
        app = open_application(home.path, protocols())
        export_snapshot(app, home.origin)
        app.state.close()
        none = msgspec.Raw(b"[]")
        following = continue_chain(
            home.origin, name, genesis.validators, now, none, protocols()
        )  # fmt: skip
    shutil.rmtree(home.ledger)
    for name_of_old in DATABASES:  # they are of the old chain: kept, and not gone on with
        old = home.path / name_of_old
        if old.exists():
            old.rename(old.with_name(f"{old.stem}-{genesis.chain}{old.suffix}"))
    write_private(home.genesis_file, following.encode())
    if following.before is None:
        found_ledger(home, protocols())
    return following


def next_name(chain: str) -> str:
    """The name after a chain's: its last number plus one, or `-2` behind it."""
    found = re.fullmatch(r"(.*?)(\d{1,6})", chain)
    return f"{found[1]}{int(found[2]) + 1}" if found else f"{chain}-2"
