"""ISO 20022 in and out: documents of strangers to frozen values, and values to valid documents.

Independent of kernel, node and SDK. Names are loaded when first used: importing this package is
cheap, importing lxml and a message's metadata is not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongbao.gateway.iso20022.accepting import Acceptance, Policy, check_message
    from tongbao.gateway.iso20022.answering import (
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
    from tongbao.gateway.iso20022.camt052 import write_camt052
    from tongbao.gateway.iso20022.camt053 import write_camt053
    from tongbao.gateway.iso20022.camt054 import write_camt054
    from tongbao.gateway.iso20022.cancellations import (
        read_camt029,
        read_camt056,
        write_camt029,
        write_camt056,
    )
    from tongbao.gateway.iso20022.catalogue import KNOWN_MESSAGES
    from tongbao.gateway.iso20022.currencies import MINOR_UNITS, Money
    from tongbao.gateway.iso20022.example import payroll_file
    from tongbao.gateway.iso20022.findings import RULES, DocumentRefused, Finding
    from tongbao.gateway.iso20022.header import (
        BusinessHeader,
        answer_header,
        answered,
        read_header,
        write_enveloped,
    )
    from tongbao.gateway.iso20022.inquiries import (
        CancellationMessage,
        CancellationRequest,
        CancellationStatus,
        ResolutionMessage,
        StatusReport,
        StatusRequestMessage,
        TransactionStatus,
    )
    from tongbao.gateway.iso20022.interbank import (
        ChargeBearer,
        CreditTransfer,
        FxTreatment,
        Original,
        PaymentReturn,
        Reason,
        ReturnMessage,
        TransferMessage,
    )
    from tongbao.gateway.iso20022.pain001 import read_pain001
    from tongbao.gateway.iso20022.pain001_writing import write_pain001
    from tongbao.gateway.iso20022.pain002 import write_pain002, write_pain002_refusal
    from tongbao.gateway.iso20022.purposes import PURPOSES
    from tongbao.gateway.iso20022.reading import read_document
    from tongbao.gateway.iso20022.reasons import REASONS
    from tongbao.gateway.iso20022.returns import read_pacs004, write_pacs004
    from tongbao.gateway.iso20022.statements import read_statement
    from tongbao.gateway.iso20022.statements_kept import write_statement
    from tongbao.gateway.iso20022.statuses import (
        read_pacs002,
        read_pacs028,
        read_pain002,
        write_customer_report,
        write_pacs002,
        write_pacs028,
    )
    from tongbao.gateway.iso20022.transfers import (
        read_pacs008,
        read_pacs009,
        write_pacs008,
        write_pacs009,
    )
    from tongbao.gateway.iso20022.validating import validate

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
    "Acceptance": "accepting",
    "BusinessHeader": "header",
    "CancellationMessage": "inquiries",
    "CancellationRequest": "inquiries",
    "CancellationStatus": "inquiries",
    "ChargeBearer": "interbank",
    "CreditTransfer": "interbank",
    "DocumentRefused": "findings",
    "Finding": "findings",
    "FxTreatment": "interbank",
    "Money": "currencies",
    "Original": "interbank",
    "PaymentReturn": "interbank",
    "Policy": "accepting",
    "Reason": "interbank",
    "ResolutionMessage": "inquiries",
    "ReturnMessage": "interbank",
    "StatusReport": "inquiries",
    "StatusRequestMessage": "inquiries",
    "TransactionStatus": "inquiries",
    "TransferMessage": "interbank",
    "answer_header": "header",
    "answered": "header",
    "answer_requests": "answering",
    "check_message": "accepting",
    "original_of": "answering",
    "passed_on": "answering",
    "payroll_file": "example",
    "read_camt029": "cancellations",
    "read_camt056": "cancellations",
    "read_document": "reading",
    "read_header": "header",
    "read_pacs002": "statuses",
    "read_pacs004": "returns",
    "read_pacs008": "transfers",
    "read_pacs009": "transfers",
    "read_pacs028": "statuses",
    "read_pain001": "pain001",
    "read_pain002": "statuses",
    "read_statement": "statements",
    "report_on": "answering",
    "request_cancellation": "answering",
    "request_status": "answering",
    "resolve": "answering",
    "return_message": "answering",
    "return_of": "answering",
    "transaction_status": "answering",
    "validate": "validating",
    "write_camt029": "cancellations",
    "write_camt052": "camt052",
    "write_camt053": "camt053",
    "write_camt054": "camt054",
    "write_camt056": "cancellations",
    "write_customer_report": "statuses",
    "write_enveloped": "header",
    "write_pacs002": "statuses",
    "write_pacs004": "returns",
    "write_pacs008": "transfers",
    "write_pacs009": "transfers",
    "write_pacs028": "statuses",
    "write_pain001": "pain001_writing",
    "write_pain002": "pain002",
    "write_pain002_refusal": "pain002",
    "write_statement": "statements_kept",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
