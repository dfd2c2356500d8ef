"""lxml under one roof: it ships no types, and this is the one line that says so."""

from lxml import etree  # type: ignore[import-untyped,unused-ignore]

__all__ = ["etree"]
