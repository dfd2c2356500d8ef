"""A running node reads its own store again, and stops where a byte is not what it was."""

from __future__ import annotations

import errno
import os
import random
import resource
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.cli.conftest import TONGBAO
from tests.node.altered import WHILE_OPEN, _alter, filled, trials_while_open
from tests.node.conftest import Ledger, founded

from tongbao import _core
from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.modules.payments import Transfer
from tongbao.node import scrub
from tongbao.node.altered import TEXTS, StoreAltered
from tongbao.node.application import StorageFault
from tongbao.node.home import NodeHome
from tongbao.node.scrub import Scrubber, scrub_now
from tongbao.scenarios.founding import passphrase_of
from tongbao.words import text_of


def pay(ledger: Ledger, times: int) -> None:
    for amount in range(1, times + 1):
        action = Transfer(
            payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=amount
        )
        assert ledger.send("hengtong", action).outcome.code == 0


def until(true: object, what: str) -> None:
    end = time.monotonic() + 120
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, what
        time.sleep(0.02)


def test_every_file_of_an_open_store_is_compared_and_named_with_the_place(tmp_path: Path) -> None:
    state = filled(tmp_path / "ledger")
    assert scrub_now(state) > 40_000_000
    found = list(trials_while_open(state, tmp_path / "ledger", each=2, seed=20_261))
    assert [one for one in found if one.noticed != WHILE_OPEN] == []
    kinds = {Path(one.file).parent.name for one in found}
    assert {"tables", "blobs", "rows"} <= kinds and len(found) > 24, kinds
    near = [one for one in found if "/tables/" in one.file or "/blobs/" in one.file]
    assert any("from byte 0 on" not in one.reply for one in near)
    assert scrub_now(state) > 40_000_000
    state.close()
    with pytest.raises(ValueError, match="closed"):
        scrub_now(state)


def test_a_store_that_is_written_to_meanwhile_is_not_called_altered(tmp_path: Path) -> None:
    state, dice, done = _core.State.open(str(tmp_path)), random.Random(3), threading.Event()

    def write() -> int:
        height = 0
        while not done.is_set():
            draft = state.draft()
            for _ in range(dice.choice([1, 10, 2_000])):
                draft.put(dice.randbytes(2), dice.randbytes(dice.choice([10, 300])))
            record = dice.randbytes(dice.choice([100, 5_000, 1_000_000]))
            state.commit(draft, [(height, record)], [(dice.randbytes(33), b"place")])
            for size in (50, 20_000):
                state.annotate([(b"c%d" % height, dice.randbytes(size))])
            if height > 10:
                state.prune([height - 10], [], [])
            if height % 20 == 0:
                state.reclaim()
            height += 1
        return height

    with ThreadPoolExecutor(1) as writer:
        written = writer.submit(write)
        until_s = time.monotonic() + 3
        try:
            while time.monotonic() < until_s and not written.done():
                scrub_now(state)
        finally:
            done.set()
        assert written.result() > 20
    assert scrub_now(state) > 1_000_000
    state.close()


def test_a_running_node_halts_and_takes_nothing_more_where_its_journal_was_altered(
    tmp_path: Path,
) -> None:
    ledger = founded(tmp_path / "home")
    ledger.engine.start()
    pay(ledger, 5)
    file = NodeHome(tmp_path / "home").genesis_file
    scrubber = Scrubber(ledger.app, file, ledger.engine.halt, period_s=1.0)
    scrubber.start()
    scrubbed = ledger.app.scrubbed
    until(lambda: scrubbed.passes >= 1, "a first pass")
    pay(ledger, 5)
    journal = next((tmp_path / "home" / "ledger").rglob("*.jnl"))
    _alter(journal, journal.read_bytes().index(b"hengtong/main") + 3, 1)
    until(lambda: ledger.engine.fault is not None, "the node halts")
    fault = ledger.engine.fault
    assert isinstance(fault, StoreAltered) and (fault.kind, fault.place) == (
        "journal",
        str(journal),
    )
    assert scrubbed.altered and scrubbed.bytes > 0 and scrubbed.passed_at_s > 0
    with pytest.raises(Refusal) as refused:
        pay(ledger, 1)
    assert refused.value.code is KernelCode.NODE_STOPPING
    scrubber.stop()
    ledger.engine.stop()
    ledger.app.state.close()


