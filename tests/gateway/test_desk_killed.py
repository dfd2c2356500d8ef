"""The desk is killed between any two steps, opened again, and pays everything exactly once."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection
from tests.gateway.conftest import Node

from tongbao.gateway.node_ledger import NodeLedger
from tongbao.gateway.services import NodeServices
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.kernel.codes import Refusal
from tongbao.kernel.identity import key_id
from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Signature
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.desk.service import DeskService
from tongbao.paymentfiles.desk.store import DeskStore
from tongbao.readmodel import SqlQueries, Viewer
from tongbao.scenarios import consortium
from tongbao.sdk import desk as sdk
from tongbao.sdk.answers import Result

PARTY = "hengtong"
_SEEDS = itertools.count(900)
ENCODE = msgspec.json.Encoder().encode


class Killed(BaseException):
    """The process ends here."""


class Fuse:
    """Burns through at one of the points that are passed."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.passed = 0

    def point(self) -> None:
        self.passed += 1
        self.left -= 1
        if self.left == 0:
            raise Killed


class FusedStore(DeskStore):
    """A store that may die before and after each commit."""

    fuse: Fuse | None = None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as connection:
            yield connection
            if self.fuse is not None:
                self.fuse.point()
        if self.fuse is not None:
            self.fuse.point()


class FusedLedger(NodeLedger):
    """A ledger whose caller may die before and after it was sent something."""

    fuse: Fuse | None = None
    sent = 0

    def submit(self, envelope: bytes) -> Result:
        if self.fuse is not None:
            self.fuse.point()
        result = super().submit(envelope)
        type(self).sent += 1
        if self.fuse is not None:
            self.fuse.point()
        return result


def signature(label: str, message: bytes) -> Signature:
    private = consortium.key_of(PARTY, label)
    return Signature("ed25519", private.public_key().public_bytes_raw(), private.sign(message))


def order(service: DeskService, label: str, action: str, subject: str, content: bytes) -> bytes:
    version = 0 if action == sdk.UPLOAD else service.queries.file(Viewer.node(), subject).version
    statement = ENCODE(sdk.Statement(
        action, service.ledger.chain, PARTY, subject, version,
        hashlib.sha256(content).hexdigest(), service.ledger.now_ms(),
    ))  # fmt: skip
    signed = (signature(label, sdk.statement_bytes(statement)),)
    return ENCODE(sdk.Order(statement, signed, content))


def sign(service: DeskService, name: str, label: str) -> None:
    batches = service.queries.batches(Viewer.node(), name, limit=100).items
    signed = {one["batch"]: (signature(label, signed_bytes(one["body"])),) for one in batches}
    content = ENCODE(sdk.BatchSignatures(signed))
    service.desk.sign(name, order(service, label, sdk.SIGN, name, content))


def work(service: DeskService, content: bytes) -> str:
    """What people do who come back to the desk: look, and do what is still to be done."""
    name, _ = service.desk.upload(order(service, "maker", sdk.UPLOAD, "p.xml", content))
    if service.queries.file(Viewer.node(), name).state == "open":
        for label in ("maker", "checker"):
            known = service.queries.batches(Viewer.node(), name, limit=1).items[0]["signed_by"]
            if _id(label) not in known:
                sign(service, name, label)
        timing = ENCODE(sdk.Timing())
        service.desk.release(name, order(service, "maker", sdk.RELEASE, name, timing))
    service.sender.send_due()
    return name


def _id(label: str) -> str:
    return key_id("ed25519", consortium.public_key(PARTY, label).public)


def payroll(batch_booking: bool = False) -> bytes:
    numbers = [consortium.employee_account(place)[1] for place in range(1, 4)]
    return payroll_file(
        3, "hengtong/main", numbers, seed=next(_SEEDS), day=datetime.now(UTC).date(),
        batch_booking=batch_booking,
    )  # fmt: skip


def opened(node: Node, path: Path, fuse: Fuse | None) -> DeskService:
    services = NodeServices(node.application, node.engine, SqlQueries(node.read_model))
    ledger = FusedLedger(services)
    service = DeskService(path, ledger)
    store = FusedStore(path, ledger.chain)
    service.store.close()
    for part in (service, service.desk, service.queries, service.sender):
        part.store = store
    ledger.fuse = store.fuse = fuse
    return service


def balance(node: Node) -> int:
    holding = node.application.view().holding("hengtong/main", "CNY")
    assert holding is not None
    return holding.posted


def test_killed_between_any_two_steps_it_loses_and_doubles_nothing(
    node: Node, tmp_path: Path
) -> None:
    points = 0
    for at in itertools.count(1):
        path = tmp_path / f"desk-{at}.db"
        content = payroll(batch_booking=at % 2 == 0)
        before, fuse = balance(node), Fuse(at)
        service = opened(node, path, fuse)
        died = False
        try:
            name = work(service, content)
        except Killed:
            died = True
        finally:
            service.store.close()
        again = opened(node, path, None)
        name = work(again, content)
        file = again.queries.file(Viewer.node(), name)
        assert (file.state, file.states) == ("done", {"settled": 3}), f"killed at point {at}"
        assert before - balance(node) == int(file.totals["CNY"]), f"killed at point {at}"
        again.store.close()
        if not died:
            break
        points += 1
    # Upload, two signatures, release, marking, recording: before and after each commit; and before
    # and after the ledger was shown.
    assert points == 14


def test_killed_twice_at_the_worst_place_the_ledger_answers_the_same(
    node: Node, tmp_path: Path
) -> None:
    content, before = payroll(), balance(node)
    path = tmp_path / "desk.db"
    name = ""
    for _ in range(2):
        service = opened(node, path, None)
        service.ledger.fuse = Fuse(2)  # type: ignore[attr-defined]
        with pytest.raises(Killed):
            work(service, content)
        name = service.queries.files(Viewer.node(), limit=1).items[0]["file"]
        assert service.queries.file(Viewer.node(), name).states == {"sending": 3}
        service.store.close()
    service = opened(node, path, None)
    service.sender.send_due()
    file = service.queries.file(Viewer.node(), name)
    assert (file.state, file.states) == ("done", {"settled": 3})
    assert before - balance(node) == int(file.totals["CNY"])
    service.store.close()


def test_what_a_cancellation_overtakes_is_not_sent(node: Node, tmp_path: Path) -> None:
    service = opened(node, tmp_path / "desk.db", None)
    before = balance(node)
    content = payroll()
    real: Callable[[], Any] = service.sender.send_due
    service.sender.send_due = lambda: 0  # type: ignore[method-assign]
    name = work(service, content)
    batch = service.sender._next()
    assert batch is not None
    service.desk.cancel(name, order(service, "maker", sdk.CANCEL, name, b""))
    service.sender._mark(batch)
    assert service.sender._submit(batch) is None
    real()
    assert balance(node) == before
    assert service.queries.file(Viewer.node(), name).state == "cancelled"
    service.store.close()


def test_a_desk_of_another_chain_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    DeskStore(path, "one").close()
    with pytest.raises(Refusal) as refused:
        DeskStore(path, "two")
    assert refused.value.code is DeskCode.OTHER_DESK
    DeskStore(path, "one").close()
