"""A running demonstration node, and the command line as its user types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TONGBAO = Path(sys.executable).with_name("tongbao")


@dataclass
class Shell:
    """Types commands into a folder's node."""

    home: Path
    folder: Path

    def run(self, *words: object, status: int = 0, home: bool = True) -> str:
        """What a command prints; it has to end with `status`."""
        command = [str(TONGBAO), *map(str, words)]
        if home:
            command += ["--home", str(self.home)]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=self.folder, timeout=120, check=False,
            env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TONGBAO_LANG": "en"},
        )  # fmt: skip
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout + ("" if not status else done.stderr)

    def json(self, *words: object, status: int = 0, home: bool = True) -> Any:
        """The one JSON value that a command prints with --json."""
        printed = self.run(*words, "--json", status=status, home=home)
        return json.loads(printed[: printed.rindex("}") + 1] if status else printed)


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """`tongbao dev` in a folder of its own, until the tests are over."""
    folder = tmp_path_factory.mktemp("cli")
    home = folder / "home"
    with (folder / "dev.log").open("w") as log:
        process = subprocess.Popen(
            [str(TONGBAO), "dev", "--home", str(home), "--port", "0"],
            stdout=log, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
        made = Shell(home, folder)
        try:
            _await(process, folder / "dev.log")
            yield made
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
    assert (folder / "dev.log").read_text().rstrip().endswith(("Stopped cleanly.", "已正常停止。"))


@pytest.fixture(scope="session")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """`tongbao dev --scenario remit`, still running after its story."""
    folder = tmp_path_factory.mktemp("abroad")
    home = folder / "home"
    with (folder / "dev.log").open("w") as log:
        process = subprocess.Popen(
            [str(TONGBAO), "dev", "--home", str(home), "--port", "0", "--scenario", "remit"],
            stdout=log, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
        try:
            _await(process, folder / "dev.log")
            yield Shell(home, folder)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0


def _await(process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        if "Listening on" in log.read_text() or "监听地址" in log.read_text():
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())
