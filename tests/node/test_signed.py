"""One key never signs two blocks of a height, and lists belong to one ledger."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.node.conftest import VALIDATOR, Ledger

from tongbao.daemon.solo import RunningNode, running
from tongbao.files import write_private
from tongbao.kernel.genesis import GenesisValidator
from tongbao.keyfiles import write_key
from tongbao.modules.payments import Transfer
from tongbao.node.application import StorageFault
from tongbao.node.clock import utc_ms
from tongbao.node.home import DamagedFile, NodeHome
from tongbao.node.opening import LedgerMissing
from tongbao.node.signed import KeyInUse, SignedElsewhere, machine_file
from tongbao.readmodel import SqlQueries, Viewer
from tongbao.scenarios import consortium

SECRET = b"demonstration"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that remembers nothing yet."""
    monkeypatch.setenv("TONGBAO_STATE", str(tmp_path / "machine"))
    return tmp_path / "machine"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node's folder before its first start."""
    home = NodeHome(tmp_path_factory.mktemp("node") / "home")
    home.path.mkdir()
    write_key(home.validator_file, VALIDATOR._private, SECRET)
    genesis = consortium.genesis(
        GenesisValidator(consortium.OPERATOR, VALIDATOR.public), utc_ms() - 1000
    )
    write_private(home.genesis_file, genesis.encode())
    return home.path


@pytest.fixture
def home(founded: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(founded, tmp_path / "home")
    return tmp_path / "home"


@contextmanager
def node(home: Path) -> Iterator[RunningNode]:
    with running(home, SECRET, scrub_s=0) as up:
        yield up


def pay(up: RunningNode, *payees: str) -> None:
    ledger = Ledger(up.application, up.engine)
    for payee in payees:
        transfer = Transfer("hengtong/main", f"{payee}/main", "CNY", 700)
        assert ledger.send("hengtong", transfer).outcome.code == 0


def worked(home: Path, *payees: str) -> int:
    """The node has worked and stopped; its newest block."""
    with node(home) as up:
        pay(up, *payees)
        height: int = up.application.tip.height
    return height


def test_an_older_ledger_beside_newer_files_is_refused(home: Path, tmp_path: Path) -> None:
    worked(home, "mingda")
    shutil.copytree(home / "ledger", tmp_path / "older")
    height = worked(home, "mingda", "yuntu")
    shutil.rmtree(home / "ledger")
    shutil.copytree(tmp_path / "older", home / "ledger")
    with pytest.raises(SignedElsewhere, match=f"{height}.*restore"), node(home):
        pass


def test_an_older_copy_of_the_whole_folder_signs_no_second_block_of_a_height(
    home: Path, tmp_path: Path
) -> None:
    worked(home, "mingda")
    shutil.copytree(home, tmp_path / "older")
    worked(home, "yuntu")
    shutil.rmtree(home)
    shutil.copytree(tmp_path / "older", home)
    with pytest.raises(SignedElsewhere, match="not sign a second one"), node(home):
        pass
    assert isinstance(SignedElsewhere("x"), StorageFault)  # status 3


def test_a_copy_of_a_folder_does_not_sign_beside_the_first(home: Path, tmp_path: Path) -> None:
    worked(home, "mingda")
    shutil.copytree(home, tmp_path / "copy")
    with node(home), pytest.raises(KeyInUse, match="another process"), node(tmp_path / "copy"):
        pass


def test_a_copy_that_went_another_way_is_refused_at_the_same_height(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(home)
    shutil.copytree(home, tmp_path / "copy")
    worked(home, "mingda")
    monkeypatch.setenv("TONGBAO_STATE", str(tmp_path / "another-machine"))
    worked(tmp_path / "copy", "yuntu")
    monkeypatch.setenv("TONGBAO_STATE", str(tmp_path / "machine"))
    with pytest.raises(SignedElsewhere, match="another one"), node(tmp_path / "copy"):
        pass


def test_without_the_machines_record_the_one_beside_the_key_suffices(
    home: Path, tmp_path: Path, machine: Path
) -> None:
    worked(home, "mingda")
    shutil.copytree(home / "ledger", tmp_path / "older")
    worked(home, "mingda")
    shutil.rmtree(machine)
    shutil.rmtree(home / "ledger")
    shutil.copytree(tmp_path / "older", home / "ledger")
    with pytest.raises(SignedElsewhere), node(home):
        pass


def test_one_damaged_record_is_made_again_and_two_are_refused(home: Path) -> None:
    height = worked(home, "mingda")
    beside = home / "last_signed.json"
    on_machine = machine_file(NodeHome(home).genesis(), VALIDATOR.public)
    beside.write_bytes(b"x" * 1024)
    assert worked(home) == height
    assert b'"height":%d' % height in beside.read_bytes()
    beside.write_bytes(b"x" * 1024)
    on_machine.write_bytes(b"x" * 1024)
    with pytest.raises(DamagedFile, match="signed last"), node(home):
        pass


def test_a_torn_write_leaves_what_was_signed_before(home: Path, machine: Path) -> None:
    height = worked(home, "mingda")
    for file in (home / "last_signed.json", *machine.rglob("*.json")):
        raw = bytearray(file.read_bytes())
        newest = raw.rindex(b'"height":%d' % height) // 512
        raw[newest * 512 + 10] ^= 1
        file.write_bytes(raw)
    assert worked(home) == height


def test_a_folder_with_a_long_name_in_chinese_is_signed_in_as_any(
    home: Path, tmp_path: Path
) -> None:
    long = tmp_path / ("人民币跨境支付系统参与行节点" * 5) / ("人民币跨境支付系统参与行节点" * 3)
    long.parent.mkdir(parents=True)
    home.rename(long)
    assert worked(long, "mingda") == 2


def test_a_missing_ledger_beside_other_files_begins_no_new_chain(home: Path) -> None:
    worked(home, "mingda")
    shutil.rmtree(home / "ledger")
    with pytest.raises(LedgerMissing, match="No new chain"), node(home):
        pass
    assert not (home / "ledger").exists()


def test_lists_of_another_ledger_are_made_again(home: Path, tmp_path: Path) -> None:
    worked(home)
    shutil.copytree(home, tmp_path / "other")
    worked(home, "mingda", "mingda")
    shutil.rmtree(tmp_path / "machine")
    worked(tmp_path / "other", "yuntu")
    for file in home.glob("readmodel.db*"):
        shutil.copy(file, tmp_path / "other" / file.name)
    with node(tmp_path / "other") as up:
        pay(up, "yuntu", "yuntu", "yuntu")
        height = up.application.tip.height
        assert up.read_model.wait_for(height, 20)
        queries = SqlQueries(up.read_model)
        listed = {
            one: list(queries.records.every(Viewer.node(), "holding", account=f"{one}/main"))
            for one in ("mingda", "yuntu")
        }
        for one, [row] in listed.items():
            posted = row["posted_minor"]
            held = up.application.view().holding(f"{one}/main", "CNY")
            assert held is not None and int(posted) == held.posted


def test_a_damaged_database_of_lists_is_made_again(home: Path) -> None:
    worked(home, "mingda")
    file = home / "readmodel.db"
    for damage in (b"", b"no database at all" * 500, file.read_bytes()[: file.stat().st_size // 2]):
        file.write_bytes(damage)
        with node(home) as up:
            assert up.read_model.wait_for(up.application.tip.height, 20)
