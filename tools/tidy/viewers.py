"""Every question to the read model says first who asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from sources import Finding, tree_of

FOLDER = "src/tongbao/readmodel"
ANYBODY = frozenset(("height", "time_ms", "resolve"))
"""What anybody may ask: where the lists stand, and which account carries a number that the asker
has."""


def viewer_findings(root: Path) -> Iterator[Finding]:
    """Public methods of classes of questions whose first parameter is no viewer."""
    for path in sorted((root / FOLDER).rglob("*.py")):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Queries"):
                for one in node.body:
                    if isinstance(one, ast.FunctionDef) and not _says_who(one):
                        where = path.relative_to(root).as_posix()
                        why = f"{node.name}.{one.name}: the first parameter is not `viewer: Viewer`"
                        yield Finding(where, one.lineno, "viewer", why)


def _says_who(method: ast.FunctionDef) -> bool:
    if method.name.startswith("_") or method.name in ANYBODY:
        return True
    parameters = method.args.args[1:]
    if not parameters or parameters[0].annotation is None:
        return False
    return (parameters[0].arg, ast.unparse(parameters[0].annotation)) == ("viewer", "Viewer")
