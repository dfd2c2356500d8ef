"""The read model itself: a database that follows the blocks.

Each batch of blocks and the mark of its height go into one SQL transaction, so a block is projected
exactly once whatever happens. It follows in a thread of its own and never holds the engine up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError, OperationalError

from tongbao.kernel.blocks import BlockRecord, Tip
from tongbao.kernel.protocols import Protocols, as_protocols
from tongbao.kernel.registry import Registry
from tongbao.kernel.views import ReadView
from tongbao.kernel.wording import WordedFault
from tongbao.readmodel import schema
from tongbao.readmodel.blocks import project
from tongbao.readmodel.database import check_file, file_of, is_damage, on_damage, open_engine
from tongbao.readmodel.filling import fill_records
from tongbao.readmodel.mirror import mirror_of
from tongbao.readmodel.rows import Banks, Rows

log = structlog.get_logger(__name__)
AGAIN_S = 2.0
"""Pause before the next attempt where the database could not be written."""
BATCH = 64
"""Blocks in one SQL transaction at most."""
Progress = Callable[[int, int], None]


class BlockSource(Protocol):
    """Where blocks come from: a node's application."""

    @property
    def tip(self) -> Tip:
        """Where the chain stands."""
        ...

    def block(self, height: int) -> BlockRecord | None:
        """The block at a height, or None."""
        ...


class Ledger(BlockSource, Protocol):
    """A node's application: its blocks, and the state as it stands."""

    def view(self) -> ReadView:
        """The committed state."""
        ...


class ReadModelFault(WordedFault):
    """The database is of another chain, or cannot be read."""


