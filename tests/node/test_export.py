"""Snapshots of chains whose validators changed, and of those that an engine signed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from tests.node.business import Business, consortium_of, rules

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.genesis import Genesis, GenesisValidator
from tongbao.kernel.light import LightBlock
from tongbao.kernel.receipts import Receipt
from tongbao.modules.governance import FoundGovernance, members, seat_public
from tongbao.node.application import Application
from tongbao.node.audit import audit
from tongbao.node.comet.service import AbciService
from tongbao.node.comet.statesync import StateSync
from tongbao.node.home import NodeHome
from tongbao.node.light import light_block, way_to
from tongbao.node.opening import open_application
from tongbao.node.snapshot import (
    MANIFEST,
    Manifest,
    SnapshotFault,
    check_root,
    continue_chain,
    export_snapshot,
    import_snapshot,
    make_ledger,
    predecessor_of,
    read_snapshot,
)
from tongbao.sdk.verifier import verify_file

FOUND = msgspec.Raw(msgspec.json.encode((FoundGovernance(),)))
SEED = 4


@dataclass
class Changed:
    """A chain that no validator of its genesis signs alone any more, and its snapshot."""

    business: Business
    snapshot: Path
    receipt: Receipt
    """Of its newest transaction, with the way from the genesis."""

    @property
    def app(self) -> Application:
        return self.business.app

    def manifest(self, folder: Path) -> Manifest:
        """Of a copy of the snapshot."""
        shutil.copytree(self.snapshot, folder)
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changed]:
    business = Business.founded(SEED)
    business.go_on(10, ("governance.", "payments.transfer"), step_ms=40_000_000)
    while len(_way(business)) < 2:
        assert business.app.tip.height < 1_000
        business.go_on(10, ("governance.", "payments.transfer"), step_ms=40_000_000)
    business.rest()
    snapshot = tmp_path_factory.mktemp("changed") / "snapshot"
    export_snapshot(business.app, snapshot)
    yield Changed(business, snapshot, _newest_receipt(business.app))
    business.app.state.close()


def _way(business: Business) -> tuple[LightBlock, ...]:
    proof = light_block(business.app, business.app.tip.height)
    assert proof is not None
    return way_to(business.app, proof)


def _newest_receipt(app: Application) -> Receipt:
    for height in range(app.tip.height - 1, 0, -1):
        receipt, proof = app.receipt(height, 0), light_block(app, height + 1)
        if receipt is not None and proof is not None:
            return msgspec.structs.replace(receipt, path=way_to(app, proof))
    raise LookupError("no transaction")


def test_a_snapshot_proves_itself_to_who_knows_the_genesis_alone(changed: Changed) -> None:
    genesis = changed.app.genesis
    manifest = read_snapshot(changed.snapshot, genesis)
    check_root(changed.snapshot, manifest)
    assert manifest.app_hash == changed.app.state.root()
    assert len(manifest.way) >= 2
    signed = {public for public, _ in manifest.validators}
    assert signed != {one.public for one in genesis.validators}


def test_a_way_that_is_cut_altered_or_a_strangers_is_refused(
    changed: Changed, tmp_path: Path
) -> None:
    genesis, stranger = changed.app.genesis, (seat_public("stranger", 0), 10)
    good = changed.manifest(tmp_path / "copy")
    first = good.way[0]
    bad = (
        ("validators changed between block 0", {"way": ()}),
        ("validators changed between block 0", {"way": good.way[1:]}),
        ("says height", {"way": (msgspec.structs.replace(first, height=first.height + 1),)}),
        ("the proving block", {"validators": (stranger,)}),
        ("next validator set", {"next_validators": (stranger,)}),
        ("the proving block", {"validators": (), "next_validators": ()}),
    )
    for reason, changes in bad:
        other = msgspec.structs.replace(good, **changes)
        (tmp_path / "copy" / MANIFEST).write_bytes(msgspec.json.encode(other))
        with pytest.raises(SnapshotFault, match=reason):
            read_snapshot(tmp_path / "copy", genesis)


def test_a_chain_goes_on_though_its_validators_are_not_those_of_its_genesis(
    changed: Changed, tmp_path: Path
) -> None:
    genesis, home = _continued(changed, tmp_path)
    app = open_application(home.path, rules(), strict=True)
    business = Business(app, seed=1)
    business.go_on(5, ("payments.", "governance."))
    assert business.done
    assert audit(app, origin=home.origin).findings == ()
    trust = genesis.encode()
    assert verify_file(changed.receipt.encode(), trust).height == changed.receipt.height
    new = _newest_receipt(app)
    assert verify_file(new.encode(), trust).height == new.height
    app.state.close()


def _continued(changed: Changed, folder: Path) -> tuple[Genesis, NodeHome]:
    seats = tuple(
        GenesisValidator(one.party, seat_public(one.party, 0), 10)
        for one in members(changed.app.view())
    )
    genesis = continue_chain(changed.snapshot, "simulation-2", seats, 0, FOUND, rules())
    home = NodeHome(folder / "node")
    home.path.mkdir()
    home.genesis_file.write_bytes(genesis.encode())
    shutil.copytree(changed.snapshot, home.origin)
    make_ledger(changed.snapshot, genesis, home.ledger)
    return genesis, home


def test_a_store_made_of_a_snapshot_knows_who_signs_next(changed: Changed, tmp_path: Path) -> None:
    genesis = changed.app.genesis
    manifest = import_snapshot(changed.snapshot, genesis, tmp_path / "ledger")
    state = _core.State.open(str(tmp_path / "ledger"))
    app = Application(state, genesis, rules(), strict=True)
    for height in range(manifest.height, changed.app.tip.height + 3):
        assert app.validators_at(height) == changed.app.validators_at(height)
    business = Business(app, seed=2)
    business.go_on(3, ("payments.",))
    assert business.done
    state.close()


def test_a_node_without_the_blocks_between_cannot_show_the_way(
    changed: Changed, tmp_path: Path
) -> None:
    import_snapshot(changed.snapshot, changed.app.genesis, tmp_path / "ledger")
    state = _core.State.open(str(tmp_path / "ledger"))
    app = Application(state, changed.app.genesis, rules())
    with pytest.raises(SnapshotFault, match="export on a node that has every block"):
        export_snapshot(app, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    state.close()


# ---- beside an engine ----------------------------------------------------------------------------


def test_a_node_beside_an_engine_exports_the_same_once_the_commits_have_come(
    changed: Changed, tmp_path: Path
) -> None:
    """The engine's blocks come without headers; their commits follow."""
    app = Application(_core.State.open(None), consortium_of(SEED), rules())
    sync = StateSync(app, tmp_path / "snapshots", tmp_path / "ledger", 0)
    service = AbciService(app, sync, lambda _: None)
    records = [changed.app.block(h) for h in range(1, changed.app.tip.height + 1)]
    for record in records:
        assert record is not None
        _decide(service, record)
    assert app.state.root() == changed.app.state.root()
    with pytest.raises(SnapshotFault, match="no header here names the state after block"):
        export_snapshot(app, tmp_path / "uncertified")
    for record in records:
        assert record is not None
        app.certify(record.height, record.header, record.commit)
    export_snapshot(app, tmp_path / "exported")
    assert predecessor_of(tmp_path / "exported") == predecessor_of(changed.snapshot)
    for chunk in sorted(changed.snapshot.glob("chunk-*")):
        assert (tmp_path / "exported" / chunk.name).read_bytes() == chunk.read_bytes()


