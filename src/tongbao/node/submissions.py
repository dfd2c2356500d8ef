"""What was submitted and is not answered yet: bounded for each client, and taken in turns.

Every engine has one queue. Before the signatures of a submission hold nobody knows whose it is, so
what it may cost until then is bounded: in envelopes and bytes for each client and for all, and in
the work of one turn. Small submissions have turns of their own; a large one never stands before
them as a whole.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Generic, NamedTuple, TypeVar

from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.node.answers import Answer, Group

SMALL_ENVELOPES = 16
"""A submission of at most so many envelopes has a turn beside the large ones."""
SMALL_BYTES = 64 * 1024
TURN_ENVELOPES = 256
"""Envelopes of one turn while several clients wait."""
TURN_BYTES = 1_048_576
ALONE_ENVELOPES = 2_000
"""Envelopes of one turn while no other client waits."""
ALONE_BYTES = 3 * 1_048_576
MAX_UNPROVEN = 32
"""After so many envelopes that nobody known has signed, the rest of a submission is given up."""
NOBODY = frozenset(
    (KernelCode.UNKNOWN_KEY, KernelCode.KEY_NOT_LIVE, KernelCode.NAMER_NOT_SIGNED,
     KernelCode.BAD_SIGNATURE, KernelCode.WRONG_CHAIN)
)  # fmt: skip
"""Refusals that say that nobody known has signed, as far as this chain knows."""

T = TypeVar("T")


class Turns(Generic[T]):
    """A queue for each key; who has waited longest is next, then everybody else once."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, deque[T]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._count

    @property
    def several(self) -> bool:
        """Whether those of more than one key wait."""
        return len(self._queues) > 1

    def __iter__(self) -> Iterator[T]:
        """All that wait, in no order that matters."""
        for queue in self._queues.values():
            yield from queue

    def put(self, key: str, one: T) -> None:
        """Stand at the end of a key's queue."""
        self._queues.setdefault(key, deque()).append(one)
        self._count += 1

    def first(self) -> T:
        """The one that `take` would give."""
        return next(iter(self._queues.values()))[0]

    def take(self) -> T:
        """The next one; its key's turn comes again after the others'."""
        key, queue = next(iter(self._queues.items()))
        one = queue.popleft()
        self._count -= 1
        del self._queues[key]
        if queue:
            self._queues[key] = queue
        return one


class Bounds(NamedTuple):
    """How much may wait, in envelopes and bytes."""

    waiting: int = 200_000
    waiting_bytes: int = 256 * 1_048_576
    client_waiting: int = 50_000
    """Of one client."""
    client_waiting_bytes: int = 64 * 1_048_576


