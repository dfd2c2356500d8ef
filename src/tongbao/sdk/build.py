"""Building transactions: the canonical body, its references, and sealing it with signatures."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import msgspec

from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Body, Envelope, Signature, Transaction

_ENCODE = msgspec.json.Encoder().encode


def build(
    chain: str,
    party: str,
    reference: str,
    actions: Sequence[Transaction],
    expires_at_ms: int,
    memo: str = "",
) -> bytes:
    """The canonical bytes of a body: what signatures are made over (see `message`).

    A ValueError names the field of an action that has to be a whole number and is none: an amount
    in units or as text would be signed, and refused only then.
    """
    for action in actions:
        _check_numbers(action)
    return _ENCODE(Body(chain, party, reference, expires_at_ms, tuple(actions), memo))


def _check_numbers(action: Transaction) -> None:
    try:
        msgspec.json.decode(_ENCODE(action), type=type(action))
    except msgspec.ValidationError as fault:
        if not str(fault).startswith("Expected `int`"):
            return  # rules of shape are the ledger's to tell, with their code
        hint = (
            "; an amount is a whole number of minor units, as parse_amount makes it from '12.50'"
            if "_minor" in str(fault)
            else ""
        )
        raise ValueError(f"{action.__struct_config__.tag}: {fault}{hint}") from fault


def message(body: bytes) -> bytes:
    """What a signer signs for a body: the protocol's prefix, then the body's bytes."""
    return signed_bytes(body)


def seal(body: bytes, signatures: Sequence[Signature]) -> bytes:
    """The envelope: what is sent, and sent again unchanged until it is answered."""
    return _ENCODE(Envelope(msgspec.Raw(body), tuple(signatures)))


def add_signatures(envelope: bytes, signatures: Sequence[Signature]) -> bytes:
    """The envelope with further people's signatures over the same body."""
    opened = msgspec.json.decode(envelope, type=Envelope)
    return seal(bytes(opened.body), (*opened.signatures, *signatures))


def body_of(envelope: bytes) -> bytes:
    """The body inside an envelope, byte for byte: what a second person checks and signs."""
    return bytes(msgspec.json.decode(envelope, type=Envelope).body)


def new_reference(prefix: str = "") -> str:
    """A reference that was never used: 32 hex digits behind a prefix of at most 31 characters."""
    return f"{prefix}{uuid.uuid4().hex}"


def uetr() -> str:
    """A new UETR: a UUID version 4 in lower case (CBPR+)."""
    return str(uuid.uuid4())
