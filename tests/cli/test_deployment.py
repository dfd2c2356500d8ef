"""What operators deploy: the unit held to systemd's own checker, the container and its lock."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tongbao.cli.commands.network.files import write_deployment
from tongbao.cli.shell.output import EXIT_HALTED
from tongbao.node.comet.network import NodeEntry

ROOT = Path(__file__).parents[2]
EXPOSED_AT_MOST = 1.5
"""Of 10, by `systemd-analyze security`; a service that asks for nothing has 9.6."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit of a node, as it lies in the node's folder."""
    write_deployment(tmp_path, NodeEntry("bank-a", "bank-a", "", "", ""))
    return tmp_path / "tongbao.service"


@pytest.fixture
def analyze() -> str:
    """systemd's checker."""
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("no systemd-analyze here (Debian: systemd)")
    return found


def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path, analyze: str) -> None:
    text = unit.read_text("utf-8")
    assert "/opt/tongbao/bin/tongbao" in text and "bank-a" in text
    # The program is where operators put it, which is not here.
    unit.write_text(text.replace("/opt/tongbao/bin/tongbao", shutil.which("true") or "/bin/true"))
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(text.replace("ProtectClock=true", "ProtectClocks=true"))
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert "ProtectClocks" in done.stderr  # it would have shown


def test_the_unit_leaves_a_node_little_that_it_could_do(unit: Path, analyze: str) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", str(unit)], capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= EXPOSED_AT_MOST


def test_a_node_that_halted_is_not_started_again_unread(unit: Path) -> None:
    assert f"RestartPreventExitStatus={EXIT_HALTED}\n" in unit.read_text("utf-8")


def test_the_container_file_is_built_from_sources_and_locks_alone(tmp_path: Path) -> None:
    """Whatever the container file copies is let in, and nothing that was built here."""
    rules = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in rules
    let_in = {line[1:] for line in rules if line.startswith("!")}
    for name in ("src", "core", "pyproject.toml", "Cargo.lock", "requirements-node.lock"):
        assert name in let_in and (ROOT / name).exists()
    assert not {".git", ".venv", "target", ".tools"} & let_in
    for name in let_in:
        if name.startswith("tools/"):
            shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", "import build_backend"], cwd=tmp_path, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_what_a_node_installs_is_a_part_of_what_is_tested() -> None:
    """The lock of a node names the same versions and bytes as the lock of the tests."""

    def packages(name: str) -> set[str]:
        text = (ROOT / name).read_text("utf-8")
        return set(re.findall(r"^\S.*(?:\n    .*)*", text, re.MULTILINE))

    node, whole = packages("requirements-node.lock"), packages("requirements.lock")
    names = {re.split(r"[=\[]", one)[0] for one in node}
    assert {"cryptography", "fastapi", "msgspec", "psycopg"} <= names
    assert not {"pytest", "maturin", "mypy"} & names
    assert node <= whole
