"""Snapshots: the whole state at one height, in chunks, with a manifest that proves the root.

The manifest carries a block with header and commit. That header names the state root, so who trusts
the genesis needs to trust nobody else: importing checks the commit, every chunk, then the root over
all rows. Where validators changed since the genesis, it carries the light blocks between as well.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from tongbao import _core
from tongbao.files import sync_folder
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import (
    Genesis,
    GenesisValidator,
    Predecessor,
    found,
    read_genesis,
)
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.light import LightBlock, ValidatorSet
from tongbao.kernel.protocols import Protocols, suites_of, version_at
from tongbao.kernel.receipts import verify_path
from tongbao.kernel.validators import Validator, validators_of
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.kernel.wording import WordedFault
from tongbao.node.application import Application
from tongbao.node.home import NodeHome
from tongbao.node.index import set_row
from tongbao.node.light import light_block, way_to

FORMAT = "tongbao.snapshot/1"
MANIFEST = "manifest.json"
GENESIS = "genesis.json"
CHUNK_BYTES = 8 * 1_048_576
MAX_MANIFEST_BYTES = 64 * 1_048_576
MAX_CHUNKS = 100_000
MAX_CHUNK_BYTES = 4 * CHUNK_BYTES
"""A chunk ends with the row that fills it, and rows are far smaller."""


class SnapshotFault(WordedFault):
    """A snapshot cannot be made, or is not to be trusted."""


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
    """Record of the genesis, encoded."""
    newest: bytes
    """Record of the block at `height`, encoded; its header names the state root."""
    validators: ValidatorSet = ()
    """Who signed that block; empty: the validators of the genesis, for that block and the next."""
    next_validators: ValidatorSet = ()
    """Who signs the block after it."""
    way: tuple[LightBlock, ...] = ()
    """Light blocks that lead from the genesis to that block, where validators changed."""
    format: str = FORMAT


def export_snapshot(app: Application, folder: Path) -> Manifest:
    """Write the newest state into a new folder, with the genesis that it hangs on.

    While nothing else writes to the ledger; SnapshotFault where no block here proves that state.
    """
    record, first = _proving(app), app.block(app.genesis.founding_height)
    proof = light_block(app, record.height)
    assert first is not None and proof is not None
    try:
        way = way_to(app, proof)
    except LookupError as fault:
        raise SnapshotFault(
            "validators changed, and the way to them is not whole: {fault}; export on a"
            " node that has every block",
            fault=fault,
        ) from fault
    folder.mkdir(parents=True, exist_ok=False)
    chunks = app.state.export_snapshot(str(folder), CHUNK_BYTES)
    own = sorted((one.public, one.power) for one in app.genesis.validators)
    same = sorted(proof.validators) == sorted(proof.next_validators) == own
    manifest = Manifest(
        app.genesis.chain, app.genesis.digest(), record.height, record.app_hash, tuple(chunks),
        first.encode(), record.encode(), () if same else proof.validators,
        () if same else proof.next_validators, way,
    )  # fmt: skip
    (folder / GENESIS).write_bytes(app.genesis.encode())
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    return manifest


def _proving(app: Application) -> BlockRecord:
    """The newest signed block whose header names the newest state: after it nothing changed.

    Beside an engine the commit of the newest block may not have come, and the state after it has
    its root in the next header; a chain at rest has an empty block on top.
    """
    height, root = app.tip.height, app.state.root()
    if height == app.genesis.founding_height:
        raise SnapshotFault("a chain without blocks has no snapshot: its genesis is one")
    record = app.block(height)
    while record is not None and record.app_hash == root:
        if record.header and record.commit:
            if _core.header_fields(record.header)["app_hash"] == root:
                return record
            break
        record = app.block(record.height - 1)
    raise SnapshotFault(
        "no header here names the state after block {height} yet, the next one does:"
        " start the node again, let the chain come to rest (an empty block follows the"
        " last one with content), and stop it",
        height=height,
    )


def import_snapshot(folder: Path, genesis: Genesis, ledger: Path) -> Manifest:
    """Make a new store from a snapshot that the validators of `genesis` vouch for."""
    manifest = read_snapshot(folder, genesis)
    blocks = [(genesis.founding_height, manifest.first), (manifest.height, manifest.newest)]

    def note_sets(state: _core.State) -> None:
        if not manifest.validators:
            return
        height = manifest.height
        block = BlockContext(genesis.chain, height, 0)
        sets = (
            manifest.validators, manifest.next_validators, validators_of(ReadView(state, block))
        )  # fmt: skip
        state.annotate([
            set_row(at, tuple(Validator(public, power) for public, power in known))
            for at, known in enumerate(sets, start=height)
        ])  # fmt: skip

    _make_whole(folder, manifest, ledger, blocks, note_sets)
    return manifest


def read_snapshot(folder: Path, genesis: Genesis) -> Manifest:
    """The manifest of a snapshot whose proving block and chunks are right."""
    manifest = read_manifest(folder)
    if (manifest.chain, manifest.genesis) != (genesis.chain, genesis.digest()):
        raise SnapshotFault("the snapshot is of another genesis")
    try:
        record = BlockRecord.decode(manifest.newest)
        header = _core.header_fields(record.header)
        own = tuple((one.public, one.power) for one in genesis.validators)
        proof = LightBlock(
            manifest.height, record.header, record.commit, manifest.validators or own,
            manifest.next_validators or own,
        )  # fmt: skip
        proof.check(genesis.chain)
        verify_path(manifest.way, proof, genesis.trust())
    except (ValueError, msgspec.DecodeError, RecursionError, Refusal) as fault:
        raise SnapshotFault("the proving block: {fault}", fault=fault) from fault
    if (header["height"], header["app_hash"]) != (manifest.height, manifest.app_hash):
        raise SnapshotFault("the proving header is not for this height and root")
    for place, digest in enumerate(manifest.chunks):
        chunk = folder / chunk_name(place)
        if _digest(chunk) != digest:
            raise SnapshotFault("{name} is missing or was altered", name=chunk.name)
    return manifest


def _digest(chunk: Path) -> bytes:
    """SHA-256 of a chunk; of what is missing, or larger than any, nothing."""
    if not chunk.is_file() or chunk.stat().st_size > MAX_CHUNK_BYTES:
        return b""
    return content_digest(chunk.read_bytes())


def _make_whole(
    folder: Path, manifest: Manifest, ledger: Path, blocks: list[tuple[int, bytes]],
    complete: Callable[[_core.State], None],
) -> None:  # fmt: skip
    """A store under its name once it is whole: whoever is killed before has none, and tries again.

    Nothing is put over a store that is there.
    """
    if ledger.exists():
        raise SnapshotFault("{ledger} exists: a store is never overwritten", ledger=ledger)
    making = ledger.with_name(ledger.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    state = _import(folder, manifest, str(making), blocks)
    try:
        complete(state)
    finally:
        state.close()
    making.rename(ledger)
    sync_folder(ledger.parent)


def _import(
    folder: Path, manifest: Manifest, ledger: str | None, blocks: list[tuple[int, bytes]]
) -> _core.State:
    try:
        return _core.State.import_snapshot(
            ledger, str(folder), manifest.app_hash, manifest.height, blocks
        )
    except ValueError as fault:
        raise SnapshotFault("{fault}", fault=fault) from fault


def chunk_name(number: int) -> str:
    """Name of a chunk's file."""
    return f"chunk-{number:06d}"


