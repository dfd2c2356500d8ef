"""What is wrong with a document: one finding a broken rule, one exception for a refusal.

The table RULES is API: a rule's name is never given to another rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

MAX_VALUE = 80
"""Characters of an offending value that a finding repeats; hostile input stays out of logs."""


class Rule(NamedTuple):
    """The text of a rule in two languages; `{...}` are filled by the finding."""

    en: str
    zh: str


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
    """Fill the rule's two texts; `value` may be used by the texts and is shortened."""
    text = RULES[rule]
    short = value if len(value) <= MAX_VALUE else value[:MAX_VALUE] + "…"
    filled = {key: str(word) for key, word in words.items()}
    return Finding(
        rule,
        line,
        path,
        short,
        text.en.format(value=short, **filled),
        text.zh.format(value=short, **filled),
    )


RULES: dict[str, Rule] = {
    "xml.malformed": Rule("The XML cannot be read: {reason}", "XML 无法解析:{reason}"),
    "xml.doctype": Rule(
        "A document type declaration (DOCTYPE) is not allowed",
        "不允许文档类型声明(DOCTYPE)",
    ),
    "xml.entity": Rule("The entity {value} is not defined", "实体 {value} 未定义"),
    "xml.too_deep": Rule(
        "Elements are nested deeper than {limit} levels", "元素嵌套超过 {limit} 层"
    ),
    "xml.too_large": Rule("The document has more than {limit} bytes", "文件大小超过 {limit} 字节"),
    "xml.too_many": Rule(
        "The document has more than {limit} elements and attributes for its size",
        "文件的元素与属性数量超过其大小所允许的 {limit} 个",
    ),
    "xml.encoding": Rule(
        "The byte {byte} is not valid in the encoding {value} ({why})",
        "字节 {byte} 不符合编码 {value}（{why_zh}）",
    ),
    "xml.encoding_unknown": Rule(
        "The declared encoding {value} is not read here", "不支持所声明的编码 {value}"
    ),
    "xml.encoding_contradiction": Rule(
        "The declaration says {value}, the bytes are {found}: one of them is wrong",
        "声明的编码为 {value},实际字节为 {found}:二者矛盾",
    ),
    "xml.character": Rule(
        "The character {value} is not allowed in XML", "XML 中不允许字符 {value}"
    ),
    "iso.no_document": Rule(
        "No ISO 20022 Document element was found", "未找到 ISO 20022 Document 元素"
    ),
    "iso.several_documents": Rule(
        "More than one Document element in one file", "一个文件中有多个 Document 元素"
    ),
    "iso.unknown_message": Rule(
        "The namespace {value} is of no known message; the nearest known one is {known}",
        "命名空间 {value} 不属于任何支持的报文;最接近的是 {known}",
    ),
    "iso.wrong_message": Rule(
        "A {expected} message is expected here, this is {value}",
        "此处应为 {expected} 报文,实际为 {value}",
    ),
    "xsd.required": Rule("The element {value} is missing", "缺少元素 {value}"),
    "xsd.unexpected": Rule("The element {value} is not known here", "此处不应出现元素 {value}"),
    "xsd.order": Rule(
        "The element {value} stands after one that must follow it",
        "元素 {value} 的顺序错误",
    ),
    "xsd.occurs": Rule(
        "The element {value} occurs more than {limit} times",
        "元素 {value} 出现次数超过 {limit} 次",
    ),
    "xsd.choice": Rule(
        "Exactly one of {allowed} is allowed here", "此处必须且只能有其中之一:{allowed}"
    ),
    "xsd.attribute": Rule("The attribute {value} is not known here", "此处不应出现属性 {value}"),
    "xsd.attribute_required": Rule("The attribute {value} is missing", "缺少属性 {value}"),
    "xsd.text": Rule("Text is not allowed between elements here", "此处元素之间不允许文本"),
    "xsd.pattern": Rule(
        "{value} does not have the form {expected}", "{value} 不符合格式 {expected}"
    ),
    "xsd.length": Rule(
        "{value} must have {expected} characters, it has {actual}",
        "{value} 长度应为 {expected} 个字符,实际为 {actual}",
    ),
    "xsd.enumeration": Rule(
        "{value} is not one of the allowed codes: {expected}",
        "{value} 不在允许的代码中:{expected}",
    ),
    "xsd.type": Rule("{value} is not a valid {expected}", "{value} 不是有效的 {expected}"),
    "xsd.digits": Rule("{value} must have {expected}", "{value} 的位数不符:{expected}"),
    "xsd.range": Rule("{value} must be at least {expected}", "{value} 不得小于 {expected}"),
    "xsd.second_opinion": Rule(
        "The schema file refuses it: {reason}", "XSD 文件校验不通过:{reason}"
    ),
    "rule.header_message": Rule(
        "The header names the message {value}, the document is {expected}",
        "报头声明的报文为 {value},文档为 {expected}",
    ),
    "rule.number_of_transactions": Rule(
        "{value} transactions are declared, {actual} are present",
        "声明 {value} 笔交易,实际 {actual} 笔",
    ),
    "rule.control_sum": Rule(
        "The control sum is {value}, the amounts add up to {actual}",
        "控制总额为 {value},实际合计为 {actual}",
    ),
    "rule.total_amount": Rule(
        "The total is {value}, the amounts add up to {actual}",
        "总金额为 {value},实际合计为 {actual}",
    ),
    "rule.duplicate_group_id": Rule(
        "The payment information id {value} occurs twice in the file",
        "付款信息编号 {value} 在文件中重复",
    ),
    "rule.duplicate_instruction_id": Rule(
        "The instruction id {value} occurs twice in the group", "指令编号 {value} 在组内重复"
    ),
    "rule.duplicate_end_to_end_id": Rule(
        "The end-to-end id {value} occurs twice in the file", "端到端编号 {value} 在文件中重复"
    ),
    "rule.duplicate_uetr": Rule("The UETR {value} occurs twice", "UETR {value} 重复"),
    "rule.currency": Rule(
        "{value} is not a currency with minor units in ISO 4217",
        "{value} 不是 ISO 4217 中具有小数位定义的货币",
    ),
    "rule.currency_decimals": Rule(
        "{value} has more decimals than {currency} has in ISO 4217 ({decimals})",
        "{value} 的小数位超过 ISO 4217 规定的 {currency} 位数({decimals})",
    ),
    "rule.amount_positive": Rule(
        "The amount {value} must be above zero", "金额 {value} 必须大于零"
    ),
    "rule.amount_currency": Rule(
        "Only an instructed amount (InstdAmt) can be paid, not an equivalent amount",
        "仅支持指定金额(InstdAmt),不支持等值金额",
    ),
    "rule.iban": Rule(
        "The check digits or form of the IBAN {value} are wrong", "IBAN {value} 校验位或格式错误"
    ),
    "rule.bic": Rule("{value} is not a BIC (ISO 9362)", "{value} 不是有效的 BIC(ISO 9362)"),
    "rule.lei": Rule("The check digits of the LEI {value} are wrong", "LEI {value} 校验位错误"),
    "rule.creditor_account": Rule("The creditor's account is missing", "缺少收款人账户"),
    "rule.payment_method": Rule(
        "The payment method {value} is not served here, only {expected}",
        "不支持付款方式 {value},仅支持 {expected}",
    ),
    "rule.execution_date": Rule(
        "The requested execution date {value} is outside {expected}",
        "要求执行日期 {value} 超出范围 {expected}",
    ),
    "rule.reference_slash": Rule(
        "{value} may not begin or end with '/' or contain '//'",
        "{value} 不得以 '/' 开头或结尾,也不得含 '//'",
    ),
    "rule.characters": Rule(
        "{value} has characters that CBPR+ does not allow here: {strange}",
        "{value} 含有 CBPR+ 在此处不允许的字符:{strange}",
    ),
    "rule.charge_bearer": Rule(
        "The charge bearer {value} is not allowed here, only {expected}",
        "此处不允许费用承担方 {value},仅允许 {expected}",
    ),
    "rule.charge_bearer_twice": Rule(
        "The charge bearer stands at the group and at the payment",
        "费用承担方不得在组和明细中同时出现",
    ),
    "rule.charges_missing": Rule(
        "With charge bearer {value} the charges taken have to be stated",
        "费用承担方为 {value} 时须列明已收费用",
    ),
    "rule.charges_without_instructed": Rule(
        "Charges are stated, the instructed amount is not", "列明了费用,但缺少指示金额"
    ),
    "rule.exchange_rate": Rule(
        "The exchange rate {value} stands between no two currencies",
        "汇率 {value} 之间并无两种货币",
    ),
    "rule.exchange_rate_missing": Rule(
        "{value} was instructed in another currency, the exchange rate is missing",
        "指示金额 {value} 为另一币种,但缺少汇率",
    ),
    "rule.purpose": Rule(
        "{value} is not a purpose of the external code set", "{value} 不是外部代码集中的用途代码"
    ),
    "rule.category_purpose": Rule(
        "{value} is not a category purpose of the external code set",
        "{value} 不是外部代码集中的用途类别代码",
    ),
    "rule.returned_more": Rule(
        "{value} is returned, the original settled {expected}",
        "退回 {value},超过原结算金额 {expected}",
    ),
    "rule.original_missing": Rule(
        "The payment is not named: no UETR, end-to-end, transaction or instruction id",
        "未指明原付款:缺少 UETR、端到端编号、交易编号或指令编号",
    ),
    "rule.duplicate_across_files": Rule(
        "The end-to-end id {value} was used before, in file {file}",
        "端到端编号 {value} 曾在文件 {file} 中使用",
    ),
    "rule.uetr_across_files": Rule(
        "The UETR {value} was used before, in {file}: it names one payment alone",
        "UETR {value} 曾在 {file} 中使用:一个 UETR 只对应一笔付款",
    ),
    "desk.debtor_account": Rule(
        "The debtor account {value} is not kept on this ledger", "付款账户 {value} 不在本账本"
    ),
    "desk.creditor_account": Rule(
        "The creditor account {value} is not kept on this ledger", "收款账户 {value} 不在本账本"
    ),
    "desk.account_closed": Rule("The account {value} is closed", "账户 {value} 已销户"),
    "desk.account_blocked": Rule("The account {value} is blocked", "账户 {value} 已冻结"),
    "desk.no_holding": Rule(
        "The account {value} does not hold {currency}", "账户 {value} 未开立 {currency}"
    ),
    "desk.same_account": Rule(
        "Debtor and creditor account are the same: {value}", "付款与收款账户相同:{value}"
    ),
    "desk.currency": Rule("{value} is not issued on this ledger", "本账本未发行 {value}"),
    "desk.decimals": Rule(
        "This ledger keeps {value} with {kept} decimals, ISO 4217 has {decimals}",
        "本账本 {value} 的小数位为 {kept},ISO 4217 为 {decimals}",
    ),
    "desk.text": Rule(
        "The text holds the character {character}, which the ledger does not take",
        "文本含账本不接受的字符 {character}",
    ),
    "desk.text_length": Rule(
        "The remittance has more than {limit} characters", "汇款附言超过 {limit} 个字符"
    ),
    "desk.ledger": Rule("The ledger would refuse it: {reason}", "账本将拒绝:{reason}"),
    "desk.date_ahead": Rule(
        "The requested date {value} lies ahead ({zone}): nothing is paid before it. Hand the file"
        " to the desk, which waits, or send it on that day",
        "要求日期 {value} 尚未到来({zone}),此前不付款:请交付款工作台等待,或于当日再发送",
    ),
    "desk.other_party": Rule(
        "The debtor account is of {owner}, the file was handed in by {value}",
        "付款账户属于 {owner},文件由 {value} 提交",
    ),
    "desk.batch_refused": Rule(
        "The batch is booked whole and another of its payments is refused",
        "该批次整体记账,其中另有付款被拒绝",
    ),
    "desk.batch_too_large": Rule(
        "A batch booked whole takes at most {limit} bytes: split it or book singly",
        "整体记账的批次最多 {limit} 字节:请拆分或逐笔记账",
    ),
    "desk.message_id_used": Rule(
        "The message id {value} was used by another file: this one is a duplicate",
        "报文编号 {value} 已被另一文件使用:本文件视为重复",
    ),
    "desk.refused_before": Rule(
        "The payment was refused when the file came first; send it again in a file of another"
        " message id",
        "该付款在文件首次提交时已被拒绝;请用新的报文编号重新发送",
    ),
    "desk.cancelled": Rule("The order was cancelled", "指令已被撤销"),
    "rule.group_refused": Rule(
        "The group is booked as one batch and another line of it is refused",
        "该组按批次记账,其中其他明细被拒绝",
    ),
}
