"""Bounded reading of the ceremony's files: from anybody, and trusted in nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from tongbao.kernel.codes import refuse, require
from tongbao.node.comet.ceremony.codes import FoundingCode
from tongbao.node.comet.ceremony.documents import DOCUMENTS, Document

D = TypeVar("D", bound=Document)
LARGEST = max(kind.LIMIT for kind in DOCUMENTS)
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Headed(msgspec.Struct):
    format: str = ""


def read(path: Path, kind: type[D]) -> D:
    """A file that has to be of one kind; a Refusal names file, field and rule."""
    return _decode(path.name, _bytes(path, kind.FORMAT, kind.LIMIT), kind)


def read_any(path: Path) -> Document:
    """A file of any of the four kinds: which, it says itself."""
    raw = _bytes(path, "tongbao.founding", LARGEST)
    found = _format_of(path.name, raw, "tongbao.founding")
    stem = found.partition("/")[0]
    kind = next((one for one in DOCUMENTS if one.FORMAT.partition("/")[0] == stem), None)
    known = ", ".join(one.FORMAT for one in DOCUMENTS)
    version = FoundingCode.UNKNOWN_VERSION
    require(kind, version, file=path.name, found=found or "-", format=known)
    assert kind is not None
    _require_size(path.name, raw, kind.FORMAT, kind.LIMIT)
    return _decode(path.name, raw, kind)


def _bytes(path: Path, form: str, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        refuse(FoundingCode.UNREADABLE, file=path.name, format=form, reason=reason)
    _require_size(path.name, raw, form, limit)
    return raw


def _require_size(name: str, raw: bytes, form: str, limit: int) -> None:
    large = FoundingCode.TOO_LARGE
    require(len(raw) <= limit, large, file=name, limit=limit, format=form)


def _format_of(name: str, raw: bytes, form: str) -> str:
    try:
        return msgspec.json.decode(raw, type=_Headed).format[:80]
    except _BROKEN as fault:
        refuse(FoundingCode.UNREADABLE, file=name, format=form, reason=_reason(fault))


def _decode(name: str, raw: bytes, kind: type[D]) -> D:
    found = _format_of(name, raw, kind.FORMAT)
    version = FoundingCode.UNKNOWN_VERSION
    require(found == kind.FORMAT, version, file=name, found=found or "-", format=kind.FORMAT)
    try:
        # Compact first, so that layout does not enter the digest through the raw actions.
        return msgspec.json.decode(msgspec.json.format(raw, indent=-1), type=kind)
    except _BROKEN as fault:
        refuse(FoundingCode.UNREADABLE, file=name, format=kind.FORMAT, reason=_reason(fault))


def _reason(fault: BaseException) -> str:
    return "nested too deep" if isinstance(fault, RecursionError) else str(fault)[:200]
