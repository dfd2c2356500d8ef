"""pacs.002, pain.002 and pacs.028 in and out: what became of payments, and asking for it."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.iso20022.findings import Finding
from tongbao.iso20022.interbank.forms import Form, read_form, write_form
from tongbao.iso20022.interbank.inquiries import (
    CustomerStatusReport,
    GroupStatus,
    PaymentInformationStatus,
    StatusReport,
    StatusRequest,
    StatusRequestMessage,
    TransactionStatus,
)
from tongbao.iso20022.interbank.parts import (
    CHARGES,
    ON_THE_WAY,
    ORIGINAL_ASKED,
    ORIGINAL_MESSAGE,
    reasons,
)
from tongbao.iso20022.interbank.returns import named
from tongbao.iso20022.xml.accepting import DEFAULT_POLICY, Policy
from tongbao.iso20022.xml.checks import Checker
from tongbao.iso20022.xml.fields import AGENT, DATE, PARTY, Field, Record, fields, texts
from tongbao.iso20022.xml.tree import etree

_IDS = texts(("message_id", "GrpHdr/MsgId"), ("created_at", "GrpHdr/CreDtTm"))
_AGENTS = fields(
    AGENT, ("instructing_agent", "GrpHdr/InstgAgt"), ("instructed_agent", "GrpHdr/InstdAgt")
)
_TRANSACTION = Record(
    TransactionStatus,
    (
        ORIGINAL_ASKED,
        *texts(
            ("status_id", "StsId"),
            ("status", "TxSts"),
            ("accepted_at", "AccptncDtTm"),
            ("servicer_reference", "AcctSvcrRef"),
        ),
        Field("settlement_date", ("FctvIntrBkSttlmDt",), DATE),
        reasons("StsRsnInf"),
        CHARGES,
        *ON_THE_WAY,
    ),
    keeps=True,
    placed=True,
)
_GROUP = Record(
    GroupStatus,
    (
        Field("original", (), ORIGINAL_MESSAGE),
        *texts(
            ("number_of_transactions", "OrgnlNbOfTxs"),
            ("control_sum", "OrgnlCtrlSum"),
            ("status", "GrpSts"),
        ),
        reasons("StsRsnInf"),
    ),
)
_REPORT = Record(
    StatusReport,
    (
        *_IDS,
        *_AGENTS,
        Field("groups", ("OrgnlGrpInfAndSts",), _GROUP, many=True),
        Field("transactions", ("TxInfAndSts",), _TRANSACTION, many=True),
    ),
    keeps=True,
)
_PAYMENT_INFORMATION = Record(
    PaymentInformationStatus,
    (
        *texts(
            ("id", "OrgnlPmtInfId"),
            ("number_of_transactions", "OrgnlNbOfTxs"),
            ("control_sum", "OrgnlCtrlSum"),
            ("status", "PmtInfSts"),
        ),
        reasons("StsRsnInf"),
        Field("transactions", ("TxInfAndSts",), _TRANSACTION, many=True),
    ),
    keeps=True,
)
_CUSTOMER_REPORT = Record(
    CustomerStatusReport,
    (
        *_IDS,
        Field("initiating_party", ("GrpHdr", "InitgPty"), PARTY),
        Field("group", ("OrgnlGrpInfAndSts",), _GROUP),
        Field("payment_informations", ("OrgnlPmtInfAndSts",), _PAYMENT_INFORMATION, many=True),
    ),
    keeps=True,
)
_REQUEST = Record(
    StatusRequest,
    (ORIGINAL_ASKED, *texts(("request_id", "StsReqId")), *ON_THE_WAY),
    keeps=True,
    placed=True,
)
_REQUESTS = Record(
    StatusRequestMessage,
    (
        *_IDS,
        *_AGENTS,
        Field("groups", ("OrgnlGrpInf",), ORIGINAL_MESSAGE, many=True),
        Field("requests", ("TxInf",), _REQUEST, many=True),
    ),
    keeps=True,
)


def _request_rules(checker: Checker, element: etree._Element, _: Policy) -> Iterator[Finding]:
    yield from named(checker, element)


PACS002 = Form("pacs.002", "pacs.002.001.10", "FIToFIPmtStsRpt", _REPORT)
PAIN002 = Form("pain.002", "pain.002.001.10", "CstmrPmtStsRpt", _CUSTOMER_REPORT)
PACS028 = Form(
    "pacs.028",
    "pacs.028.001.03",
    "FIToFIPmtStsReq",
    _REQUESTS,
    ("TxInf",),
    item_rules=_request_rules,
)


def read_pacs002(data: bytes, policy: Policy = DEFAULT_POLICY) -> StatusReport:
    """Read a pacs.002; DocumentRefused where it is not valid."""
    report: StatusReport = read_form(data, PACS002, policy)
    return report


def write_pacs002(report: StatusReport, *, version: str = "") -> bytes:
    """A pacs.002; DocumentRefused where the values make none."""
    return write_form(report, PACS002, version)


def read_pain002(data: bytes, policy: Policy = DEFAULT_POLICY) -> CustomerStatusReport:
    """Read a pain.002, e.g. another bank's; DocumentRefused where it is not valid."""
    report: CustomerStatusReport = read_form(data, PAIN002, policy)
    return report


def write_customer_report(report: CustomerStatusReport, *, version: str = "") -> bytes:
    """A pain.002 that was read, or made by hand, e.g. to pass it on to the customer."""
    return write_form(report, PAIN002, version)


def read_pacs028(data: bytes, policy: Policy = DEFAULT_POLICY) -> StatusRequestMessage:
    """Read a pacs.028; a finding of one request stays with it."""
    message: StatusRequestMessage = read_form(data, PACS028, policy)
    return message


def write_pacs028(message: StatusRequestMessage, *, version: str = "") -> bytes:
    """A pacs.028; DocumentRefused where the values make none."""
    return write_form(message, PACS028, version)
