"""Tidy, of what refuses: by `require` and `refuse` alone, and each code reached by a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sources import Finding, python_files, tree_of

_CODE_NAME = re.compile(r"\b[A-Z][A-Z0-9_]{2,}\b")


def refusal_findings(root: Path, files: list[Path]) -> Iterator[Finding]:
    """Refusals that are raised by hand in a module, codes and tables in the wrong place."""
    modules = root / "src" / "tongbao" / "modules"
    for path in python_files(modules) if modules.is_dir() else ():
        shown = path.relative_to(root).as_posix()
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Raise) and node.exc and "efusal" in ast.unparse(node.exc):
                why = "refuse by require or refuse, so that each code is found by these two words"
                yield Finding(shown, node.lineno, "refusal", why)
            elif isinstance(node, ast.Call) and path.stem != "state":
                if isinstance(node.func, ast.Name) and node.func.id == "Table":
                    why = "tables, and with them all keys, are declared in state.py"
                    yield Finding(shown, node.lineno, "table", why)
    yield from _code_findings(root, files)


def _code_findings(root: Path, files: list[Path]) -> Iterator[Finding]:
    """Codes that no test names: either nothing refuses so, or nobody knows whether it does."""
    reached: set[str] = set()
    for path in files:
        if path.suffix == ".py" and "tests" in path.relative_to(root).parts:
            reached |= set(_CODE_NAME.findall(path.read_text(encoding="utf-8")))
    for path in files:
        if path.name != "codes.py" or "src" not in path.relative_to(root).parts:
            continue
        for node in tree_of(path).body:
            if not isinstance(node, ast.ClassDef) or not _is_code(node):
                continue
            for member in node.body:
                if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name):
                    name = member.targets[0].id
                    if name.isupper() and name not in reached:
                        why = f"no test reaches {name}"
                        shown = path.relative_to(root).as_posix()
                        yield Finding(shown, member.lineno, "code-without-test", why)


def _is_code(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Code" for base in node.bases)
