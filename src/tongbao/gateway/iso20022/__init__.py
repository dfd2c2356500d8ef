"""ISO 20022 in and out: documents of strangers to frozen values, and values to valid documents.

Independent of kernel, node and SDK. Names are loaded when first used: importing this package is
cheap, importing lxml and a message's metadata is not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongbao.gateway.iso20022.accepting import Acceptance, Policy, check_message
    from tongbao.gateway.iso20022.camt052 import write_camt052
    from tongbao.gateway.iso20022.camt053 import write_camt053
    from tongbao.gateway.iso20022.camt054 import write_camt054
    from tongbao.gateway.iso20022.catalogue import KNOWN_MESSAGES
    from tongbao.gateway.iso20022.currencies import MINOR_UNITS
    from tongbao.gateway.iso20022.example import payroll_file
    from tongbao.gateway.iso20022.findings import RULES, DocumentRefused, Finding
    from tongbao.gateway.iso20022.pacs002 import write_pacs002
    from tongbao.gateway.iso20022.pacs008 import read_pacs008, write_pacs008
    from tongbao.gateway.iso20022.pain001 import read_pain001
    from tongbao.gateway.iso20022.pain002 import write_pain002, write_pain002_refusal
    from tongbao.gateway.iso20022.reading import read_document
    from tongbao.gateway.iso20022.reasons import REASONS
    from tongbao.gateway.iso20022.statements import read_statement
    from tongbao.gateway.iso20022.validating import validate

__all__ = [
    "KNOWN_MESSAGES",
    "MINOR_UNITS",
    "REASONS",
    "RULES",
    "Acceptance",
    "DocumentRefused",
    "Finding",
    "Policy",
    "check_message",
    "payroll_file",
    "read_document",
    "read_pacs008",
    "read_pain001",
    "read_statement",
    "validate",
    "write_camt052",
    "write_camt053",
    "write_camt054",
    "write_pacs002",
    "write_pacs008",
    "write_pain002",
    "write_pain002_refusal",
]

_HOME = {
    "KNOWN_MESSAGES": "catalogue",
    "MINOR_UNITS": "currencies",
    "REASONS": "reasons",
    "RULES": "findings",
    "Acceptance": "accepting",
    "DocumentRefused": "findings",
    "Finding": "findings",
    "Policy": "accepting",
    "check_message": "accepting",
    "payroll_file": "example",
    "read_document": "reading",
    "read_pacs008": "pacs008",
    "read_pain001": "pain001",
    "read_statement": "statements",
    "validate": "validating",
    "write_camt052": "camt052",
    "write_camt053": "camt053",
    "write_camt054": "camt054",
    "write_pacs002": "pacs002",
    "write_pacs008": "pacs008",
    "write_pain002": "pain002",
    "write_pain002_refusal": "pain002",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
