"""Questions and answers about payments between banks, as plain frozen values: status, cancellation.

pacs.002 and pain.002 (status reports), pacs.028 (status request), camt.056 (cancellation request)
and camt.029 (its answer). As in `interbank`, `source` keeps what has no field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tongbao.gateway.iso20022.currencies import Money
from tongbao.gateway.iso20022.findings import Finding
from tongbao.gateway.iso20022.interbank import NO_AGENT, NOBODY, Charge, Original, Reason
from tongbao.gateway.iso20022.model import Agent, Party


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """What became of one payment (TxInfAndSts)."""

    original: Original
    status: str = ""
    """ExternalPaymentTransactionStatus1Code, e.g. ACSC, ACCC, PDNG, RJCT."""
    status_id: str = ""
    reasons: tuple[Reason, ...] = ()
    charges: tuple[Charge, ...] = ()
    accepted_at: str = ""
    settlement_date: str = ""
    """FctvIntrBkSttlmDt."""
    servicer_reference: str = ""
    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    line: int = field(default=0, compare=False)
    path: str = field(default="", compare=False)
    source: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """What became of a whole message (OrgnlGrpInfAndSts)."""

    original: Original
    number_of_transactions: str = ""
    control_sum: str = ""
    status: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentInformationStatus:
    """What became of one group of a customer's file (OrgnlPmtInfAndSts)."""

    id: str
    number_of_transactions: str = ""
    control_sum: str = ""
    status: str = ""
    reasons: tuple[Reason, ...] = ()
    transactions: tuple[TransactionStatus, ...] = ()
    source: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A pacs.002."""

    message: str
    message_id: str
    created_at: str
    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    groups: tuple[GroupStatus, ...] = ()
    transactions: tuple[TransactionStatus, ...] = ()
    source: bytes = field(default=b"", compare=False, repr=False)
    header: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CustomerStatusReport:
    """A pain.002."""

    message: str
    message_id: str
    created_at: str
    group: GroupStatus
    initiating_party: Party = NOBODY
    payment_informations: tuple[PaymentInformationStatus, ...] = ()
    source: bytes = field(default=b"", compare=False, repr=False)
    header: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """One payment whose status is asked for (pacs.028 TxInf)."""

    original: Original
    request_id: str = ""
    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    findings: tuple[Finding, ...] = ()
    line: int = field(default=0, compare=False)
    path: str = field(default="", compare=False)
    source: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StatusRequestMessage:
    """A pacs.028."""

    message: str
    message_id: str
    created_at: str
    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    groups: tuple[Original, ...] = ()
    """Whole messages that are asked about."""
    requests: tuple[StatusRequest, ...] = ()
    source: bytes = field(default=b"", compare=False, repr=False)
    header: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """An investigation's name and who opened it."""

    id: str
    creator: Party = NOBODY


@dataclass(frozen=True, slots=True)
class CancellationRequest:
    """One payment that is to be cancelled (camt.056 TxInf)."""

    original: Original
    cancellation_id: str = ""
    case: Case | None = None
    settlement: Money | None = None
    """Of the original (OrgnlIntrBkSttlmAmt)."""
    settlement_date: str = ""
    reasons: tuple[Reason, ...] = ()
    """ExternalCancellationReason1Code, e.g. DUPL, CUST, FRAD."""
    findings: tuple[Finding, ...] = ()
    line: int = field(default=0, compare=False)
    path: str = field(default="", compare=False)
    source: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CancellationGroup:
    """Cancellations of payments of one message, or of that message (camt.056 Undrlyg)."""

    original: Original = field(default_factory=Original)
    """The message, where it is named once for all."""
    whole: str = ""
    """GrpCxl: `true` where the whole message is to be cancelled."""
    reasons: tuple[Reason, ...] = ()
    requests: tuple[CancellationRequest, ...] = ()
    source: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CancellationMessage:
    """A camt.056."""

    message: str
    assignment_id: str
    created_at: str
    assigner: Party = NOBODY
    """Who asks, mostly a bank: name, BIC, LEI."""
    assignee: Party = NOBODY
    case: Case | None = None
    number_of_transactions: str = ""
    groups: tuple[CancellationGroup, ...] = ()
    source: bytes = field(default=b"", compare=False, repr=False)
    header: bytes = field(default=b"", compare=False, repr=False)

    @property
    def requests(self) -> tuple[CancellationRequest, ...]:
        """All payments that are to be cancelled, in the message's order."""
        return tuple(one for group in self.groups for one in group.requests)


class CancellationStatus(Enum):
    """ExternalInvestigationExecutionConfirmation1Code, as far as we say it (camt.029 Sts/Conf)."""

    CANCELLED = "CNCL"
    REJECTED = "RJCR"
    PENDING = "PDCR"
    PARTIALLY = "PECR"


@dataclass(frozen=True, slots=True)
class CancellationAnswer:
    """What became of one cancellation (camt.029 TxInfAndSts)."""

    original: Original
    status: str = ""
    """TxCxlSts: ACCR (accepted), RJCR (rejected), PDCR (pending)."""
    answer_id: str = ""
    case: Case | None = None
    reasons: tuple[Reason, ...] = ()
    """ExternalPaymentCancellationRejection1Code, e.g. CUST, LEGL, ARDT."""
    settlement: Money | None = None
    """Of the original."""
    settlement_date: str = ""
    resolution_settlement: Money | None = None
    """What moves back (RsltnRltdInf)."""
    resolution_end_to_end_id: str = ""
    """The returned payment's, where the cancellation led to one."""
    resolution_uetr: str = ""
    line: int = field(default=0, compare=False)
    path: str = field(default="", compare=False)
    source: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CancellationAnswerGroup:
    """Answers about payments of one message (camt.029 CxlDtls)."""

    original: Original = field(default_factory=Original)
    status: str = ""
    """GrpCxlSts."""
    reasons: tuple[Reason, ...] = ()
    answers: tuple[CancellationAnswer, ...] = ()
    source: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ResolutionMessage:
    """A camt.029."""

    message: str
    assignment_id: str
    created_at: str
    assigner: Party = NOBODY
    assignee: Party = NOBODY
    case: Case | None = None
    status: str = ""
    """Sts/Conf: CNCL, RJCR, PDCR, PECR, ..."""
    groups: tuple[CancellationAnswerGroup, ...] = ()
    source: bytes = field(default=b"", compare=False, repr=False)
    header: bytes = field(default=b"", compare=False, repr=False)

    @property
    def answers(self) -> tuple[CancellationAnswer, ...]:
        """All answers, in the message's order."""
        return tuple(one for group in self.groups for one in group.answers)
