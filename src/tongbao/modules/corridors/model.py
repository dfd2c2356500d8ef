"""Values of the module: terms of a corridor, a payment with its steps, results of screening."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from tongbao.kernel.codes import require
from tongbao.kernel.fields import (
    UNCONCERNED,
    AccountId,
    Amount,
    AssetCode,
    Digest,
    Duration,
    Field,
    Moment,
    PartyId,
    Reference,
    RowId,
    Text,
    Uetr,
    Whole,
    Word,
)
from tongbao.kernel.money import Rounding
from tongbao.kernel.text import is_plain
from tongbao.modules.corridors.codes import CorridorsCode

CorridorId = Annotated[str, Field("id", "Id of a corridor.", of="corridor")]
OfSent = Annotated[
    int, Field("amount", "Amount in minor units of the asset sent.", asset="send_asset")
]
OfReceived = Annotated[
    int, Field("amount", "Amount in minor units of the asset received.", asset="receive_asset")
]
SEND, RECEIVE = "send", "receive"
"""The two sides of a payment, each with its asset."""
DEBT, CRED, SHAR, SLEV = "DEBT", "CRED", "SHAR", "SLEV"
BEARERS = (DEBT, CRED, SHAR, SLEV)
"""ISO 20022 ChargeBearerType1Code: debtor, creditor, shared, following service level."""
FEE_KINDS = ("network", "corridor", "sending_bank", "receiving_bank")
SEATS = ("sender", "receiver", "maker")
"""What a server does: keeps payers' accounts, keeps payees' accounts, quotes prices."""
TREATMENTS = ("original_rate", "current_rate", "beneficiary_currency")
ROUNDINGS = tuple(rule.value for rule in Rounding)
HELD, CLEARED, SETTLED, CREDITED = "held", "cleared", "settled", "credited"
REFUSED, ENDED, CANCELLED, RETURNED = "refused", "ended", "cancelled", "returned"
WAITING = (HELD, CLEARED)
"""States in which money is set aside."""
PAID = (SETTLED, CREDITED)
"""States in which the payee has it."""
MINUTES_A_DAY = 24 * 60
MAX_STEPS = 60
"""Steps of a payment after which nothing may be asked or returned in part any more."""
Hops = tuple[tuple[str, str], ...]
"""A route: (asset that is got, venue) of each hop; see `exchange.Hop`."""
_ID = re.compile(r"[A-Z][A-Z0-9.-]{2,47}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Fee(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a fee schedule: fixed plus basis points, within min and max."""

    kind: Word
    """`network`, `corridor`, `sending_bank` or `receiving_bank`."""
    side: str
    """`send` is charged in the payer's currency, `receive` in the payee's."""
    receiver: AccountId
    """Account that gets it."""
    fixed_minor: Amount = 0
    basis_points: int = 0
    """Hundredths of a percent of what is sent (or, on the other side, of what arrives)."""
    min_minor: Amount = 0
    max_minor: Amount = 0
    """0 is no upper bound."""
    bearers: tuple[str, ...] = ()
    """Charge bearers under which it is charged; empty is all that its side allows."""


class Cost(msgspec.Struct, frozen=True, array_like=True):
    """One charge of one payment: shown, signed and charged to the unit."""

    kind: Word
    receiver: AccountId
    asset: AssetCode
    amount_minor: Amount


Costs = Annotated[tuple[Cost, ...], UNCONCERNED]
"""Who receives a charge reads the charge, not the payment."""


class Seat(msgspec.Struct, frozen=True):
    """A party that may serve the corridor, and as what."""

    party: PartyId
    roles: tuple[str, ...]
    """`sender`, `receiver`, `maker`."""


