"""What the HTTP API answers about a payment within the ledger, by its UETR."""

from __future__ import annotations

from tongbao.sdk.documents import Amount, Document


class TransferReturn(Document, frozen=True):
    """One return of a payment."""

    return_uetr: str
    asset: str
    amount_minor: Amount
    reason: str
    """ISO 20022 external return reason."""
    at_ms: int
    note: str = ""


class RequestedReturn(Document, frozen=True):
    """The payer's newest request for its payment, and what became of it."""

    state: str
    """`open`, `returned`, `declined` or `lapsed`."""
    reason: str
    """While it is open that of the request, then that of the answer."""
    at_ms: int
    due_at_ms: int = 0
    """When an open request lapses."""
    note: str = ""


class LedgerPayment(Document, frozen=True):
    """A payment within the ledger that bears a UETR, with its returns.

    It is known for 400 days at least; after that its entries remain.
    """

    uetr: str
    state: str
    """`waiting` for its time, `settled`, `returned` whole, `cancelled`, or `refused` when its time
    came."""
    payer: str
    payee: str
    asset: str
    amount_minor: Amount
    at_ms: int
    """When it came into this state; of a returned one, when it settled."""
    returned_minor: Amount = "0"
    payee_reference: str = ""
    schedule: str = ""
    """The scheduled transfer that it is, or was."""
    returns: tuple[TransferReturn, ...] = ()
    request: RequestedReturn | None = None