class ReadModel:
    """Projections in a database; `url` as SQLAlchemy writes it, e.g. `sqlite:///readmodel.db`."""

    def __init__(self, url: str, rules: Protocols | Registry, genesis: str) -> None:
        """Open or create; a database of another schema version is emptied to be rebuilt."""
        self.protocols = as_protocols(rules)
        self.genesis = genesis
        self.mirror = mirror_of(tuple(self.protocols.newest.records.values()))
        self.engine = open_engine(url)
        self._banks = Banks()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._target = 0
        self.fault: BaseException | None = None
        self.remade = ""
        self._broken = ""
        self._open()
        on_damage(self.engine, self._met)

    def _open(self) -> None:
        """Make what is missing; a damaged SQLite file is made anew, as it holds nothing else."""
        try:
            check_file(self.engine)
            self._prepare()
            self._height = self._stored_height()
        except DatabaseError as fault:
            if not is_damage(fault):
                raise ReadModelFault(
                    "the lists cannot be opened: {orig}", orig=fault.orig
                ) from fault
            self._remake(str(fault.orig))

    def _met(self, why: str) -> None:
        """A read met damage that nobody has written to yet: the lists are made again."""
        with self._changed:
            self._broken = why
            self._changed.notify_all()

    def _remake(self, why: str) -> None:
        file = file_of(self.engine)
        if file is None:
            raise ReadModelFault("the lists cannot be read: {why}", why=why)
        log.warning("readmodel.remade", meaning=f"{file} is damaged ({why}): it is made again")
        with self._changed:  # from now on whoever reads is shown that the lists are behind
            self._height = -1
        self.remade = f"{file} is damaged"
        self.engine.dispose()
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{file}{ending}").unlink(missing_ok=True)
        self._prepare()
        self._height = self._stored_height()
        self._broken = ""

    def reconcile(self, blocks: BlockSource) -> str:
        """Drop lists that are not of these blocks, to be projected again; why, or nothing.

        To be called before anybody follows or reads. Lists belong to a ledger by the id of the
        block that they end with: its height alone would let an older ledger pass as this one.
        """
        with self.engine.connect() as connection:
            query = select(schema.meta.c.value).where(schema.meta.c.name == "block")
            known = connection.execute(query).scalar_one_or_none()
        why, tip = "", blocks.tip.height
        if self._height > tip:
            why = f"the lists end with block {self._height}, the ledger with block {tip}"
        elif self._height >= 0:
            record = blocks.block(self._height)
            if record is not None and _id_of(record) != known:
                why = f"block {self._height} of the lists is not that of the ledger"
        if why:
            log.warning("readmodel.of_another_ledger", meaning=f"{why}: they are made again")
            with self.engine.begin() as connection:
                self._empty(connection)
            self._prepare()
            self._height = self._stored_height()
        return why

    def _prepare(self) -> None:
        schema.metadata.create_all(self.engine)
        self.mirror.metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            known = {row.name: row.value for row in connection.execute(select(schema.meta))}
            if known.get("genesis", self.genesis) != self.genesis:
                raise ReadModelFault("the database belongs to another genesis")
            if known.get("version", schema.VERSION) != schema.VERSION:
                self._empty(connection)
                known = {}
            if not known:
                rows = {"version": schema.VERSION, "genesis": self.genesis, "height": "-1",
                        "block": ""}  # fmt: skip
                listed = [{"name": name, "value": value} for name, value in rows.items()]
                connection.execute(schema.meta.insert(), listed)

    def _empty(self, connection: Connection) -> None:
        self._banks.clear()
        for metadata in (self.mirror.metadata, schema.metadata):
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())

    def _stored_height(self) -> int:
        with self.engine.connect() as connection:
            query = select(schema.meta.c.value).where(schema.meta.c.name == "height")
            return int(connection.execute(query).scalar_one())

    @property
    def height(self) -> int:
        """Block up to which everything is projected; -1 before the genesis."""
        return self._height

    # ---- projecting ----------------------------------------------------------------------------

    def apply(self, records: Sequence[BlockRecord]) -> None:
        """Project blocks that follow one another; those already projected are passed over."""
        fresh = [record for record in records if record.height > self._height]
        if not fresh:
            return
        if fresh[0].height != self._height + 1:
            raise ReadModelFault(
                "block {height} is missing before {height_too}",
                height=self._height + 1,
                height_too=fresh[0].height,
            )
        with self.engine.begin() as connection:
            rows = Rows(connection, self._banks, self.mirror.words.follow, empty=self._height < 0)
            self.mirror.load(rows, [one for record in fresh for one in record.writes])
            for record in fresh:
                rules = self.protocols.of(record.protocol, record.height)
                project(rows, record, rules, self.mirror)
            rows.flush()
            _mark(connection, fresh[-1].height, _id_of(fresh[-1]))
        with self._changed:
            self._height = fresh[-1].height
            self._changed.notify_all()

    def catch_up(self, blocks: BlockSource, progress: Progress | None = None) -> None:
        """Project every block of the store that is still missing."""
        last = blocks.tip.height
        while self._height < last and not self._stopping:
            heights = range(self._height + 1, min(last, self._height + BATCH) + 1)
            records = [blocks.block(height) for height in heights]
            there = [record for record in records if record is not None]
            if len(there) < len(records):
                gone = heights[records.index(None)]
                raise ReadModelFault(
                    "the lists need block {gone}, and it is not here any more: put back a"
                    " copy of the read model (readmodel.db), or name nodes that keep"
                    " every block as state_sync.servers in node.toml, and start the node"
                    " again",
                    gone=gone,
                )
            self.apply(there)
            if progress is not None:
                progress(self._height, last)

    # ---- beginning with the state --------------------------------------------------------------

    def begin_with_state(self, ledger: Ledger) -> int:
        """Drop everything, and show the state as it stands instead of how it came about; how many
        rows were written. While nothing else writes to the ledger."""
        view, tip = ledger.view(), ledger.tip
        with self.engine.begin() as connection:
            self._empty(connection)
        self._prepare()
        self._height = self._stored_height()
        with self.engine.begin() as connection:
            count = fill_records(self.mirror, connection, view)
            connection.execute(schema.blocks.insert(), [{
                "height": tip.height, "time_ms": tip.time_ms,
                "hash": tip.block_id[0].hex() if tip.block_id else "",
                "app_hash": tip.app_hash.hex(), "transactions": 0,
            }])  # fmt: skip
            _mark(connection, tip.height, (tip.block_id[0] if tip.block_id else tip.app_hash).hex())
        self._height = tip.height
        log.info("readmodel.began", height=tip.height, rows=count)
        return count

    def rebuild(self, blocks: BlockSource, progress: Progress | None = None) -> None:
        """Drop everything and project again from block 0."""
        with self.engine.begin() as connection:
            self._empty(connection)
        self._prepare()
        self._height = self._stored_height()
        self.catch_up(blocks, progress)

    # ---- following -----------------------------------------------------------------------------

    def follow(self, blocks: BlockSource, subscribe: Callable[[Any], None]) -> None:
        """Catch up and stay up to date in a thread; `subscribe` takes a listener to new blocks."""
        self._target = blocks.tip.height
        subscribe(self._arrived)
        self._thread = threading.Thread(
            target=self._run, args=(blocks,), name="readmodel", daemon=True
        )
        self._thread.start()

    def _arrived(self, record: BlockRecord) -> None:
        # Only the height is noted: the blocks are read from the store, so nothing piles up here.
        with self._changed:
            self._target = max(self._target, record.height)
            self._changed.notify_all()

    def _run(self, blocks: BlockSource) -> None:
        try:
            while True:
                with self._changed:
                    while self._height >= self._target and not self._stopping:
                        if self._broken:
                            break
                        self._changed.wait()
                    if self._stopping:
                        return
                self._project(blocks)
        except BaseException as fault:
            if self._stopping:
                return  # whoever gives the blocks was asked to end
            log.critical("readmodel.halted", error=str(fault), exc_info=True)
            with self._changed:
                self.fault = fault
                self._changed.notify_all()

    def _project(self, blocks: BlockSource) -> None:
        """Catch up; where the database cannot be written just now, wait and come again."""
        try:
            if self._broken:
                self._remake(self._broken)
            self.catch_up(blocks)
        except DatabaseError as fault:
            if is_damage(fault):
                self._remake(str(fault.orig))
                return
            if not isinstance(fault, OperationalError):
                raise
            # A full disk, a server that is away: not for good.
            log.error("readmodel.waits", height=self._height, error=str(fault.orig))
            with self._changed:
                self._changed.wait_for(lambda: self._stopping, AGAIN_S)

    def wait_for(self, height: int, timeout: float) -> bool:
        """Wait until a block is projected; False when it was not within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._height >= height or self._stopping or self.fault is not None, timeout
            ) and (self._height >= height)

    def close(self, ending: Callable[[], None] | None = None) -> None:
        """Stop following and release the database; `ending` ends whoever gives the blocks."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if ending is not None:
            ending()
        if self._thread is not None:
            self._thread.join()
        self.engine.dispose()


def _id_of(record: BlockRecord) -> str:
    """What tells one block from another of its height; the founding has no hash but a root."""
    return (record.block_id[0] or record.app_hash).hex()


def _mark(connection: Connection, height: int, block: str) -> None:
    for name, value in (("height", str(height)), ("block", block)):
        changed = schema.meta.update().where(schema.meta.c.name == name)
        connection.execute(changed.values(value=value))
