"""Snapshots: the whole state at one height, in chunks, with a manifest that proves the root.

The manifest carries the newest block with header and commit. That header names the state root, so
who trusts the genesis needs to trust nobody else: importing checks the commit, every chunk, then
the root over all rows.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.genesis import Genesis
from tongbao.node.application import Application

FORMAT = "tongbao.snapshot/1"
MANIFEST = "manifest.json"
CHUNK_BYTES = 8 * 1_048_576
MAX_MANIFEST_BYTES = 64 * 1_048_576


class SnapshotFault(Exception):
    """A snapshot cannot be made, or is not to be believed."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a snapshot is of, and what proves it."""

    chain: str
    genesis: str
    """Digest of the genesis, hex."""
    height: int
    app_hash: bytes
    chunks: tuple[bytes, ...]
    """SHA-256 of each chunk file, in order."""
    first: bytes
    """Record of block 0, encoded."""
    newest: bytes
    """Record of the block at `height`, encoded; its header names the state root."""
    format: str = FORMAT


def export_snapshot(app: Application, folder: Path) -> Manifest:
    """Write the newest state into a new folder."""
    record = app.block(app.tip.height)
    first = app.block(0)
    if record is None or first is None or record.height == 0:
        raise SnapshotFault("a chain without blocks has no snapshot: its genesis is one")
    header = _core.header_fields(record.header)
    if header["app_hash"] != app.state.root():
        raise SnapshotFault("the newest state is proven by the next block only: try after it")
    folder.mkdir(parents=True, exist_ok=False)
    chunks = app.state.export_snapshot(str(folder), CHUNK_BYTES)
    manifest = Manifest(
        app.genesis.chain, app.genesis.digest(), record.height, record.app_hash, tuple(chunks),
        first.encode(), record.encode(),
    )  # fmt: skip
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    return manifest


def import_snapshot(folder: Path, genesis: Genesis, ledger: Path) -> Manifest:
    """Make a new store from a snapshot that the validators of `genesis` vouch for."""
    manifest = _read(folder)
    if (manifest.chain, manifest.genesis) != (genesis.chain, genesis.digest()):
        raise SnapshotFault("the snapshot is of another genesis")
    try:
        record = BlockRecord.decode(manifest.newest)
        header = _core.header_fields(record.header)
        validators = [(v.public, v.power) for v in genesis.validators]
        _core.verify_commit(genesis.chain, record.header, record.commit, validators)
    except (ValueError, msgspec.DecodeError) as fault:
        raise SnapshotFault(f"the proving block: {fault}") from fault
    if (header["height"], header["app_hash"]) != (manifest.height, manifest.app_hash):
        raise SnapshotFault("the proving header is not for this height and root")
    for place, digest in enumerate(manifest.chunks):
        chunk = folder / f"chunk-{place:06d}"
        if not chunk.exists() or hashlib.sha256(chunk.read_bytes()).digest() != digest:
            raise SnapshotFault(f"{chunk.name} is missing or was altered")
    try:
        state = _core.State.import_snapshot(
            str(ledger), str(folder), manifest.app_hash, manifest.height,
            [(0, manifest.first), (manifest.height, manifest.newest)],
        )  # fmt: skip
    except ValueError as fault:
        raise SnapshotFault(str(fault)) from fault
    state.close()
    return manifest


def _read(folder: Path) -> Manifest:
    path = folder / MANIFEST
    if not path.exists() or path.stat().st_size > MAX_MANIFEST_BYTES:
        raise SnapshotFault(f"{path} is missing or too large")
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.DecodeError as fault:
        raise SnapshotFault(f"{path.name}: {fault}") from fault
    if manifest.format != FORMAT:
        raise SnapshotFault(f"{path.name}: unknown format {manifest.format[:40]}")
    return manifest