def _decide(service: AbciService, record: BlockRecord) -> None:
    service.answer([("finalize_block", {
        "txs": list(record.transactions), "height": record.height, "hash": record.block_id[0],
        "time_ns": record.time_ms * 1_000_000, "proposer_address": b"",
        "misbehavior": [
            {"type": 1 if one.kind == "duplicate_vote" else 2, "address": one.address,
             "height": one.height, "time_ns": one.time_ms * 1_000_000, "power": one.power}
            for one in record.misbehavior
        ],
    })])  # fmt: skip
    service.answer([("commit", {})])


def test_a_chain_at_rest_is_exported_though_its_newest_commit_is_missing(
    changed: Changed, tmp_path: Path
) -> None:
    """Empty blocks follow on one another; each but the first names the state that stands."""
    business = changed.business
    before = business.app.tip.height
    source = [business.app.block(h) for h in range(1, before + 1)]
    assert source[-1] is not None
    app = Application(_core.State.open(None), consortium_of(SEED), rules())
    service = AbciService(app, StateSync(app, tmp_path, tmp_path, 0), lambda _: None)
    for record in source:
        assert record is not None
        _decide(service, record)
        app.certify(record.height, record.header, record.commit)
    empty = msgspec.structs.replace(
        source[-1], height=before + 1, time_ms=source[-1].time_ms + 1,
        block_id=(b"\x07" * 32, 0, b""), transactions=(), misbehavior=(),
    )  # fmt: skip
    _decide(service, empty)
    assert export_snapshot(app, tmp_path / "rest").height == before
