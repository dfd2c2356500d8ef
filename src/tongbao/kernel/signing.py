"""Named signature suites. Nothing is assumed: a signature says which suite it is of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tongbao import _core

SIGN_PREFIX = b"tongbao/transaction/1\n"
"""Stands before the body in what is signed, so that no other protocol's message can be one."""


class Suite(NamedTuple):
    """A signature algorithm: sizes in bytes, batch verification of (public, signature, message)."""

    name: str
    public_size: int
    signature_size: int
    verify_batch: Callable[[Sequence[tuple[bytes, bytes, bytes]]], list[bool]]


ED25519 = Suite("ed25519", 32, 64, _core.ed25519_verify_batch)
"""RFC 8032 keys, verified by the rules of ZIP-215, so that batch and single always agree."""

SUITES: dict[str, Suite] = {ED25519.name: ED25519}


def signed_bytes(body: bytes) -> bytes:
    """The message that a signature over a transaction's body signs."""
    return SIGN_PREFIX + body
