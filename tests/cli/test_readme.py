"""What the first pages and the examples print runs as it is printed, against `tongbao dev`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import TONGBAO, Shell

ROOT = Path(__file__).resolve().parents[2]
READMES = ("docs/getting-started.md", "docs/getting-started.zh-CN.md")
ADDRESS = "http://127.0.0.1:8420"
_BLOCK = re.compile(r"^```(python|sh) node\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def desk(shell: Shell, tmp_path: Path) -> Path:
    """A folder in which the demonstration's is `.tongbao`, as in a clone after `make run`."""
    (tmp_path / ".tongbao").symlink_to(shell.home)
    (tmp_path / ".venv").symlink_to(TONGBAO.parents[1])
    return tmp_path


def typed(readme: str, kind: str, shell: Shell) -> str:
    """The one block of a kind, with the address of the tests' own node."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    [code] = [m.group(2) for m in _BLOCK.finditer(text) if m.group(1) == kind]
    url = json.loads((shell.home / "node.json").read_bytes())["url"]
    assert ADDRESS in code
    return code.replace(ADDRESS, url)


def run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "TONGBAO_LANG": "en"}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("readme", READMES)
def test_the_python_payment_of_a_readme_pays(readme: str, shell: Shell, desk: Path) -> None:
    code = typed(readme, "python", shell)
    reply = run([sys.executable, "-c", code], desk)
    assert "1,250.50 CNY" in reply and "INV-2026-17" in reply
    lines = [one for one in code.splitlines() if one and not one.startswith(("from", "import"))]
    assert len(lines) <= 10


@pytest.mark.parametrize("readme", READMES)
def test_the_curl_payment_of_a_readme_pays_in_three_lines(
    readme: str, shell: Shell, desk: Path
) -> None:
    code = typed(readme, "sh", shell)
    assert len(code.strip().splitlines()) == 3
    reply = run(["sh", "-ec", code], desk)
    answers = [json.loads(one) for one in re.findall(r"\{.*?\}(?=\{|$)", reply.split("\n")[-1])]
    assert "recorded" in reply and '"amount_minor":"125050"' in reply, answers


def test_the_examples_are_paid_as_their_readme_says(shell: Shell, desk: Path) -> None:
    run([sys.executable, str(ROOT / "examples" / "write.py")], desk)
    tried = run([str(TONGBAO), "pay", "file", "payroll.xml", "--dry-run"], desk)
    assert "Nothing moved" in tried
    paid = run([str(TONGBAO), "pay", "file", "payroll.xml"], desk)
    assert "12 of 12" in paid


def test_importing_the_sdk_loads_no_client() -> None:
    code = "import sys, tongbao.sdk; print('httpx' in sys.modules, 'msgspec' in sys.modules)"
    reply = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert reply.stdout.split() == ["False", "False"]


def test_everything_that_the_sdk_names_is_there() -> None:
    import tongbao.sdk

    for name in tongbao.sdk.__all__:
        assert getattr(tongbao.sdk, name) is not None
    with pytest.raises(AttributeError):
        _ = tongbao.sdk.nothing  # type: ignore[attr-defined]
