"""Tidy, by name: files, definitions, fields, docstrings, tests."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sources import Finding, tree_of

_FROM_A_PREFIX = 3
"""So many files of one prefix are a folder."""
_LEAST_WORDS = 4
"""A sentence as a test's name has `test` and three words at least."""
_UNITS = frozenset(("ms", "minor", "bps", "seconds", "bytes", "percent"))
_VERSIONED = re.compile(r"_v\d+$|[a-z]V\d+$")
_LEAVING = frozenset(("documents",))
"""Written by hand for modules that have no records yet."""
_EMPTY_WORDS = frozenset(("a", "an", "the", "of", "is", "its", "it", "to", "and", "shape"))
_Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def name_findings(root: Path, files: list[Path]) -> Iterator[Finding]:
    """Every finding that the names in Python files show."""
    python = [path for path in files if path.suffix == ".py"]
    yield from _prefix_findings(root, python)
    for path in python:
        shown = path.relative_to(root).as_posix()
        for node in ast.walk(tree_of(path)):
            if isinstance(node, _Named):
                yield from _definition_findings(shown, path, node)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield from _field_findings(shown, node, node.target.id)
            elif isinstance(node, ast.arg):
                yield from _field_findings(shown, node, node.arg)


def _prefix_findings(root: Path, python: list[Path]) -> Iterator[Finding]:
    rooms: dict[tuple[Path, str], list[str]] = defaultdict(list)
    for path in python:
        first, line, _ = path.stem.partition("_")
        if first and line and "tests" not in path.relative_to(root).parts:
            rooms[path.parent, first].append(path.name)
    for (folder, prefix), names in sorted(rooms.items()):
        if len(names) >= _FROM_A_PREFIX and prefix not in _verbs(folder) | _LEAVING:
            why = f"{', '.join(sorted(names))}: a folder {prefix}/ says it once"
            yield Finding(folder.relative_to(root).as_posix(), 1, "prefix", why)


def _verbs(folder: Path) -> frozenset[str]:
    """Transactions are named after what they do: `set_limits` and `set_policy` are no room."""
    return (
        frozenset(p.stem.split("_")[0] for p in folder.glob("*.py"))
        if (folder.name == "transactions")
        else frozenset()
    )


def _definition_findings(shown: str, path: Path, node: _Named) -> Iterator[Finding]:
    name = node.name
    if _VERSIONED.search(name):
        why = f"{name}: a version stands in a name of a frozen predecessor alone"
        yield Finding(shown, node.lineno, "version-suffix", why)
    if name.startswith("test_") and path.stem.startswith("test_"):
        if name.count("_") < _LEAST_WORDS - 1:
            yield Finding(shown, node.lineno, "test-name", f"{name} is no sentence")
    reply = ast.get_docstring(node)
    if reply and _words(reply) <= _stems(_words(re.sub(r"(?<!^)(?=[A-Z])", " ", name))):
        why = f"the docstring of {name} repeats its name: say more, or leave it out"
        yield Finding(shown, node.lineno, "docstring", why)


def _words(text: str) -> frozenset[str]:
    return _stems(frozenset(re.findall(r"[a-z]+", text.lower().replace("_", " "))) - _EMPTY_WORDS)


def _stems(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word.removesuffix("s") for word in words)


def _field_findings(shown: str, node: ast.AST, name: str) -> Iterator[Finding]:
    parts = name.split("_")
    units = [place for place, part in enumerate(parts[:-1]) if part in _UNITS]
    if name.islower() and units and "per" not in parts:
        why = f"{name}: its unit, {parts[units[0]]}, stands last"
        yield Finding(shown, getattr(node, "lineno", 1), "unit-last", why)