class Limit(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much may be sent, in the send asset; with the rule's source and first day."""

    source: str
    per_payment_minor: Amount = 0
    """0 is no limit."""
    per_day_minor: Amount = 0
    """Per payer's account and UTC day of block time."""
    effective_from_ms: Moment = 0


class Purposes(msgspec.Struct, frozen=True, omit_defaults=True):
    """ISO 20022 external purpose codes that the corridor carries."""

    source: str
    codes: tuple[str, ...]
    effective_from_ms: Moment = 0


class Threshold(msgspec.Struct, frozen=True, omit_defaults=True):
    """From what amount on, in the send asset, something is required."""

    source: str
    from_minor: Amount = 0
    """0 is every payment."""
    effective_from_ms: Moment = 0


class Hours(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a calendar is open: weekdays, opening and cut-off in its local time."""

    source: str
    calendar: str
    """E.g. `CN` or `TARGET`. Every calendar of a corridor has to be open."""
    weekdays: tuple[int, ...]
    """0 is Monday."""
    opens_minute: int
    """Minutes after midnight, local."""
    closes_minute: int
    """The cut-off: payments before it."""
    utc_offset_minutes: int = 0
    """Summer time is a further entry, effective from its day."""
    effective_from_ms: Moment = 0


class Holiday(msgspec.Struct, frozen=True, omit_defaults=True):
    """A day on which a calendar is closed."""

    source: str
    calendar: str
    day: int
    """Days since 1970-01-01, in the calendar's local time."""
    name: str
    effective_from_ms: Moment = 0


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What holds in a corridor from a time on. Rules that carry dates take effect by themselves."""

    seats: tuple[Seat, ...]
    fees: tuple[Fee, ...] = ()
    rounding: Word = Rounding.UP.value
    """How a fee in basis points is made whole; the remainder is the receiver's (up) or the
    payer's (down)."""
    service_level: str = SHAR
    """Which bearer SLEV stands for here."""
    open: bool = True
    """False closes the corridor for new payments."""
    limits: tuple[Limit, ...] = ()
    purposes: tuple[Purposes, ...] = ()
    travel_rule: tuple[Threshold, ...] = ()
    """Payments that carry a travel-rule envelope (FATF R.16), or are held."""
    screening: tuple[Threshold, ...] = ()
    """Payments whose two ends have a clear screening result, or are held."""
    screeners: tuple[PartyId, ...] = ()
    """Parties whose results count and who release or refuse what is held."""
    hours: tuple[Hours, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    hold_ms: Duration = 24 * 3600 * 1000
    """How long a payment is held before it ends by itself."""


class Corridor(msgspec.Struct, frozen=True):
    """A way from one currency to another, or between two places in one."""

    id: str
    send_asset: AssetCode
    receive_asset: AssetCode
    defined_by: PartyId
    defined_at_ms: Moment


class Serving(msgspec.Struct, frozen=True):
    """A server's consent."""

    since_ms: Moment


class Rate(msgspec.Struct, frozen=True, omit_defaults=True):
    """Units of one asset for one unit of another: `value / 10**decimals`, as of a time."""

    value: Whole
    decimals: int
    observed_at_ms: Moment
    """When the source states it."""
    source: str
    by: PartyId


class Attestation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A screening party's result about somebody, known by digest alone."""

    verdict: Word
    """`clear` or `hit`."""
    list_version: str
    expires_at_ms: Moment
    made_at_ms: Moment
    note: str = ""


class SealingKey(msgspec.Struct, frozen=True):
    """The public key to which travel-rule data for an institution is sealed."""

    suite: Word
    public: bytes
    since_ms: Moment


class Used(msgspec.Struct, frozen=True, array_like=True):
    """What an account sent through a corridor on a day; what waits since that day is among it."""

    day: int
    """Days since 1970, UTC."""
    amount_minor: Amount


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happened to a payment."""

    name: str
    at_ms: Moment
    by: PartyId = ""
    reason: str = ""
    """ISO reason, or why it is held."""
    note: str = ""


class Cancellation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody asks to cancel (camt.056)."""

    by: PartyId
    reason: str
    asked_at_ms: Moment
    note: str = ""


class Payment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cross-border payment, from its acceptance to its end."""

    uetr: Uetr
    corridor: CorridorId
    version: Moment
    """Effective-from of the terms that it was accepted under."""
    state: Word
    payer: AccountId
    payee: AccountId
    send_asset: AssetCode
    receive_asset: AssetCode
    exact: Word
    """`send` or `receive`: on which side the instructed amount stands."""
    instructed_minor: Amount
    limit_minor: Amount
    """Exact send: least that arrives; exact receive: most that is converted."""
    bearer: Word
    deadline_ms: Moment
    costs: Costs = ()
    """As shown and signed."""
    route: Hops = ()
    quote: RowId = ""
    payee_reference: Reference = ""
    purpose: Word = ""
    remittance: Text = ""
    document: Digest = ""
    originator: Digest = ""
    """Digest of who pays, as screened."""
    beneficiary: Digest = ""
    """Digest of who is paid, as screened."""
    travel_rule: Digest = ""
    """SHA-256 of the sealed travel-rule envelope."""
    accepted_at_ms: Moment = 0
    screeners: tuple[PartyId, ...] = ()
    """Who may decide on it, while it is held."""
    held_for: tuple[str, ...] = ()
    aside_minor: OfSent = 0
    """Set aside in the payer's account while it waits."""
    debited_minor: OfSent = 0
    """What left the payer's account, charges included."""
    converted_minor: OfSent = 0
    """Of which was converted (in one currency: passed on)."""
    arrived_minor: OfReceived = 0
    """What the conversion brought on the other side."""
    credited_minor: OfReceived = 0
    """What remained for the payee after the charges there."""
    confirmed_minor: OfReceived = 0
    """What the end customer got, as its bank says."""
    returned_minor: OfReceived = 0
    """Of what was credited, what was given back."""
    returned_sent_minor: OfSent = 0
    """What the payer got back in the send asset."""
    returned_unconverted_minor: OfReceived = 0
    """Of what was returned, what went back unconverted, in the receive asset."""
    counted_minor: Amount = 0
    """What counts for it against the day's limit: its most while it waits, then what it sent."""
    counted_on: int = 0
    """The day on which it counts: days since 1970, UTC."""
    cancellation: Cancellation | None = None
    steps: Annotated[tuple[Step, ...], UNCONCERNED] = ()


class Return(msgspec.Struct, frozen=True, omit_defaults=True):
    """A return, linked to its original (pacs.004)."""

    uetr: Uetr
    """Of the original."""
    payer: AccountId
    """Whom it goes back to."""
    payee: AccountId
    """Who gives it back."""
    treatment: Word
    returned_minor: Amount
    """Of the original's credited amount, in its receive asset."""
    spent_minor: Amount
    """What left the payee's account, in the receive asset."""
    asset: AssetCode
    """What the payer got."""
    received_minor: Amount
    reason: str
    at_ms: Moment
    note: str = ""


def check_corridor_id(corridor: str) -> None:
    """Refuse a word that is no corridor id."""
    require(_ID.fullmatch(corridor), CorridorsCode.BAD_CORRIDOR_ID, corridor=corridor[:64])


def check_text(field: str, value: str, low: int, high: int) -> None:
    """Refuse a text that is too short, too long or holds control characters."""
    fits = low <= len(value) <= high and is_plain(value)
    require(fits, CorridorsCode.BAD_TEXT, field=field, low=low, high=high)


def check_digest(field: str, value: str, *, needed: bool = False) -> None:
    """Refuse what is neither empty (where that is allowed) nor a SHA-256 in hex."""
    if value or needed:
        require(_DIGEST.fullmatch(value), CorridorsCode.BAD_DIGEST, field=field)


class ReturnTerms(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an amount goes back."""

    return_uetr: Uetr
    """A new UETR, for the return itself."""
    treatment: Word
    """`original_rate`: the payer gets back what it gave for that part, the payee bears what the
    rate did since; `current_rate`: that part is converted now, the payer bears it;
    `beneficiary_currency`: that part itself, unconverted, to the payer's account."""
    amount_minor: Amount = 0
    """Of what was credited, in the receive asset; 0 is all that remains."""
    limit_minor: Amount = 0
    """Original rate: most that leaves the payee's account; current rate: least that comes back."""
    route: Hops = ()
    """From the receive asset to the send asset."""
    quote: RowId = ""
