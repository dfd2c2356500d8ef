"""The import contract of .importlinter refuses every staircase walked the wrong way."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sources import ROOT

LINTER = Path(sys.executable).with_name("lint-imports")
ROOMS = (
    "cli", "daemon", "bench", "scenarios", "gateway", "paymentfiles", "simulator", "iso20022",
    "sdk", "readmodel", "node",
)  # fmt: skip


def lint(tmp_path: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Build a house of empty rooms and these files, and run the contract."""
    shutil.copy(ROOT / ".importlinter", tmp_path / ".importlinter")
    house = tmp_path / "tongbao"
    empty = dict.fromkeys((f"{room}/__init__.py" for room in (*ROOMS, "kernel", "modules/m")), "")
    for name, text in {"__init__.py": "", "modules/__init__.py": "", **empty, **files}.items():
        (house / name).parent.mkdir(parents=True, exist_ok=True)
        (house / name).write_text(text, encoding="utf-8")
    return run_linter(tmp_path)


def run_linter(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the contract on what stands in the folder."""
    return subprocess.run(
        [LINTER, "--no-logo", "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
    )


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("cli/a.py", "import tongbao.scenarios, tongbao.gateway, tongbao.node, tongbao.kernel"),
        ("scenarios/a.py", "import tongbao.gateway, tongbao.simulator, tongbao.sdk"),
        ("gateway/a.py", "import tongbao.node, tongbao.readmodel, tongbao.sdk, fastapi, lxml"),
        ("paymentfiles/a.py", "import tongbao.iso20022, tongbao.readmodel, tongbao.sdk"),
        ("modules/m/a.py", "import tongbao.kernel, msgspec"),
        ("modules/m/tests/test_a.py", "import tongbao.node, time"),
    ],
)
def test_a_step_down_is_kept(tmp_path: Path, file: str, statement: str) -> None:
    done = lint(tmp_path, {file: statement})
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("kernel/a.py", "import tongbao.modules.m"),
        ("kernel/a.py", "import tongbao.node"),
        ("modules/m/a.py", "import tongbao.gateway"),
        ("node/a.py", "import tongbao.gateway"),
        ("node/a.py", "import tongbao.readmodel"),
        ("sdk/a.py", "import tongbao.node"),
        ("iso20022/a.py", "import tongbao.sdk"),
        ("paymentfiles/a.py", "import tongbao.gateway"),
        ("daemon/a.py", "import tongbao.cli"),
        ("gateway/a.py", "import tongbao.cli"),
        ("scenarios/a.py", "import tongbao.cli"),
        ("kernel/a.py", "import sqlalchemy"),
        ("modules/m/a.py", "import httpx"),
        ("modules/m/a.py", "from asyncio import run"),
        ("modules/m/a.py", "import lxml.etree"),
        ("kernel/a.py", "from stdnum import lei"),
        ("kernel/a.py", "import hashlib"),
        ("gateway/a.py", "from hashlib import sha256"),
        ("node/a.py", "import fastapi"),
        ("readmodel/a.py", "import httpx"),
        ("warehouse/__init__.py", ""),
    ],
)
def test_a_step_up_or_aside_is_refused(tmp_path: Path, file: str, statement: str) -> None:
    done = lint(tmp_path, {file: statement})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_rooms_that_are_not_built_yet_do_not_matter(tmp_path: Path) -> None:
    lint(tmp_path, {})
    for room in ("simulator", "cli"):
        shutil.rmtree(tmp_path / "tongbao" / room)
    done = run_linter(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
