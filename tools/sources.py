"""What the tools share: which files there are, and how a finding is printed."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
_UNOWNED = {".git", ".venv", ".tools", "target", "node_modules", "dist", "__pycache__"}


class Finding(NamedTuple):
    """One broken rule: where, which, and why it is a rule."""

    path: str
    line: int
    rule: str
    why: str

    def __str__(self) -> str:
        """`file:line: rule: why`, as editors and CI read it."""
        return f"{self.path}:{self.line}: {self.rule}: {self.why}"


def project_files(root: Path) -> list[Path]:
    """Every file of the project, sorted: what git tracks or would track, else all that is there."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
        found = [root / name for name in sorted(set(listed)) if name]
    else:
        found = sorted(p for p in root.rglob("*") if not _UNOWNED & set(p.relative_to(root).parts))
    return [path for path in found if path.is_file() and not path.is_symlink()]


def python_files(*folders: Path) -> Iterator[Path]:
    """Every Python file below the folders, tests aside, sorted."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "tests" not in path.relative_to(folder).parts:
                yield path


def tree_of(path: Path) -> ast.Module:
    """A Python file, parsed once for all checks of a run."""
    return _parsed(path.read_text(encoding="utf-8"))


@cache
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def shown(path: Path, root: Path) -> str:
    """A path as it is printed: from the project's root."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def report(findings: Iterable[Finding], tool: str) -> int:
    """Print findings in order and return the exit status."""
    listed = sorted(findings)
    for finding in listed:
        print(finding)
    print(f"{tool}: {len(listed)} finding(s)" if listed else f"{tool}: clean")
    return 1 if listed else 0
