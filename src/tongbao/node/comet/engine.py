"""The network engine: hands transactions to CometBFT and answers when a block holds them.

Whoever submits waits for the block, as with the solo engine. A transaction that was handed on may
be lost with the engine's mempool; it is handed on again until a block holds it or its time is over,
so that every accepted envelope gets an answer as long as the chain goes on.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

import structlog

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.hashing import chain_hash
from tongbao.kernel.transaction import Opened, Outcome
from tongbao.node.answers import Answer, Group, Status, original, rejected
from tongbao.node.clock import ChainClock, Reading, steady_ms
from tongbao.node.comet.rpc import EngineFault, EngineRpc
from tongbao.node.comet.service import AbciService
from tongbao.node.submissions import MAX_UNPROVEN, NOBODY, Bounds, SubmissionQueue

log = structlog.get_logger(__name__)

BOUNDS = Bounds(50_000, 128 * 1_048_576, 25_000, 64 * 1_048_576)
HAND_ON_AT_ONCE = 400
HAND_ON_BYTES = 4 * 1_048_576
AGAIN_S = 3.0
CERTIFY_TRIES = 20
LIVE_MS = 30_000
"""A network makes a block every few seconds: where none came for so long, it stands still."""
IN_CACHE = "tx already exists in cache"
FULL = "mempool is full"


class _Pending(NamedTuple):
    """An envelope that waits for its block."""

    raw: bytes
    opened: Opened
    places: list[tuple[Group, int]]
    """Who asked for it; more than one where the same bytes were submitted again."""


class CometEngine:
    """The engine as gateway and read model see it."""

    def __init__(self, service: AbciService, rpc: EngineRpc) -> None:
        """Answer from the blocks that `service` commits; reach CometBFT by `rpc`."""
        self.app = service.app
        self._service = service
        self._rpc = rpc
        self._submissions = SubmissionQueue(BOUNDS)
        self._blocks: queue.Queue[BlockRecord | None] = queue.Queue()
        self._pending: dict[bytes, _Pending] = {}
        self._lock = threading.Lock()
        """Of what waits for a block."""
        self._stopping = threading.Event()
        # A node that joins begins with a genesis of any age: what stands there says nothing.
        self._clock = ChainClock(self.app.tip.time_ms, accept=True)
        self._block_came_at = 0
        self.app.clock = self._now_ms
        self.fault: BaseException | None = None
        self._listeners: list[Callable[[BlockRecord], None]] = []
        self._certified: list[Callable[[int], None]] = []
        work = (self._hand_on, self._follow, self._hand_on_again, self._certify)
        self._uncertified: queue.Queue[int | None] = queue.Queue()
        self._threads = [
            threading.Thread(target=self._guard, args=(one,), name=one.__name__, daemon=True)
            for one in work
        ]

    # ---- outside -------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to accept."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Accept nothing more; what waits for a block is shown that the node stops."""
        self._stopping.set()
        self._submissions.close()
        self._blocks.put(None)
        self._uncertified.put(None)
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=10)
        self._give_up()

    def subscribe(self, listener: Callable[[BlockRecord], None]) -> None:
        """Call `listener` with every block once it is durable, in order, from one thread."""
        self._listeners.append(listener)

    def clock(self) -> Reading:
        """The machine's clock: the network's time is the median of its validators' clocks."""
        return self._clock.read()

    def _now_ms(self) -> int:
        """The ledger's time: the newest block's and what has passed, or the clock after a halt."""
        passed = max(0, steady_ms() - self._block_came_at)
        if self._block_came_at and passed <= LIVE_MS:
            return self.app.tip.time_ms + passed
        return self._clock.now_ms()

    @property
    def waiting(self) -> int:
        """Envelopes accepted and not yet answered."""
        return self._submissions.waiting

    def submit(self, envelopes: Sequence[bytes], client: str = "") -> Future[list[Answer]]:
        """Accept envelopes; the future has one answer each, in order, once a block holds them.

        `client` names who sent them, for the bounds on what each may have waiting. Raises Refusal
        QUEUE_FULL or NODE_STOPPING, and then none was accepted.
        """
        return self._submissions.submit(envelopes, client)

    def on_block(self, record: BlockRecord) -> None:
        """A block is durable. Called by the ABCI service; returns at once."""
        self._block_came_at = steady_ms()
        self._blocks.put(record)

    def halt(self, fault: BaseException) -> None:
        """The node cannot go on; whoever waits is shown so at once, to ask elsewhere."""
        with self._lock:
            self.fault = self.fault or fault
        log.critical("engine.halted", error=str(fault))
        self._give_up()

    def _give_up(self) -> None:
        """Whoever waits here hears that the node stops: another one may have it settle."""
        with self._lock:
            self._pending.clear()
        self._submissions.fail(Refusal(KernelCode.NODE_STOPPING, {}))

    def _guard(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except BaseException as fault:
            log.critical("engine.halted", error=str(fault), exc_info=True)
            self.halt(fault)

    # ---- handing on ----------------------------------------------------------------------------

    def _hand_on(self) -> None:
        waiting = self._submissions
        while True:
            with waiting.changed:
                while not waiting.closed and not len(waiting):
                    waiting.changed.wait()
                if waiting.closed:
                    return
                turn = waiting.take()
            self._send(self._admitted(turn))
            with waiting.changed:
                waiting.finish()

    def _admitted(self, turn: Sequence[tuple[Group, int]]) -> list[bytes]:
        """Envelopes to hand on; the others are answered at once."""
        places = [where for where in turn if where[0].unproven < MAX_UNPROVEN]
        for where in turn:
            if where[0].unproven >= MAX_UNPROVEN:
                self._answer(where, rejected(Refusal(KernelCode.GIVEN_UP, {"count": MAX_UNPROVEN})))
        raws = [group.envelopes[place] for group, place in places]
        view = self._service.mempool_view()
        new: list[bytes] = []
        opened = self._service.verified.open(raws, view)
        for where, raw, one in zip(places, raws, opened, strict=True):
            refusal = self._service.admit(view, one)
            if isinstance(one, Opened) and refusal is None:
                if self._note(where, raw, one):
                    new.append(raw)
            elif isinstance(one, Opened) and refusal.code is KernelCode.ALREADY_RECORDED:  # type: ignore[union-attr]
                self._answer(where, original(self.app, one))
            else:
                assert refusal is not None
                where[0].unproven += refusal.code in NOBODY
                self._answer(where, rejected(refusal))
        return new

    def _note(self, where: tuple[Group, int], raw: bytes, opened: Opened) -> bool:
        """Wait for a block that holds this; False where it is waited for already."""
        with self._lock:
            halted = self.fault is not None
            known = self._pending.get(opened.digest)
            if known is not None:
                known.places.append(where)
                return False
            if not halted:
                self._pending[opened.digest] = _Pending(raw, opened, [where])
        if halted:
            return False
        located = self.app.locate(opened.digest)
        if located is None:
            return True
        self._settle(opened.digest, None)  # a block took it between the check and now
        return False

    def _send(self, envelopes: Sequence[bytes]) -> None:
        start = 0
        while start < len(envelopes):
            end, size = start, 0
            while end < len(envelopes) and end - start < HAND_ON_AT_ONCE:
                size += len(envelopes[end])
                if end > start and size > HAND_ON_BYTES:
                    break
                end += 1
            self._send_some(envelopes[start:end])
            start = end

    def _send_some(self, envelopes: Sequence[bytes]) -> None:
        try:
            objections = self._rpc.broadcast(envelopes)
        except EngineFault as fault:
            log.warning("engine.unreachable", error=str(fault), waiting=len(envelopes))
            return  # handed on again later
        for objection in objections:
            if objection and IN_CACHE not in objection:
                log.info("engine.objected", objection=objection)

    def _hand_on_again(self) -> None:
        """Hand on what no block has taken, and answer what no block will take any more."""
        while not self._stopping.wait(AGAIN_S):
            now_ms = self.app.tip.time_ms
            with self._lock:
                left = list(self._pending.items())
            again = []
            for digest, one in left:
                if one.opened.body.expires_at_ms <= now_ms:
                    self._settle(digest, None)
                else:
                    again.append(one.raw)
            self._send(again[: 10 * HAND_ON_AT_ONCE])

    # ---- blocks --------------------------------------------------------------------------------

    def _follow(self) -> None:
        while (record := self._blocks.get()) is not None:
            for position, raw in enumerate(record.transactions):
                self._settle(chain_hash(raw), (record, position))
            for listener in self._listeners:
                listener(record)
            self._uncertified.put(record.height)

    def _settle(self, digest: bytes, place: tuple[BlockRecord, int] | None) -> None:
        """Answer those who wait for an envelope."""
        with self._lock:
            one = self._pending.pop(digest, None)
        if one is None:
            return
        answer = self._answer_for(one, place)
        for where in one.places:
            self._answer(where, answer)

    def _decode(self, record: BlockRecord, position: int) -> Outcome[Any]:
        return self.app.registry_of(record).decode_outcome(record.outcomes[position])

    def _answer_for(self, one: _Pending, place: tuple[BlockRecord, int] | None) -> Answer:
        digest = one.opened.digest
        located = self.app.locate(digest)
        if located is not None:
            record = self.app.block(located.height)
            if place is not None and place[0].height == located.height:
                record = place[0]
            if record is not None:
                outcome = self._decode(record, located.position)
                return Answer(Status.RECORDED, outcome, digest, *located)
        name = self.app.locate_name(one.opened.body.party, one.opened.body.reference)
        if name is not None and name.body_digest == one.opened.body_digest:
            return original(self.app, one.opened)
        if place is not None:
            outcome = self._decode(*place)
            return Answer(Status.REJECTED, outcome, digest, 0, 0)
        return rejected(
            Refusal(
                KernelCode.EXPIRED,
                {
                    "expires_at_ms": one.opened.body.expires_at_ms,
                    "time_ms": self.app.tip.time_ms,
                },
            ),
            digest,
        )

    def _answer(self, where: tuple[Group, int], answer: Answer) -> None:
        self._submissions.answer(*where, answer)

    # ---- certificates --------------------------------------------------------------------------

    def _certify(self) -> None:
        """Bring header and commit of every block from the engine into our own store."""
        for height in self._missing():
            self._uncertified.put(height)
        while (wanted := self._uncertified.get()) is not None:
            for attempt in range(CERTIFY_TRIES):
                if self._stopping.is_set():
                    return
                try:
                    self.app.certify(wanted, *self._rpc.certificate(wanted))
                except (EngineFault, ValueError) as fault:
                    if attempt == CERTIFY_TRIES - 1:
                        log.error("certificate.missing", height=wanted, error=str(fault))
                    time.sleep(min(0.05 * 2**attempt, 2.0))
                else:
                    break

    def _missing(self) -> list[int]:
        """Newest blocks without a certificate: those from the time of the last stop."""
        missing: list[int] = []
        for height in range(self.app.tip.height, self.app.genesis.founding_height, -1):
            record = self.app.block(height)
            if record is None or record.header or self.app.block(height - 1) is None:
                break  # the last: a snapshot's own block, whose header the engine never had
            missing.append(height)
        return missing[::-1]
