"""How much of the public surface is documented: public functions, methods and classes.

    python tools/docstrings.py [--list]

Prints a share for each package; kernel and modules must reach 90 %.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sources import ROOT, python_files

LEAST_PERCENT = 90
HELD = ("kernel", "modules")
PHASES = frozenset(("signers", "check", "admit", "apply"))
"""Of a transaction: what they are for stands once, in the class that all derive from."""


class Share(NamedTuple):
    """Public definitions of one package: how many, and which lack a docstring."""

    total: int
    missing: tuple[str, ...]

    @property
    def percent(self) -> int:
        """Documented of a hundred, rounded down; an empty package is whole."""
        return 100 * (self.total - len(self.missing)) // self.total if self.total else 100


def share_of(folder: Path) -> Share:
    """Read every file below a package, tests aside."""
    total, missing = 0, []
    for path in python_files(folder):
        for name, node in _public(ast.parse(path.read_text(encoding="utf-8")), ""):
            total += 1
            if ast.get_docstring(node) is None:
                missing.append(f"{path.relative_to(folder).as_posix()}:{node.lineno} {name}")
    return Share(total, tuple(missing))


def _public(
    node: ast.Module | ast.ClassDef, prefix: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for child in node.body:
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        phase = isinstance(node, ast.ClassDef) and child.name in PHASES
        if child.name.startswith("_") or phase or _is_overload(child):
            continue
        yield prefix + child.name, child
        if isinstance(child, ast.ClassDef):
            yield from _public(child, f"{prefix}{child.name}.")


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    return any(getattr(d, "id", getattr(d, "attr", "")) == "overload" for d in node.decorator_list)


def main() -> int:
    """Print the report; 1 where a held package falls short."""
    parser = argparse.ArgumentParser(description="Share of public definitions with a docstring.")
    parser.add_argument("--list", action="store_true", help="name what lacks one")
    listing = parser.parse_args().list
    short = False
    packages = sorted(p for p in (ROOT / "src" / "tongbao").iterdir() if any(p.rglob("*.py")))
    for package in packages:
        share = share_of(package)
        held = package.name in HELD
        short |= held and share.percent < LEAST_PERCENT
        note = f"  (at least {LEAST_PERCENT} %)" if held else ""
        print(f"docstrings: {package.name:<12} {share.percent:>3} % of {share.total}{note}")
        if listing or (held and share.percent < LEAST_PERCENT):
            for missing in share.missing:
                print(f"  {missing}")
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
