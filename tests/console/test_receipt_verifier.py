"""The console's verifier, in TypeScript, has the verdict of `tongbao verify` on every receipt."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.console.vectors import ALTERED, all_cases, write

CONSOLE = Path(__file__).parents[2] / "console"
VITEST = CONSOLE / "node_modules" / "vitest" / "vitest.mjs"
OLDEST_NODE = 22


def node() -> str:
    """The Node that runs the console's tests; skips where it, or the packages, are not there."""
    found = shutil.which("node")
    if found is None or not VITEST.is_file():
        pytest.skip("needs Node on the path, and the console's packages (npm ci in console)")
    reply = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(reply.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"needs Node {OLDEST_NODE} or newer, not {reply.strip()}")
    return found


@pytest.mark.timeout(900)
def test_every_receipt_whole_or_altered_has_the_verdict_of_tongbao_verify(tmp_path: Path) -> None:
    program, file = node(), tmp_path / "vectors.json"
    cases = all_cases()
    verdicts = write(file, cases)
    ran = subprocess.run(
        [program, VITEST, "run", "src/verify/vectors.test.ts"],
        cwd=CONSOLE,
        env={**os.environ, "TONGBAO_CONSOLE_VECTORS": str(file), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    figures = re.search(r"(\d+) of (\d+) receipts have the same verdict;.*", ran.stdout)
    assert figures is not None, ran.stdout
    print(figures[0], dict(verdicts))
    assert figures[1] == figures[2] == str(len(cases))
    golden = sum(one.kind.startswith("golden") for one in cases)
    assert golden > 140
    assert len(cases) > golden + ALTERED
    assert min(verdicts.values()) > 0
    assert len(verdicts) >= 8