def check_root(folder: Path, manifest: Manifest) -> None:
    """SnapshotFault unless the rows in the chunks have the root that the manifest names."""
    _import(folder, manifest, None, [(manifest.height, manifest.newest)]).close()


# ---- a chain that continues another --------------------------------------------------------------


def predecessor_of(folder: Path) -> tuple[Genesis, Predecessor]:
    """The genesis in a snapshot's folder, and the chain up to the snapshot as a predecessor.

    The commit is checked against that genesis: whose genesis it is, the institutions compare.
    """
    try:
        genesis = read_genesis((folder / GENESIS).read_bytes())
    except (OSError, Refusal) as fault:
        raise SnapshotFault("{genesis}: {fault}", genesis=GENESIS, fault=fault) from fault
    manifest = read_snapshot(folder, genesis)
    record = BlockRecord.decode(manifest.newest)
    return genesis, Predecessor(
        genesis.chain, genesis.digest(), record.height, record.time_ms, record.block_id[0],
        record.app_hash, genesis.validators,
    )  # fmt: skip


def continue_chain(
    folder: Path,
    chain: str,
    validators: tuple[GenesisValidator, ...],
    time_ms: int,
    actions: msgspec.Raw,
    rules: Protocols,
) -> Genesis:
    """The genesis by which new validators continue the chain of a snapshot, under another name.

    Balances, parties and used names stay; `actions` come on top without approvals. Tried out in
    memory: a Refusal says why not.
    """
    before, predecessor = predecessor_of(folder)
    state = _import(folder, read_manifest(folder), None, _record(folder, predecessor))
    height = predecessor.height
    view = ReadView(state, BlockContext(chain, height, predecessor.time_ms))
    made = Genesis(
        chain, max(time_ms, predecessor.time_ms + 1), validators,
        protocol=version_at(view, height + 2), hash=before.hash, suites=suites_of(view),
        name_memory_ms=before.name_memory_ms, actions=actions, predecessor=predecessor,
    )  # fmt: skip
    genesis = read_genesis(made.encode())
    found(state.draft(), genesis, rules.of(genesis.protocol, genesis.founding_height + 1))
    state.close()
    return genesis


