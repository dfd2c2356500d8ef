"""Headers, commits and signatures by themselves, most of them altered, with what the core says.

In a receipt an altered header fails at the first link; here each is decoded for its own sake.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from tests.console.altered import protobuf_bytes, with_byte
from tests.console.cases import Case
from tests.differential.zip215 import (
    ORDER,
    add,
    compress,
    decompress,
    sign,
    small_order_encodings,
)

from tongbao import _core

EACH = 1_500


def encodings(cases: Sequence[Case], seed: int) -> dict[str, list[Any]]:
    """What the core says of encodings: a header's hash, whether a commit or a signature holds."""
    draw = random.Random(seed)
    headers, commits = [], []
    for one in cases:
        receipt = msgspec.json.decode(one.receipt)
        headers += [base64.b64decode(receipt["header"]), base64.b64decode(receipt["next_header"])]
        commits.append(base64.b64decode(receipt["next_commit"]))
    return {
        "headers": [_judged(raw, _hash_of) for raw in _drawn(headers, draw)],
        "commits": [_judged(raw, _is_commit) for raw in _drawn(commits, draw)],
        "signatures": [(*map(_text, one), _core.ed25519_verify(*one)) for one in _signatures(draw)],
    }


def _judged(raw: bytes, judge: Callable[[bytes], Any]) -> tuple[str, Any]:
    return _text(raw), judge(raw)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _hash_of(raw: bytes) -> str:
    """Hex, or nothing where it is no header."""
    try:
        return _core.header_hash(raw).hex()
    except ValueError:
        return ""


def _is_commit(raw: bytes) -> bool:
    try:
        _core.commit_fields(raw)
    except ValueError:
        return False
    return True


def _drawn(whole: Sequence[bytes], draw: random.Random) -> list[bytes]:
    """Some as they are, some altered once or twice."""
    found = []
    for number in range(EACH):
        raw = draw.choice(whole)
        for _ in range(number % 3):
            raw = draw.choice((with_byte, protobuf_bytes))(raw, draw)
        found.append(raw)
    return found


def _signatures(draw: random.Random) -> list[tuple[bytes, bytes, bytes]]:
    """Sound ones, altered ones, with parts of small order, and with s beyond the group's order."""
    small = small_order_encodings()
    found = [(a, r + bytes(32), b"any message") for a in small for r in small]
    for number in range(40):
        public, signature, message = sign(draw.getrandbits(252), b"%d" % number, number + 2**200)
        s = int.from_bytes(signature[32:], "little")
        torsion = draw.choice(small)
        moved = _sum(signature[:32], torsion)
        found += [
            (public, signature, message),
            (public, with_byte(signature, draw)[:64].ljust(64, b"\0"), message),
            (public, signature[:32] + (s + ORDER).to_bytes(32, "little"), message),
            (public, moved + signature[32:], message),
            (_sum(public, torsion), signature, message),
            (public, signature, message + b"!"),
        ]
    return found


def _sum(one: bytes, other: bytes) -> bytes:
    """The encoding of two points' sum."""
    first, second = decompress(one), decompress(other)
    assert first is not None
    assert second is not None
    return compress(add(first, second))
