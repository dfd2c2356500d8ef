"""Everything `make check` looks at, side by side; what fails prints its output at the end.

Run some of them with `python tools/check.py NAME ...`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from sources import ROOT

_BIN = ROOT / ".venv" / "bin"
_PYTHON = str(_BIN / "python")
_ALLOWED = "tools/stubs_allowlist.txt"


class Check(NamedTuple):
    """One check: its name and the command that fails where the rule is broken."""

    name: str
    command: tuple[str, ...]
    needs: str = ""
    """A component of the Rust toolchain without which the check is skipped, and says so."""


class Outcome(NamedTuple):
    """What became of a check."""

    check: Check
    passed: bool
    seconds: float
    output: str


CHECKS = (
    Check("mypy", (_PYTHON, "-m", "mypy")),
    Check("clippy", ("tools/cargo.sh", "clippy"), needs="cargo-clippy"),
    Check("ruff", (str(_BIN / "ruff"), "check", "--quiet", ".")),
    Check("format", (str(_BIN / "ruff"), "format", "--check", "--quiet", ".")),
    Check("rustfmt", ("cargo", "fmt", "--check"), needs="cargo-fmt"),
    Check("imports", (str(_BIN / "lint-imports"), "--no-logo")),
    Check("determinism", (_PYTHON, "tools/determinism")),
    Check("tidy", (_PYTHON, "tools/tidy")),
    Check("console", (_PYTHON, "tools/console.py", "check")),
    Check("sdk", (_PYTHON, "tools/sdk.py", "--check")),
    Check("reference", (_PYTHON, "tools/reference.py", "--check")),
    Check("translations", (_PYTHON, "tools/translations.py", "--check")),
    Check("docstrings", (_PYTHON, "tools/docstrings.py")),
    Check(
        "stubs",
        (_PYTHON, "-m", "mypy.stubtest", "tongbao._core", "--concise", "--allowlist", _ALLOWED),
    ),
)


def run(check: Check) -> Outcome:
    """Run one check and keep what it printed."""
    if check.needs and shutil.which(check.needs) is None:
        return Outcome(check, True, 0.0, f"skipped: this Rust toolchain has no {check.needs}")
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return Outcome(check, done.returncode == 0, time.monotonic() - started, done.stdout)


def main() -> int:
    """Run the checks named, or all of them."""
    wanted = set(sys.argv[1:])
    unknown = wanted - {check.name for check in CHECKS}
    if unknown:
        print(f"no such check: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = [check for check in CHECKS if not wanted or check.name in wanted]
    outcomes = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for outcome in pool.map(run, chosen):
            outcomes.append(outcome)
            verdict = "ok" if outcome.passed else "FAILED"
            skipped = outcome.output if outcome.output.startswith("skipped") else ""
            line = f"{outcome.check.name:<12} {verdict:<7} {outcome.seconds:5.1f} s  {skipped}"
            print(line.rstrip())
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        print(f"\n---- {outcome.check.name}: {' '.join(outcome.check.command)}\n{outcome.output}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
