"""State sync: snapshots offered to nodes that join, and taken from the nodes that are there.

The engine proves the state root of the height with its light client before it offers a snapshot.
Chunks are checked by the hashes in the manifest, and all of it by that root; the validators that
the manifest names for later blocks have to be those that the state seats. Who sends a wrong
manifest wastes time, and nothing that later blocks are applied by comes from it unproven. Not
proven are the block's hash and time, and who signed the blocks on which a change of validators was
under way: the headers that follow show whether they were right.

A snapshot is cut beside the blocks: the version it is of is held at its commit, which takes no
time, and written in a thread while further blocks go on.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import structlog

from tongbao import _core
from tongbao.files import sync_folder
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.validators import changes, validators_of
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.node.application import Application, Validators
from tongbao.node.index import set_row

log = structlog.get_logger(__name__)

FORMAT = 1
CHUNK_BYTES = 8 * 1_048_576
MAX_CHUNKS = 100_000
KEEP = 2
ACCEPT, ABORT, REJECT, REJECT_FORMAT = 1, 2, 3, 4
RETRY, RETRY_SNAPSHOT, REJECT_SNAPSHOT = 3, 4, 5
MANIFEST = "manifest"
MAX_SETS = 3
"""Who signs the block of a snapshot, the next one, and the one after that."""
_UNREADABLE = (msgspec.DecodeError, RecursionError)
"""What decoding something from a stranger may raise; a text that is no UTF-8 cannot occur."""


class Offer(msgspec.Struct, frozen=True, array_like=True):
    """What a snapshot is of, and what its chunks have to be."""

    height: int
    time_ms: int
    block: bytes
    """Hash of the block at that height."""
    digests: tuple[bytes, ...]
    """SHA-256 of each chunk."""
    sets: tuple[tuple[int, Validators], ...]
    """Validators by the height from which they sign, those that count from here on."""

    def is_sound(self, height: int) -> bool:
        """Whether it is of this height and names a block and sets that could be of a chain."""
        of_block = self.height == height and len(self.block) == 32 and 0 < self.time_ms < 2**53
        starts = list(self.signing)
        if not of_block or not 0 < len(starts) <= MAX_SETS or starts != sorted(starts):
            return False
        now, *later = starts
        placed = 0 <= now <= height and all(height < one <= height + 2 for one in later)
        return placed and all(map(_may_sign, self.signing.values()))

    @property
    def signing(self) -> dict[int, Validators]:
        """The sets by height; one that is named twice, as it was named last."""
        return dict(self.sets)


def _may_sign(known: Validators) -> bool:
    keys = {one.public for one in known if len(one.public) == 32 and 0 < one.power < 2**60}
    return 0 < len(keys) == len(known)


_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Offer).decode


class StateSync:
    """Makes snapshots every so many blocks, serves them, and restores a new node from one."""

    def __init__(self, app: Application, folder: Path, ledger: Path, interval: int) -> None:
        """Snapshots lie in `folder`; `ledger` is the store's own; no snapshots at interval 0."""
        self.app = app
        self._folder = folder
        self._ledger = ledger
        self._interval = interval
        self._offer: Offer | None = None
        self._root = b""
        self._cutting: threading.Thread | None = None

    # ---- giving --------------------------------------------------------------------------------

    def take(self, record: BlockRecord) -> None:
        """Begin a snapshot where one is due. Called after each commit, before the next block.

        One is passed over where the one before is still being written.
        """
        if not self._interval or record.height % self._interval:
            return
        if self._cutting is not None and self._cutting.is_alive():
            log.warning("snapshot.passed_over", height=record.height)
            return
        offer = Offer(
            record.height, record.time_ms, record.block_id[0], (),
            self.app.validator_sets_from(record.height),
        )  # fmt: skip
        self._cutting = threading.Thread(
            target=self._cut, args=(self.app.state.frozen(), offer), name="snapshot", daemon=True
        )
        self._cutting.start()

    def _cut(self, version: _core.Frozen, offer: Offer) -> None:
        began = time.monotonic()
        try:
            self._write(version, offer)
        except (OSError, ValueError) as fault:  # a full disk: the next one may have room
            log.error("snapshot.failed", height=offer.height, error=str(fault))
        else:
            took = round(time.monotonic() - began, 2)
            log.info("snapshot.taken", height=offer.height, seconds=took)

    def _write(self, version: _core.Frozen, offer: Offer) -> None:
        making = self._folder / "making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        digests = version.export_snapshot(str(making), CHUNK_BYTES)
        whole = msgspec.structs.replace(offer, digests=tuple(digests))
        (making / MANIFEST).write_bytes(_ENCODE(whole))
        making.rename(self._folder / f"{offer.height:012d}")
        for old in self._taken()[:-KEEP]:
            shutil.rmtree(old, ignore_errors=True)

    def finish(self) -> None:
        """Wait for the snapshot that is being written, if one is."""
        if self._cutting is not None:
            self._cutting.join()

    def _taken(self) -> list[Path]:
        return sorted(path.parent for path in self._folder.glob(f"[0-9]*/{MANIFEST}"))

    def newest(self) -> int:
        """Height of the newest snapshot here; 0 where there is none."""
        taken = self._taken()
        return int(taken[-1].name) if taken else 0

    def oldest(self) -> int:
        """Height of the oldest snapshot here; 0 where there is none."""
        taken = self._taken()
        return int(taken[0].name) if taken else 0

    def offered(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The snapshots that are here."""
        snapshots = []
        for folder in self._taken():
            metadata = _read(folder / MANIFEST)
            if not metadata:
                continue  # an older one went while we looked
            offer = _DECODE(metadata)
            snapshots.append({
                "height": offer.height, "format": FORMAT, "chunks": len(offer.digests),
                "hash": content_digest(metadata), "metadata": metadata,
            })  # fmt: skip
        return {"snapshots": snapshots}

    def chunk(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One chunk; empty where it is not here."""
        path = self._folder / f"{asked['height']:012d}" / f"chunk-{asked['chunk']:06d}"
        return {"chunk": _read(path) if asked["format"] == FORMAT else b""}

    # ---- taking --------------------------------------------------------------------------------

    def accept(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Whether to restore from an offered snapshot."""
        if asked["format"] != FORMAT:
            return {"result": REJECT_FORMAT}
        if self.app.tip.height != self.app.genesis.founding_height:
            return {"result": ABORT}
        try:
            offer = _DECODE(asked["metadata"])
        except _UNREADABLE:
            return {"result": REJECT}
        right = (
            content_digest(asked["metadata"]) == asked["hash"]
            and offer.is_sound(asked["height"])
            and 0 < len(offer.digests) == asked["chunks"] <= MAX_CHUNKS
        )
        if not right:
            return {"result": REJECT}
        shutil.rmtree(self._incoming, ignore_errors=True)
        self._incoming.mkdir(parents=True)
        self._offer, self._root = offer, asked["app_hash"]
        log.info("statesync.restoring", height=offer.height, chunks=len(offer.digests))
        return {"result": ACCEPT}

    @property
    def _incoming(self) -> Path:
        return self._folder / "incoming"

    def apply(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Check a chunk and keep it; the last one becomes the ledger."""
        offer = self._offer
        if offer is None or not 0 <= asked["index"] < len(offer.digests):
            return {"result": ABORT}
        if content_digest(asked["chunk"]) != offer.digests[asked["index"]]:
            sender = [asked["sender"]] if asked["sender"] else []
            refetch = [asked["index"]]
            return {"result": RETRY, "refetch_chunks": refetch, "reject_senders": sender}
        (self._incoming / f"chunk-{asked['index']:06d}").write_bytes(asked["chunk"])
        if len(list(self._incoming.glob("chunk-*"))) < len(offer.digests):
            return {"result": ACCEPT}
        return {"result": self._restore(offer)}

    def _restore(self, offer: Offer) -> int:
        """Import next to the ledger, then put it in its place."""
        fresh = self._beside(".restored")
        try:
            self._import(offer, fresh)
        except ValueError as fault:
            log.warning("statesync.rejected", why=str(fault))
            for folder in (fresh, self._incoming):
                shutil.rmtree(folder, ignore_errors=True)
            self._offer = None
            return REJECT_SNAPSHOT
        self._exchange(fresh)
        with contextlib.suppress(OSError):
            shutil.rmtree(self._incoming)
        self._offer = None
        log.info("statesync.restored", height=offer.height, root=self._root.hex())
        return ACCEPT

    def _beside(self, ending: str) -> Path:
        """A folder next to the ledger, of which nothing is left from an earlier try."""
        folder = self._ledger.with_name(self._ledger.name + ending)
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def _import(self, offer: Offer, fresh: Path) -> None:
        """A new store of the chunks; ValueError where they are not what was offered."""
        base = BlockRecord(
            offer.height, offer.time_ms, b"", (offer.block, 0, b""), b"", self._root, (), (), b""
        )
        founding = self.app.genesis.founding_height
        first = self.app.state.block(founding)
        assert first is not None
        blocks = [(founding, first), (offer.height, base.encode())]
        state = _core.State.import_snapshot(
            str(fresh), str(self._incoming), self._root, offer.height, blocks
        )
        try:
            block = BlockContext(self.app.genesis.chain, offer.height, offer.time_ms)
            *_, newest = offer.signing.values()
            if changes(newest, validators_of(ReadView(state, block))):
                raise ValueError("it names other validators than the state seats")
            state.annotate([set_row(height, known) for height, known in offer.signing.items()])
        finally:
            state.close()

    def _exchange(self, fresh: Path) -> None:
        """Put a store in the ledger's place. Whoever is killed here founds the ledger anew."""
        self.app.state.close()
        old = self._beside(".old")
        self._ledger.rename(old)
        fresh.rename(self._ledger)
        sync_folder(self._ledger.parent)
        self.app.reopen(_core.State.open(str(self._ledger)))
        shutil.rmtree(old, ignore_errors=True)


def _read(path: Path) -> bytes:
    """A file's bytes; none where it is not here, or was removed a moment ago."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
