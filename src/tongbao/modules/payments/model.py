"""Values of the module, and the texts that a payment carries."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from tongbao.kernel.codes import require
from tongbao.kernel.fields import (
    AccountId,
    Amount,
    AssetCode,
    Digest,
    Field,
    Moment,
    PartyId,
    Reference,
    Text,
    Uetr,
    Word,
)
from tongbao.kernel.text import is_plain
from tongbao.modules.payments.codes import PaymentsCode

HoldId = Annotated[str, Field("id", "Id of a hold.", of="hold")]
ScheduleId = Annotated[str, Field("id", "Id of a scheduled transfer.", of="scheduled_transfer")]

MAX_LINES = 8_190

SCOPE = "payments"
"""What a key has to be allowed to sign."""

MAX_AHEAD_MS = 400 * 24 * 3600 * 1000
"""How far ahead a hold or a scheduled transfer may fall due: a little more than a year."""
MAX_SCHEDULED = 10_000
"""Scheduled transfers that wait, of one party: they set no money aside."""
MAX_HOLDS = 10_000
"""Open holds of one party: the smallest costs a minor unit only."""
MAX_RETURNS = 60
"""Returns of one payment."""
MAX_REQUESTS = 1_000
"""Open requests for a return of one party."""
REQUEST_MS = 30 * 24 * 3600 * 1000
"""How long a request for a return waits for an answer."""
PAID, PENDING, CANCELLED, REFUSED = "paid", "waiting", "cancelled", "refused"
RETURN, ABROAD = "return", "abroad"
MAX_NAME = 80
"""Characters of the name of an account or asset that is kept before it is looked up."""
_UETR = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Posting(msgspec.Struct, frozen=True, array_like=True):
    """One debit and its equal credit."""

    debit: AccountId
    """Account that is debited."""
    credit: AccountId
    asset: AssetCode
    amount_minor: Amount


class Reserving(msgspec.Struct, frozen=True, array_like=True):
    """More or less of a holding set aside."""

    account: AccountId
    asset: AssetCode
    change_minor: Amount
    """Above zero: more is set aside; below: released."""


class OpenHold(msgspec.Struct, frozen=True, omit_defaults=True):
    """Money set aside: it will be posted to the payee, or released."""

    id: str
    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    """What was reserved at first."""
    remaining_minor: Amount
    due_at_ms: Moment
    """Block time at which what remains is released."""
    arbiter: PartyId = ""
    """Party whose approval posts or voids; empty: the payer's owner posts, the payee's voids."""
    hashlock: Digest = ""
    """SHA-256 in hex: posting needs its preimage, and then nobody's approval."""
    payee_reference: Reference = ""
    made_at_ms: Moment = 0
    counted_minor: Amount = 0
    """Of what remains, what the payer's limit of that day has counted."""
    purpose: Word = ""
    remittance: Text = ""
    creditor_reference: Reference = ""


class Scheduled(msgspec.Struct, frozen=True, omit_defaults=True):
    """A transfer that time will apply."""

    id: str
    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    due_at_ms: Moment
    payee_reference: Reference = ""
    purpose: Word = ""
    remittance: Text = ""
    creditor_reference: Reference = ""
    uetr: Uetr = ""


class Returned(msgspec.Struct, frozen=True, array_like=True):
    """One return of a payment."""

    return_uetr: Uetr
    amount_minor: Amount
    reason: str
    """ISO 20022 external return reason, e.g. AC04, FOCR, MS03."""
    at_ms: Moment
    note: str = ""


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A payer's open request that its payment be returned."""

    by: PartyId
    reason: str
    """ISO 20022 external cancellation reason, e.g. DUPL, CUST, FRAD, AM09."""
    at_ms: Moment
    due_at_ms: Moment
    """When it lapses."""
    note: str = ""


class Answered(msgspec.Struct, frozen=True, array_like=True):
    """What became of the newest request."""

    answer: Word
    """`returned`, `declined` or `lapsed`."""
    reason: str
    at_ms: Moment
    note: str = ""


class Known(msgspec.Struct, frozen=True, array_like=True):
    """What a UETR names."""

    state: Word
    """`paid`; `waiting` for its time, then `paid`, `cancelled` or `refused`; `return` of another
    payment; `abroad`: a payment of another module, which keeps it itself."""
    payer: AccountId = ""
    payee: AccountId = ""
    asset: AssetCode = ""
    amount_minor: Amount = 0
    at_ms: Moment = 0
    payee_reference: Reference = ""
    of: str = ""
    """Of a return: the UETR of the original. Of a scheduled transfer: its id."""
    returns: tuple[Returned, ...] = ()
    asked: Asked | None = None
    answered: Answered | None = None

    @property
    def returned_minor(self) -> int:
        """What went back so far."""
        return sum(one.amount_minor for one in self.returns)


def check_text(field: str, value: str, low: int, high: int) -> None:
    """Refuse a text that is too short, too long or holds control characters."""
    if not (low <= len(value) <= high and is_plain(value)):
        require(False, PaymentsCode.BAD_TEXT, field=field, low=low, high=high)


def check_texts(
    payee_reference: str, purpose: str, remittance: str, creditor_reference: str = ""
) -> None:
    """The texts of a payment: EndToEndId or sub-address, ISO purpose code, remittance, and the
    creditor's reference."""
    check_text("payee_reference", payee_reference, 0, 35)
    check_text("purpose", purpose, 0, 4)
    check_text("remittance", remittance, 0, 140)
    check_text("creditor_reference", creditor_reference, 0, 35)


def check_uetr(uetr: str) -> None:
    """Refuse a UETR that is not a UUID version 4 in lower case (CBPR+)."""
    if uetr:
        require(_UETR.fullmatch(uetr), PaymentsCode.BAD_UETR, uetr=uetr[:40])


def check_digest(value: str, code: PaymentsCode) -> None:
    """Refuse what is neither empty nor a SHA-256 in hex."""
    if value:
        require(_DIGEST.fullmatch(value), code)
