"""The texts that the console says: the first argument of `t`, a literal."""

from __future__ import annotations

import json
import re

from sources import ROOT

SOURCES = ROOT / "console" / "src"
_SAID = re.compile(r"""\bt\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def reply() -> dict[str, str]:
    """English text -> the file that says it first."""
    found: dict[str, str] = {}
    for file in sorted([*SOURCES.rglob("*.tsx"), *SOURCES.rglob("*.ts")]):
        for literal in _SAID.findall(file.read_text("utf-8")):
            text = json.loads(f'"{literal[1:-1]}"') if literal[0] == '"' else literal[1:-1]
            found.setdefault(text, str(file.relative_to(ROOT)))
    return found
