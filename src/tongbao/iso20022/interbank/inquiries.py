"""Questions and answers about payments between banks, as plain frozen values: status, cancellation.

pacs.002 and pain.002 (status reports), pacs.028 (status request), camt.056 (cancellation request)
and camt.029 (its answer). As in `interbank`, `source` keeps what has no field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tongbao.iso20022.currencies import Money
from tongbao.iso20022.findings import Finding
from tongbao.iso20022.interbank.model import NO_AGENT, NOBODY, Charge, Original, Reason
from tongbao.iso20022.model import Agent, Kept, Message, Party, Placed


@dataclass(frozen=True, slots=True)
class TransactionStatus(Placed):
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


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """What became of a whole message (OrgnlGrpInfAndSts)."""

    original: Original
    number_of_transactions: str = ""
    control_sum: str = ""
    status: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentInformationStatus(Kept):
    """What became of one group of a customer's file (OrgnlPmtInfAndSts)."""

    id: str
    number_of_transactions: str = ""
    control_sum: str = ""
    status: str = ""
    reasons: tuple[Reason, ...] = ()
    transactions: tuple[TransactionStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusReport(Message):
    """A pacs.002."""

    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    groups: tuple[GroupStatus, ...] = ()
    transactions: tuple[TransactionStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerStatusReport(Message):
    """A pain.002."""

    group: GroupStatus
    initiating_party: Party = NOBODY
    payment_informations: tuple[PaymentInformationStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusRequest(Placed):
    """One payment whose status is asked for (pacs.028 TxInf)."""

    original: Original
    request_id: str = ""
    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusRequestMessage(Message):
    """A pacs.028."""

    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    groups: tuple[Original, ...] = ()
    """Whole messages that are asked about."""
    requests: tuple[StatusRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """An investigation's name and who opened it."""

    id: str
    creator: Party = NOBODY


@dataclass(frozen=True, slots=True)
class Assignment(Kept):
    """A message of an investigation, which names its sender and receiver (Assgnmt)."""

    message: str
    assignment_id: str
    created_at: str
    assigner: Party = NOBODY
    """Who sends it, mostly a bank: name, BIC, LEI."""
    assignee: Party = NOBODY
    case: Case | None = None
    header: bytes = field(default=b"", compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class CancellationRequest(Placed):
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


@dataclass(frozen=True, slots=True)
class CancellationGroup(Kept):
    """Cancellations of payments of one message, or of that message (camt.056 Undrlyg)."""

    original: Original = field(default_factory=Original)
    """The message, where it is named once for all."""
    whole: str = ""
    """GrpCxl: `true` where the whole message is to be cancelled."""
    reasons: tuple[Reason, ...] = ()
    requests: tuple[CancellationRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class CancellationMessage(Assignment):
    """A camt.056."""

    number_of_transactions: str = ""
    groups: tuple[CancellationGroup, ...] = ()

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
class CancellationAnswer(Placed):
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


@dataclass(frozen=True, slots=True)
class CancellationAnswerGroup(Kept):
    """Answers about payments of one message (camt.029 CxlDtls)."""

    original: Original = field(default_factory=Original)
    status: str = ""
    """GrpCxlSts."""
    reasons: tuple[Reason, ...] = ()
    answers: tuple[CancellationAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolutionMessage(Assignment):
    """A camt.029."""

    status: str = ""
    """Sts/Conf: CNCL, RJCR, PDCR, PECR, ..."""
    groups: tuple[CancellationAnswerGroup, ...] = ()

    @property
    def answers(self) -> tuple[CancellationAnswer, ...]:
        """All answers, in the message's order."""
        return tuple(one for group in self.groups for one in group.answers)
