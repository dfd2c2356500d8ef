"""The way every message goes in: read, validate, check the header, or be refused with the list."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from enum import Enum
from pathlib import Path

from tongbao.iso20022.findings import DocumentRefused, Finding, finding
from tongbao.iso20022.xml.checks import Checker, original_message
from tongbao.iso20022.xml.reading import MAX_BYTES, MAX_DEPTH, SourceDocument, read_document
from tongbao.iso20022.xml.second_opinion import XSD_VARIABLE, second_opinion
from tongbao.iso20022.xml.validating import MAX_FINDINGS, validate


class Acceptance(Enum):
    """How far a broken rule of one payment reaches."""

    WHOLE_FILE = "whole_file"
    """Any finding refuses the file."""
    AS_BATCH_BOOKING = "as_batch_booking"
    """A group with BtchBookg true is taken or refused whole; other payments one by one."""
    PER_TRANSACTION = "per_transaction"
    """Each payment by itself, whatever BtchBookg says."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a gateway asks of incoming messages beyond the schema."""

    acceptance: Acceptance = Acceptance.AS_BATCH_BOOKING
    methods: tuple[str, ...] = ("TRF",)
    """Payment methods that are served; CHK (cheque) is not."""
    creditor_account_required: bool = True
    equivalent_amounts: bool = False
    """Whether a payment may state its amount in another currency (EqvtAmt)."""
    unique_instruction_ids: bool = True
    unique_end_to_end_ids: bool = True
    """NOTPROVIDED may repeat."""
    purpose_codes: bool = False
    """Whether a coded purpose has to be one of ExternalPurpose1Code, and a coded category one of
    ExternalCategoryPurpose1Code."""
    usage_rules: bool = False
    """Whether the rules on charges and exchange rates of the message definition reports hold:
    whoever settles asks for them, whoever only passes a message on need not."""
    today: date | None = None
    """The business day; None leaves requested dates unchecked."""
    days_back: int = 5
    """How old a requested execution date may be."""
    days_ahead: int = 365
    zone: tzinfo = UTC
    """Where the payers' accounts are kept: a plain date is a day there."""
    max_bytes: int = MAX_BYTES
    max_depth: int = MAX_DEPTH
    max_findings: int = MAX_FINDINGS
    xsd_dir: Path | None = None
    """Folder of XSD files for a second opinion; else TONGBAO_ISO20022_XSD, else none."""


DEFAULT_POLICY = Policy()


def open_document(
    data: bytes, kinds: tuple[str, ...], policy: Policy, *, informs: bool = False
) -> SourceDocument:
    """A document of one of `kinds` (e.g. "pain.001") that its schema and its header agree to.

    Raises DocumentRefused with all findings; its `original` names the message if it could be read.
    `informs`: it tells of what has happened, so that a header of another message refuses nothing.
    """
    document = read_document(data, max_bytes=policy.max_bytes, max_depth=policy.max_depth)
    if document.message[:8] not in kinds:
        line = document.line(document.root)
        expected = " / ".join(kinds)
        wrong = finding("iso.wrong_message", line, "/Document", document.message, expected=expected)
        raise DocumentRefused((wrong,), original_message(document))
    found = validate(document, limit=policy.max_findings)
    if not found:
        folder = policy.xsd_dir or _folder_from_environment()
        if folder is not None:
            found = second_opinion(document, folder, limit=policy.max_findings)
    if found or not informs:
        refuse_if((*found, *Checker(document).header()), document)
    return document


def check_message(data: bytes, policy: Policy = DEFAULT_POLICY) -> SourceDocument:
    """Accept any known message: schema, header, check digits, currencies of every amount.

    For messages that have no mapping of their own yet (pacs.009, pacs.004, camt.056, ...).
    """
    kinds = (read_document(data, max_bytes=policy.max_bytes).message[:8],)
    document = open_document(data, kinds, policy)
    checker = Checker(document)
    found = (*checker.identifiers(document.root), *checker.currencies(document.root))
    refuse_if(found, document)
    return document


def refuse_if(found: tuple[Finding, ...], document: SourceDocument) -> None:
    """Raise when there is any finding."""
    if found:
        raise DocumentRefused(found, original_message(document))


def _folder_from_environment() -> Path | None:
    """The folder that the environment names for a second opinion."""
    named = os.environ.get(XSD_VARIABLE)
    return Path(named) if named else None
