"""Tidy, line by line: rooms without a name, unfinished words, machine paths, blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sources import Finding

_NAMELESS = {"util", "utils", "helper", "helpers", "common", "misc", "stuff"}
_CODE = {".py", ".pyi", ".rs", ".ts", ".tsx", ".js", ".css"}
_WRITTEN = {*_CODE, ".md", ".toml", ".sh", ".yml", ".yaml", ".html", ".ini", ".cfg", ""}
_RECORDED = ("tests/golden/", "tests/data/")
"""Recorded material, kept byte for byte: only machine paths are looked for."""
_LARGEST = 4_000_000
_LOCKS = {"Cargo.lock", "package-lock.json"}

_MARK = re.compile(r"tidy: \S")
# The classes in brackets keep this file from finding itself.
_UNFINISHED = re.compile(
    r"\b(?:T[O]DO|F[I]XME|H[A]CK)\b"
    r"|(?i:\bplace[h]older\b(?!\s*[=:])|\blorem [i]psum\b|\bcoming [s]oon\b|\bto be [i]mplemented\b"
    r"|\bnot (?:yet )?[i]mplemented\b|\bin a real (?:[s]ystem|[i]mplementation)\b)"
)
_MACHINE = re.compile(r"(?<![\w.\-/])/(?:work|root|home)/[\w.]")
_REGISTRY = re.compile(r"\b(?:py[p]i\.org|files\.python[h]osted\.org|registry\.npm[j]s\.org)\b")


def text_findings(root: Path, files: list[Path]) -> Iterator[Finding]:
    """Every finding that one file's name or one line of it shows."""
    for path in files:
        name = path.relative_to(root).as_posix()
        if path.suffix in _CODE and _NAMELESS & {p.lower() for p in _rooms(name)}:
            why = "a room is named after what it holds; this name takes anything"
            yield Finding(name, 1, "room-name", why)
        if path.stat().st_size <= _LARGEST and path.name not in _LOCKS:
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            yield from _lines(name, path, text)


def _rooms(name: str) -> list[str]:
    return [part.split(".")[0] for part in name.split("/")]


def _lines(name: str, path: Path, text: str) -> Iterator[Finding]:
    written = path.suffix in _WRITTEN and not name.startswith(_RECORDED) and "/data/" not in name
    tabs = path.name == "Makefile"
    for number, line in enumerate(text.split("\n"), 1):
        if _MARK.search(line):
            continue
        if _MACHINE.search(line):
            yield Finding(name, number, "machine-path", "the path exists on one machine only")
        if _REGISTRY.search(line):
            yield Finding(name, number, "registry-host", "registries are the user's own setting")
        if not written:
            continue
        if path.suffix != "" and _UNFINISHED.search(line):
            yield Finding(name, number, "unfinished", "finish it, or say in an issue what is open")
        if "\t" in line and not tabs:
            yield Finding(name, number, "tab", "indent with blanks")
        if line != line.rstrip():
            yield Finding(name, number, "trailing-blank", "remove the blanks at the end")
    if written and text and (not text.endswith("\n") or text.endswith("\n\n")):
        yield Finding(name, text.count("\n") + 1, "last-line", "end with exactly one newline")
