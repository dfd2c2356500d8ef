"""What people type and files contain, as the ledger writes it."""

from __future__ import annotations

import unicodedata

_JOINERS = frozenset("\t\n\r\x85\u180e\u200b\u2028\u2029\u2060\ufeff")
"""Blanks without width, and ends of lines: what Unicode counts among other kinds than blanks."""


def folded(text: str) -> str:
    """The text with every kind of blank as the common one; nothing else is changed."""
    if text.isascii() and text.isprintable():
        return str(text)
    return "".join(" " if _is_blank(one) else one for one in text)


def _is_blank(one: str) -> bool:
    return one in _JOINERS or unicodedata.category(one) == "Zs"
