"""Finds the texts for people that stand in the source: what is marked, said or raised.

A text is the first argument, a literal, of `message`, `Text`, `sentence`, `translated`, of what
prints (`say` and the like), and of a fault that words itself (a subclass of `WordedFault`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from sources import ROOT

SPEAKERS = re.compile(r"(?:\w+\.)*(?:output|self|narrator|sentences|say)(?:\.(?:say|text|fail))?")
"""What writes for a person: its first argument too."""
_CODE = re.compile(r"[A-Z0-9]+|(?:\{\w+\})*")
"""No text: a code beside it, or a value alone."""
SAYING = {"message", "Text", "sentence", "translated", "step"}
"""Functions and methods whose first argument is a text."""
REFUSING = {"require", "refuse"}
"""Their keyword `reason` is a text."""


def written_texts() -> Iterator[tuple[str, str, str]]:
    """Where, context, and text."""
    faults = {"WordedFault", *_worded_faults()}
    yield from _reasons()
    for path, tree in _trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name in faults:
                yield from ((path, "", text) for text in _of_class(node))
            elif isinstance(node, ast.Call) and node.args:
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in faults:
                    given = [text for one in node.args for text in _literals(one)]
                elif name in SAYING or SPEAKERS.fullmatch(ast.unparse(node.func)):
                    given = list(_literals(node.args[0]))
                else:
                    continue
                context = _context(node)
                yield from ((path, context, text) for text in given if not _CODE.fullmatch(text))


def _reasons() -> Iterator[tuple[str, str, str]]:
    """Literals that a refusal gives as its reason; a template shows them as `{reason:word}`."""
    for path, tree in _trees().items():
        for node in ast.walk(tree):
            given: ast.expr | None = None
            if isinstance(node, ast.Call) and ast.unparse(node.func) in REFUSING:
                given = next((one.value for one in node.keywords if one.arg == "reason"), None)
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
                given = node.value
            for text in () if given is None else _literals(given):
                if " " in text:
                    yield path, "reason", text


@cache
def _trees() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "src" / "tongbao").rglob("*.py"))
        if "tests" not in path.parts
    }


def _worded_faults() -> set[str]:
    """Names of the classes below `WordedFault`."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for tree in _trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"WordedFault"}
    while more := {name for name, those in bases.items() if those & found} - found:
        found |= more
    return found - {"WordedFault"}


def _of_class(found: ast.ClassDef) -> Iterator[str]:
    """What a fault hands on to its base."""
    for node in ast.walk(found):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "super().__init__"
            and node.args
        ):
            yield from _literals(node.args[0])


def _context(call: ast.Call) -> str:
    """The second argument of `message`."""
    marked = ast.unparse(call.func).rpartition(".")[2] == "message" and len(call.args) > 1
    return next(_literals(call.args[1]), "") if marked else ""


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
