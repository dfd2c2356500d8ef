"""Transactions: the envelope that is signed, and the base of every action in it.

The wire form is JSON in exactly one spelling: the fields in the order of the classes, no blanks,
defaults left out, numbers as integers. What is signed is what is received, byte for byte, and
a person can read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Generic, TypeVar, dataclass_transform

import msgspec

from tongbao.kernel.codes import OK, Value
from tongbao.kernel.hashing import chain_hash, content_digest
from tongbao.kernel.identity import Signers
from tongbao.kernel.movements import Movement, TakeAction
from tongbao.kernel.names import name_key
from tongbao.kernel.views import ReadView, WriteView

MAX_ENVELOPE_BYTES = 2 * 1_048_576
MAX_ACTIONS = 64
MAX_SIGNATURES = 32
MAX_EXPIRY_MS = 24 * 3600 * 1000
MAX_REFERENCE = 64
MAX_MEMO = 280


@dataclass_transform(frozen_default=True)
class FrozenMeta(msgspec.StructMeta):
    """Tells type checkers what msgspec does: subclasses of a frozen struct are frozen."""


class Event(
    msgspec.Struct,
    metaclass=FrozenMeta,
    frozen=True,
    tag_field="event",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Base of what a module announces; lists are made of it."""

    says: ClassVar[str]
    """The English sentence for people, with the event's fields in braces.

    Amounts, moments, durations and words are marked as in refusal codes: `kernel/wording.py`.
    What stands in square brackets is left out where a field in it is empty.
    """
    labels: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """Field -> value -> what people read for it, where a field is one of a few words."""

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """What moved or was set aside, in the order in which it happened; of most events nothing.

        `take_action` gives the action that the event is of, where that says more.
        """
        return ()


class Transaction(
    msgspec.Struct,
    metaclass=FrozenMeta,
    frozen=True,
    tag_field="type",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Base of every action. The four methods are its whole behaviour, in this order.

    Power shows in the parameter: `check` sees nothing but the action, `admit` may read,
    `apply` may write.
    """

    code: ClassVar[int] = 0
    """Stable number of the kind of action."""
    scope: ClassVar[str] = ""
    """Class of action that keys and approval policies speak of."""

    def signers(self, view: ReadView) -> Signers:
        """Whose approval the action needs."""
        raise NotImplementedError

    def check(self) -> None:
        """Refuse a wrong shape: no ledger in reach."""

    def admit(self, view: ReadView) -> None:
        """Refuse what the ledger does not permit; reads only."""

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write, and yield what happened."""
        raise NotImplementedError


T = TypeVar("T", bound=type[Transaction])


def transaction(*, code: int, scope: str) -> Callable[[T], T]:
    """Give a transaction class its stable number and the scope of the keys that may approve it."""

    def name(cls: T) -> T:
        cls.code = code
        cls.scope = scope
        return cls

    return name


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One signature over the body."""

    suite: str
    key: bytes
    """The public key; whose it is, the ledger knows."""
    signature: bytes
    party: str = ""
    """Whose key it is, where that is not the party that names the transaction."""


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent: the signed body, verbatim, and the signatures."""

    body: msgspec.Raw
    signatures: tuple[Signature, ...]


A = TypeVar("A", bound=Transaction)


class Body(msgspec.Struct, Generic[A], frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is signed. `(party, reference)` is the transaction's name, used once."""

    chain: str
    party: str
    reference: str
    expires_at_ms: int
    actions: tuple[A, ...]
    memo: str = ""


E = TypeVar("E", bound=Event)
_ENCODE = msgspec.json.Encoder().encode


class Outcome(
    msgspec.Struct, Generic[E], frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What became of a transaction: the typed result that its receipt proves."""

    code: int = OK
    """0, or the number of the broken rule."""
    values: dict[str, Value] = {}
    """What the refusal's sentence names."""
    events: tuple[E, ...] = ()
    """What happened, in order."""

    def encode(self) -> bytes:
        """Canonical bytes; their SHA-256 is the data of the result under the results hash."""
        return _ENCODE(self)


class Opened:
    """An envelope that was read: its parts, and the digests by which it is known."""

    __slots__ = (
        "approvals", "body", "body_digest", "digest", "envelope", "name_key", "protocol", "raw",
    )  # fmt: skip

    def __init__(self, raw: bytes, envelope: Envelope, body: Body[Any], protocol: int = 1) -> None:
        """Hash the body (its identity for retries) and the whole (its place in a block)."""
        self.protocol = protocol
        """Version of the rules by which it was read."""
        self.raw = raw
        self.envelope = envelope
        self.body = body
        self.digest = chain_hash(raw)
        self.body_digest = content_digest(envelope.body)
        self.name_key = name_key(body.party, body.reference)
        """Where the row of its name stands."""
        self.approvals: dict[str, tuple[str, ...]] = {}
        """Filled by `proving.verify`: party -> ids of the keys whose signatures hold."""