class SubmissionQueue:
    """Submissions until they are answered; those that are not looked at yet, in fair turns.

    Whoever waits for the next turn, takes it or ends it holds `changed`.
    """

    def __init__(self, bounds: Bounds | None = None) -> None:
        """Nothing waits."""
        self.bounds = bounds or Bounds()
        self.changed = threading.Condition()
        """Notified whenever something was submitted or the queue was closed."""
        self.closed = False
        """Whether nothing more is accepted."""
        self._small: Turns[Group] = Turns()
        self._large: Turns[Group] = Turns()
        self._parked: list[Group] = []
        self._in_turn: list[Group] = []
        self._clients: dict[str, tuple[int, int]] = {}
        self._unanswered: dict[Group, None] = {}
        self.waiting = 0
        """Envelopes accepted and not answered."""
        self.waiting_bytes = 0

    # ---- outside -------------------------------------------------------------------------------

    def submit(self, envelopes: Sequence[bytes], client: str = "") -> Future[list[Answer]]:
        """Accept envelopes; the future has one answer each, in order.

        `client` names who sent them. Raises Refusal QUEUE_FULL where the queue or the client has no
        room, NODE_STOPPING where it is closed, and then none was accepted.
        """
        group = Group(envelopes, client)
        if not group.envelopes:
            group.future.set_result([])
            return group.future
        with self.changed:
            if self.closed:
                raise Refusal(KernelCode.NODE_STOPPING, {})
            self._admit(group)
            self.changed.notify_all()
        return group.future

    def answer(self, group: Group, place: int, answer: Answer) -> None:
        """Answer one envelope, which makes room; the last one completes the submission."""
        size = len(group.envelopes[place])
        with self.changed:
            self._release(group.client, size)
            answered = group.note(place, answer)
            if answered:
                self._unanswered.pop(group, None)
        if answered:
            group.complete()

    def close(self) -> None:
        """Accept nothing more."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def fail(self, fault: BaseException) -> None:
        """Accept nothing more, and tell everybody who waits that there will be no answer."""
        with self.changed:
            self.closed = True
            groups = list(self._unanswered)
            for left in (self._unanswered, self._parked, self._in_turn):
                left.clear()
            self._small, self._large = Turns(), Turns()
            self.changed.notify_all()
        for group in groups:
            group.fail(fault)

    def _admit(self, group: Group) -> None:
        count, size, most = len(group.envelopes), group.bytes, self.bounds
        held, held_bytes = self._clients.get(group.client, (0, 0))
        if self.waiting + count > most.waiting or self.waiting_bytes + size > most.waiting_bytes:
            raise Refusal(KernelCode.QUEUE_FULL, {"waiting": self.waiting})
        own_full = held + count > most.client_waiting
        own_full = own_full or held_bytes + size > most.client_waiting_bytes
        if group.client and own_full:
            raise Refusal(KernelCode.QUEUE_FULL, {"waiting": held})
        self.waiting += count
        self.waiting_bytes += size
        if group.client:
            self._clients[group.client] = (held + count, held_bytes + size)
        self._unanswered[group] = None
        self._queue(group)

    def _release(self, client: str, size: int) -> None:
        self.waiting -= 1
        self.waiting_bytes -= size
        if client:
            held, held_bytes = self._clients.get(client, (1, size))
            if held <= 1:
                self._clients.pop(client, None)
            else:
                self._clients[client] = (held - 1, held_bytes - size)

    # ---- turns ---------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Submissions that can be looked at now."""
        return len(self._small) + len(self._large)

    @property
    def empty(self) -> bool:
        """Whether nothing waits, not even for a block."""
        return not len(self) and not self._parked

    def take(self) -> list[tuple[Group, int]]:
        """The envelopes of the next turn, small submissions first; a submission's in order.

        `finish` says when they were looked at.
        """
        turn: list[tuple[Group, int]] = []
        while len(self._small) and len(turn) < TURN_ENVELOPES:
            turn += self._part(self._small.take(), ALONE_ENVELOPES, TURN_BYTES)
        alone = not turn and not self._large.several
        most, left = (ALONE_ENVELOPES, ALONE_BYTES) if alone else (TURN_ENVELOPES, TURN_BYTES)
        while len(self._large) and most > 0 and left > 0:
            part = self._part(self._large.take(), most, left)
            most -= len(part)
            left -= sum(len(group.envelopes[place]) for group, place in part)
            turn += part
        return turn

    def _part(self, group: Group, most: int, most_bytes: int) -> list[tuple[Group, int]]:
        """The next envelopes of a submission: at least one, then as many as fit."""
        self._in_turn.append(group)
        start, size, end = group.taken, 0, group.taken
        while end < len(group.envelopes) and end - start < most:
            size += len(group.envelopes[end])
            if end > start and size > most_bytes:
                break
            end += 1
        group.taken = end
        return [(group, place) for place in range(start, end)]

    def park(self, group: Group, place: int) -> None:
        """Look at a submission of this turn again from a place on, once a block is made."""
        group.taken = place
        if group in self._in_turn:
            self._in_turn.remove(group)
            self._parked.append(group)

    def finish(self) -> None:
        """The turn is over: what is left of its submissions waits for the next."""
        for group in self._in_turn:
            if group.taken < len(group.envelopes):
                self._queue(group)
        self._in_turn.clear()

    def block_made(self) -> None:
        """What waited for a block can be looked at."""
        for group in self._parked:
            self._queue(group)
        self._parked.clear()

    def _queue(self, group: Group) -> None:
        left = len(group.envelopes) - group.taken
        small = left <= SMALL_ENVELOPES and group.bytes <= SMALL_BYTES
        (self._small if small else self._large).put(group.client, group)
