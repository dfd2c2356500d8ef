"""pacs.008 and pacs.009 in and out: credit transfers between banks, customers' and their own.

Going out, an element that came in and whose value was not changed is given back as it came, and so
is every element for which the model has no field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from tongbao.iso20022.findings import Finding
from tongbao.iso20022.interbank.forms import Form, read_form, write_form
from tongbao.iso20022.interbank.model import (
    CreditTransfer,
    RegulatoryDetail,
    RegulatoryReport,
    TransferMessage,
    Underlying,
)
from tongbao.iso20022.interbank.parts import CHARGES, INTERMEDIARIES, ON_THE_WAY, PREVIOUS
from tongbao.iso20022.interbank.settling import INHERITED, SETTLEMENT, Sums, inheriting
from tongbao.iso20022.transfer_rules import category, transfer_rules
from tongbao.iso20022.xml.accepting import DEFAULT_POLICY, Policy
from tongbao.iso20022.xml.checks import Checker
from tongbao.iso20022.xml.extract import down, repeated
from tongbao.iso20022.xml.fields import (
    ACCOUNT,
    AGENT,
    CODE,
    INSTITUTION,
    MONEY,
    PARTY,
    REMITTANCE,
    REQUIRED_AGENT,
    REQUIRED_INSTITUTION,
    REQUIRED_PARTY,
    TEXT,
    Field,
    Record,
    Shape,
    fields,
    texts,
)
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import iso_time

_DETAIL = Record(
    RegulatoryDetail,
    (
        *texts(("type", "Tp"), ("on", "Dt"), ("country", "Ctry"), ("code", "Cd")),
        Field("amount", ("Amt",), MONEY),
        Field("information", ("Inf",), TEXT, many=True),
    ),
)
_REPORT = Record(
    RegulatoryReport,
    (
        *texts(
            ("indicator", "DbtCdtRptgInd"),
            ("authority", "Authrty/Nm"),
            ("authority_country", "Authrty/Ctry"),
        ),
        Field("details", ("Dtls",), _DETAIL, many=True),
    ),
)
_UNDERLYING = Record(
    Underlying,
    (
        Field("instructed", ("InstdAmt",), MONEY),
        *fields(PARTY, ("ultimate_debtor", "UltmtDbtr"), ("ultimate_creditor", "UltmtCdtr")),
        *fields(REQUIRED_PARTY, ("debtor", "Dbtr"), ("creditor", "Cdtr")),
        *fields(ACCOUNT, ("debtor_account", "DbtrAcct"), ("creditor_account", "CdtrAcct")),
        *fields(REQUIRED_AGENT, ("debtor_agent", "DbtrAgt"), ("creditor_agent", "CdtrAgt")),
        INTERMEDIARIES,
        Field("remittance", ("RmtInf",), REMITTANCE),
    ),
    optional=True,
)


def _transfer(party: Shape, required_party: Shape, agent: Shape) -> Record:
    """A CdtTrfTxInf; parties and the duty to name agents differ between the two messages."""
    return Record(
        CreditTransfer,
        (
            *texts(
                ("instruction_id", "PmtId/InstrId"),
                ("end_to_end_id", "PmtId/EndToEndId"),
                ("transaction_id", "PmtId/TxId"),
                ("uetr", "PmtId/UETR"),
                ("clearing_reference", "PmtId/ClrSysRef"),
                ("settlement_date", "IntrBkSttlmDt"),
                ("priority", "SttlmPrty"),
                ("exchange_rate", "XchgRate"),
                ("charge_bearer", "ChrgBr"),
            ),
            *fields(
                CODE,
                ("service_level", "PmtTpInf/SvcLvl"),
                ("local_instrument", "PmtTpInf/LclInstrm"),
                ("category_purpose", "PmtTpInf/CtgyPurp"),
                ("purpose", "Purp"),
            ),
            *fields(MONEY, ("settlement", "IntrBkSttlmAmt"), ("instructed", "InstdAmt")),
            CHARGES,
            PREVIOUS,
            *ON_THE_WAY,
            INTERMEDIARIES,
            *fields(party, ("ultimate_debtor", "UltmtDbtr"), ("ultimate_creditor", "UltmtCdtr")),
            Field("initiating_party", ("InitgPty",), PARTY),
            *fields(required_party, ("debtor", "Dbtr"), ("creditor", "Cdtr")),
            *fields(ACCOUNT, ("debtor_account", "DbtrAcct"), ("creditor_account", "CdtrAcct")),
            *fields(agent, ("debtor_agent", "DbtrAgt"), ("creditor_agent", "CdtrAgt")),
            Field("regulatory", ("RgltryRptg",), _REPORT, many=True),
            Field("remittance", ("RmtInf",), REMITTANCE),
            Field("underlying", ("UndrlygCstmrCdtTrf",), _UNDERLYING),
        ),
        keeps=True,
        inherits=INHERITED,
        placed=True,
    )


def _message(transfer: Record) -> Record:
    """The body: header and transfers."""
    item = Field("transfers", ("CdtTrfTxInf",), transfer, many=True)
    return Record(TransferMessage, (*SETTLEMENT, item), keeps=True)


SUMS = Sums("CdtTrfTxInf", "IntrBkSttlmAmt", "TtlIntrBkSttlmAmt")


def _rules(checker: Checker, body: etree._Element, policy: Policy) -> Iterator[Finding]:
    yield from SUMS.rules(checker, body)
    named = [down(one, "PmtId", "UETR") for one in repeated(body, "CdtTrfTxInf")]
    uetrs = [one for one in named if one is not None]
    for _, found in checker.unique("rule.duplicate_uetr", uetrs):
        yield found
    if policy.purpose_codes:
        yield from category(checker, down(body, "GrpHdr", "PmtTpInf"))


PACS008 = Form(
    "pacs.008",
    "pacs.008.001.08",
    "FIToFICstmrCdtTrf",
    _message(_transfer(PARTY, REQUIRED_PARTY, REQUIRED_AGENT)),
    ("CdtTrfTxInf",),
    _rules,
    transfer_rules,
    INHERITED,
    SUMS.finish,
)
PACS009 = Form(
    "pacs.009",
    "pacs.009.001.08",
    "FICdtTrf",
    _message(_transfer(INSTITUTION, REQUIRED_INSTITUTION, AGENT)),
    ("CdtTrfTxInf",),
    _rules,
    transfer_rules,
    INHERITED,
    SUMS.finish,
)


def read_pacs008(data: bytes, policy: Policy = DEFAULT_POLICY) -> TransferMessage:
    """Read a pacs.008, bare or wrapped.

    Raises DocumentRefused when the document is not schema-valid or a rule of the whole message is
    broken; a finding of one transfer stays with it.
    """
    return _read(data, PACS008, policy)


def read_pacs009(data: bytes, policy: Policy = DEFAULT_POLICY) -> TransferMessage:
    """Read a pacs.009: core, COV (with the underlying customer transfer) or ADV.

    Raises as `read_pacs008`.
    """
    return _read(data, PACS009, policy)


def write_pacs008(
    message: TransferMessage,
    *,
    message_id: str = "",
    created_at: datetime | None = None,
    version: str = "",
) -> bytes:
    """A pacs.008 of the message's transfers; sums are those of the transfers written.

    `message_id` and `created_at` replace the message's own, for a bank that passes transfers on;
    `version` is another version than the message's. Raises DocumentRefused when the values do not
    make a valid message.
    """
    return _write(message, PACS008, message_id, created_at, version)


def write_pacs009(
    message: TransferMessage,
    *,
    message_id: str = "",
    created_at: datetime | None = None,
    version: str = "",
) -> bytes:
    """A pacs.009, as `write_pacs008`."""
    return _write(message, PACS009, message_id, created_at, version)


def _read(data: bytes, form: Form, policy: Policy) -> TransferMessage:
    """Read, and give each transfer what its message says for all."""
    message: TransferMessage = read_form(data, form, policy)
    return replace(message, transfers=inheriting(message, message.transfers))


def _write(
    message: TransferMessage, form: Form, message_id: str, created_at: datetime | None, version: str
) -> bytes:
    """Write over the source, with the sums of what is written."""
    dates = {one.settlement_date for one in message.transfers}
    # A date in the header is every transfer's; where they differ each carries its own.
    common = message.settlement_date if dates == {message.settlement_date} else ""
    made = replace(
        message,
        message_id=message_id or message.message_id,
        created_at=iso_time(created_at) if created_at else message.created_at,
        settlement_date=common,
    )
    return write_form(made, form, version)
