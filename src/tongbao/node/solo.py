"""The solo engine: the embedded default. Group commit, one sync a block, bounded queues.

Two threads: one decodes and verifies what arrives (signatures in Rust, without Python's lock), the
other makes a block of all that is ready, syncs once and answers everybody. Both sleep when there
is nothing to do; the second wakes for what time itself brings.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import structlog

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.transaction import Opened
from tongbao.node.answers import Answer, Group, Status, original, rejected
from tongbao.node.application import Application
from tongbao.node.clock import utc_ms
from tongbao.node.composer import BlockSigner, CannotSign, Composed, commit, compose

log = structlog.get_logger(__name__)

MAX_WAITING = 200_000
MAX_WAITING_BYTES = 256 * 1_048_576
MAX_BLOCK_TRANSACTIONS = 4_000
MAX_BLOCK_BYTES = 3 * 1_048_576
PREPARE_AT_ONCE = 2_000


_Ready = tuple[Group, int, Opened]


class SoloEngine:
    """Orders transactions on one machine."""

    def __init__(
        self,
        app: Application,
        signer: BlockSigner,
        clock: Callable[[], int] = utc_ms,
    ) -> None:
        """An engine for `app`; `clock` gives UTC milliseconds.

        CannotSign where the ledger has validators other than this one.
        """
        if {one.public for one in app.newest_validators} != {signer.public}:
            raise CannotSign(
                "this ledger is not signed by the one key of this node:"
                " it is a network's, and goes on beside CometBFT"
            )
        self.app = app
        self._signer = signer
        self._clock = clock
        self._arrived: deque[Group] = deque()
        self._ready: deque[_Ready] = deque()
        self._changed = threading.Condition()
        self._waiting = 0
        self._waiting_bytes = 0
        self._stopping = False
        self._drained = False
        self.fault: BaseException | None = None
        self._listeners: list[Callable[[BlockRecord], None]] = []
        self._threads = [
            threading.Thread(target=self._guard, args=(loop,), name=name, daemon=True)
            for name, loop in (("prepare", self._prepare), ("blocks", self._make_blocks))
        ]

    # ---- outside -------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to accept and to make blocks."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Accept nothing more, finish what was accepted, and end both threads."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def subscribe(self, listener: Callable[[BlockRecord], None]) -> None:
        """Call `listener` with every block once it is durable, in order, from the block thread."""
        self._listeners.append(listener)

    @property
    def waiting(self) -> int:
        """Envelopes accepted and not yet answered."""
        return self._waiting

    def submit(self, envelopes: Sequence[bytes]) -> Future[list[Answer]]:
        """Accept envelopes; the future has one answer each, in order, once they are durable.

        Raises Refusal QUEUE_FULL or NODE_STOPPING, and then none was accepted.
        """
        group = Group(envelopes)
        if not group.envelopes:
            group.future.set_result([])
            return group.future
        with self._changed:
            if self._stopping or self.fault is not None:
                raise Refusal(KernelCode.NODE_STOPPING, {})
            full = self._waiting + len(group.envelopes) > MAX_WAITING
            if full or self._waiting_bytes + group.bytes > MAX_WAITING_BYTES:
                raise Refusal(KernelCode.QUEUE_FULL, {"waiting": self._waiting})
            self._waiting += len(group.envelopes)
            self._waiting_bytes += group.bytes
            self._arrived.append(group)
            self._changed.notify_all()
        return group.future

    # ---- threads -------------------------------------------------------------------------------

    def _guard(self, loop: Callable[[], None]) -> None:
        """A thread that fails takes the engine down; nobody is left waiting."""
        try:
            loop()
        except BaseException as fault:
            self.halt(fault)

    def halt(self, fault: BaseException) -> None:
        """The node cannot go on; whoever waits is told why."""
        log.critical("engine.halted", error=str(fault), exc_info=fault)
        with self._changed:
            self.fault = self.fault or fault
            self._stopping = True
            unanswered = list(self._arrived) + [group for group, _, _ in self._ready]
            self._changed.notify_all()
        for group in unanswered:
            if not group.future.done():
                group.future.set_exception(fault)

    def _prepare(self) -> None:
        while True:
            with self._changed:
                while not self._arrived or len(self._ready) >= 2 * MAX_BLOCK_TRANSACTIONS:
                    if self._stopping and (not self._arrived or self.fault is not None):
                        self._drained = True
                        self._changed.notify_all()
                        return
                    self._changed.wait()
                groups = self._take_arrived()
            places = [(group, place) for group in groups for place in range(len(group.envelopes))]
            ready = self._open(places)
            with self._changed:
                self._ready.extend(ready)
                self._changed.notify_all()

    def _open(self, places: Sequence[tuple[Group, int]]) -> list[_Ready]:
        """Decode and verify; who cannot be opened is answered at once."""
        prepared = self.app.prepare([group.envelopes[place] for group, place in places])
        ready: list[_Ready] = []
        for (group, place), one in zip(places, prepared, strict=True):
            if isinstance(one, Opened):
                ready.append((group, place, one))
            else:
                self._answer(group, place, rejected(one, b""))
        return ready

    def _take_arrived(self) -> list[Group]:
        groups: list[Group] = []
        count = 0
        while self._arrived and count < PREPARE_AT_ONCE:
            groups.append(self._arrived.popleft())
            count += len(groups[-1].envelopes)
        return groups

    def _make_blocks(self) -> None:
        due = self.app.next_due_ms()
        while True:
            with self._changed:
                while not self._ready and (due is None or due > self._clock()):
                    if self._stopping and self._drained:
                        return
                    self._changed.wait(
                        None if due is None else max(0.001, (due - self._clock()) / 1000)
                    )
                batch = self._take_ready()
                self._changed.notify_all()
            self._make_block(batch)
            due = self.app.next_due_ms()

    def _take_ready(self) -> list[_Ready]:
        batch: list[_Ready] = []
        size = 0
        while self._ready and len(batch) < MAX_BLOCK_TRANSACTIONS:
            size += len(self._ready[0][2].raw)
            if batch and size > MAX_BLOCK_BYTES:
                break
            batch.append(self._ready.popleft())
        return batch

    def _make_block(self, batch: list[_Ready]) -> None:
        if any(opened.protocol != self.app.protocol for _, _, opened in batch):
            batch = self._open([(group, place) for group, place, _ in batch])
        offered = [opened for _, _, opened in batch]
        try:
            composed = compose(self.app, self._clock(), offered, self._signer)
            if composed.records:
                commit(self.app, composed)
        except BaseException as fault:
            for group, _, _ in batch:
                if not group.future.done():
                    group.future.set_exception(fault)
            raise
        self._answer_all(batch, composed)
        for record in composed.records:
            for listener in self._listeners:
                listener(record)
        if composed.records:
            self.app.require_known_protocol()

    # ---- answers -------------------------------------------------------------------------------

    def _answer_all(self, batch: list[_Ready], composed: Composed) -> None:
        with self.app.meter.stage("answer"):
            self._answer_each(batch, composed)

    def _answer_each(self, batch: list[_Ready], composed: Composed) -> None:
        height = composed.records[0].height if composed.records else 0
        position = 0
        for (group, place, opened), one in zip(batch, composed.executed, strict=True):
            if one.named:
                answer = Answer(Status.RECORDED, one.outcome, opened.digest, height, position)
                position += 1
            elif one.outcome.code == KernelCode.ALREADY_RECORDED:
                answer = original(self.app, opened)
            else:
                answer = Answer(Status.REJECTED, one.outcome, opened.digest, 0, 0)
            self._answer(group, place, answer)

    def _answer(self, group: Group, place: int, answer: Answer) -> None:
        size = len(group.envelopes[place])
        with self._changed:
            self._waiting -= 1
            self._waiting_bytes -= size
        group.answer(place, answer)
