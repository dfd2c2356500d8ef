"""A snapshot between two nodes: given while older ones go, and taken from one that may lie."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.comet.conftest import Side, pay, side_of
from tests.node.conftest import founded

from tongbao.kernel.validators import Validator
from tongbao.modules import protocols
from tongbao.node.application import Application
from tongbao.node.comet import statesync
from tongbao.node.comet.statesync import ACCEPT, REJECT, REJECT_SNAPSHOT, Offer, StateSync
from tongbao.node.home import NodeHome
from tongbao.node.opening import open_application

STRANGER = Validator(b"\x11" * 32, 10)


@dataclass
class Given:
    """A snapshot as an engine hands it on."""

    side: Side
    sync: StateSync
    asked: dict[str, Any]

    def offer(self, **changes: Any) -> dict[str, Any]:
        """What is asked about it, with its manifest changed."""
        offer = msgspec.structs.replace(
            msgspec.msgpack.decode(self.asked["metadata"], type=Offer), **changes
        )
        return self.of(msgspec.msgpack.encode(offer))

    def of(self, metadata: bytes) -> dict[str, Any]:
        """What is asked about a manifest."""
        return self.asked | {"metadata": metadata, "hash": hashlib.sha256(metadata).digest()}

    def chunk(self, index: int) -> dict[str, Any]:
        """What is asked about one of its chunks."""
        wanted = {"height": self.asked["height"], "format": 1, "chunk": index}
        return {"index": index, "sender": "peer", **self.sync.chunk(wanted)}


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    """By a node with some blocks, in several chunks."""
    monkeypatch.setattr(statesync, "CHUNK_BYTES", 4_096)
    side = side_of(founded(None), tmp_path)
    sync = StateSync(side.ledger.app, tmp_path / "given", tmp_path / "none", 1)
    for amount in (1, 2):
        side.decide([side.envelope(pay(amount))])
    record = side.ledger.app.block(2)
    assert record is not None
    sync.take(record)
    sync.finish()
    [offered] = sync.offered({})["snapshots"]
    return Given(side, sync, offered | {"app_hash": side.ledger.app.state.root()})


@dataclass
class Joining:
    """A node that has nothing yet."""

    home: NodeHome
    app: Application
    sync: StateSync

    def take(self, given: Given, asked: dict[str, Any]) -> int:
        """Take every chunk of what was offered; what comes of the last one."""
        assert self.sync.accept(asked) == {"result": ACCEPT}
        results = [
            self.sync.apply(given.chunk(index))["result"] for index in range(asked["chunks"])
        ]
        assert set(results[:-1]) == {ACCEPT}
        return int(results[-1])


@pytest.fixture
def joining(given: Given, tmp_path: Path) -> Joining:
    home = NodeHome(tmp_path / "joining")
    home.path.mkdir()
    home.genesis_file.write_bytes(given.side.ledger.app.genesis.encode())
    app = open_application(home.path, protocols())
    return Joining(home, app, StateSync(app, home.path / "snapshots", home.ledger, 0))


def test_a_node_begins_with_what_another_one_gives(given: Given, joining: Joining) -> None:
    assert joining.take(given, given.asked) == ACCEPT
    theirs = given.side.ledger.app
    assert (joining.app.tip.height, joining.app.state.root()) == (2, theirs.state.root())
    assert joining.app.newest_validators == theirs.newest_validators
    joining.app.state.close()
    again = open_application(joining.home.path, protocols())
    assert again.validators_at(3) == theirs.validators_at(3)
    assert sorted(one.name for one in joining.home.path.iterdir()) == [
        "genesis.json", "ledger", "snapshots",
    ]  # fmt: skip
    again.state.close()


def test_a_node_that_began_with_a_snapshot_gives_one_like_any_other(
    given: Given, joining: Joining, tmp_path: Path
) -> None:
    assert joining.take(given, given.asked) == ACCEPT
    sync = StateSync(joining.app, tmp_path / "again", tmp_path / "none", 1)
    record = joining.app.block(2)
    assert record is not None
    sync.take(record)
    sync.finish()
    [offered] = sync.offered({})["snapshots"]
    assert offered["metadata"] == given.asked["metadata"]


def test_validators_that_the_state_does_not_seat_are_not_taken_over(
    given: Given, joining: Joining
) -> None:
    """They would tell the engine of changes that no other node tells of."""
    seated = given.side.ledger.app.newest_validators
    for false in (((0, (STRANGER,)),), ((0, seated), (3, (*seated, STRANGER)))):
        assert joining.take(given, given.offer(sets=false)) == REJECT_SNAPSHOT
        assert joining.app.tip.height == 0 and joining.app.newest_validators == seated
        assert not joining.home.ledger.with_name("ledger.restored").exists()
    assert joining.take(given, given.asked) == ACCEPT


@pytest.mark.parametrize(
    "sets",
    [
        (),
        ((0, ()),),
        ((0, (Validator(b"\x11" * 31, 10),)),),
        ((0, (Validator(b"\x11" * 32, 0),)),),
        ((0, (Validator(b"\x11" * 32, 2**63),)),),
        ((-1, (STRANGER,)),),
        ((2**64 - 1, (STRANGER,)),),
        ((3, (STRANGER,)),),
        ((0, (STRANGER,)), (1, (STRANGER,)), (2, (STRANGER,)), (3, (STRANGER,))),
        ((0, (STRANGER, STRANGER)),),
    ],
    ids=["none", "nobody", "no key", "no power", "much power", "before all", "never", "later",
         "many", "a key twice"],
)  # fmt: skip
def test_sets_that_no_chain_could_have_are_refused_at_once(
    given: Given, joining: Joining, sets: Any
) -> None:
    assert joining.sync.accept(given.offer(sets=sets)) == {"result": REJECT}


def test_a_manifest_that_nests_deeper_than_a_decoder_goes_is_refused(
    given: Given, joining: Joining
) -> None:
    plain = given.asked["metadata"]
    assert plain[0] == 0x95  # a list of five
    deep = b"\x96" + plain[1:] + b"\x91" * 100_000 + b"\xc0"
    assert joining.sync.accept(given.of(deep)) == {"result": REJECT}
    assert joining.sync.accept(given.of(b"\xc1")) == {"result": REJECT}


def test_a_snapshot_that_goes_while_it_is_asked_for_is_just_not_here(
    given: Given, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An older one is removed by the thread that has written a newer one."""
    monkeypatch.setattr(Path, "exists", lambda self: True)
    wanted = {"height": 7, "format": 1, "chunk": 0}
    assert given.sync.chunk(wanted) == {"chunk": b""}
    taken = given.sync._taken()
    monkeypatch.setattr(given.sync, "_taken", lambda: [tmp_path / "gone", *taken])
    assert len(given.sync.offered({})["snapshots"]) == 1


def test_a_node_that_is_killed_while_it_puts_the_store_in_place_begins_anew(
    given: Given, joining: Joining, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def killed(self: Path, target: Path) -> Path:
        if self.name == "ledger.restored":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        joining.take(given, given.asked)
    monkeypatch.undo()
    app = open_application(joining.home.path, protocols())
    assert app.tip.height == 0
    sync = StateSync(app, joining.home.path / "snapshots", joining.home.ledger, 0)
    assert Joining(joining.home, app, sync).take(given, given.asked) == ACCEPT
    assert app.tip.height == 2
    app.state.close()
