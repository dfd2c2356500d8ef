"""Tidy, between the files of the package: no circle of imports.

An import counts wherever it stands: also inside a function, and for type checkers alone. What two
files need of each other stands in a third below both, or is handed in.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from sources import Finding, python_files, tree_of

_PACKAGE = "tongbao"
Arrows = dict[str, dict[str, int]]
"""File -> the files that it imports, each with the line."""


def circle_findings(root: Path) -> Iterator[Finding]:
    """One finding for the first circle that is found, with every arrow of it."""
    arrows = imports_between(root)
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as fault:
        circle = fault.args[1][::-1]
        line = arrows[circle[0]][circle[1]]
        why = f"files import each other in a circle: {' -> '.join(circle)}"
        yield Finding(circle[0], line, "circle", why)


def imports_between(root: Path) -> Arrows:
    """What the files of the package import of one another."""
    source = root / "src"
    files = {_dotted(path, source): path for path in python_files(source / _PACKAGE)}
    arrows: Arrows = {}
    for name, path in files.items():
        shown = path.relative_to(root).as_posix()
        found = arrows.setdefault(shown, {})
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for target in _targets(node, name if path.stem == "__init__" else _above(name)):
                file = files.get(target) or files.get(_above(target))
                if file is not None and file != path:
                    found.setdefault(file.relative_to(root).as_posix(), node.lineno)
    return arrows


def _targets(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[str]:
    """What a statement of a file in `package` imports, dotted: modules, or names in modules."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        above = package.rsplit(".", node.level - 1)[0] if node.level else ""
        module = ".".join(part for part in (above, node.module) if part)
        yield from (f"{module}.{alias.name}" for alias in node.names)


def _dotted(path: Path, source: Path) -> str:
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _above(name: str) -> str:
    return name.rpartition(".")[0]
