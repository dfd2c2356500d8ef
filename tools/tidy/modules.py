"""Tidy, in src/tongbao/modules: each room has its furniture, and keeps to its neighbours' doors."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from pathlib import Path

from sources import Finding, python_files, tree_of

REQUIRED = (
    "README.md",
    "__init__.py",
    "model.py",
    "state.py",
    "codes.py",
    "events.py",
    "queries.py",
    "invariants.py",
    "generators.py",
    "transactions",
    "tests",
)
_PACKAGE = "tongbao.modules"
PHASES = ("signers", "check", "admit", "apply")


def module_findings(root: Path) -> Iterator[Finding]:
    """Every finding in the modules below `root`."""
    modules = root / "src" / "tongbao" / "modules"
    if not modules.is_dir():
        return
    folders = sorted(p for p in modules.iterdir() if p.is_dir() and any(p.glob("*.py")))
    for folder in folders:
        name = folder.relative_to(root).as_posix()
        for needed in REQUIRED:
            if not (folder / needed).exists():
                yield Finding(f"{name}/{needed}", 1, "module-file", "every module has it")
        readme = folder / "README.md"
        if readme.exists() and "\n```python\n" not in readme.read_text(encoding="utf-8"):
            why = "a module's README shows an example that CI executes (a ```python block)"
            yield Finding(f"{name}/README.md", 1, "module-example", why)
        if (folder / "tests").is_dir() and not any((folder / "tests").glob("test_*.py")):
            yield Finding(f"{name}/tests", 1, "module-file", "a module without a test")
        yield from _door_findings(root, folder)
        yield from _transaction_findings(root, folder)


def _transaction_findings(root: Path, folder: Path) -> Iterator[Finding]:
    """One transaction stands in one file, named after its verb, its phases in order."""
    for path in python_files(folder):
        shown = path.relative_to(root).as_posix()
        found = [
            node
            for node in tree_of(path).body
            if isinstance(node, ast.ClassDef) and _is_transaction(node)
        ]
        own = path.parent == folder / "transactions" and path.stem != "__init__"
        if len(found) != own:
            why = f"{len(found)} transactions; each stands alone in a file in transactions/"
            yield Finding(shown, 1, "transaction-file", why)
        for node in found:
            if path.stem not in _file_names(node):
                why = f"the file of {node.name} is named after its verb: {_file_names(node)[0]}.py"
                yield Finding(shown, node.lineno, "transaction-file", why)
            order = [part.name for part in node.body if isinstance(part, ast.FunctionDef)]
            phases = [name for name in order if name in PHASES]
            if phases != [name for name in PHASES if name in phases]:
                why = f"phases stand in the order in which they run: {', '.join(PHASES)}"
                yield Finding(shown, node.lineno, "transaction-order", why)


def _is_transaction(node: ast.ClassDef) -> bool:
    calls = [one.func for one in node.decorator_list if isinstance(one, ast.Call)]
    return any(isinstance(one, ast.Name) and one.id == "transaction" for one in calls)


def _file_names(node: ast.ClassDef) -> tuple[str, ...]:
    """The verb of its tag; of `return`, which is Python's, the words of its class."""
    tags = [word.value for word in node.keywords if word.arg == "tag"]
    verbs = [str(tag.value).partition(".")[2] for tag in tags if isinstance(tag, ast.Constant)]
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", node.name).lower()
    return tuple(verb for verb in verbs if not keyword.iskeyword(verb)) or (words,)


def _door_findings(root: Path, folder: Path) -> Iterator[Finding]:
    entry = folder / "__init__.py"
    uses = _uses(entry) if entry.exists() else set()
    for path in python_files(folder):
        shown = path.relative_to(root).as_posix()
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for target in _imported(node):
                other, _, inner = target.removeprefix(_PACKAGE + ".").partition(".")
                # The bench of the tests stands on every module.
                if other == folder.name or (other == "testing" and "tests" in path.parts):
                    continue
                if other not in uses:
                    why = f"{other} is not among the module's `uses`"
                    yield Finding(shown, node.lineno, "module-uses", why)
                elif inner:
                    why = f"import from {_PACKAGE}.{other}, not from the rooms behind it"
                    yield Finding(shown, node.lineno, "module-door", why)


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Modules below tongbao.modules that a statement imports from."""
    if isinstance(node, ast.Import):
        named = [alias.name for alias in node.names]
    elif node.module == _PACKAGE:
        named = [f"{_PACKAGE}.{alias.name}" for alias in node.names]
    else:
        named = [node.module or ""]
    return [name for name in named if name.startswith(_PACKAGE + ".")]


def _uses(entry: Path) -> set[str]:
    """The names in `uses=(...)` of the MODULE that an `__init__` declares."""
    for node in ast.walk(tree_of(entry)):
        if isinstance(node, ast.keyword) and node.arg == "uses":
            return {str(e.value) for e in ast.walk(node.value) if isinstance(e, ast.Constant)}
    return set()