def make_ledger(folder: Path, genesis: Genesis, ledger: Path) -> None:
    """The store of a new node whose genesis continues the chain of a snapshot."""
    predecessor = _require_origin(folder, genesis)
    manifest = read_manifest(folder)
    _make_whole(folder, manifest, ledger, _record(folder, predecessor), lambda state: None)


def make_missing_ledger(home: NodeHome) -> bool:
    """Make the store of a node that continues another chain and has none yet; whether it did.

    From the snapshot in its folder; nothing where the chain begins with nothing. SnapshotFault
    where that is missing or not as it was written.
    """
    genesis = home.genesis()
    if genesis.before is None or home.ledger.exists():
        return False
    _require_there(home.origin)
    make_ledger(home.origin, genesis, home.ledger)
    return True


def _require_there(origin: Path) -> None:
    if not origin.exists():
        raise SnapshotFault("it is missing")


def open_origin(folder: Path, genesis: Genesis) -> _core.State:
    """The state before the genesis, in memory: for those who execute the chain again."""
    _require_there(folder)
    predecessor = _require_origin(folder, genesis)
    return _import(folder, read_manifest(folder), None, _record(folder, predecessor))


def require_origin(folder: Path, genesis: Genesis) -> None:
    """SnapshotFault unless a folder is, to the last row, the snapshot that `genesis` continues."""
    _require_origin(folder, genesis)
    check_root(folder, read_manifest(folder))


def _require_origin(folder: Path, genesis: Genesis) -> Predecessor:
    _, predecessor = predecessor_of(folder)
    if predecessor != genesis.before:
        raise SnapshotFault("it is not the snapshot that the genesis continues")
    return predecessor


def _record(folder: Path, predecessor: Predecessor) -> list[tuple[int, bytes]]:
    return [(predecessor.height, read_manifest(folder).newest)]


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a folder, of which nothing is proven yet."""
    path = folder / MANIFEST
    if not path.exists() or path.stat().st_size > MAX_MANIFEST_BYTES:
        raise SnapshotFault("{path} is missing or too large", path=path)
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise SnapshotFault("{name}: {fault}", name=path.name, fault=fault) from fault
    if manifest.format != FORMAT:
        raise SnapshotFault(
            "{name}: unknown format {format}", name=path.name, format=manifest.format[:40]
        )
    if len(manifest.chunks) > MAX_CHUNKS:
        raise SnapshotFault(
            "{name}: more than {max_chunks} chunks", name=path.name, max_chunks=MAX_CHUNKS
        )
    return manifest
