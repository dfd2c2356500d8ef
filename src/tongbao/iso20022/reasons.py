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

MAX_TEXT = 105
"""Characters of one AddtlInf (Max105Text)."""

REASONS: dict[str, tuple[str, str]] = {
    "AC01": ("Account number is wrong", "账号错误"),
    "AC02": ("Debtor's account number is wrong or missing", "付款人账号错误或缺失"),
    "AC03": ("Creditor's account number is wrong or missing", "收款人账号错误或缺失"),
    "AC04": ("Account is closed", "账户已销户"),
    "AC06": ("Account is blocked", "账户已冻结"),
    "AG01": ("Transaction is forbidden on this account", "该账户禁止此类交易"),
    "AM01": ("Amount is zero", "金额为零"),
    "AM02": ("Amount is above the allowed maximum", "金额超过上限"),
    "AM04": ("Insufficient funds", "余额不足"),
    "AM05": ("Duplication", "重复"),
    "AM09": ("Amount is not the amount agreed or expected", "金额与约定不符"),
    "AM10": ("Control sum is wrong", "控制总额错误"),
    "AM11": ("Currency is wrong or not served", "币种错误或不支持"),
    "AM18": ("Number of transactions is wrong", "交易笔数错误"),
    "BE16": ("Identification of the debtor is wrong", "付款人标识错误"),
    "BE17": ("Identification of the creditor is wrong", "收款人标识错误"),
    "BE19": ("Charge bearer code is wrong", "费用承担方代码错误"),
    "CH16": ("Content of an element is formally wrong", "元素内容格式不符"),
    "CH20": ("Decimals do not fit the currency", "小数位与币种不符"),
    "CUST": ("Requested by the customer", "客户要求"),
    "DS02": ("The order was cancelled", "指令已被撤销"),
    "DT01": ("Date is wrong", "日期错误"),
    "DU02": ("Payment information id is a duplicate", "付款信息编号重复"),
    "DU03": ("Transaction is a duplicate", "交易重复"),
    "DU04": ("End-to-end id is a duplicate", "端到端编号重复"),
    "DU05": ("Instruction id is a duplicate", "指令编号重复"),
    "DUPL": ("Payment is a duplicate of another payment", "与另一笔付款重复"),
    "FF01": ("File format is wrong", "文件格式错误"),
    "MS03": ("Reason is not specified", "未说明原因"),
    "NARR": ("Reason is given in words", "原因见附言"),
    "NOOR": ("The original payment is not known", "原付款不存在"),
    "RC01": ("Bank identifier is wrong", "银行识别码错误"),
    "RR04": ("Regulatory reason", "监管原因"),
}
"""Code: what it says, in English and Chinese."""

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
    """The status told for a payment; without one, its findings reject it, else the default."""
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
