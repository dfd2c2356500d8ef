"""The engine's process: watched, started again, given up, stopped. The engine here is a script."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tongbao.node.comet import process as module
from tongbao.node.comet.files import EnginePaths
from tongbao.node.comet.process import RESTARTS, EngineEnded, EngineProcess
from tongbao.node.home import NodeHome


class Faults:
    """What the process reported."""

    def __init__(self) -> None:
        self.reported: list[BaseException] = []
        self.came = threading.Event()

    def __call__(self, fault: BaseException) -> None:
        self.reported.append(fault)
        self.came.set()


def started(
    folder: Path, script: str, reply: bytes = b""
) -> tuple[EngineProcess, Faults, EnginePaths]:
    """An engine that does what a shell script says."""
    program = folder / "engine.sh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    paths = EnginePaths(NodeHome(folder / "home"))
    paths.make()
    faults = Faults()
    process = EngineProcess(program, paths, faults, reply)
    process.start()
    return process, faults, paths


def until(path: Path, text: str) -> None:
    """Wait for a line."""
    for _ in range(200):
        if path.exists() and text in path.read_text():
            return
        time.sleep(0.02)
    raise AssertionError(path.read_text() if path.exists() else f"{path} is missing")


def test_an_engine_that_runs_is_stopped_in_order(tmp_path: Path) -> None:
    script = "trap 'echo asked to stop; exit 0' TERM; echo up $*; while :; do sleep 0.02; done"
    process, faults, paths = started(tmp_path, script)
    until(paths.log, "up start --home")
    assert process.pid
    process.stop()
    assert process.pid == 0 and "asked to stop" in paths.log.read_text()
    assert faults.reported == []


def test_an_engine_that_does_not_heed_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_S", 0.3)
    process, _, paths = started(tmp_path, "trap '' TERM; echo up; while :; do sleep 0.02; done")
    until(paths.log, "up")
    began = time.monotonic()
    process.stop()
    assert process.pid == 0 and time.monotonic() - began < 5


def test_an_engine_that_ends_once_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESTART_WAIT_S", 0.01)
    once = f"if [ -e {tmp_path}/again ]; then echo second; exec sleep 60; fi"
    process, faults, paths = started(tmp_path, f"{once}; touch {tmp_path}/again; exit 7")
    until(paths.log, "second")
    process.stop()
    assert faults.reported == []


def test_what_the_engine_has_to_know_comes_on_its_standard_input_at_every_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESTART_WAIT_S", 0.01)
    once = f"if [ -e {tmp_path}/again ]; then exec sleep 60; fi"
    script = f"echo read: $(cat /dev/stdin); {once}; touch {tmp_path}/again; exit 7"
    process, _, paths = started(tmp_path, script, b"a key")
    until(paths.log, "read: a key\nread: a key")
    process.stop()


def test_an_engine_that_ends_again_and_again_is_given_up_with_its_status_and_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESTART_WAIT_S", 0.01)
    process, faults, paths = started(tmp_path, "echo cannot listen; exit 3")
    assert faults.came.wait(10)
    [fault] = faults.reported
    assert isinstance(fault, EngineEnded)
    assert (
        "status 3" in str(fault) and "cannot listen" in str(fault) and str(paths.log) in str(fault)
    )
    assert paths.log.read_text().count("cannot listen") == RESTARTS
    process.stop()


def test_a_socket_left_by_a_killed_process_does_not_stand_in_the_way(tmp_path: Path) -> None:
    left = tmp_path / "home" / "run" / "signer.sock"
    left.parent.mkdir(parents=True)
    left.write_text("")
    process, _, paths = started(
        tmp_path, f"[ -e {left} ] && echo there || echo gone; exec sleep 60"
    )
    until(paths.log, "gone")
    process.stop()


def test_a_long_log_is_turned_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOG_BYTES", 10)
    log = tmp_path / "home" / "engine.log"
    log.parent.mkdir(parents=True)
    log.write_text("of the last run, long")
    process, _, paths = started(tmp_path, "echo fresh; exec sleep 60")
    until(paths.log, "fresh")
    process.stop()
    assert "last run" not in log.read_text()
    assert "last run" in log.with_suffix(".log.1").read_text()


def test_an_engine_that_is_started_again_as_all_is_stopped_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESTART_WAIT_S", 0.01)
    launch, times = EngineProcess._launch, []

    def told_to_stop_meanwhile(self: EngineProcess) -> None:
        times.append(1)
        if len(times) == 2:
            self._stopping.set()
        launch(self)

    monkeypatch.setattr(EngineProcess, "_launch", told_to_stop_meanwhile)
    process, faults, _ = started(tmp_path, "[ -e up ] && exec sleep 60; touch up; exit 1")
    process._thread.join(10)
    assert (len(times), process.pid, faults.reported) == (2, 0, [])
    assert not process._thread.is_alive()
