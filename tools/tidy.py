"""The tidy check: sizes, names, words, blanks, links, module folders, circles of imports.

Files stay below 400 lines and functions below 70. What is larger stands in `tools/ratchet.json`
with its size, and that number only falls: `--update` lowers it and never raises or adds.

    python tools/tidy.py [--update]
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sources import ROOT, Finding, project_files, report
from tidy_circles import circle_findings
from tidy_docs import document_findings
from tidy_modules import module_findings
from tidy_text import text_findings

FILE_LINES = 400
FUNCTION_LINES = 70
RATCHET = "tools/ratchet.json"
_SIZED = {".py", ".pyi", ".rs", ".ts", ".tsx", ".js", ".css", ".sh"}
_RUST_FUNCTION = re.compile(r"^( *)(?:pub(?:\([^)]*\))? )?(?:const )?(?:async )?fn (\w+)")
Sizes = dict[str, dict[str, int]]


def measure(root: Path, files: list[Path]) -> Sizes:
    """Every file and function above its limit, with its size in lines."""
    large: Sizes = {"files": {}, "functions": {}}
    for path in files:
        if path.suffix not in _SIZED:
            continue
        name = path.relative_to(root).as_posix()
        source = path.read_text(encoding="utf-8")
        lines = len(source.splitlines())
        if lines > FILE_LINES:
            large["files"][name] = lines
        for function, length in _functions(path, source):
            if length > FUNCTION_LINES:
                key = f"{name}::{function}"
                large["functions"][key] = max(length, large["functions"].get(key, 0))
    return large


def _functions(path: Path, source: str) -> Iterator[tuple[str, int]]:
    if path.suffix == ".py":
        yield from _python_functions(ast.parse(source), "")
    elif path.suffix == ".rs":
        yield from _rust_functions(source.splitlines())


def _python_functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, (child.end_lineno or child.lineno) - child.lineno + 1
        inner = prefix + child.name + "." if hasattr(child, "name") and child.name else prefix
        yield from _python_functions(child, inner)


def _rust_functions(lines: list[str]) -> Iterator[tuple[str, int]]:
    """rustfmt closes a function with a brace at the indentation of its `fn`."""
    for start, line in enumerate(lines):
        match = _RUST_FUNCTION.match(line)
        if match is None:
            continue
        closing = match.group(1) + "}"
        for end in range(start, len(lines)):
            if lines[end] == closing or (end == start and line.endswith(("}", ";"))):
                yield match.group(2), end - start + 1
                break


def size_findings(found: Sizes, allowed: Sizes) -> Iterator[Finding]:
    """What is larger than it may be, and entries of the ratchet that could be lower."""
    limits = {"files": FILE_LINES, "functions": FUNCTION_LINES}
    for kind, limit in limits.items():
        for name, size in found[kind].items():
            most = allowed[kind].get(name, limit)
            path, _, function = name.partition("::")
            what = f"function {function}" if function else "file"
            if size > most:
                why = f"{what} has {size} lines, at most {most}: is it one room, or two?"
                yield Finding(path, 1, "size", why)
        for name, most in allowed[kind].items():
            if found[kind].get(name, 0) < most:
                why = f"{name} is listed with {most} and is smaller now: run tools/tidy.py --update"
                yield Finding(RATCHET, 1, "ratchet", why)


def lowered(found: Sizes, allowed: Sizes) -> Sizes:
    """The ratchet after `--update`: entries that shrank are lowered or gone, none is new."""
    return {
        kind: {
            name: min(most, found[kind][name])
            for name, most in sorted(allowed[kind].items())
            if name in found[kind]
        }
        for kind in ("files", "functions")
    }


def read_ratchet(root: Path) -> Sizes:
    """What may be larger than the limits, as committed."""
    path = root / RATCHET
    read: Sizes = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {"files": read.get("files", {}), "functions": read.get("functions", {})}


def check(root: Path) -> list[Finding]:
    """Every finding in the project at `root`."""
    files = project_files(root)
    return [
        *size_findings(measure(root, files), read_ratchet(root)),
        *text_findings(root, files),
        *document_findings(root, files),
        *module_findings(root),
        *circle_findings(root),
    ]


def main() -> int:
    """Check, or lower the ratchet."""
    parser = argparse.ArgumentParser(description="Sizes, names, words, blanks, links, modules.")
    parser.add_argument("--update", action="store_true", help="lower the ratchet to what is there")
    if parser.parse_args().update:
        sizes = lowered(measure(ROOT, project_files(ROOT)), read_ratchet(ROOT))
        (ROOT / RATCHET).write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")
    return report(check(ROOT), "tidy")


if __name__ == "__main__":
    sys.exit(main())
