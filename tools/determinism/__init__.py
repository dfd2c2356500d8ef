"""The determinism lint: nothing in kernel and modules may differ between two replicas.

Clock, randomness, environment, network, files, floats, hash order, threads, hidden state and the
tables of libraries are refused (the fourth of the ledger's promises). A line that is safe all the
same says why: `# determinism: <reason>`. Tests are not read; `generators.py` may use a `Random`
handed to it.

    python tools/determinism [FOLDER ...]
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from determinism import rules
from determinism.order import order_findings
from determinism.scopes import Scope, scopes_of
from determinism.state import state_findings
from sources import ROOT, Finding, python_files, report, shown

FOLDERS = (ROOT / "src" / "tongbao" / "kernel", ROOT / "src" / "tongbao" / "modules")
_MARK = re.compile(r"#\s*determinism:[ \t]*(.*)$")
_Found = tuple[int, str, str]


def check_source(source: str, path: str) -> list[Finding]:
    """Every finding in one file's text; `path` decides whether it is a generator."""
    tree = ast.parse(source)
    generator = Path(path).name == "generators.py"
    scopes = scopes_of(tree)
    found = [*_general(tree, generator), *state_findings(tree, scopes)]
    for scope in scopes:
        found += [*_builtins(scope), *order_findings(scope)]
    marks = {
        number: match.group(1).strip()
        for number, line in enumerate(source.splitlines(), 1)
        if (match := _MARK.search(line))
    }
    kept = [item for item in found if not marks.get(item[0])]
    needless = sorted(marks.keys() - {line for line, _, _ in found})
    kept += [(n, "needless-mark", "the line breaks no rule of this lint") for n in needless]
    kept += [(n, "mark-without-reason", rules.WHY_MARK) for n, why in marks.items() if not why]
    return sorted({Finding(path, *item) for item in kept})


def _general(tree: ast.Module, generator: bool) -> Iterator[_Found]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node, generator)
        elif isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, "float", rules.WHY_FLOAT
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno, "true-division", rules.WHY_DIVISION
        elif isinstance(node, ast.Attribute):
            yield from _attributes(node)
        elif isinstance(node, ast.Call) and _asks_unicode(node.func):
            yield node.lineno, "unicode-tables", rules.WHY_UNICODE
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield node.lineno, "concurrency", rules.WHY_CONCURRENCY
        elif isinstance(node, ast.ExceptHandler) and _swallows(node):
            yield node.lineno, "swallowed-exception", rules.WHY_SWALLOWED
        elif generator and isinstance(node, ast.Call) and _name(node.func) == "Random":
            yield node.lineno, "randomness", rules.WHY_INJECT


def _builtins(scope: Scope) -> Iterator[_Found]:
    for node in scope.nodes:
        if (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Load)
            and node.id in rules.BUILTINS
            and not scope.binds(node.id)
        ):
            yield node.lineno, *rules.BUILTINS[node.id]


def _imports(node: ast.Import | ast.ImportFrom, generator: bool) -> Iterator[_Found]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        names = [f"{node.module or ''}.{alias.name}" for alias in node.names]
    for name in names:
        if name.split(".")[0] not in rules.LIBRARIES | sys.stdlib_module_names:
            yield node.lineno, "library", f"{name}: {rules.WHY_LIBRARY}"
        if name in rules.INTEGER_MATH or (generator and name == "random.Random"):
            continue
        for prefix, (rule, why) in rules.MODULES.items():
            if name == prefix or name.startswith(prefix + "."):
                yield node.lineno, rule, f"{name}: {why}"


def _attributes(node: ast.Attribute) -> Iterator[_Found]:
    owner = _name(node.value)
    if node.attr in rules.CLOCK_METHODS and owner in ("datetime", "date"):
        yield node.lineno, "clock", rules.WHY_CLOCK
    elif owner == "str" and node.attr in rules.UNICODE_METHODS:
        yield node.lineno, "unicode-tables", rules.WHY_UNICODE
    elif node.attr in rules.FILE_METHODS:
        yield node.lineno, "file", rules.WHY_FILE
    elif owner == "math" and f"math.{node.attr}" not in rules.INTEGER_MATH:
        yield node.lineno, "float", rules.WHY_FLOAT
    elif node.attr == "from_float":
        yield node.lineno, "float", rules.WHY_FLOAT


def _asks_unicode(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr in rules.UNICODE_METHODS


def _name(node: ast.expr) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _swallows(handler: ast.ExceptHandler) -> bool:
    broad = handler.type is None or _name(handler.type) in ("Exception", "BaseException")
    return broad and all(_says_nothing(statement) for statement in handler.body)


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass | ast.Continue)


def check_folders(folders: list[Path], root: Path = ROOT) -> list[Finding]:
    """Every finding below the folders."""
    return [
        finding
        for path in python_files(*folders)
        for finding in check_source(path.read_text(encoding="utf-8"), shown(path, root))
    ]


def main() -> int:
    """Check the folders named, or kernel and modules."""
    parser = argparse.ArgumentParser(description="Refuse what may differ between two replicas.")
    parser.add_argument("folders", nargs="*", type=Path, default=list(FOLDERS))
    folders = [folder.resolve() for folder in parser.parse_args().folders]
    return report(check_folders(folders), "determinism")
