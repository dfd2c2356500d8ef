"""`kill -9` while a released file is on its way: after the restart it is paid, exactly once."""

from __future__ import annotations

import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.conftest import TONGBAO, Shell, _await

from tongbao.iso20022.initiation.example import payroll_file
from tongbao.scenarios.consortium import employee_account

pytestmark = pytest.mark.xdist_group("cli-restart")


def start(folder: Path, number: int) -> subprocess.Popen[bytes]:
    """The demonstration's node in a folder."""
    log = folder / f"dev-{number}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(TONGBAO), "dev", "--home", str(folder / "home"), "--port", "0"],
            stdout=out, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
    _await(process, log)
    return process


def test_a_released_file_survives_kill_minus_nine(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home", tmp_path)
    today = datetime.now(UTC).date()
    numbers = [employee_account(n)[1] for n in range(1, 61)]
    process = start(tmp_path, 1)
    names = []
    for seed in (701, 702):
        path = tmp_path / f"{seed}.xml"
        path.write_bytes(payroll_file(60, "hengtong/main", numbers, seed=seed, day=today))
        name = shell.json("desk", "upload", path, "--as", "hengtong/maker")["file"]
        shell.json("desk", "approve", name, "--as", "hengtong/checker")
        names.append(name)
    before = balance(shell)
    at = datetime.now(UTC) + timedelta(seconds=6)
    for name in names:
        shell.json("desk", "release", name, "--as", "hengtong/maker", "--at", at.isoformat())
    # Killed right when the desk begins to send, whatever it has come to.
    time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()) + 0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process = start(tmp_path, 2)
    try:
        total = 0
        for name in names:
            done = shell.json("desk", "follow", name, "--seconds", "30")
            assert (done["state"], done["states"]) == ("done", {"settled": 60})
            total += int(done["totals"]["CNY"])
        assert before - balance(shell) == total
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def balance(shell: Shell) -> int:
    held = shell.json("account", "show", "hengtong/main")["holdings"]
    return next(int(one["posted_minor"]) for one in held if one["asset"] == "CNY")
