"""From bytes to text: byte order marks, the XML declaration, and an allow-list of encodings.

Source: XML 1.0 (fifth edition) 4.3.3 and appendix F for detection, 2.2 for allowed characters.
"""

from __future__ import annotations

import codecs
import re
from typing import NoReturn

from tongbao.iso20022.findings import DocumentRefused, finding
from tongbao.kernel.wording import Text, message

_BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WITHOUT_MARK: tuple[tuple[bytes, str], ...] = (
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
ENCODINGS: dict[str, str] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
}
"""Declared encodings that are read, lower case, and Python's codec for each."""

_WHY = (message("by its mark"), message("none is declared"), message("as declared"))
"""How the encoding of a file is known."""

_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_DECLARATION_TEXT = re.compile(r"\s*<\?xml\s[^>]{0,300}\?>")
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def decode(data: bytes) -> str:
    """The file's text without byte order mark and XML declaration; line breaks are kept.

    Raises DocumentRefused with `xml.encoding*`, `xml.character` or `xml.malformed` (empty). A
    declaration that the bytes contradict is a fatal error (XML 1.0, 4.3.3).
    """
    mark, codec, why = _detect(data)
    try:
        text = data[mark:].decode(codec)
    except UnicodeDecodeError as fault:
        before = data[mark : mark + fault.start].decode(codec, errors="ignore")
        byte = f"0x{data[mark + fault.start]:02X}"
        _refuse("xml.encoding", before.count("\n") + 1, codec, byte=byte, why=Text(why))
    wrong = _FORBIDDEN.search(text)
    if wrong is not None:
        line = text.count("\n", 0, wrong.start()) + 1
        _refuse("xml.character", line=line, value=f"U+{ord(wrong.group()):04X}")
    if not text.strip():
        _refuse("xml.malformed", reason="empty")
    return strip_declaration(text)


def strip_declaration(text: str) -> str:
    """Drop the XML declaration, whose encoding no longer holds, but keep its line breaks."""
    declared = _DECLARATION_TEXT.match(text)
    if declared is None:
        return text
    return "\n" * declared.group().count("\n") + text[declared.end() :]


def _detect(data: bytes) -> tuple[int, str, str]:
    """Bytes of the mark, the Python codec of the text, and what says so."""
    mark, found = next(
        ((len(mark), codec) for mark, codec in _BYTE_ORDER_MARKS if data.startswith(mark)), (0, "")
    )
    if not found:
        found = next((codec for start, codec in _WITHOUT_MARK if data.startswith(start)), "")
    declared = _declared(data[mark:], found)
    if found.startswith("utf-32"):
        _refuse("xml.encoding_unknown", 1, "utf-32")
    if not declared:
        return mark, found or "utf-8", "by its mark" if found else "none is declared"
    family = (found or "8-bit text").removesuffix("-le").removesuffix("-be")
    given = declared.removesuffix("le").removesuffix("be").removesuffix("-")
    wide = given in ("utf-16", "utf-32", "ucs-2", "ucs-4", "iso-10646-ucs-2", "iso-10646-ucs-4")
    if wide if not found else family != given.replace("utf8", "utf-8"):
        _refuse("xml.encoding_contradiction", 1, declared, found=family)
    if found:
        return mark, found, "by its mark"
    if declared not in ENCODINGS:
        _refuse("xml.encoding_unknown", 1, declared)
    return 0, ENCODINGS[declared], "as declared"


def _declared(data: bytes, found: str) -> str:
    """The encoding that the XML declaration names, lower case, or empty."""
    head = data[:800]
    if found.startswith("utf-16"):
        head = head.decode(found, errors="ignore").encode("ascii", errors="ignore")
    declared = _DECLARATION.match(head[:400])
    return "" if declared is None else declared.group(1).decode("ascii").lower()


def _refuse(rule: str, line: int = 0, value: str = "", **words: object) -> NoReturn:
    """Raise a refusal with a single finding."""
    raise DocumentRefused((finding(rule, line, "", value, **words),))
