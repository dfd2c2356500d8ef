"""A running node reads its own store again, slowly, and notices what was altered.

Opening a store compares all of it; after that, a disk may still lose what nobody reads for months.
One thread of low priority goes through everything once a period: table and value files, journal,
lists of files, genesis, and the rows in memory. What it finds ends the node: a ledger that is not
what it was is not to be answered from. Why so, and what it costs: docs/concepts/integrity.md.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from tongbao import _core
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import read_genesis
from tongbao.node.altered import StoreAltered
from tongbao.node.application import Application, StorageFault

log = structlog.get_logger(__name__)

PERIOD_S = 3_600.0
"""A pass begins this long after the one before it began."""
SLICE_BYTES = 256 * 1024
LEAST_RATE = 64 * 1024
MOST_RATE = 16 * 1_048_576
"""Bytes a second, whatever the size of the store: a large one takes longer than the period."""
FAILURES = 3
"""So often in a row a pass may fail to read at all before the node is ended."""
AGAIN_S = 5.0
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_PASSING = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EINTR))
LOWEST_PRIORITY = 19


class Scrubber:
    """The thread that reads a ledger again."""

    def __init__(
        self,
        app: Application,
        genesis_file: Path,
        on_fault: Callable[[BaseException], None],
        period_s: float = PERIOD_S,
    ) -> None:
        """`on_fault` is called once, with StoreAltered; a period of 0 never looks."""
        self._app = app
        self._genesis_file = genesis_file
        self._on_fault = on_fault
        self._period_s = period_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scrub", daemon=True)

    def start(self) -> None:
        """Begin the first pass."""
        if self._period_s > 0:
            self._thread.start()

    def stop(self) -> None:
        """End; call it before the store is closed."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def _run(self) -> None:
        _be_modest()
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self.once()
                failures = 0
            except StoreAltered as altered:
                self._app.scrubbed.altered = True
                log.critical("store.altered", **altered.facts(), error=str(altered))
                self._on_fault(altered)
                return
            except (OSError, ValueError) as fault:
                # Closed: a state that was synced takes its place; or the system is short of what
                # reading takes, which says nothing of the store.
                failures += not is_passing(fault)
                log.warning("scrub.failed", error=str(fault), times=failures)
                if failures >= FAILURES and not self._stopping.is_set():
                    self._on_fault(
                        StorageFault("the store cannot be read again: {fault}", fault=fault)
                    )
                    return
                self._stopping.wait(AGAIN_S)
                continue
            self._stopping.wait(max(1.0, self._period_s - (time.monotonic() - began)))

    def once(self) -> None:
        """One pass at the pace of the period; StoreAltered, or ValueError where it was closed."""
        began = time.monotonic()
        self._genesis()
        scrub = self._app.state.scrub()
        rate = min(MOST_RATE, max(LEAST_RATE, scrub.total / self._period_s))
        self._app.scrubbed.began(scrub.total)
        due, done = time.monotonic(), False
        while not done:
            read, done, found = scrub.step(SLICE_BYTES)
            self._app.scrubbed.bytes += read
            if found is not None:
                raise StoreAltered(*found)
            due = max(due, time.monotonic() - 1.0) + read / rate
            if self._stopping.wait(max(0.0, due - time.monotonic())):
                return
        seconds = round(time.monotonic() - began, 1)
        self._app.scrubbed.ended()
        log.info("scrub.passed", bytes=scrub.total, seconds=seconds)

    def _genesis(self) -> None:
        try:
            known = read_genesis(self._genesis_file.read_bytes()).digest()
        except (OSError, Refusal) as fault:
            if is_passing(fault):
                raise
            log.error("genesis.unreadable", error=str(fault))
            known = ""
        if known != self._app.genesis.digest():
            raise StoreAltered("genesis", str(self._genesis_file), 0)


def _be_modest() -> None:
    """Give way to every other thread of this process; Linux keeps priorities by thread.

    Where a sandbox forbids even that, the store is read all the same.
    """
    if sys.platform == "linux":
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
        except OSError as fault:
            log.warning("scrub.priority", error=str(fault))


def is_passing(fault: BaseException) -> bool:
    """Whether the system was short of something (open files, memory), and may not be for long.

    The core tells it in words, with the system's number behind.
    """
    if isinstance(fault, OSError):
        return fault.errno in _PASSING
    found = _OS_ERROR.search(str(fault))
    return found is not None and int(found[1]) in _PASSING


def scrub_now(state: _core.State) -> int:
    """One pass without a pause; the bytes that were compared. Raises StoreAltered."""
    scrub, read, done = state.scrub(), 0, False
    while not done:
        some, done, found = scrub.step(16 * SLICE_BYTES)
        read += some
        if found is not None:
            raise StoreAltered(*found)
    return read
