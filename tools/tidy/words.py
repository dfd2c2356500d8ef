"""Tidy, by word: private words that the field has a standard one for."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from sources import Finding

STANDARD = {
    "told": "message, reported, shown", "said": "message, reply, stated",
    "believe": "verify, trust", "believed": "verified, trusted", "believes": "trusts",
    "carry_out": "apply", "carried_out": "applied", "remembered": "cached, kept",
    "give_back": "return, release", "empowered": "permitted", "office": "service",
    "ways": "routes, paths",
}  # fmt: skip
"""Private word -> the standard ones; as a name, or a part of one."""
_PHRASES = re.compile(r"\b(told|said|believed?|believes|remembered|empowered|carr(?:y|ied) out)\b")
_PARTS = re.compile(
    r"(?<![a-z])(" + "|".join(sorted(STANDARD, key=len, reverse=True)) + r")(?![a-z])"
)


def word_findings(root: Path, files: list[Path]) -> Iterator[Finding]:
    """Names, comments and docstrings of the package with a private word in them."""
    for path in files:
        shown = path.relative_to(root).as_posix()
        if path.suffix != ".py" or not shown.startswith("src/"):
            continue
        source = path.read_text(encoding="utf-8")
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            found: re.Match[str] | None = None
            if token.type == tokenize.NAME and "tests" not in path.parts:
                found = _PARTS.search(token.string)
            elif token.type in (tokenize.COMMENT, tokenize.STRING):
                found = _PHRASES.search(token.string)
            if found is not None:
                word = found.group(1)
                standard = STANDARD.get(word.replace(" ", "_"), "apply")
                why = f"{word}: the standard word is {standard}"
                yield Finding(shown, token.start[0], "private-word", why)
