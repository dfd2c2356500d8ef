"""What is wrong with a document: one finding a broken rule, one exception for a refusal.

The table RULES is API: a rule's name is never given to another rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from tongbao.kernel.wording import message
from tongbao.words import sentence

MAX_VALUE = 80
"""Characters of an offending value that a finding repeats; hostile input stays out of logs."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule at one place of the document."""

    rule: str
    """Stable name, a key of RULES."""
    line: int
    """Line in the source, from 1; 0 where no line applies."""
    path: str
    """Path in the document, e.g. /Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[3]/Amt."""
    value: str
    """The offending value, shortened to MAX_VALUE characters."""
    message_en: str
    message_zh: str


@dataclass(frozen=True, slots=True)
class OriginalMessage:
    """What names a message well enough to answer it, even when it is refused."""

    name: str
    """Message definition identifier, e.g. pain.001.001.09."""
    message_id: str
    """GrpHdr/MsgId."""
    created_at: str
    """GrpHdr/CreDtTm as written."""
    number_of_transactions: str
    """GrpHdr/NbOfTxs as written, empty where absent."""
    control_sum: str
    """GrpHdr/CtrlSum as written, empty where absent."""


class DocumentRefused(Exception):
    """The document is not accepted. The only exception that reading may end with."""

    def __init__(
        self, findings: tuple[Finding, ...], original: OriginalMessage | None = None
    ) -> None:
        """Keep the findings, and the message's own names where they could be read."""
        first = findings[0]
        more = f" (+{len(findings) - 1})" if len(findings) > 1 else ""
        super().__init__(f"{first.rule}, line {first.line}, {first.path}: {first.message_en}{more}")
        self.findings = findings
        self.original = original


def finding(rule: str, line: int = 0, path: str = "", value: str = "", **words: object) -> Finding:
    """Fill the rule's text; `value` may be used by it and is shortened."""
    short = value if len(value) <= MAX_VALUE else value[:MAX_VALUE] + "…"
    filled = {**words, "value": short}
    en, zh = (sentence(RULES[rule], filled, language) for language in ("en", "zh"))
    return Finding(rule, line, path, short, en, zh)


