"""The solo engine: the embedded default. Group commit, one sync a block, bounded queues.

Two threads: one decodes and verifies what arrives (signatures in Rust, without Python's lock), the
other makes a block of all that is ready, syncs once and answers everybody. Both sleep when there
is nothing to do; the second wakes for what time itself brings.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import structlog

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.codes import KernelCode, Refusal, Value
from tongbao.kernel.transaction import Opened, Outcome
from tongbao.node.answers import Answer, Group, Status, original, rejected
from tongbao.node.application import Application, StorageFault
from tongbao.node.clock import ChainClock, Reading, moment_text, steady_ms, utc_ms
from tongbao.node.composer import BlockSigner, CannotSign, Composed, commit, compose
from tongbao.node.pace import Pace
from tongbao.node.submissions import MAX_UNPROVEN, NOBODY, SubmissionQueue, Turns

log = structlog.get_logger(__name__)

MAX_BLOCK_TRANSACTIONS = 4_000
MAX_BLOCK_BYTES = 3 * 1_048_576
MAX_PARKED = 4
"""How often a submission waits for a block that registers the keys it goes on with."""
LOOK_AGAIN_S = 5.0
"""How long the engine sleeps at most while a timer is set."""
_BY_TIME = frozenset((KernelCode.EXPIRED, KernelCode.EXPIRES_TOO_LATE))


_Ready = tuple[Group, int, Opened]


class SoloEngine:
    """Orders transactions on one machine."""

    def __init__(
        self,
        app: Application,
        signer: BlockSigner,
        clock: Callable[[], int] = utc_ms,
        steady: Callable[[], int] = steady_ms,
        *,
        accept_clock: bool = False,
        note: Callable[[int, bytes], None] | None = None,
    ) -> None:
        """An engine for `app`; `clock` gives UTC milliseconds, `steady` ones that nobody sets.

        `note` keeps what was signed last outside of the ledger, before a block is announced.

        CannotSign where the ledger has validators other than this one, ClockRefused where the
        clock is too far ahead of the ledger and nobody has stated that it is right.
        """
        if {one.public for one in app.newest_validators} != {signer.public}:
            raise CannotSign(
                "this ledger is not signed by the one key of this node:"
                " it is a network's, and goes on beside CometBFT"
            )
        self.app = app
        self._signer = signer
        self._note = note
        self._clock = ChainClock(app.tip.time_ms, clock, steady, accept=accept_clock)
        app.clock = self._clock.now_ms
        self._submissions = SubmissionQueue()
        self._ready: Turns[_Ready] = Turns()
        self._pace = Pace(MAX_BLOCK_TRANSACTIONS)
        self._changed = self._submissions.changed
        self._drained = False
        self._making = False
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
        self._submissions.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def subscribe(self, listener: Callable[[BlockRecord], None]) -> None:
        """Call `listener` with every block once it is durable, in order, from the block thread."""
        self._listeners.append(listener)

    @property
    def waiting(self) -> int:
        """Envelopes accepted and not yet answered."""
        return self._submissions.waiting

    def clock(self) -> Reading:
        """The time by which blocks are made, and whether the machine's clock agrees."""
        return self._clock.read()

    def submit(self, envelopes: Sequence[bytes], client: str = "") -> Future[list[Answer]]:
        """Accept envelopes; the future has one answer each, in order, once they are durable.

        `client` names who sent them, for the bounds on what each may have waiting. Raises Refusal
        QUEUE_FULL or NODE_STOPPING, and then none was accepted.
        """
        return self._submissions.submit(envelopes, client)

    # ---- threads -------------------------------------------------------------------------------

    def _guard(self, loop: Callable[[], None]) -> None:
        """A thread that fails takes the engine down; nobody is left waiting."""
        try:
            loop()
        except BaseException as fault:
            self.halt(fault)

    def halt(self, fault: BaseException) -> None:
        """The node cannot go on; whoever waits is shown why."""
        # Damage is shown in its sentence; the place in the code says something of bugs alone.
        bug = None if isinstance(fault, StorageFault) else fault
        log.critical("engine.halted", error=str(fault), exc_info=bug)
        with self._changed:
            self.fault = self.fault or fault
        self._submissions.fail(fault)

    def _prepare(self) -> None:
        waiting = self._submissions
        while True:
            with self._changed:
                while not len(waiting) or len(self._ready) >= 2 * MAX_BLOCK_TRANSACTIONS:
                    if waiting.closed and (waiting.empty or self.fault is not None):
                        self._drained = True
                        self._changed.notify_all()
                        return
                    self._changed.wait()
                places = waiting.take()
            ready = self._open(places)
            with self._changed:
                for one in ready:
                    self._ready.put(one[0].lead, one)
                waiting.finish()
                if not self._making and not len(self._ready):
                    waiting.block_made()  # it was made while this was looked at
                self._changed.notify_all()

    def _open(self, places: Sequence[tuple[Group, int]]) -> list[_Ready]:
        """Decode and verify; who cannot be opened is answered at once.

        A submission that nobody known has signed is given up; one that goes on with keys which it
        registers itself waits for the block with them.
        """
        looked_at = [place for place in places if place[0].unproven < MAX_UNPROVEN]
        raws = [group.envelopes[place] for group, place in looked_at]
        prepared = dict(zip(looked_at, self.app.prepare(raws, self.app.view()), strict=True))
        ready: list[_Ready] = []
        parked: set[Group] = set()
        for group, place in places:
            one = prepared.get((group, place))
            if group in parked:
                continue
            if isinstance(one, Opened):
                group.lead = group.lead or one.body.party
                group.proven += 1
                ready.append((group, place, one))
            elif one is not None and self._comes_with_a_block(group, one):
                parked.add(group)
                with self._changed:
                    self._submissions.park(group, place)
            else:
                self._turn_down(group, place, one)
        return ready

    def _open_again(self, places: Sequence[tuple[Group, int]]) -> list[_Ready]:
        """Read what was ready once more, by the rules that follow from now on."""
        prepared = self.app.prepare([group.envelopes[place] for group, place in places])
        ready: list[_Ready] = []
        for (group, place), one in zip(places, prepared, strict=True):
            if isinstance(one, Opened):
                ready.append((group, place, one))
            else:
                self._submissions.answer(group, place, rejected(one, b""))
        return ready

    def _comes_with_a_block(self, group: Group, refusal: Refusal) -> bool:
        """Whether an envelope may be signed by a key that one before it registers."""
        unanswered = group.proven > 0 and group.parked < MAX_PARKED
        if not (unanswered and refusal.code is KernelCode.UNKNOWN_KEY):
            return False
        group.parked += 1
        return True

    def _turn_down(self, group: Group, place: int, refusal: Refusal | None) -> None:
        if refusal is None or group.unproven >= MAX_UNPROVEN:
            refusal = Refusal(KernelCode.GIVEN_UP, {"count": MAX_UNPROVEN})
        elif refusal.code in NOBODY:
            group.unproven += 1
        self._submissions.answer(group, place, rejected(refusal, b""))

    def _make_blocks(self) -> None:
        due = self.app.next_due_ms()
        while True:
            with self._changed:
                while not len(self._ready) and (wait_s := self._until(due)) != 0:
                    if self._submissions.closed and (self._drained or self.fault is not None):
                        return
                    self._changed.wait(wait_s)
                batch = self._take_ready()
                self._making = True
                self._changed.notify_all()
            began = time.perf_counter()
            self._make_block(batch)
            self._pace.made(len(batch), time.perf_counter() - began)
            with self._changed:
                self._making = False
                self._submissions.block_made()
                self._changed.notify_all()
            due = self.app.next_due_ms()

    def _until(self, due_ms: int | None) -> float | None:
        """Seconds until a timer makes a block, 0 for now; None where none is set."""
        if due_ms is None:
            return None
        left_ms = due_ms - self._clock.now_ms()
        if left_ms <= 0:
            return LOOK_AGAIN_S if self._clock.waits_for_timers() else 0
        # A clock may be set while this sleeps: it is looked at now and then.
        return min(max(0.001, left_ms / 1000), LOOK_AGAIN_S)

    def _take_ready(self) -> list[_Ready]:
        batch: list[_Ready] = []
        size, most = 0, self._pace.bound()
        while len(self._ready) and len(batch) < most:
            size += len(self._ready.first()[2].raw)
            if batch and size > MAX_BLOCK_BYTES:
                break
            batch.append(self._ready.take())
        return batch

    def _make_block(self, batch: list[_Ready]) -> None:
        if any(opened.protocol != self.app.protocol for _, _, opened in batch):
            batch = self._open_again([(group, place) for group, place, _ in batch])
        offered = [opened for _, _, opened in batch]
        composed = compose(self.app, self._clock.now_ms(), offered, self._signer)
        if composed.records:
            commit(self.app, composed, self._note)
            self._clock.committed()
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
                outcome = self._because_of_clock(one.outcome)
                answer = Answer(Status.REJECTED, outcome, opened.digest, 0, 0)
            self._submissions.answer(group, place, answer)

    def _because_of_clock(self, outcome: Outcome[Any]) -> Outcome[Any]:
        """A refusal for its expiry names the clock where that is not to be trusted."""
        reading = self._clock.read()
        if reading.trusted or outcome.code not in _BY_TIME:
            return outcome
        values: dict[str, Value] = {
            "clock": moment_text(reading.time_ms + reading.ahead_ms),
            "ledger": moment_text(reading.time_ms),
        }  # fmt: skip
        return Outcome(int(KernelCode.CLOCK_NOT_TRUSTED), values)
