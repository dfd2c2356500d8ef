"""From solo to network: other validators continue a chain from its snapshot, under another name."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from tests.comet.conftest import side_of
from tests.node.conftest import Ledger, founded

from tongbao import _core
from tongbao.kernel.codes import Code, KernelCode, Refusal
from tongbao.kernel.genesis import Genesis, GenesisCode, GenesisValidator, read_genesis
from tongbao.kernel.protocols import Protocols
from tongbao.kernel.receipts import ReceiptCode
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Opened
from tongbao.modules import installed, protocols
from tongbao.modules.governance import FoundGovernance, members, seat_owner, seat_public
from tongbao.modules.parties import PartiesCode
from tongbao.modules.payments import Transfer
from tongbao.node.answers import Status
from tongbao.node.application import Application, StorageFault
from tongbao.node.audit import audit
from tongbao.node.composer import Composed, commit, compose
from tongbao.node.home import NodeHome
from tongbao.node.opening import open_application
from tongbao.node.snapshot import (
    SnapshotFault,
    check_root,
    continue_chain,
    export_snapshot,
    make_ledger,
    make_missing_ledger,
    predecessor_of,
)
from tongbao.sdk.verifier import verify_file
from tongbao.simulator.sealing import SimKey

SEATED = ("central-bank", "bank-north", "bank-south", "hengtong")
KEYS = tuple(SimKey(seat_owner(party), 0) for party in SEATED)
FOUND = msgspec.Raw(msgspec.json.encode((FoundGovernance(),)))


def seats(*parties: str) -> tuple[GenesisValidator, ...]:
    return tuple(GenesisValidator(party, seat_public(party, 0), 10) for party in parties or SEATED)


def pay(amount: int) -> Transfer:
    return Transfer(payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=amount)


@dataclass
class Continued:
    """A chain of one validator that stopped, and the network that goes on from its snapshot."""

    old: Ledger
    snapshot: Path
    genesis: Genesis
    home: NodeHome
    app: Application
    receipt: bytes
    """Of the first payment on the old chain, called `first`."""

    def envelope(self, amount: int, reference: str = "") -> bytes:
        """A payment for the new chain, signed as on the old."""
        new = Ledger(self.app, self.old.engine)
        return new.envelope("hengtong", pay(amount), reference=reference)

    def send(self, raw: bytes) -> Composed:
        """The next block and its seal, with one transaction."""
        [opened] = self.app.prepare([raw])
        assert isinstance(opened, Opened), opened
        composed = compose(self.app, self.app.tip.time_ms + 1, [opened], *KEYS)
        if composed.records:
            commit(self.app, composed)
        return composed


def continue_as(snapshot: Path, *parties: str, **changes: object) -> Genesis:
    given = {"chain": "tongbao-demo-2", "validators": seats(*parties), "time_ms": 0,
             "actions": FOUND, "rules": protocols()} | changes  # fmt: skip
    return continue_chain(snapshot, **given)  # type: ignore[arg-type]


@pytest.fixture
def continued(tmp_path: Path) -> Continued:
    old = founded(tmp_path / "solo")
    old.engine.start()
    old.send("hengtong", pay(5), reference="first")
    old.send("hengtong", pay(7))
    old.engine.stop()
    found = old.app.receipt(1, 0)
    assert found is not None
    snapshot, home = tmp_path / "snapshot", NodeHome(tmp_path / "node")
    export_snapshot(old.app, snapshot)
    genesis = continue_as(snapshot)
    home.path.mkdir()
    home.genesis_file.write_bytes(genesis.encode())
    shutil.copytree(snapshot, home.origin)
    make_ledger(snapshot, genesis, home.ledger)
    app = open_application(home.path, protocols(), strict=True)
    return Continued(old, snapshot, genesis, home, app, found.encode())


def test_balances_parties_and_heights_go_on_under_new_validators(continued: Continued) -> None:
    app, old = continued.app, continued.old.app
    assert app.tip.height == old.tip.height + 1
    there = app.view().holding("mingda/main", "CNY")
    assert there == old.view().holding("mingda/main", "CNY")
    assert [one.party for one in members(app.view())] == sorted(SEATED)
    composed = continued.send(continued.envelope(3))
    assert composed.executed[0].outcome.code == 0
    header = _core.header_fields(composed.records[0].header)
    assert (header["chain_id"], header["height"]) == ("tongbao-demo-2", old.tip.height + 2)
    assert header["last_block_id"] is None
    before = continued.genesis.before
    assert before is not None
    assert before.block == _core.header_hash(old.block(old.tip.height).header)  # type: ignore[union-attr]


def test_a_name_that_was_used_stays_used_and_old_bytes_mean_nothing_here(
    continued: Continued,
) -> None:
    """So a payment that is tried again on the network is never paid a second time."""
    bytes_for_the_old = continued.old.envelope("hengtong", pay(5), reference="first")
    [refused] = continued.app.prepare([bytes_for_the_old])
    assert isinstance(refused, Refusal)
    assert refused.code is KernelCode.WRONG_CHAIN
    again = continued.send(continued.envelope(5, "first"))
    assert again.executed[0].outcome.code == KernelCode.NAME_USED
    assert again.executed[0].outcome.values["height"] == 1
    assert continued.send(continued.envelope(5, "second")).executed[0].outcome.code == 0


def test_receipts_of_both_chains_verify_with_the_new_genesis(
    continued: Continued, tmp_path: Path
) -> None:
    trust = continued.genesis.encode()
    assert verify_file(continued.receipt, trust).height == 1
    record = continued.send(continued.envelope(3)).records[0]
    receipt = continued.app.receipt(record.height, 0)
    assert receipt is not None
    assert verify_file(receipt.encode(), trust).height == record.height


def test_what_the_old_validator_signs_after_the_snapshot_is_not_believed(
    continued: Continued,
) -> None:
    """A chain that others continue has come to its end, whatever its one key still signs."""
    old = founded_again(continued)
    late = old.send("hengtong", pay(1))
    assert late.status is Status.RECORDED
    receipt = old.app.receipt(late.height, 0)
    old.engine.stop()
    assert receipt is not None
    assert verify_file(receipt.encode(), old.app.genesis.encode()).height == late.height
    with pytest.raises(Refusal) as refused:
        verify_file(receipt.encode(), continued.genesis.encode())
    assert refused.value.code is ReceiptCode.OTHER_CHAIN


def founded_again(continued: Continued) -> Ledger:
    """The old chain, started once more."""
    from tests.node.conftest import VALIDATOR

    from tongbao.node.solo import SoloEngine

    app = continued.old.app
    one = Ledger(app, SoloEngine(app, VALIDATOR))
    one.engine.start()
    return one


def test_an_audit_executes_the_new_chain_from_the_snapshot(continued: Continued) -> None:
    continued.send(continued.envelope(3))
    report = audit(continued.app, origin=continued.home.origin)
    assert (report.findings, report.transactions) == ((), 1)
    with pytest.raises(StorageFault, match=r"origin: it is missing\. Put back its copy"):
        audit(continued.app)


def test_a_store_is_made_of_the_right_snapshot_alone(continued: Continued, tmp_path: Path) -> None:
    with pytest.raises(StorageFault, match="as `origin` into the node"):
        Application(_core.State.open(None), continued.genesis, protocols())
    old = founded_again(continued)
    old.send("hengtong", pay(1))
    old.engine.stop()
    export_snapshot(old.app, tmp_path / "later")
    with pytest.raises(SnapshotFault, match="not the snapshot that the genesis continues"):
        make_ledger(tmp_path / "later", continued.genesis, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_node_that_joins_makes_its_store_of_the_origin_in_its_folder(
    continued: Continued, tmp_path: Path
) -> None:
    home = NodeHome(tmp_path / "joining")
    home.path.mkdir()
    home.genesis_file.write_bytes(continued.genesis.encode())
    with pytest.raises(StorageFault, match=r"origin: it is missing\. Put back its copy"):
        open_application(home.path, protocols())
    assert not home.ledger.exists()  # else whoever puts the snapshot there would be held up by it
    shutil.copytree(continued.snapshot, home.origin)
    assert make_missing_ledger(home)
    assert not make_missing_ledger(home)
    app = open_application(home.path, protocols())
    assert app.tip == continued.app.tip
    app.state.close()


@pytest.mark.parametrize("name", ["manifest.json", "genesis.json", "chunk-000000"])
def test_a_damaged_origin_is_one_sentence_for_who_opens_and_for_who_audits(
    continued: Continued, name: str
) -> None:
    continued.app.state.close()
    file = continued.home.origin / name
    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", None):
        file.unlink() if damaged is None else file.write_bytes(damaged)
        app = open_application(continued.home.path, protocols())  # the ledger is made already
        with pytest.raises(StorageFault) as audited:
            audit(app, origin=continued.home.origin)
        app.state.close()
        shutil.move(continued.home.ledger, continued.home.path / "aside")
        with pytest.raises(StorageFault) as opened:
            open_application(continued.home.path, protocols())
        assert str(opened.value) == str(audited.value)
        assert name in str(opened.value) and "Put back its copy" in str(opened.value)
        assert not continued.home.ledger.exists()
        shutil.move(continued.home.path / "aside", continued.home.ledger)


def test_a_snapshot_proves_itself_and_an_altered_one_is_no_predecessor(
    continued: Continued,
) -> None:
    genesis, before = predecessor_of(continued.snapshot)
    assert (before.chain, before.height) == (genesis.chain, continued.old.app.tip.height)
    manifest = continued.snapshot / "manifest.json"
    raw = manifest.read_bytes()
    plain = msgspec.json.decode(raw)
    plain["app_hash"] = "A" * 43 + "="
    manifest.write_bytes(msgspec.json.encode(plain))
    with pytest.raises(SnapshotFault):
        predecessor_of(continued.snapshot)
    manifest.write_bytes(raw)
    (continued.snapshot / "genesis.json").unlink()
    with pytest.raises(SnapshotFault, match="genesis"):
        predecessor_of(continued.snapshot)


def test_rows_that_do_not_have_the_root_are_no_snapshot(continued: Continued) -> None:
    from tongbao.node.snapshot import read_snapshot

    genesis, _ = predecessor_of(continued.snapshot)
    good = read_snapshot(continued.snapshot, genesis)
    check_root(continued.snapshot, good)
    other = msgspec.structs.replace(good, app_hash=hashlib.sha256(b"other").digest())
    with pytest.raises(SnapshotFault):
        check_root(continued.snapshot, other)


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"chain": "tongbao-demo-1"}, GenesisCode.UNREADABLE, "a name of its own"),
        ({"validators": seats("nobody")}, PartiesCode.PARTY_UNKNOWN, "nobody"),
        ({"actions": msgspec.Raw(b'[{"type":"no.such"}]')}, GenesisCode.UNREADABLE, "actions"),
    ],
    ids=["same name", "no party", "no action"],
)
def test_a_genesis_that_cannot_continue_is_refused_before_anything_is_made(
    continued: Continued, changes: dict[str, object], code: Code, reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        continue_as(continued.snapshot, **changes)
    assert refused.value.code is code
    assert reason in str(refused.value)


def test_a_genesis_says_of_its_predecessor_what_can_be_so(continued: Continued) -> None:
    good = continued.genesis
    assert good.before is not None
    bad = [
        msgspec.structs.replace(good, time_ms=good.before.time_ms),
        *(
            msgspec.structs.replace(
                good, predecessor=msgspec.structs.replace(good.before, **change)
            )
            for change in ({"height": 0}, {"block": b"x"}, {"genesis": ""}, {"validators": ()})
        ),
    ]
    for one in bad:
        with pytest.raises(Refusal) as refused:
            read_genesis(one.encode())
        assert refused.value.code is GenesisCode.UNREADABLE
    assert read_genesis(good.encode()).digest() == good.digest()


def test_the_rules_of_the_old_chain_go_on_and_no_others(continued: Continued) -> None:
    assert continued.app.protocol == 1
    other = msgspec.structs.replace(continued.genesis, protocol=2)
    rules = Protocols([Registry(installed()), Registry(installed(), 2)])
    store = continued.home.path / "again"
    make_ledger(continued.snapshot, other, store)
    with pytest.raises(Refusal, match="goes by protocol 1, not 2"):
        Application(_core.State.open(str(store)), other, rules)


def test_the_engine_begins_after_the_last_height_of_the_old_chain(
    continued: Continued, tmp_path: Path
) -> None:
    side = side_of(Ledger(continued.app, continued.old.engine), tmp_path)
    info = side.ask("info", version="x", abci_version="", block_version=0, p2p_version=0)
    assert (info["last_block_height"], info["last_block_app_hash"]) == (0, b"")
    first = continued.app.tip.height + 1
    answer = side.decide([continued.envelope(3)])
    assert (answer["results"][0]["code"], continued.app.tip.height) == (0, first)
    info = side.ask("info", version="x", abci_version="", block_version=0, p2p_version=0)
    assert info["last_block_height"] == first


def test_a_continued_chain_can_be_continued_again(continued: Continued, tmp_path: Path) -> None:
    """By other validators again; the seats of the second chain end with it."""
    continued.send(continued.envelope(3))
    export_snapshot(continued.app, tmp_path / "second")
    genesis = continue_as(
        tmp_path / "second", "hengtong", chain="tongbao-demo-3", actions=FOUND
    )  # fmt: skip
    make_ledger(tmp_path / "second", genesis, tmp_path / "third")
    app = Application(_core.State.open(str(tmp_path / "third")), genesis, protocols())
    assert [one.party for one in members(app.view())] == ["hengtong"]
    assert audit(app, origin=tmp_path / "second").findings == ()
