"""A toy module and a bench for it, so that the kernel is tested without the business."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao import _core
from tongbao.kernel.blocks import Applied, apply_block
from tongbao.kernel.codes import Code, Refusal, Retry, refuse, require
from tongbao.kernel.genesis import Genesis, GenesisValidator, found
from tongbao.kernel.identity import KEYS, POLICIES, SUSPENDED, Approval, Key, Policy, key_id
from tongbao.kernel.money import Holding, HoldingFlag
from tongbao.kernel.pipeline import Executed, execute, open_envelope, perform
from tongbao.kernel.proving import verify
from tongbao.kernel.registry import Invariant, Module, Registry
from tongbao.kernel.signing import USUAL_SUITES, signed_bytes
from tongbao.kernel.tables import Table
from tongbao.kernel.transaction import (
    Body,
    Envelope,
    Event,
    Opened,
    Signature,
    Transaction,
    transaction,
)
from tongbao.kernel.views import BlockContext, ReadView, WriteView

NOTES: Table[str] = Table(b"\x70\x01", "notes", (str,), str, "name -> text")
START_MS = 1_800_000_000_000
ENCODE = msgspec.json.encode


class ToyCode(Code):
    """What the toy refuses."""

    SHAPE = (9001, Retry.NEVER, "the shape is wrong")
    ADMISSION = (9002, Retry.AFTER_CHANGE, "not now")
    APPLICATION = (9003, Retry.AFTER_CHANGE, "half way through")


class Noted(Event, tag="toy.noted"):
    """A note was written."""

    name: str


@transaction(code=0x7001, scope="toy")
class Note(Transaction, tag="toy.note"):
    """Write a note; `fault` makes it fail in a chosen phase."""

    party: str
    name: str
    text: str = ""
    fault: str = ""

    def signers(self, view: ReadView) -> tuple[Approval, ...]:
        return (Approval(self.party, "toy"),)

    def check(self) -> None:
        require(self.fault != "check", ToyCode.SHAPE)

    def admit(self, view: ReadView) -> None:
        require(self.fault != "admit", ToyCode.ADMISSION)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        ledger.put(NOTES, self.name, value=self.text)
        if self.fault == "apply":
            refuse(ToyCode.APPLICATION)
        if self.fault == "bug":
            raise ZeroDivisionError("a bug")
        yield Noted(self.name)


@transaction(code=0x7002, scope="toy")
class Pay(Transaction, tag="toy.pay"):
    """Move money; `leak` breaks double entry on purpose."""

    debit: str
    credit: str
    amount: int
    leak: int = 0

    def signers(self, view: ReadView) -> tuple[Approval, ...]:
        return ()

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        fault = ledger.move(self.debit, self.credit, "X", self.amount)
        require(fault == 0, ToyCode.APPLICATION)
        holding = ledger.holding(self.credit, "X")
        assert holding is not None
        if self.leak:
            more = holding._replace(posted=holding.posted + self.leak)
            ledger.put_holding(self.credit, "X", more)
        yield Noted(self.credit)


@transaction(code=0x7003, scope="toy")
class Nest(Transaction, tag="toy.nest"):
    """Perform a note inside, `levels` deep."""

    party: str
    levels: int

    def signers(self, view: ReadView) -> tuple[Approval, ...]:
        return ()

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        inner: Transaction = Note(self.party, "inner")
        if self.levels:
            inner = Nest(self.party, self.levels - 1)
        yield from perform(ledger, (inner,), ledger.approvals)


@transaction(code=0x7004, scope="toy")
class Later(Transaction, tag="toy.later"):
    """Write a note when a time comes."""

    due_at_ms: int
    name: str

    def signers(self, view: ReadView) -> tuple[Approval, ...]:
        return ()

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        ledger.schedule(self.due_at_ms, "toy.later", self.name)
        yield Noted(self.name)


@transaction(code=0x7005, scope="toy")
class Join(Transaction, tag="toy.join"):
    """Give a party its key, in the genesis."""

    party: str
    public: bytes

    def signers(self, view: ReadView) -> tuple[Approval, ...]:
        return (Approval("nobody", "toy"),)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        key = Key("ed25519", self.public)
        ledger.put(KEYS, self.party, key_id(key.suite, key.public), value=key)
        yield Noted(self.party)


def on_time(ledger: WriteView, subject: str) -> Iterator[Event]:
    """The timer of `Later`: `bug` fails, `evil` breaks a law, `silent` tells nobody.

    `cancel NAME` takes another one of the same time back.
    """
    ledger.put(NOTES, subject, value="evil" if subject == "evil" else "on time")
    if subject.startswith("cancel "):
        ledger.unschedule(ledger.time_ms, "toy.later", subject.removeprefix("cancel "))
    if subject != "silent":
        yield Noted(subject)
    if subject == "bug":
        raise ZeroDivisionError("a bug in a timer")


TOY = Module(
    name="toy",
    number=0x70,
    tables=(NOTES,),
    transactions=(Note, Pay, Nest, Later, Join),
    events=(Noted,),
    internal=(NOTES, Noted),
    codes=ToyCode,
    invariants=(
        Invariant(NOTES, "no note is evil", lambda view, key, before, after: after != "evil"),
    ),
    timers={"toy.later": on_time},
)


class ToyKey:
    """A key of a party: number n of its keys."""

    def __init__(self, party: str, number: int = 0) -> None:
        self.party = party
        seed = f"{party}{number}".encode().ljust(32, b"\1")[:32]
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.private.public_key().public_bytes_raw()
        self.id = key_id("ed25519", self.public)

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    def signature(self, raw_body: bytes, namer: str) -> Signature:
        party = "" if self.party == namer else self.party
        return Signature("ed25519", self.public, self.sign(signed_bytes(raw_body)), party)


class Bench:
    """A chain in memory with the toy module, parties A and B, and money on A/1 and B/1."""

    chain = "test"
    # Everything that a test builds with, so that tests need no import of this file.
    Note, Pay, Nest, Later = Note, Pay, Nest, Later
    Noted, ToyCode, NOTES, Key = Noted, ToyCode, NOTES, ToyKey

    def __init__(self) -> None:
        self.registry = Registry([TOY], suites=USUAL_SUITES)
        self.validator = ToyKey("validator")
        self.a, self.b = ToyKey("A"), ToyKey("B")
        joining = ENCODE([Join(key.party, key.public) for key in (self.a, self.b)])
        self.genesis = Genesis(
            self.chain, START_MS, (GenesisValidator("v", self.validator.public),),
            name_memory_ms=24 * 3600 * 1000, actions=msgspec.Raw(joining),
        )  # fmt: skip
        self.draft = _core.State.open(None).draft()
        found(self.draft, self.genesis, self.registry)
        self.block = BlockContext(self.chain, 1, START_MS + 1_000)
        ledger = self.ledger()
        for account, posted in (("A/1", 100), ("B/1", 0)):
            ledger.put_holding(account, "X", Holding(HoldingFlag(0), posted, 0))
        ledger.put_holding("I/i", "X", Holding(HoldingFlag.ISSUING, -100, 0))

    def ledger(self) -> WriteView:
        return WriteView(self.draft, self.block, self.registry)

    def view(self) -> ReadView:
        return ReadView(self.draft, self.block)

    def at(self, time_ms: int, height: int | None = None) -> None:
        """Go to another block."""
        self.block = BlockContext(self.chain, height or self.block.height + 1, time_ms)

    def put_key(self, party: str, key: ToyKey, **fields: Any) -> None:
        self.ledger().put(KEYS, party, key.id, value=Key("ed25519", key.public, **fields))

    def put_policy(self, party: str, scope: str, keys: int, weight: int = 1) -> None:
        self.ledger().put(POLICIES, party, scope, value=Policy(keys, weight))

    def suspend(self, party: str) -> None:
        self.ledger().put(SUSPENDED, party, value="a reason")

    def body(self, *actions: Transaction, **fields: Any) -> Body[Any]:
        merged = {
            "chain": self.chain, "party": "A", "reference": "r1",
            "expires_at_ms": self.block.time_ms + 60_000, **fields,
        }  # fmt: skip
        return Body(actions=actions or (Note("A", "n"),), **merged)

    def seal(self, body: Body[Any], *keys: ToyKey) -> bytes:
        return self.seal_raw(ENCODE(body), body.party, *keys)

    def seal_raw(self, raw: bytes, namer: str, *keys: ToyKey) -> bytes:
        signatures = tuple(key.signature(raw, namer) for key in keys or (self.a,))
        return ENCODE(Envelope(msgspec.Raw(raw), signatures))

    def open(self, raw: bytes) -> Opened:
        """The stateless ladder, signatures included; raises Refusal."""
        opened = open_envelope(raw, self.registry, self.chain)
        refusal = verify([opened], self.registry)[0]
        if refusal is not None:
            raise refusal
        return opened

    def run(self, raw: bytes, *, strict: bool = False) -> Executed:
        """Both ladders."""
        return execute(
            self.draft, self.block, self.registry, self.open(raw), 0, strict=strict, composing=True
        )

    def send(self, *actions: Transaction, **fields: Any) -> Executed:
        """A transaction of A, signed by A."""
        return self.run(self.seal(self.body(*actions, **fields)))

    def carry(self, *raws: bytes, strict: bool = False) -> Applied:
        opened = [self.open(raw) for raw in raws]
        return apply_block(self.draft, self.block, self.registry, opened, strict=strict)

    def refusal(self, raw: bytes) -> Refusal:
        """What the stateless ladder says; it has to refuse."""
        with pytest.raises(Refusal) as caught:
            self.open(raw)
        return caught.value


@pytest.fixture
def bench() -> Bench:
    """A fresh toy chain."""
    return Bench()
