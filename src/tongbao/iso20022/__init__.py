"""ISO 20022 in and out: documents of strangers to frozen values, and values to valid documents.

Independent of kernel, node and SDK. Names are loaded when first used: importing this package is
cheap, importing lxml and a message's metadata is not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongbao.iso20022.catalogue import KNOWN_MESSAGES
    from tongbao.iso20022.currencies import MINOR_UNITS, Money
    from tongbao.iso20022.findings import RULES, DocumentRefused, Finding
    from tongbao.iso20022.initiation.example import payroll_file
    from tongbao.iso20022.initiation.pain001 import read_pain001
    from tongbao.iso20022.initiation.pain001_writing import write_pain001
    from tongbao.iso20022.initiation.pain002 import write_pain002, write_pain002_refusal
    from tongbao.iso20022.interbank.answering import (
        answer_requests,
        original_of,
        passed_on,
        report_on,
        request_cancellation,
        request_status,
        resolve,
        return_message,
        return_of,
        transaction_status,
    )
    from tongbao.iso20022.interbank.cancellations import (
        read_camt029,
        read_camt056,
        write_camt029,
        write_camt056,
    )
    from tongbao.iso20022.interbank.header import (
        BusinessHeader,
        answer_header,
        answered,
        read_header,
        write_enveloped,
    )
    from tongbao.iso20022.interbank.inquiries import (
        CancellationMessage,
        CancellationRequest,
        CancellationStatus,
        ResolutionMessage,
        StatusReport,
        StatusRequestMessage,
        TransactionStatus,
    )
    from tongbao.iso20022.interbank.model import (
        ChargeBearer,
        CreditTransfer,
        FxTreatment,
        Original,
        PaymentReturn,
        Reason,
        ReturnMessage,
        TransferMessage,
    )
    from tongbao.iso20022.interbank.returns import read_pacs004, write_pacs004
    from tongbao.iso20022.interbank.statuses import (
        read_pacs002,
        read_pacs028,
        read_pain002,
        write_customer_report,
        write_pacs002,
        write_pacs028,
    )
    from tongbao.iso20022.interbank.transfers import (
        read_pacs008,
        read_pacs009,
        write_pacs008,
        write_pacs009,
    )
    from tongbao.iso20022.purposes import PURPOSES
    from tongbao.iso20022.reasons import REASONS
    from tongbao.iso20022.statements.camt052 import write_camt052
    from tongbao.iso20022.statements.camt053 import write_camt053
    from tongbao.iso20022.statements.camt054 import write_camt054
    from tongbao.iso20022.statements.kept import write_statement
    from tongbao.iso20022.statements.reading import read_statement
    from tongbao.iso20022.xml.accepting import Acceptance, Policy, check_message
    from tongbao.iso20022.xml.reading import read_document
    from tongbao.iso20022.xml.validating import validate

__all__ = [
    "KNOWN_MESSAGES",
    "MINOR_UNITS",
    "PURPOSES",
    "REASONS",
    "RULES",
    "Acceptance",
    "BusinessHeader",
    "CancellationMessage",
    "CancellationRequest",
    "CancellationStatus",
    "ChargeBearer",
    "CreditTransfer",
    "DocumentRefused",
    "Finding",
    "FxTreatment",
    "Money",
    "Original",
    "PaymentReturn",
    "Policy",
    "Reason",
    "ResolutionMessage",
    "ReturnMessage",
    "StatusReport",
    "StatusRequestMessage",
    "TransactionStatus",
    "TransferMessage",
    "answer_header",
    "answer_requests",
    "answered",
    "check_message",
    "original_of",
    "passed_on",
    "payroll_file",
    "read_camt029",
    "read_camt056",
    "read_document",
    "read_header",
    "read_pacs002",
    "read_pacs004",
    "read_pacs008",
    "read_pacs009",
    "read_pacs028",
    "read_pain001",
    "read_pain002",
    "read_statement",
    "report_on",
    "request_cancellation",
    "request_status",
    "resolve",
    "return_message",
    "return_of",
    "transaction_status",
    "validate",
    "write_camt029",
    "write_camt052",
    "write_camt053",
    "write_camt054",
    "write_camt056",
    "write_customer_report",
    "write_enveloped",
    "write_pacs002",
    "write_pacs004",
    "write_pacs008",
    "write_pacs009",
    "write_pacs028",
    "write_pain001",
    "write_pain002",
    "write_pain002_refusal",
    "write_statement",
]

_HOME = {
    "KNOWN_MESSAGES": "catalogue",
    "MINOR_UNITS": "currencies",
    "PURPOSES": "purposes",
    "REASONS": "reasons",
    "RULES": "findings",
    "Acceptance": "xml.accepting",
    "BusinessHeader": "interbank.header",
    "CancellationMessage": "interbank.inquiries",
    "CancellationRequest": "interbank.inquiries",
    "CancellationStatus": "interbank.inquiries",
    "ChargeBearer": "interbank.model",
    "CreditTransfer": "interbank.model",
    "DocumentRefused": "findings",
    "Finding": "findings",
    "FxTreatment": "interbank.model",
    "Money": "currencies",
    "Original": "interbank.model",
    "PaymentReturn": "interbank.model",
    "Policy": "xml.accepting",
    "Reason": "interbank.model",
    "ResolutionMessage": "interbank.inquiries",
    "ReturnMessage": "interbank.model",
    "StatusReport": "interbank.inquiries",
    "StatusRequestMessage": "interbank.inquiries",
    "TransactionStatus": "interbank.inquiries",
    "TransferMessage": "interbank.model",
    "answer_header": "interbank.header",
    "answered": "interbank.header",
    "answer_requests": "interbank.answering",
    "check_message": "xml.accepting",
    "original_of": "interbank.answering",
    "passed_on": "interbank.answering",
    "payroll_file": "initiation.example",
    "read_camt029": "interbank.cancellations",
    "read_camt056": "interbank.cancellations",
    "read_document": "xml.reading",
    "read_header": "interbank.header",
    "read_pacs002": "interbank.statuses",
    "read_pacs004": "interbank.returns",
    "read_pacs008": "interbank.transfers",
    "read_pacs009": "interbank.transfers",
    "read_pacs028": "interbank.statuses",
    "read_pain001": "initiation.pain001",
    "read_pain002": "interbank.statuses",
    "read_statement": "statements.reading",
    "report_on": "interbank.answering",
    "request_cancellation": "interbank.answering",
    "request_status": "interbank.answering",
    "resolve": "interbank.answering",
    "return_message": "interbank.answering",
    "return_of": "interbank.answering",
    "transaction_status": "interbank.answering",
    "validate": "xml.validating",
    "write_camt029": "interbank.cancellations",
    "write_camt052": "statements.camt052",
    "write_camt053": "statements.camt053",
    "write_camt054": "statements.camt054",
    "write_camt056": "interbank.cancellations",
    "write_customer_report": "interbank.statuses",
    "write_enveloped": "interbank.header",
    "write_pacs002": "interbank.statuses",
    "write_pacs004": "interbank.returns",
    "write_pacs008": "interbank.transfers",
    "write_pacs009": "interbank.transfers",
    "write_pacs028": "interbank.statuses",
    "write_pain001": "initiation.pain001_writing",
    "write_pain002": "initiation.pain002",
    "write_pain002_refusal": "initiation.pain002",
    "write_statement": "statements.kept",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
