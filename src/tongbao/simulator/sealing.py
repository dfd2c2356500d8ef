"""Demonstration keys and sealed envelopes, with every part in reach so that it can be spoiled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao.kernel.generation import demo_seed
from tongbao.kernel.identity import key_id
from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Body, Envelope, Signature, Transaction

encode_json = msgspec.json.Encoder().encode


class SimKey(NamedTuple):
    """A demonstration key: the seed follows from its owner and number, so it is no secret."""

    party: str
    number: int

    @property
    def public(self) -> bytes:
        """Ed25519 public key, 32 bytes."""
        return _pair(self.party, self.number)[1]

    @property
    def id(self) -> str:
        """Its name on the ledger."""
        return key_id("ed25519", self.public)

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return _pair(self.party, self.number)[0].sign(message)


@cache
def _pair(party: str, number: int) -> tuple[Ed25519PrivateKey, bytes]:
    private = Ed25519PrivateKey.from_private_bytes(demo_seed(party, number))
    return private, private.public_key().public_bytes_raw()


class Sealed(NamedTuple):
    """A transaction as its author meant it: what was signed, and by whom."""

    body: Body[Any]
    keys: tuple[SimKey, ...]

    @property
    def raw_body(self) -> bytes:
        """The bytes that are signed."""
        return encode_json(self.body)

    def signatures(self, raw_body: bytes | None = None) -> tuple[Signature, ...]:
        """One signature by each key, over the body or over other bytes."""
        message = signed_bytes(self.raw_body if raw_body is None else raw_body)
        return tuple(
            Signature(
                "ed25519",
                key.public,
                key.sign(message),
                "" if key.party == self.body.party else key.party,
            )
            for key in self.keys
        )

    def envelope(self) -> bytes:
        """The bytes to send."""
        return sealed_bytes(self.raw_body, self.signatures())


def sealed_bytes(raw_body: bytes, signatures: Sequence[Signature]) -> bytes:
    """An envelope around any bytes at all that are JSON."""
    return encode_json(Envelope(msgspec.Raw(raw_body), tuple(signatures)))


def seal(
    chain: str,
    party: str,
    reference: str,
    expires_at_ms: int,
    actions: Iterable[Transaction],
    keys: Iterable[SimKey],
    memo: str = "",
) -> Sealed:
    """A transaction, signed by demonstration keys."""
    return Sealed(Body(chain, party, reference, expires_at_ms, tuple(actions), memo), tuple(keys))
