"""What banks say to each other, as plain frozen values: transfers and returns.

They know nothing of XML or of the ledger: whoever settles maps from and to them. A value that came
in keeps its element in `source` (canonical XML), so that what has no field here is given back.
Empty text, or None for an amount, means that the message does not say it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tongbao.iso20022.currencies import Money
from tongbao.iso20022.findings import Finding
from tongbao.iso20022.model import Account, Agent, Message, Party, Placed, Remittance

NOBODY = Party()
NOWHERE = Account()
NO_AGENT = Agent()
NOTHING = Remittance()


class ChargeBearer(Enum):
    """ChargeBearerType1Code: who pays the charges."""

    DEBTOR = "DEBT"
    CREDITOR = "CRED"
    SHARED = "SHAR"
    SERVICE_LEVEL = "SLEV"


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge taken on the way, with its taker (ChrgsInf)."""

    amount: Money | None = None
    """None where the message states one that is no amount; a finding says so."""
    agent: Agent = NO_AGENT


@dataclass(frozen=True, slots=True)
class RegulatoryDetail:
    """One statement to an authority (RgltryRptg/Dtls)."""

    type: str = ""
    on: str = ""
    country: str = ""
    code: str = ""
    amount: Money | None = None
    information: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegulatoryReport:
    """What is reported to an authority (RgltryRptg)."""

    indicator: str = ""
    """CRED, DEBT or BOTH: whose side reports."""
    authority: str = ""
    authority_country: str = ""
    details: tuple[RegulatoryDetail, ...] = ()


@dataclass(frozen=True, slots=True)
class Underlying:
    """The customer transfer that a cover payment covers (UndrlygCstmrCdtTrf)."""

    instructed: Money | None = None
    ultimate_debtor: Party = NOBODY
    debtor: Party = NOBODY
    debtor_account: Account = NOWHERE
    debtor_agent: Agent = NO_AGENT
    intermediaries: tuple[Agent, ...] = ()
    creditor_agent: Agent = NO_AGENT
    creditor: Party = NOBODY
    creditor_account: Account = NOWHERE
    ultimate_creditor: Party = NOBODY
    remittance: Remittance = NOTHING


@dataclass(frozen=True, slots=True)
class CreditTransfer(Placed):
    """One credit transfer between banks: a customer's (pacs.008) or a bank's own (pacs.009)."""

    end_to_end_id: str
    settlement: Money | None
    """What moves between the banks; None where it is no amount, and a finding says so."""
    instruction_id: str = ""
    transaction_id: str = ""
    uetr: str = ""
    clearing_reference: str = ""
    settlement_date: str = ""
    """Its own, or its message's (ISO date)."""
    priority: str = ""
    """SttlmPrty: NORM, HIGH, URGT."""
    service_level: str = ""
    local_instrument: str = ""
    category_purpose: str = ""
    instructed: Money | None = None
    """What the debtor ordered (InstdAmt)."""
    exchange_rate: str = ""
    """Exact decimal as written."""
    charge_bearer: str = ""
    """DEBT, CRED, SHAR or SLEV; a bank's own transfer has none."""
    charges: tuple[Charge, ...] = ()
    previous_agents: tuple[Agent, ...] = ()
    instructing_agent: Agent = NO_AGENT
    """Its own, or its message's; so is the instructed agent."""
    instructed_agent: Agent = NO_AGENT
    intermediaries: tuple[Agent, ...] = ()
    ultimate_debtor: Party = NOBODY
    """In a pacs.009 debtor, creditor and ultimate ones are institutions: name, BIC, LEI."""
    initiating_party: Party = NOBODY
    debtor: Party = NOBODY
    debtor_account: Account = NOWHERE
    debtor_agent: Agent = NO_AGENT
    creditor_agent: Agent = NO_AGENT
    creditor: Party = NOBODY
    creditor_account: Account = NOWHERE
    ultimate_creditor: Party = NOBODY
    purpose: str = ""
    regulatory: tuple[RegulatoryReport, ...] = ()
    remittance: Remittance = NOTHING
    underlying: Underlying | None = None
    """The covered customer transfer, in a pacs.009 COV."""
    findings: tuple[Finding, ...] = ()
    """Broken rules; a transfer with findings is refused."""

    @property
    def accepted(self) -> bool:
        """Whether no rule is broken."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class TransferMessage(Message):
    """A pacs.008 or pacs.009."""

    settlement_method: str = ""
    """INDA, INGA, COVE or CLRG."""
    clearing_system: str = ""
    settlement_date: str = ""
    """Of all transfers, where the message says it once."""
    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    transfers: tuple[CreditTransfer, ...] = ()
    control_sum: str = ""

    @property
    def cover(self) -> bool:
        """Whether it covers customer transfers (pacs.009 COV)."""
        return any(one.underlying is not None for one in self.transfers)


@dataclass(frozen=True, slots=True)
class Original:
    """How another message names a payment: as far as it says it."""

    message_id: str = ""
    message: str = ""
    """Message definition identifier of the original, e.g. pacs.008.001.08."""
    created_at: str = ""
    instruction_id: str = ""
    end_to_end_id: str = ""
    transaction_id: str = ""
    uetr: str = ""
    clearing_reference: str = ""
    """OrgnlClrSysRef."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code of an external code set, or a proprietary one, with words."""

    code: str = ""
    texts: tuple[str, ...] = ()
    """At most 105 characters each."""
    originator: Party = NOBODY


