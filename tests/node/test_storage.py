"""On disk: restart, audit, snapshots, the wrong genesis."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.node.conftest import VALIDATOR, Ledger

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.genesis import GenesisValidator
from tongbao.kernel.money import Holding
from tongbao.modules.payments import Transfer
from tongbao.node.answers import Status
from tongbao.node.application import (
    Application,
    StorageFault,
    StoreBusy,
)
from tongbao.node.audit import audit
from tongbao.node.home import HomeFault, ValidatorKey
from tongbao.node.opening import open_application
from tongbao.node.snapshot import SnapshotFault, export_snapshot, import_snapshot
from tongbao.node.solo import SoloEngine
from tongbao.scenarios import consortium


def pay(amount: int) -> Transfer:
    return Transfer(payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=amount)


@pytest.fixture
def used(on_disk: Callable[[], Ledger]) -> Ledger:
    """A ledger on disk with some payments, its engine stopped."""
    ledger = on_disk()
    ledger.engine.start()
    for n in range(1, 6):
        ledger.send("hengtong", pay(n))
    ledger.engine.stop()
    return ledger


def test_a_restart_continues_where_the_chain_stood(used: Ledger, tmp_path: Path) -> None:
    tip, posted = used.app.tip, used.posted("mingda/main")
    used.app.state.close()
    app = open_application(tmp_path / "home", used.app.registry)
    assert app.tip == tip
    again = Ledger(app, SoloEngine(app, VALIDATOR))
    again.engine.start()
    assert again.posted("mingda/main") == posted
    assert again.send("hengtong", pay(3)).status is Status.RECORDED
    again.engine.stop()
    assert not audit(app).findings


def test_an_audit_of_a_sound_chain_finds_nothing(used: Ledger) -> None:
    report = audit(used.app)
    assert (report.findings, report.transactions) == ((), 5)
    assert report.root == used.app.state.root().hex()


def test_an_audit_sees_a_state_that_the_blocks_do_not_give(used: Ledger) -> None:
    app = used.app
    draft = app.state.draft()
    held = app.view().holding("mingda/main", "CNY")
    assert held is not None
    key = b"\x10mingda/main\0CNY"
    draft.put(key, Holding(held.flags, held.posted + 1, held.reserved).encode())
    record = app.block(app.tip.height)
    assert record is not None
    forged = BlockRecord(
        record.height + 1, record.time_ms + 1, record.header, record.block_id, record.commit,
        app.state.stage(draft), (), (), b"",
    )  # fmt: skip
    app.state.commit(draft, [(forged.height, forged.encode())], [])
    findings = audit(app).findings
    assert findings
    assert findings[0].height == forged.height


def test_a_store_of_another_genesis_is_not_opened(used: Ledger) -> None:
    other = consortium.genesis(GenesisValidator("other", VALIDATOR.public), 1)
    with pytest.raises(StorageFault, match="another genesis"):
        Application(used.app.state, other, used.app.registry)


def test_a_snapshot_continues_balances_and_names(used: Ledger, tmp_path: Path) -> None:
    envelope = used.app.block(1)
    assert envelope is not None
    manifest = export_snapshot(used.app, tmp_path / "snapshot")
    imported = import_snapshot(tmp_path / "snapshot", used.app.genesis, tmp_path / "other")
    assert imported == manifest
    state = _core.State.open(str(tmp_path / "other"))
    app = Application(state, used.app.genesis, used.app.registry, strict=True)
    assert app.state.root() == used.app.state.root()
    ledger = Ledger(app, SoloEngine(app, VALIDATOR))
    ledger.engine.start()
    assert ledger.posted("mingda/main") == used.posted("mingda/main")
    assert ledger.submit(envelope.transactions[0]).status is Status.DUPLICATE
    assert ledger.send("hengtong", pay(1)).status is Status.RECORDED
    ledger.engine.stop()


def test_an_altered_snapshot_is_refused(used: Ledger, tmp_path: Path) -> None:
    export_snapshot(used.app, tmp_path / "snapshot")
    chunk = tmp_path / "snapshot" / "chunk-000000"
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 1
    chunk.write_bytes(content)
    with pytest.raises(SnapshotFault, match="altered"):
        import_snapshot(tmp_path / "snapshot", used.app.genesis, tmp_path / "other")
    shutil.rmtree(tmp_path / "snapshot")
    with pytest.raises(SnapshotFault, match="missing"):
        import_snapshot(tmp_path / "snapshot", used.app.genesis, tmp_path / "other")


def test_a_snapshot_is_of_one_genesis_only(used: Ledger, tmp_path: Path) -> None:
    export_snapshot(used.app, tmp_path / "snapshot")
    other = consortium.genesis(GenesisValidator("other", VALIDATOR.public), 1)
    with pytest.raises(SnapshotFault, match="another genesis"):
        import_snapshot(tmp_path / "snapshot", other, tmp_path / "other")


def test_the_validator_key_is_encrypted_at_rest(tmp_path: Path) -> None:
    path = tmp_path / "validator.pem"
    key = ValidatorKey.create(path, b"secret")
    assert b"ENCRYPTED" in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert ValidatorKey.load(path, b"secret").public == key.public
    with pytest.raises(HomeFault, match="passphrase"):
        ValidatorKey.load(path, b"wrong")


def test_a_record_that_the_node_begins_with_and_cannot_read_is_a_fault_of_the_store(
    used: Ledger, tmp_path: Path
) -> None:
    used.app.state.annotate([(b"v" + bytes(8), b"\xc1")])
    used.app.state.close()
    with pytest.raises(StorageFault, match="ledger: a record that the node begins with"):
        open_application(tmp_path / "home", used.app.registry)


def test_a_store_that_is_open_elsewhere_is_busy_and_not_damaged(
    used: Ledger, tmp_path: Path
) -> None:
    with pytest.raises(StoreBusy, match="another process"):
        open_application(tmp_path / "home", used.app.registry)
    used.app.state.close()
    open_application(tmp_path / "home", used.app.registry).state.close()


def test_a_store_has_its_name_once_it_is_whole(
    used: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is killed while a snapshot becomes a store has none, and can go on."""
    export_snapshot(used.app, tmp_path / "snapshot")
    rename = Path.rename

    def killed(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        import_snapshot(tmp_path / "snapshot", used.app.genesis, tmp_path / "other")
    assert not (tmp_path / "other").exists()
    monkeypatch.setattr(Path, "rename", rename)
    import_snapshot(tmp_path / "snapshot", used.app.genesis, tmp_path / "other")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["home", "other", "snapshot"]
    with pytest.raises(SnapshotFault, match="never overwritten"):
        import_snapshot(tmp_path / "snapshot", used.app.genesis, tmp_path / "other")


@pytest.mark.parametrize(
    "raw",
    [b'{"chain":"\xff"}', b'{"x":' + b"[" * 100_000, b"{"],
    ids=["no text", "deep", "cut short"],
)
def test_a_manifest_that_is_none_is_a_fault_of_the_snapshot(
    used: Ledger, tmp_path: Path, raw: bytes
) -> None:
    export_snapshot(used.app, tmp_path / "snapshot")
    (tmp_path / "snapshot" / "manifest.json").write_bytes(raw)
    with pytest.raises(SnapshotFault, match=r"manifest\.json"):
        import_snapshot(tmp_path / "snapshot", used.app.genesis, tmp_path / "other")


def test_a_chunk_larger_than_any_is_not_read(
    used: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_snapshot(used.app, tmp_path / "snapshot")
    monkeypatch.setattr("tongbao.node.snapshot.MAX_CHUNK_BYTES", 10)
    with pytest.raises(SnapshotFault, match="chunk-000000"):
        import_snapshot(tmp_path / "snapshot", used.app.genesis, tmp_path / "other")
