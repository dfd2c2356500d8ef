"""The four files of the ceremony, and what of them is signed.

All are JSON. What is signed is the content in its compact form behind the format's name, so that
layout does not matter and no signature can be taken for one of another kind.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import Key, Policy
from tongbao.kernel.names import DEFAULT_MEMORY_MS
from tongbao.kernel.signing import USUAL_SUITES
from tongbao.modules import governance

_ENCODE = msgspec.json.Encoder(order="deterministic").encode


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of the files: each says what it is and in which version."""

    FORMAT: ClassVar[str]
    """`tongbao.NAME/VERSION`."""
    LIMIT: ClassVar[int]
    """Bytes that such a file may have."""

    format: str

    def encode(self) -> bytes:
        """The file's bytes, laid out for people."""
        return msgspec.json.format(_ENCODE(self), indent=2) + b"\n"


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signature with the public key that made it."""

    key: bytes
    signature: bytes


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an institution says of itself and of its node."""

    chain: str
    """Name of the chain that it wants to found."""
    party: str
    """Its id on the ledger, and its validator's name."""
    name: str
    """In English."""
    name_local: str = ""
    """In its own language."""
    roles: tuple[str, ...]
    jurisdiction: str
    """ISO 3166-1 alpha-2."""
    lei: str = ""
    uscc: str = ""
    """统一社会信用代码."""
    keys: tuple[Key, ...]
    """Public keys that act for it on the ledger."""
    policies: dict[str, Policy] = {}
    """Scope -> how many of its keys such an action takes; `*`: every other one."""
    consensus: bytes
    """Ed25519 public key of its validator, 32 bytes."""
    node: bytes
    """Ed25519 public key that names its node to the others, 32 bytes."""
    address: str
    """host:port at which the other nodes dial it."""
    power: int
    """Voting power that it wishes; the terms say what it gets."""

    def statement(self) -> bytes:
        """What every one of its keys signs."""
        return Request.FORMAT.encode() + b"\0" + _ENCODE(self)

    def fingerprint(self) -> str:
        """SHA-256 of what is signed, hex: to compare with the institution on another channel."""
        return content_digest(self.statement()).hex()

    def approval_policy(self) -> Policy:
        """What its approval of the genesis takes: as for any act of governance."""
        return self.policies.get("governance") or self.policies.get("*") or Policy()


class Request(Document, frozen=True, kw_only=True):
    """An institution asks to be a founder: signed with each of its keys, so it has them all."""

    FORMAT: ClassVar[str] = "tongbao.founding-request/1"
    LIMIT: ClassVar[int] = 65_536

    format: str = FORMAT
    member: Member
    signatures: tuple[Proof, ...]


class Terms(Document, frozen=True, kw_only=True):
    """What the institutions agreed on; nobody signs it alone, everybody approves what it makes."""

    FORMAT: ClassVar[str] = "tongbao.founding-terms/1"
    LIMIT: ClassVar[int] = 16 * 1_048_576

    format: str = FORMAT
    chain: str
    agreement: str = ""
    """Title or number of the contract behind it, for people."""
    members: dict[str, int]
    """Party -> voting power."""
    governance: governance.Terms = governance.Terms()
    """How members vote later."""
    suites: tuple[str, ...] = USUAL_SUITES
    """Signature suites that the chain accepts."""
    name_memory_ms: int = DEFAULT_MEMORY_MS
    actions: msgspec.Raw = msgspec.Raw(b"[]")
    """JSON array of opening actions, after the members are registered: further parties, assets,
    accounts, opening balances, rules of business."""


class Founding(Document, frozen=True, kw_only=True):
    """Terms, requests in the order of their parties, and the time: the genesis follows from it."""

    FORMAT: ClassVar[str] = "tongbao.founding/1"
    LIMIT: ClassVar[int] = 24 * 1_048_576

    format: str = FORMAT
    time_ms: int
    """UTC milliseconds; the first block is later."""
    terms: Terms
    requests: tuple[Request, ...]

    def digest(self) -> str:
        """SHA-256 of the compact form, hex: covers addresses, which the genesis does not name."""
        return content_digest(_ENCODE(self)).hex()


class Approval(Document, frozen=True, kw_only=True):
    """A member approves the genesis, with its consensus key and the keys that its policy asks."""

    FORMAT: ClassVar[str] = "tongbao.founding-approval/1"
    LIMIT: ClassVar[int] = 65_536

    format: str = FORMAT
    chain: str
    party: str
    genesis: str
    """Digest of the genesis, hex."""
    founding: str
    """Digest of the founding file, hex."""
    signatures: tuple[Proof, ...]

    def statement(self) -> bytes:
        """What is signed."""
        parts = (self.FORMAT, self.chain, self.party, self.genesis, self.founding)
        return "\0".join(parts).encode()


DOCUMENTS: tuple[type[Document], ...] = (Request, Terms, Founding, Approval)
