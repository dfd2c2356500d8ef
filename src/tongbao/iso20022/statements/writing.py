"""What camt.052, camt.053 and camt.054 have in common going out: accounts, balances, entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from tongbao.iso20022.currencies import MINOR_UNITS, to_text
from tongbao.iso20022.model import (
    AccountStatement,
    BankTransactionCode,
    Entry,
    EntryDetail,
    Party,
)
from tongbao.iso20022.xml.ordered import as_ordered
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import Writer, iso_time


class Form(NamedTuple):
    """The names in which the three messages differ."""

    message: str
    body: str
    item: str
    additional: str


FORMS = {
    "camt.052": Form("camt.052.001.08", "BkToCstmrAcctRpt", "Rpt", "AddtlRptInf"),
    "camt.053": Form("camt.053.001.08", "BkToCstmrStmt", "Stmt", "AddtlStmtInf"),
    "camt.054": Form("camt.054.001.08", "BkToCstmrDbtCdtNtfctn", "Ntfctn", "AddtlNtfctnInf"),
}


def write_statements(
    form: Form,
    statements: Iterable[AccountStatement],
    message_id: str,
    created_at: datetime,
    recipient: Party,
) -> bytes:
    """One message of a form. DocumentRefused where the values do not make a valid one."""
    writer = Writer(form.message, form.body)
    head = writer.group_header(message_id, iso_time(created_at))
    writer.party(head, "MsgRcpt", recipient)
    for statement in statements:
        write_statement_element(writer, form, statement)
    return writer.finish()


def write_statement_element(writer: Writer, form: Form, statement: AccountStatement) -> None:
    """One account's part of the message."""
    node = writer.node(writer.body, form.item)
    writer.leaf(node, "Id", statement.id)
    if statement.sequence_number is not None:
        writer.leaf(node, "ElctrncSeqNb", str(statement.sequence_number))
    writer.leaf(node, "CreDtTm", statement.created_at)
    if statement.from_time and statement.to_time:
        period = writer.node(node, "FrToDt")
        writer.leaf(period, "FrDtTm", statement.from_time)
        writer.leaf(period, "ToDtTm", statement.to_time)
    account = writer.account(node, "Acct", statement.account)
    if account is not None:
        writer.party(account, "Ownr", statement.owner)
        writer.agent(account, "Svcr", statement.servicer)
    for balance in statement.balances:
        part = writer.node(node, "Bal")
        writer.code(writer.node(part, "Tp"), "CdOrPrtry", balance.type)
        _amount(writer, part, statement, abs(balance.amount_minor), balance.currency)
        writer.leaf(part, "CdtDbtInd", _direction(balance.amount_minor >= 0))
        writer.date(part, "Dt", balance.on)
    for entry in statement.entries:
        _entry(writer, node, statement, entry)
    writer.leaf(node, form.additional, statement.additional)


def _entry(
    writer: Writer, parent: etree._Element, statement: AccountStatement, entry: Entry
) -> None:
    """One Ntry."""
    node = writer.node(parent, "Ntry")
    writer.leaf(node, "NtryRef", entry.reference)
    _amount(writer, node, statement, entry.amount_minor, entry.currency)
    writer.leaf(node, "CdtDbtInd", _direction(entry.credit))
    if entry.reversal:
        writer.leaf(node, "RvslInd", "true")
    writer.code(node, "Sts", entry.status)
    writer.date(node, "BookgDt", entry.booked_on)
    writer.date(node, "ValDt", entry.value_on)
    writer.leaf(node, "AcctSvcrRef", entry.servicer_reference)
    _code(writer, node, entry.code)
    if entry.details:
        details = writer.node(node, "NtryDtls")
        for detail in entry.details:
            _detail(writer, details, statement, entry, detail)
    writer.leaf(node, "AddtlNtryInf", entry.additional)


def _detail(
    writer: Writer,
    parent: etree._Element,
    statement: AccountStatement,
    entry: Entry,
    detail: EntryDetail,
) -> None:
    """One TxDtls."""
    node = writer.node(parent, "TxDtls")
    _references(writer, node, detail)
    if detail.amount_minor is not None:
        _amount(writer, node, statement, detail.amount_minor, entry.currency)
    if detail.credit is not None:
        writer.leaf(node, "CdtDbtInd", _direction(detail.credit))
    parties = writer.node(node, "RltdPties")
    writer.party_choice(parties, "Dbtr", detail.debtor)
    writer.account(parties, "DbtrAcct", detail.debtor_account)
    writer.party_choice(parties, "UltmtDbtr", detail.ultimate_debtor)
    writer.party_choice(parties, "Cdtr", detail.creditor)
    writer.account(parties, "CdtrAcct", detail.creditor_account)
    writer.party_choice(parties, "UltmtCdtr", detail.ultimate_creditor)
    agents = writer.node(node, "RltdAgts")
    writer.agent(agents, "DbtrAgt", detail.debtor_agent)
    writer.agent(agents, "CdtrAgt", detail.creditor_agent)
    for empty in (parties, agents):
        if len(empty) == 0:
            node.remove(empty)
    writer.code(node, "Purp", detail.purpose)
    writer.remittance(node, "RmtInf", detail.remittance)
    writer.leaf(node, "AddtlTxInf", detail.additional)
    if detail.ordered:
        as_ordered(writer, node, detail)


def _references(writer: Writer, node: etree._Element, detail: EntryDetail) -> None:
    """The Refs of one TxDtls, where there are any."""
    values = (
        ("MsgId", detail.message_id),
        ("AcctSvcrRef", detail.servicer_reference),
        ("PmtInfId", detail.payment_information_id),
        ("InstrId", detail.instruction_id),
        ("EndToEndId", detail.end_to_end_id),
        ("UETR", detail.uetr),
        ("TxId", detail.transaction_id),
    )
    if any(value for _, value in values):
        references = writer.node(node, "Refs")
        for name, value in values:
            writer.leaf(references, name, value)


def _code(writer: Writer, parent: etree._Element, code: BankTransactionCode) -> None:
    """A BkTxCd."""
    node = writer.node(parent, "BkTxCd")
    if code.domain:
        domain = writer.node(node, "Domn")
        writer.leaf(domain, "Cd", code.domain)
        family = writer.node(domain, "Fmly")
        writer.leaf(family, "Cd", code.family)
        writer.leaf(family, "SubFmlyCd", code.sub_family)
    if code.proprietary:
        writer.leaf(writer.node(node, "Prtry"), "Cd", code.proprietary)


def _amount(
    writer: Writer, parent: etree._Element, statement: AccountStatement, minor: int, other: str
) -> None:
    """An Amt in the account's currency, or in another one of ISO 4217."""
    decimals = MINOR_UNITS[other] if other else statement.decimals
    writer.money(parent, "Amt", to_text(minor, decimals), other or statement.currency)


def _direction(credit: bool) -> str:
    """CreditDebitCode."""
    return "CRDT" if credit else "DBIT"
