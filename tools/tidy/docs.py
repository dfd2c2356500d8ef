"""Tidy, in documents: links inside the repository lead somewhere, twins keep step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from sources import Finding

_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_FENCE = re.compile(r"^\s*(```+|~~~+)")
_CODE_SPAN = re.compile(r"`[^`]*`")
_TWIN = ".zh-CN.md"


def document_findings(root: Path, files: list[Path]) -> Iterator[Finding]:
    """Every finding in the project's Markdown."""
    for path in files:
        if path.suffix != ".md":
            continue
        yield from _link_findings(root, path)
        if path.name.endswith(_TWIN):
            yield from _twin_findings(root, path)


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines outside fenced code, numbered from 1."""
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        match = _FENCE.match(line)
        if match and not fence:
            fence = match.group(1)
        elif match and line.strip().startswith(fence):
            fence = ""
        elif not fence:
            yield number, line


def headings(text: str) -> list[tuple[int, str]]:
    """(level, words) of every heading."""
    found = (_HEADING.match(line) for _, line in prose(text))
    return [(len(match.group(1)), match.group(2)) for match in found if match]


def anchors(text: str) -> set[str]:
    """The names under which headings can be linked to, as code hosts make them."""
    made: dict[str, int] = {}
    found: set[str] = set()
    for _, words in headings(text):
        slug = re.sub(r"[^\w\- ]", "", words.replace("`", "").lower()).strip().replace(" ", "-")
        count = made.get(slug, 0)
        made[slug] = count + 1
        found.add(f"{slug}-{count}" if count else slug)
    return found


def _link_findings(root: Path, path: Path) -> Iterator[Finding]:
    name = path.relative_to(root).as_posix()
    for number, line in prose(path.read_text(encoding="utf-8")):
        for target in _LINK.findall(_CODE_SPAN.sub("", line)):
            if re.match(r"[a-z][a-z0-9+.\-]*:", target):
                continue
            file_part, _, anchor = unquote(target).partition("#")
            there = (path.parent / file_part).resolve() if file_part else path
            if not there.is_relative_to(root.resolve()) or not there.exists():
                yield Finding(name, number, "link", f"{target} is not in the repository")
            elif anchor and there.suffix == ".md":
                if anchor.lower() not in anchors(there.read_text(encoding="utf-8")):
                    yield Finding(name, number, "link", f"no heading {anchor} in {there.name}")


def _twin_findings(root: Path, path: Path) -> Iterator[Finding]:
    name = path.relative_to(root).as_posix()
    english = path.with_name(path.name.removesuffix(_TWIN) + ".md")
    if not english.exists():
        yield Finding(name, 1, "twin", f"{english.name} is missing")
        return
    here = [level for level, _ in headings(path.read_text(encoding="utf-8"))]
    there = [level for level, _ in headings(english.read_text(encoding="utf-8"))]
    if here != there:
        why = f"{len(here)} headings here, {len(there)} in {english.name}, or other levels"
        yield Finding(name, 1, "twin", why)
