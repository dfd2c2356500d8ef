"""What a verifier is asked: a receipt file, and the file that is trusted."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """One question, and of which kind it is."""

    kind: str
    receipt: bytes
    trust: bytes