def test_a_genesis_that_was_exchanged_under_a_running_node_is_noticed(tmp_path: Path) -> None:
    ledger = founded(tmp_path / "home")
    file = NodeHome(tmp_path / "home").genesis_file
    scrubber = Scrubber(ledger.app, file, ledger.engine.halt, period_s=0.01)
    scrubber.once()
    for spoiled in (file.read_bytes().replace(b"hengtong", b"hengtonk", 1), b"{"):
        file.write_bytes(spoiled)
        with pytest.raises(StoreAltered, match="founded by"):
            scrubber.once()
    file.unlink()
    with pytest.raises(StoreAltered, match="founded by"):
        scrubber.once()
    ledger.app.state.close()


def test_a_store_that_cannot_be_read_at_all_ends_the_node_after_some_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrub, "AGAIN_S", 0.01)
    ledger = founded(tmp_path / "home")
    faults: list[BaseException] = []
    file = NodeHome(tmp_path / "home").genesis_file
    ledger.app.state.close()
    scrubber = Scrubber(ledger.app, file, faults.append, period_s=1.0)
    scrubber.start()
    until(lambda: faults, "it is told")
    assert type(faults[0]) is StorageFault and "closed" in str(faults[0])
    scrubber.stop()


def test_every_kind_of_alteration_is_told_in_both_languages_with_place_and_remedy() -> None:
    for kind in TEXTS:
        reported = StoreAltered(kind, "ledger/rows/7", 4_711)
        for text in (text_of(reported, "en"), text_of(reported, "zh")):
            assert "ledger/rows/7" in text and "docs/concepts/integrity.md" in text, kind
            assert "{" not in text
        assert reported.facts() == {"kind": kind, "place": "ledger/rows/7", "offset": 4_711}


def test_the_process_of_a_node_whose_store_is_altered_ends_with_status_3_and_names_the_file(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    made = [str(TONGBAO), "dev", "--home", str(home), "--port", "0", "--exit"]
    subprocess.run(made, check=True, capture_output=True)
    secret = tmp_path / "passphrase"
    secret.write_bytes(passphrase_of(home))
    words = [
        "--json", "node", "start", "--home", str(home), "--port", "0",
        "--scrub-minutes", "0.02", "--passphrase-file", str(secret),
    ]  # fmt: skip
    node = subprocess.Popen([str(TONGBAO), *words], stdout=subprocess.PIPE)
    try:
        while not (home / "node.json").exists():
            assert node.poll() is None, node.communicate()
            time.sleep(0.05)
        journal = next((home / "ledger").rglob("*.jnl"))
        _alter(journal, journal.read_bytes().index(b"hengtong/main") + 3, 1)
        reply = node.communicate()[0].decode()
    finally:
        node.kill()
    assert node.returncode == 3, reply
    assert journal.name in reply and "状态同步" in reply and '"kind": "journal"' in reply


def test_a_sandbox_that_forbids_to_give_way_does_not_keep_the_store_from_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError(errno.EPERM, "not permitted")

    monkeypatch.setattr(os, "setpriority", forbidden)
    ledger = founded(tmp_path / "home")
    file = NodeHome(tmp_path / "home").genesis_file
    scrubber = Scrubber(ledger.app, file, pytest.fail, period_s=1.0)
    scrubber.start()
    until(lambda: ledger.app.scrubbed.passes >= 1, "a first pass")
    scrubber.stop()
    ledger.app.state.close()


def test_a_node_that_is_short_of_open_files_is_not_called_altered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens connections enough could else have any node ended for good."""
    monkeypatch.setattr(scrub, "AGAIN_S", 0.01)
    ledger = founded(tmp_path / "home")
    ledger.engine.start()
    pay(ledger, 3)
    file, faults = NodeHome(tmp_path / "home").genesis_file, list[BaseException]()
    scrubber = Scrubber(ledger.app, file, faults.append, period_s=1.0)
    step = ledger.app.state.scrub()
    with no_files_left(), capture_logs() as lines:
        with pytest.raises(ValueError, match=r"os error 24"):
            while not step.step(1_000)[1]:
                pass
        with pytest.raises(ValueError, match=r"os error 24"):
            ledger.app.state.scrub()
        with pytest.raises(OSError):
            scrubber.once()
        scrubber.start()
        until(lambda: len(lines) > 2 * scrub.FAILURES, "it is tried again and again")
    until(lambda: ledger.app.scrubbed.passes >= 1, "a pass once there are files again")
    assert faults == [] and not ledger.app.scrubbed.altered
    scrubber.stop()
    ledger.engine.stop()
    ledger.app.state.close()


@contextmanager
def no_files_left() -> Iterator[None]:
    """This process may open no file more."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(one.name) for one in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 8, most[1]))
    held: list[int] = []
    try:
        with suppress(OSError):
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        yield
    finally:
        for one in held:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, most)
