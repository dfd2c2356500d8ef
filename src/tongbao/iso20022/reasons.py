"""Status reasons: the codes of the external code list that we say, and which rule leads to which.

Source: ISO 20022 external code sets, ExternalStatusReason1Code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from tongbao.iso20022.findings import Finding
from tongbao.iso20022.interbank.model import Reason
from tongbao.iso20022.model import PaymentStatus, Status
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import Writer
from tongbao.kernel.wording import message

MAX_TEXT = 105
"""Characters of one AddtlInf (Max105Text)."""

REASONS: dict[str, str] = {
    "AC01": message("Account number is wrong"),
    "AC02": message("Debtor's account number is wrong or missing"),
    "AC03": message("Creditor's account number is wrong or missing"),
    "AC04": message("Account is closed"),
    "AC06": message("Account is blocked"),
    "AG01": message("Transaction is forbidden on this account"),
    "AM01": message("Amount is zero"),
    "AM02": message("Amount is above the allowed maximum"),
    "AM04": message("Insufficient funds"),
    "AM05": message("Duplication"),
    "AM09": message("Amount is not the amount agreed or expected"),
    "AM10": message("Control sum is wrong"),
    "AM11": message("Currency is wrong or not served"),
    "AM18": message("Number of transactions is wrong"),
    "BE16": message("Identification of the debtor is wrong"),
    "BE17": message("Identification of the creditor is wrong"),
    "BE19": message("Charge bearer code is wrong"),
    "CH16": message("Content of an element is formally wrong"),
    "CH20": message("Decimals do not fit the currency"),
    "CUST": message("Requested by the customer"),
    "DS02": message("The order was cancelled"),
    "DT01": message("Date is wrong"),
    "DU02": message("Payment information id is a duplicate"),
    "DU03": message("Transaction is a duplicate"),
    "DU04": message("End-to-end id is a duplicate"),
    "DU05": message("Instruction id is a duplicate"),
    "DUPL": message("Payment is a duplicate of another payment"),
    "FF01": message("File format is wrong"),
    "MS03": message("Reason is not specified"),
    "NARR": message("Reason is given in words"),
    "NOOR": message("The original payment is not known"),
    "RC01": message("Bank identifier is wrong"),
    "RR04": message("Regulatory reason"),
}
"""Code: what it says."""

_BY_RULE: dict[str, str] = {
    "rule.number_of_transactions": "AM18",
    "rule.control_sum": "AM10",
    "rule.total_amount": "AM10",
    "rule.duplicate_group_id": "DU02",
    "rule.duplicate_instruction_id": "DU05",
    "rule.duplicate_end_to_end_id": "DU04",
    "rule.duplicate_uetr": "DU03",
    "rule.currency": "AM11",
    "rule.currency_decimals": "CH20",
    "rule.amount_positive": "AM01",
    "rule.iban": "AC01",
    "rule.bic": "RC01",
    "rule.creditor_account": "AC03",
    "rule.execution_date": "DT01",
    "rule.characters": "CH16",
    "rule.charge_bearer": "BE19",
    "rule.charge_bearer_twice": "BE19",
    "rule.returned_more": "AM09",
    "rule.duplicate_across_files": "DU04",
    "rule.uetr_across_files": "DU03",
    "desk.debtor_account": "AC02",
    "desk.creditor_account": "AC03",
    "desk.account_closed": "AC04",
    "desk.account_blocked": "AC06",
    "desk.no_holding": "AC03",
    "desk.same_account": "AC03",
    "desk.currency": "AM11",
    "desk.decimals": "CH20",
    "desk.text": "CH16",
    "desk.text_length": "CH16",
    "desk.date_ahead": "DT01",
    "desk.other_party": "AG01",
    "desk.message_id_used": "DUPL",
    "desk.cancelled": "DS02",
}


def reason_of(finding: Finding) -> str:
    """The reason code of a finding: its own, FF01 for format, NARR for what the list lacks."""
    if finding.rule == "xsd.enumeration" and finding.path.endswith("/ChrgBr"):
        return "BE19"
    if finding.rule.startswith(("xml.", "iso.", "xsd.")):
        return "FF01"
    if finding.rule == "rule.lei":
        return _of_party(finding.path)
    return _BY_RULE.get(finding.rule, "NARR")


def _of_party(path: str) -> str:
    """Whose identification is wrong: the payer's side, the payee's side, or another party's."""
    steps = path.split("/")
    if any(one in ("Cdtr", "UltmtCdtr") for one in steps):
        return "BE17"
    return "BE16" if any(one in ("Dbtr", "UltmtDbtr") for one in steps) else "NARR"


def texts_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """One line a finding for AddtlInf: rule, place, words."""
    return tuple(f"{one.rule} line {one.line} {one.path}: {one.message_en}" for one in findings)


def status_of(
    path: str,
    findings: tuple[Finding, ...],
    statuses: Mapping[str, PaymentStatus],
    default: Status,
) -> PaymentStatus:
    """The status shown for a payment; without one, its findings reject it, else the default."""
    if path in statuses:
        return statuses[path]
    if findings:
        reason = reason_of(findings[0])
        return PaymentStatus(path, Status.REJECTED, reason, texts_of(findings))
    return PaymentStatus(path, default)


def group_status(statuses: Iterable[Status]) -> str:
    """One status for many: theirs where they agree, PART where some are rejected, else ACCP."""
    kinds = Counter(statuses)
    if len(kinds) == 1:
        return next(iter(kinds)).value
    if Status.REJECTED in kinds or Status.PARTIAL in kinds:
        return Status.PARTIAL.value
    return Status.PENDING.value if Status.PENDING in kinds else Status.ACCEPTED.value


def words(code: str, texts: Iterable[str]) -> Reason:
    """A reason as it is written: long texts go on in the next AddtlInf, none is cut."""
    return Reason(code, tuple(pieces(texts)))


def pieces(texts: Iterable[str]) -> Iterator[str]:
    """Texts in pieces that AddtlInf takes (Max105Text, 0..n); joined they are the texts again."""
    for text in texts:
        for start in range(0, len(text), MAX_TEXT):
            yield text[start : start + MAX_TEXT]


def write_reason(writer: Writer, parent: etree._Element, code: str, texts: Iterable[str]) -> None:
    """A StsRsnInf: code of the list, or a proprietary one, and the words in pieces of 105."""
    lines = list(pieces(texts))
    if not code and not lines:
        return
    node = writer.node(parent, "StsRsnInf")
    if code:
        kind = "Cd" if code in REASONS or len(code) == 4 else "Prtry"
        writer.leaf(writer.node(node, "Rsn"), kind, code)
    for line in lines:
        writer.leaf(node, "AddtlInf", line)