RULES: dict[str, str] = {
    "xml.malformed": message("The XML cannot be read: {reason}"),
    "xml.doctype": message("A document type declaration (DOCTYPE) is not allowed"),
    "xml.entity": message("The entity {value} is not defined"),
    "xml.too_deep": message("Elements are nested deeper than {limit} levels"),
    "xml.too_large": message("The document has more than {limit} bytes"),
    "xml.too_many": message(
        "The document has more than {limit} elements and attributes for its size"
    ),
    "xml.encoding": message("The byte {byte} is not valid in the encoding {value} ({why})"),
    "xml.encoding_unknown": message("The declared encoding {value} is not read here"),
    "xml.encoding_contradiction": message(
        "The declaration says {value}, the bytes are {found}: one of them is wrong"
    ),
    "xml.character": message("The character {value} is not allowed in XML"),
    "iso.no_document": message("No ISO 20022 Document element was found"),
    "iso.several_documents": message("More than one Document element in one file"),
    "iso.unknown_message": message(
        "The namespace {value} is of no known message; the nearest known one is {known}"
    ),
    "iso.wrong_message": message("A {expected} message is expected here, this is {value}"),
    "xsd.required": message("The element {value} is missing"),
    "xsd.unexpected": message("The element {value} is not known here"),
    "xsd.order": message("The element {value} stands after one that must follow it"),
    "xsd.occurs": message("The element {value} occurs more than {limit} times"),
    "xsd.choice": message("Exactly one of {allowed} is allowed here"),
    "xsd.attribute": message("The attribute {value} is not known here"),
    "xsd.attribute_required": message("The attribute {value} is missing"),
    "xsd.text": message("Text is not allowed between elements here"),
    "xsd.pattern": message("{value} does not have the form {expected}"),
    "xsd.length": message("{value} must have {expected} characters, it has {actual}"),
    "xsd.enumeration": message("{value} is not one of the allowed codes: {expected}"),
    "xsd.type": message("{value} is not a valid {expected}"),
    "xsd.digits": message("{value} must have {expected}"),
    "xsd.range": message("{value} must be at least {expected}"),
    "xsd.second_opinion": message("The schema file refuses it: {reason}"),
    "rule.header_message": message(
        "The header names the message {value}, the document is {expected}"
    ),
    "rule.number_of_transactions": message(
        "{value} transactions are declared, {actual} are present"
    ),
    "rule.control_sum": message("The control sum is {value}, the amounts add up to {actual}"),
    "rule.total_amount": message("The total is {value}, the amounts add up to {actual}"),
    "rule.duplicate_group_id": message(
        "The payment information id {value} occurs twice in the file"
    ),
    "rule.duplicate_instruction_id": message(
        "The instruction id {value} occurs twice in the group"
    ),
    "rule.duplicate_end_to_end_id": message("The end-to-end id {value} occurs twice in the file"),
    "rule.duplicate_uetr": message("The UETR {value} occurs twice"),
    "rule.currency": message("{value} is not a currency with minor units in ISO 4217"),
    "rule.currency_decimals": message(
        "{value} has more decimals than {currency} has in ISO 4217 ({decimals})"
    ),
    "rule.amount_positive": message("The amount {value} must be above zero"),
    "rule.amount_currency": message(
        "Only an instructed amount (InstdAmt) can be paid, not an equivalent amount"
    ),
    "rule.iban": message("The check digits or form of the IBAN {value} are wrong"),
    "rule.bic": message("{value} is not a BIC (ISO 9362)"),
    "rule.lei": message("The check digits of the LEI {value} are wrong"),
    "rule.creditor_account": message("The creditor's account is missing"),
    "rule.payment_method": message(
        "The payment method {value} is not served here, only {expected}"
    ),
    "rule.execution_date": message("The requested execution date {value} is outside {expected}"),
    "rule.reference_slash": message("{value} may not begin or end with '/' or contain '//'"),
    "rule.characters": message("{value} has characters that CBPR+ does not allow here: {strange}"),
    "rule.charge_bearer": message("The charge bearer {value} is not allowed here, only {expected}"),
    "rule.charge_bearer_twice": message("The charge bearer stands at the group and at the payment"),
    "rule.charges_missing": message(
        "With charge bearer {value} the charges taken have to be stated"
    ),
    "rule.charges_without_instructed": message("Charges are stated, the instructed amount is not"),
    "rule.exchange_rate": message("The exchange rate {value} stands between no two currencies"),
    "rule.exchange_rate_missing": message(
        "{value} was instructed in another currency, the exchange rate is missing"
    ),
    "rule.purpose": message("{value} is not a purpose of the external code set"),
    "rule.category_purpose": message("{value} is not a category purpose of the external code set"),
    "rule.returned_more": message("{value} is returned, the original settled {expected}"),
    "rule.original_missing": message(
        "The payment is not named: no UETR, end-to-end, transaction or instruction id"
    ),
    "rule.duplicate_across_files": message(
        "The end-to-end id {value} was used before, in file {file}"
    ),
    "rule.uetr_across_files": message(
        "The UETR {value} was used before, in {file}: it names one payment alone"
    ),
    "desk.debtor_account": message("The debtor account {value} is not kept on this ledger"),
    "desk.creditor_account": message("The creditor account {value} is not kept on this ledger"),
    "desk.account_closed": message("The account {value} is closed"),
    "desk.account_blocked": message("The account {value} is blocked"),
    "desk.no_holding": message("The account {value} does not hold {currency}"),
    "desk.same_account": message("Debtor and creditor account are the same: {value}"),
    "desk.currency": message("{value} is not issued on this ledger"),
    "desk.decimals": message(
        "This ledger keeps {value} with {kept} decimals, ISO 4217 has {decimals}"
    ),
    "desk.text": message(
        "The text holds the character {character}, which the ledger does not take"
    ),
    "desk.text_length": message("The remittance has more than {limit} characters"),
    "desk.ledger": message("The ledger would refuse it: {reason}"),
    "desk.date_ahead": message(
        "The requested date {value} lies ahead ({zone}): nothing is paid before it. Hand the file"
        " to the desk, which waits, or send it on that day"
    ),
    "desk.other_party": message(
        "The debtor account is of {owner}, the file was handed in by {value}"
    ),
    "desk.batch_refused": message(
        "The batch is booked whole and another of its payments is refused"
    ),
    "desk.batch_too_large": message(
        "A batch booked whole takes at most {limit} bytes: split it or book singly"
    ),
    "desk.message_id_used": message(
        "The message id {value} was used by another file: this one is a duplicate"
    ),
    "desk.refused_before": message(
        "The payment was refused when the file came first; send it again in a file of another"
        " message id"
    ),
    "desk.cancelled": message("The order was cancelled"),
    "rule.group_refused": message(
        "The group is booked as one batch and another line of it is refused"
    ),
}
