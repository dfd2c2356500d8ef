"""What the HTTP API answers with, as typed values: documented by the gateway, read by the client.

In JSON an amount is a decimal string of minor units (`"amount_minor": "1250"`), because browsers
lose whole numbers above 2**53. Times are UTC milliseconds since 1970 and stay numbers.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

import msgspec

Amount = Annotated[
    str, msgspec.Meta(pattern="^-?[0-9]+$", description="Minor units, decimal string.")
]
Whole = Annotated[
    str, msgspec.Meta(pattern="^-?[0-9]+$", description="A whole number, decimal string.")
]
"""Shares, and the two sides of a price: whole numbers without bound that are no amounts."""
D = TypeVar("D")


class Document(msgspec.Struct, frozen=True):
    """Base of every answer. Readers ignore members they do not know."""


class Page(Document, Generic[D], frozen=True):
    """One page of a list."""

    items: tuple[D, ...]
    next_cursor: str | None = None
    """Give it as `cursor` to go on; null at the end."""
    total: int | None = None
    """How many there are in all, where `count=true` asked; counted up to 10,000."""
    more: bool = False
    """There are more than `total`."""


class Row(dict[str, Any]):
    """A row of a record: its members by name, as `row["payer"]` or `row.payer`."""

    def __getattr__(self, name: str) -> Any:
        """A member; AttributeError where the node gave none of that name."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the row has no {name}") from None


class TransactionLine(Document, frozen=True):
    """A transaction in a list."""

    digest: str
    """SHA-256 of the envelope, hex."""
    party: str
    reference: str
    height: int
    position: int
    time_ms: int
    """Block time."""
    code: int
    """0, or the number of the broken rule."""
    types: tuple[str, ...] = ()
    """Kinds of its actions, in order."""
    memo: str = ""


class Found(Document, frozen=True):
    """Something that a search found; what it has no such of is empty."""

    kind: str
    """`payment`, `cross_border_payment`, `queued_payment`, `transaction`, `hold`,
    `scheduled_transfer`, `party`, `account` or `asset`."""
    id: str
    matched: str
    """By what: `digest`, `uetr`, `identifier`, `id`, `reference`, `message_id`,
    `payee_reference`, `name`, `amount`, `text` or `day`."""
    path: str = ""
    """Where it is shown whole."""
    title: str = ""
    """Names of a party, an account or an asset; kinds of a transaction's actions."""
    state: str = ""
    time_ms: int = 0
    height: int = 0
    party: str = ""
    reference: str = ""
    digest: str = ""
    payer: str = ""
    payee: str = ""
    asset: str = ""
    amount_minor: Amount | None = None
    """None where what was found is no amount."""
    payee_reference: str = ""
    uetr: str = ""
    remittance: str = ""


class EventItem(Document, frozen=True):
    """Something that happened on the ledger; an item of the event stream."""

    id: str
    """Its cursor, and its id in the stream."""
    event: str
    """Type, e.g. `payments.transferred`."""
    height: int
    position: int
    """Place of its transaction in the block; -1 for what time brought."""
    time_ms: int
    data: dict[str, Any]
    """The event's own members."""
    party: str = ""
    reference: str = ""
    digest: str = ""
