"""Answers to submitted envelopes: the same from every engine."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from enum import Enum
from typing import Any, NamedTuple

from tongbao.kernel.codes import KernelCode, Refusal, Value
from tongbao.kernel.transaction import Opened, Outcome
from tongbao.node.application import Application
from tongbao.node.index import digest_at


class Status(Enum):
    """What happened to a submission."""

    RECORDED = "recorded"
    """It stands in a block, done or refused: final and durable."""
    DUPLICATE = "duplicate"
    """The same transaction stood there before; the answer is the original's."""
    REJECTED = "rejected"
    """Nothing was recorded; its name is still free."""


class Answer(NamedTuple):
    """The answer to one submitted envelope."""

    status: Status
    outcome: Outcome[Any]
    digest: bytes
    """SHA-256 of the envelope that stands in the block (or of what was sent)."""
    height: int
    """Block, or 0 where nothing was recorded."""
    position: int


class Group:
    """Envelopes that were submitted together and are answered together."""

    __slots__ = (
        "answers", "bytes", "client", "envelopes", "future", "lead", "missing", "parked",
        "proven", "taken",
        "unproven",
    )  # fmt: skip

    def __init__(self, envelopes: Sequence[bytes], client: str = "") -> None:
        self.envelopes = list(envelopes)
        self.client = client
        """Who sent them, as far as the gateway can tell; empty: this program itself."""
        self.lead = ""
        """The party of the first envelope whose signatures hold: whose turn their block is."""
        self.parked = 0
        """How often they waited for a block."""
        self.taken = 0
        """How many were looked at."""
        self.proven = 0
        """Of how many the signatures hold."""
        self.unproven = 0
        """How many nobody known has signed."""
        self.bytes = sum(map(len, self.envelopes))
        self.future: Future[list[Answer]] = Future()
        self.answers: list[Answer | None] = [None] * len(self.envelopes)
        self.missing = len(self.envelopes)

    def note(self, place: int, answer: Answer) -> bool:
        """Note one answer; whether it was the last. Several threads answer: hold a lock."""
        self.answers[place] = answer
        self.missing -= 1
        return not self.missing

    def complete(self) -> None:
        """Hand out the answers, unless it failed before."""
        with suppress(InvalidStateError):
            self.future.set_result([a for a in self.answers if a is not None])

    def fail(self, fault: BaseException) -> None:
        """There will be no answer, unless it was answered before."""
        with suppress(InvalidStateError):
            self.future.set_exception(fault)


def rejected(refusal: Refusal, digest: bytes = b"") -> Answer:
    """The answer to what stands in no block."""
    return Answer(Status.REJECTED, Outcome(int(refusal.code), refusal.values), digest, 0, 0)


def original(app: Application, opened: Opened) -> Answer:
    """The answer that the first sending of the same transaction got."""
    name = app.locate_name(opened.body.party, opened.body.reference)
    record = None if name is None else app.block(name.height)
    if name is None or record is None:
        values: dict[str, Value] = {} if name is None else {"height": name.height}
        outcome: Outcome[Any] = Outcome(int(KernelCode.ALREADY_RECORDED), values)
        return Answer(Status.DUPLICATE, outcome, opened.digest, 0, 0)
    outcome = app.registry_of(record).decode_outcome(record.outcomes[name.position])
    digest = digest_at(record, name.position)
    return Answer(Status.DUPLICATE, outcome, digest, name.height, name.position)
