"""What the documents say, as plain frozen values that know nothing of XML or of the ledger.

Amounts are whole numbers of minor units with their currency; `decimals` is ISO 4217's. Empty text
means that the document does not say it. `source`, `line` and `path` tell where a value stood and
do not take part in comparison.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tongbao.iso20022.currencies import Money
from tongbao.iso20022.findings import Finding
from tongbao.iso20022.identities import Birth, OtherId


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeps the element that it came in: nothing that the element says is lost."""

    source: bytes = field(default=b"", compare=False, repr=False, kw_only=True)
    """Canonical XML (exclusive C14N), without the parts that are values of their own."""


@dataclass(frozen=True, slots=True)
class Placed(Kept):
    """What also knows where in its document it stood."""

    line: int = field(default=0, compare=False, kw_only=True)
    path: str = field(default="", compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Message(Kept):
    """A whole message."""

    message: str
    """Message definition identifier, e.g. pain.001.001.09."""
    message_id: str
    created_at: str
    header: bytes = field(default=b"", compare=False, repr=False, kw_only=True)
    """AppHdr as canonical XML."""


class Coded(str):
    """A code of an external code set (Cd of a Cd/Prtry choice), compared as its text."""

    __slots__ = ()


class Proprietary(str):
    """What is no code of the set (Prtry of a Cd/Prtry choice), compared as its text."""

    __slots__ = ()


LEDGER_ACCOUNT = "TONGBAO-ACCOUNT"
"""Proprietary scheme of an account whose id has more than 34 characters (`naming`)."""


@dataclass(frozen=True, slots=True)
class Party:
    """A person or organisation (PartyIdentification)."""

    name: str = ""
    lei: str = ""
    bic: str = ""
    """AnyBIC, of an organisation that has one."""
    other_id: str = ""
    """First Othr/Id, of an organisation or person."""
    other_scheme: str = ""
    """Its scheme: code, or proprietary name."""
    private: bool = False
    """Whether the identification is that of a natural person (PrvtId)."""
    department: str = ""
    sub_department: str = ""
    street: str = ""
    building: str = ""
    """Its number."""
    building_name: str = ""
    floor: str = ""
    unit: str = ""
    post_box: str = ""
    room: str = ""
    postal_code: str = ""
    town: str = ""
    town_location: str = ""
    district: str = ""
    subdivision: str = ""
    """Of the country: state, province, county."""
    country: str = ""
    address_lines: tuple[str, ...] = ()
    """Beside the other parts, not instead of them (hybrid address)."""
    care_of: str = ""
    other_issuer: str = ""
    """Who gave `other_id`."""
    more_ids: tuple[OtherId, ...] = ()
    """What follows the first Othr."""
    birth: Birth | None = None
    country_of_residence: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A cash account: IBAN, or another number with its scheme."""

    iban: str = ""
    other_id: str = ""
    scheme: str = ""
    """Scheme of `other_id`: code, or proprietary name."""
    currency: str = ""
    name: str = ""
    proxy: str = ""
    """Prxy/Id, which takes numbers of any length; with the scheme `LEDGER_ACCOUNT` the account's
    whole id, where `other_id` has only room for a shortened one."""

    @property
    def number(self) -> str:
        """The IBAN, or the other number, whole."""
        whole = self.proxy if self.scheme == LEDGER_ACCOUNT else ""
        return self.iban or whole or self.other_id


@dataclass(frozen=True, slots=True)
class Agent:
    """A financial institution (FinInstnId)."""

    bic: str = ""
    lei: str = ""
    clearing_system: str = ""
    clearing_member: str = ""
    name: str = ""
    other_id: str = ""


@dataclass(frozen=True, slots=True)
class StructuredRemittance(Kept):
    """What a payment pays for, in fields: documents referred to and the creditor's reference.

    `source` keeps the rest of it: it is written again as it came.
    """

    document_type: str = ""
    document_number: str = ""
    document_date: str = ""
    reference_type: str = ""
    reference: str = ""
    additional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remittance:
    """Remittance information, free and structured."""

    unstructured: tuple[str, ...] = ()
    structured: tuple[StructuredRemittance, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentLine(Placed):
    """One payment of a pain.001 (CdtTrfTxInf)."""

    index: int
    """Place in its group, from 0."""
    instruction_id: str
    end_to_end_id: str
    uetr: str
    currency: str
    amount_minor: int
    """In minor units of `currency`; 0 where a finding says that the amount cannot be taken."""
    decimals: int
    equivalent_in: str
    """Where the amount is an equivalent amount: the currency to be paid; empty otherwise."""
    creditor: Party
    creditor_account: Account
    creditor_agent: Agent
    ultimate_debtor: Party
    ultimate_creditor: Party
    charge_bearer: str
    """The line's own, or its group's; empty where neither says."""
    purpose: str
    category_purpose: str
    remittance: Remittance
    findings: tuple[Finding, ...] = ()
    """Broken rules; a line with findings is refused."""

    @property
    def accepted(self) -> bool:
        """Whether no rule is broken."""
        return not self.findings

    @property
    def instructed(self) -> Money | None:
        """The amount to be paid, unless it is stated as an equivalent one."""
        return None if self.equivalent_in else Money(self.currency, self.amount_minor)

    @property
    def equivalent(self) -> Money | None:
        """The equivalent amount, where it is stated as one."""
        return Money(self.currency, self.amount_minor) if self.equivalent_in else None


@dataclass(frozen=True, slots=True)
class PaymentGroup(Placed):
    """Payments from one account on one day (PmtInf)."""

    id: str
    method: str
    """TRF, TRA or CHK."""
    batch_booking: bool
    number_of_transactions: int | None
    """As declared, or None."""
    control_sum: str
    """As declared, an exact decimal, or empty."""
    execution_date: str
    """Requested: ISO date, or date and time."""
    debtor: Party
    debtor_account: Account
    debtor_agent: Agent
    ultimate_debtor: Party
    charge_bearer: str
    service_level: str
    category_purpose: str
    lines: tuple[PaymentLine, ...]
    findings: tuple[Finding, ...] = ()
    """Broken rules of the group itself; they refuse all its lines."""


@dataclass(frozen=True, slots=True)
class PaymentFile(Message):
    """A pain.001: customer credit transfers."""

    initiating_party: Party
    number_of_transactions: int
    control_sum: str
    """As declared, an exact decimal, or empty."""
    groups: tuple[PaymentGroup, ...]

    @property
    def lines(self) -> tuple[PaymentLine, ...]:
        """All payments, in the file's order."""
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of groups and lines, in the file's order."""
        found: list[Finding] = []
        for group in self.groups:
            found.extend(group.findings)
            for line in group.lines:
                found.extend(line.findings)
        return tuple(found)


class Status(Enum):
    """ExternalPaymentTransactionStatus1Code and its group twin, as far as we say them."""

    RECEIVED = "RCVD"
    PENDING = "PDNG"
    ACCEPTED = "ACCP"
    SETTLED = "ACSC"
    CREDITED = "ACCC"
    PARTIAL = "PART"
    REJECTED = "RJCT"


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """What became of one payment."""

    path: str
    """`path` of the PaymentLine or InterbankTransfer that it answers."""
    status: Status
    reason: str = ""
    """ISO external status reason code, e.g. AC04; with REJECTED or PENDING."""
    texts: tuple[str, ...] = ()
    """Our refusal code and words; long ones go on in the next AddtlInf (105 characters)."""
    servicer_reference: str = ""
    """Our reference of the settled transaction (AcctSvcrRef, at most 35 characters)."""
    accepted_at: str = ""
    """When it was accepted (ISO date and time)."""


@dataclass(frozen=True, slots=True)
class BankTransactionCode:
    """Domain, family and sub-family of an entry, or a proprietary code."""

    domain: str = ""
    family: str = ""
    sub_family: str = ""
    proprietary: str = ""


TRANSFER_SENT = BankTransactionCode("PMNT", "ICDT", "DMCT")
"""Issued credit transfer, domestic."""
TRANSFER_RECEIVED = BankTransactionCode("PMNT", "RCDT", "DMCT")
"""Received credit transfer, domestic."""
SALARIES_SENT = BankTransactionCode("PMNT", "ICDT", "SALA")
"""Issued credit transfer, payroll."""


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """One payment behind a booking (TxDtls)."""

    message_id: str = ""
    servicer_reference: str = ""
    payment_information_id: str = ""
    instruction_id: str = ""
    end_to_end_id: str = ""
    uetr: str = ""
    transaction_id: str = ""
    amount_minor: int | None = None
    """In the entry's currency, where the document says it."""
    credit: bool | None = None
    """None: the document does not say it apart from the entry."""
    debtor: Party = field(default_factory=Party)
    debtor_account: Account = field(default_factory=Account)
    debtor_agent: Agent = field(default_factory=Agent)
    ultimate_debtor: Party = field(default_factory=Party)
    creditor: Party = field(default_factory=Party)
    creditor_account: Account = field(default_factory=Account)
    creditor_agent: Agent = field(default_factory=Agent)
    ultimate_creditor: Party = field(default_factory=Party)
    purpose: str = ""
    remittance: Remittance = field(default_factory=Remittance)
    additional: str = ""
    ordered: bytes = b""
    """The payment as its payer's file ordered it (CdtTrfTxInf); empty where there was none."""
    ordered_in: bytes = b""
    """The group of that payment (PmtInf)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking on an account (Ntry)."""

    amount_minor: int
    """Not negative; `credit` gives the direction."""
    credit: bool
    booked_on: str = ""
    """ISO date, or date and time."""
    value_on: str = ""
    reference: str = ""
    """NtryRef."""
    servicer_reference: str = ""
    status: str = "BOOK"
    """BOOK, PDNG, INFO."""
    reversal: bool = False
    code: BankTransactionCode = TRANSFER_RECEIVED
    currency: str = ""
    """Where it is not the account's; empty otherwise."""
    details: tuple[EntryDetail, ...] = ()
    additional: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance of a statement."""

    type: str
    """OPBD, CLBD, ITBD, CLAV, ...: ExternalBalanceType1Code."""
    amount_minor: int
    """Below zero for a debit balance."""
    on: str
    """ISO date, or date and time."""
    currency: str = ""
    """Where it is not the account's; empty otherwise."""


@dataclass(frozen=True, slots=True)
class AccountStatement(Kept):
    """One account's balances and entries: a statement, a report or a notification."""

    id: str
    account: Account
    currency: str
    decimals: int
    created_at: str = ""
    sequence_number: int | None = None
    from_time: str = ""
    to_time: str = ""
    owner: Party = field(default_factory=Party)
    servicer: Agent = field(default_factory=Agent)
    balances: tuple[Balance, ...] = ()
    entries: tuple[Entry, ...] = ()
    additional: str = ""


@dataclass(frozen=True, slots=True)
class StatementMessage(Message):
    """A camt.052, camt.053 or camt.054."""

    statements: tuple[AccountStatement, ...]
    recipient: Party = field(default_factory=Party)
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    """Warnings, with their places: a statement is read whole, whatever rules it breaks."""