class FxTreatment(Enum):
    """At which rate a returned payment is turned back; shown in the reason's texts as `/FX/...`.

    The values are the ledger's names of the same treatments.
    """

    NONE = "none"
    """Nothing was converted."""
    ORIGINAL_RATE = "original_rate"
    """The payer gets back what it gave; the payee bears what the rate did since."""
    CURRENT_RATE = "current_rate"
    """Converted on the return's day; the payer bears what the rate did since."""
    BENEFICIARY_CURRENCY = "beneficiary_currency"
    """Unconverted, in the currency that was credited."""


FX_PREFIX = "/FX/"


def fx_reason(code: str, treatment: FxTreatment, *texts: str) -> Reason:
    """A return's reason that states its FX treatment."""
    return Reason(code, (FX_PREFIX + treatment.value, *texts))


@dataclass(frozen=True, slots=True)
class ReturnChain:
    """From whom to whom the money goes back (RtrChain)."""

    ultimate_debtor: Party = NOBODY
    debtor: Party = NOBODY
    debtor_agent: Agent = NO_AGENT
    previous_agents: tuple[Agent, ...] = ()
    intermediaries: tuple[Agent, ...] = ()
    creditor_agent: Agent = NO_AGENT
    creditor: Party = NOBODY
    ultimate_creditor: Party = NOBODY


@dataclass(frozen=True, slots=True)
class PaymentReturn(Placed):
    """One payment that comes back (pacs.004 TxInf)."""

    original: Original
    returned: Money | None
    """What moves back between the banks (RtrdIntrBkSttlmAmt)."""
    return_id: str = ""
    original_settlement: Money | None = None
    original_settlement_date: str = ""
    settlement_date: str = ""
    priority: str = ""
    returned_instructed: Money | None = None
    """Returned before charges and conversion (RtrdInstdAmt)."""
    exchange_rate: str = ""
    compensation: Money | None = None
    charge_bearer: str = ""
    charges: tuple[Charge, ...] = ()
    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    chain: ReturnChain | None = None
    reasons: tuple[Reason, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def fx_treatment(self) -> FxTreatment | None:
        """The stated treatment; None where the return does not state one."""
        known = {FX_PREFIX + one.value: one for one in FxTreatment}
        reported = (known.get(text) for reason in self.reasons for text in reason.texts)
        return next((one for one in reported if one is not None), None)


@dataclass(frozen=True, slots=True)
class ReturnMessage(Message):
    """A pacs.004."""

    settlement_method: str = ""
    clearing_system: str = ""
    settlement_date: str = ""
    instructing_agent: Agent = NO_AGENT
    instructed_agent: Agent = NO_AGENT
    original: Original = field(default_factory=Original)
    returns: tuple[PaymentReturn, ...] = ()
    control_sum: str = ""
