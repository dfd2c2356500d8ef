"""Forgetting a node's own old blocks, slice by slice, while it goes on.

A slice is forgotten in one write, all of it or nothing: `kill -9` at any instant leaves a ledger
whose oldest block is the one before the slice or the one after it. What stays for ever: the record
of the genesis, who signs from which height on, header and commit of the blocks around every change
of validators (by which light clients step from the genesis to now), and where each transaction was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from tongbao.kernel.blocks import BlockRecord
from tongbao.node.application import Application
from tongbao.node.index import CERTIFICATE_PREFIX

log = structlog.get_logger(__name__)

LEAST_KEPT = 20
"""Fewer would leave no room to prove states and to fetch what an engine signs later."""
SLICE_BLOCKS = 64
RECLAIM_BYTES = 128 * 1_048_576
"""So much is forgotten before the files are gone over to give the room back."""
PAUSE_S = 0.05
"""Between slices, so that blocks go first."""
Floor = Callable[[], int]
"""The lowest height that somebody here still needs."""


def prune_slice(app: Application, below: int, most: int = SLICE_BLOCKS) -> tuple[int, int]:
    """Forget the oldest blocks below a height, at most so many: how many, and their bytes.

    Stops before a block whose header the engine has not given yet.
    """
    first = app.genesis.founding_height + 1
    low = app.state.block_from(first)
    below = min(below, low + most, app.tip.height)
    if low < 0:
        return 0, 0
    blocks: list[int] = []
    gone: list[bytes] = []
    kept: list[tuple[bytes, bytes]] = []
    size = 0
    for height in range(low, below):
        raw = app.state.block(height)
        record = app.block(height)
        if raw is None or record is None:
            break
        began_here = height == low < app.oldest_block  # a snapshot's own: its hash is all there is
        if not record.header and not began_here:
            break
        blocks.append(height)
        size += len(raw)
        _sort(app, record, gone, kept)
    if blocks:
        app.forget(blocks, gone, kept)
    return len(blocks), size


def _sort(
    app: Application, record: BlockRecord, gone: list[bytes], kept: list[tuple[bytes, bytes]]
) -> None:
    """Header and commit stay where validators change, and go with the block elsewhere."""
    key = CERTIFICATE_PREFIX + record.height.to_bytes(8, "big")
    if app.is_turn(record.height) and record.header and record.commit:
        kept.append((key, BlockRecord.certificate(record.header, record.commit)))
    else:
        gone.append(key)


class Pruner:
    """Forgets blocks in a thread of its own, behind the newest."""

    def __init__(self, app: Application, keep: int, *floors: Floor) -> None:
        """Keep the newest `keep` blocks, and all from the lowest of the `floors` on."""
        self._app = app
        self._keep = max(keep, LEAST_KEPT)
        self._floors = floors
        self._forgotten = 0
        self._due = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="pruner", daemon=True)

    def start(self) -> None:
        """Begin; what is due at once goes at once."""
        self._due.set()
        self._thread.start()

    def stop(self) -> None:
        """End after the slice that is being forgotten."""
        self._stopping = True
        self._due.set()
        if self._thread.is_alive():
            self._thread.join()

    def on_block(self, record: BlockRecord) -> None:
        """A block is durable; returns at once."""
        if record.height - self._app.oldest_block >= self._keep + SLICE_BLOCKS // 8:
            self._due.set()

    def limit(self) -> int:
        """The height below which nothing is needed any more."""
        return min([self._app.tip.height - self._keep + 1, *(floor() for floor in self._floors)])

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._due.wait()
            self._due.clear()
            try:
                while not self._stopping and self._slice():
                    pause.wait(PAUSE_S)
            except Exception as fault:  # blocks that stay are no danger; the node goes on
                log.error("pruning.failed", error=str(fault), exc_info=True)
            if self._stopping:
                return

    def _slice(self) -> int:
        """Forget one slice; how many blocks."""
        count, size = prune_slice(self._app, self.limit())
        self._forgotten += size
        if self._forgotten >= RECLAIM_BYTES:
            self._forgotten = 0
            self._app.state.reclaim()
            log.info("pruning.reclaimed", oldest=self._app.oldest_block)
        return count
