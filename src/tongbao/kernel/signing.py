"""Named signature suites. Nothing is assumed: a signature says which suite it is of.

Here stands what this release can verify. What a chain accepts is another question: the genesis
names the suites, the state keeps their names, and the registry of a chain's rules carries them
(`Registry.suites`, `protocols.suites_of`). Nobody asks this table in order to accept something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
"""Every implementation that this release has."""
USUAL_SUITES = (ED25519.name,)
"""What a genesis names where its founders say nothing else."""


def implementations(names: Iterable[str]) -> Mapping[str, Suite]:
    """The suites of these names; LookupError for one that this release does not have."""
    missing = [name for name in names if name not in SUITES]
    if missing:
        raise LookupError(f"this release has no signature suite {missing[0]}")
    return {name: SUITES[name] for name in names}


def signed_bytes(body: bytes) -> bytes:
    """The message that a signature over a transaction's body signs."""
    return SIGN_PREFIX + body
