"""pacs.008 in and out: customer credit transfers between banks.

Going out, an element that came in and whose fields were not changed is given back as it came, and
so is every element for which the model has no field.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from tongbao.gateway.iso20022.accepting import DEFAULT_POLICY, Policy, open_document, refuse_if
from tongbao.gateway.iso20022.checks import Checker
from tongbao.gateway.iso20022.currencies import MINOR_UNITS, to_minor, to_text
from tongbao.gateway.iso20022.extract import (
    Children,
    account,
    agent,
    canonical,
    children,
    code_or_proprietary,
    down,
    party,
    remittance,
    repeated,
    text,
)
from tongbao.gateway.iso20022.findings import Finding
from tongbao.gateway.iso20022.model import Agent, Charge, InterbankFile, InterbankTransfer
from tongbao.gateway.iso20022.reading import SourceDocument
from tongbao.gateway.iso20022.tree import etree
from tongbao.gateway.iso20022.writing import Keeper, Writer, iso_time

_INTERMEDIARIES = ("IntrmyAgt1", "IntrmyAgt2", "IntrmyAgt3")


def read_pacs008(data: bytes, policy: Policy = DEFAULT_POLICY) -> InterbankFile:
    """Read a pacs.008.001.07 or .08, bare or wrapped.

    Raises DocumentRefused when the document is not schema-valid or a rule of the whole message is
    broken; a finding of one transfer stays with it.
    """
    document = open_document(data, ("pacs.008",), policy)
    checker = Checker(document)
    body = document.root[0]
    head = children(down(body, "GrpHdr"))
    payments = repeated(body, "CdtTrfTxInf")
    refuse_if(tuple(_file_findings(checker, head, payments)), document)
    settlement = children(head["SttlmInf"])
    return InterbankFile(
        message=document.message,
        message_id=text(head["MsgId"]),
        created_at=text(head["CreDtTm"]),
        settlement_method=text(settlement["SttlmMtd"]),
        clearing_system=code_or_proprietary(settlement.get("ClrSys")),
        instructing_agent=agent(head.get("InstgAgt")),
        instructed_agent=agent(head.get("InstdAgt")),
        transfers=tuple(
            _transfer(place, payment, head, document, checker)
            for place, payment in enumerate(payments)
        ),
        control_sum=text(head.get("CtrlSum")),
        group_header=canonical(down(body, "GrpHdr")),
        header=canonical(document.header),
    )


def _file_findings(
    checker: Checker, head: Children, payments: tuple[etree._Element, ...]
) -> Iterator[Finding]:
    """Rules of the message as a whole."""
    amounts = [next(payment.iterchildren("{*}IntrBkSttlmAmt")) for payment in payments]
    yield from checker.count(head["NbOfTxs"], len(payments))
    yield from checker.control_sum(head.get("CtrlSum"), amounts)
    total = head.get("TtlIntrBkSttlmAmt")
    if total is not None:
        yield from checker.total(total, amounts)
    for element in head.values():
        yield from checker.identifiers(element)
    uetrs = [one for payment in payments for one in payment.iter("{*}UETR")]
    for _, found in checker.unique("rule.duplicate_uetr", uetrs):
        yield found


def _transfer(
    index: int,
    element: etree._Element,
    head: Children,
    document: SourceDocument,
    checker: Checker,
) -> InterbankTransfer:
    """Map one CdtTrfTxInf."""
    parts = children(element)
    ids = children(parts["PmtId"])
    currency, minor, decimals, broken = checker.amount(parts["IntrBkSttlmAmt"])
    ordered, ordered_minor, broken_order = "", 0, None
    if "InstdAmt" in parts:
        ordered, ordered_minor, _, broken_order = checker.amount(parts["InstdAmt"])
    found = [one for one in (broken, broken_order) if one is not None]
    found.extend(checker.identifiers(element))
    charges = []
    for charge in repeated(element, "ChrgsInf"):
        taken, taken_minor, places, broken = checker.amount(charge[0])
        found.extend(() if broken is None else (broken,))
        charges.append(Charge(taken, taken_minor, places, agent(charge[1])))
    return InterbankTransfer(
        index=index,
        instruction_id=text(ids.get("InstrId")),
        end_to_end_id=text(ids["EndToEndId"]),
        transaction_id=text(ids.get("TxId")),
        uetr=text(ids.get("UETR")),
        currency=currency,
        amount_minor=minor,
        decimals=decimals,
        settlement_date=text(parts.get("IntrBkSttlmDt", head.get("IntrBkSttlmDt"))),
        instructed_currency=ordered,
        instructed_minor=ordered_minor,
        exchange_rate=text(parts.get("XchgRate")),
        charge_bearer=text(parts["ChrgBr"]),
        charges=tuple(charges),
        instructing_agent=agent(parts.get("InstgAgt", head.get("InstgAgt"))),
        instructed_agent=agent(parts.get("InstdAgt", head.get("InstdAgt"))),
        intermediaries=tuple(agent(parts[name]) for name in _INTERMEDIARIES if name in parts),
        ultimate_debtor=party(parts.get("UltmtDbtr")),
        debtor=party(parts["Dbtr"]),
        debtor_account=account(parts.get("DbtrAcct")),
        debtor_agent=agent(parts["DbtrAgt"]),
        creditor_agent=agent(parts["CdtrAgt"]),
        creditor=party(parts["Cdtr"]),
        creditor_account=account(parts.get("CdtrAcct")),
        ultimate_creditor=party(parts.get("UltmtCdtr")),
        purpose=code_or_proprietary(parts.get("Purp")),
        remittance=remittance(parts.get("RmtInf")),
        findings=tuple(found),
        line=document.line(element),
        path=f"/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[{index + 1}]",
        source=canonical(element),
    )


def write_pacs008(
    file: InterbankFile, *, message_id: str = "", created_at: datetime | None = None
) -> bytes:
    """A pacs.008.001.08 of the file's transfers; validated before it is returned.

    `message_id` and `created_at` replace the file's own, for a bank that passes transfers on.
    Raises DocumentRefused when the values do not make a valid message.
    """
    writer = Writer("pacs.008.001.08", "FIToFICstmrCdtTrf")
    created = iso_time(created_at) if created_at else file.created_at
    _write_header(writer, file, message_id or file.message_id, created)
    for transfer in file.transfers:
        _write_transfer(writer, transfer, file)
    return writer.finish()


def _write_header(writer: Writer, file: InterbankFile, message_id: str, created_at: str) -> None:
    """GrpHdr: sums are those of the transfers written; the rest of the source's is given back."""
    keep = Keeper(writer, file.group_header, "GrpHdr")
    keep.leaf("MsgId", message_id)
    keep.leaf("CreDtTm", created_at)
    keep.leaf("NbOfTxs", str(len(file.transfers)))
    amounts = [
        Decimal(to_text(transfer.amount_minor, transfer.decimals)) for transfer in file.transfers
    ]
    paid = sum(amounts, Decimal(0))
    keep.leaf("CtrlSum", _sum(file.control_sum, paid))
    total = keep.old.get("TtlIntrBkSttlmAmt")
    if total is not None:
        keep.money("TtlIntrBkSttlmAmt", _sum(text(total), paid), total.get("Ccy"))
    # Each transfer carries its own date, so the header's would say it twice.
    keep.done("IntrBkSttlmDt")
    old = children(keep.old.get("SttlmInf"))
    said = text(old.get("SttlmMtd")), code_or_proprietary(old.get("ClrSys"))
    if said == (file.settlement_method, file.clearing_system):
        keep.done("SttlmInf")
        keep.add(keep.old["SttlmInf"])
    else:
        settlement = keep.always("SttlmInf")
        writer.leaf(settlement, "SttlmMtd", file.settlement_method)
        writer.code(settlement, "ClrSys", file.clearing_system)
    keep.agent("InstgAgt", file.instructing_agent)
    keep.agent("InstdAgt", file.instructed_agent)
    keep.finish()


def _sum(written: str, actual: Decimal) -> str:
    """A sum as it was written while it holds, the actual one otherwise; none where none was."""
    if not written or Decimal(written) == actual:
        return written
    return str(actual)


def _write_transfer(writer: Writer, transfer: InterbankTransfer, file: InterbankFile) -> None:
    """One CdtTrfTxInf: fields in the schema's order, unknown children of the source between."""
    keep = Keeper(writer, transfer.source, "CdtTrfTxInf")
    ids = keep.always("PmtId")
    writer.leaf(ids, "InstrId", transfer.instruction_id)
    writer.leaf(ids, "EndToEndId", transfer.end_to_end_id)
    writer.leaf(ids, "TxId", transfer.transaction_id)
    writer.leaf(ids, "UETR", transfer.uetr)
    clearing = text(down(keep.source, "PmtId", "ClrSysRef"))
    writer.leaf(ids, "ClrSysRef", clearing)
    amount = to_text(transfer.amount_minor, transfer.decimals)
    keep.money("IntrBkSttlmAmt", amount, transfer.currency)
    keep.leaf("IntrBkSttlmDt", transfer.settlement_date)
    if transfer.instructed_currency:
        places = MINOR_UNITS[transfer.instructed_currency]
        ordered = to_text(transfer.instructed_minor, places)
        keep.money("InstdAmt", ordered, transfer.instructed_currency)
    keep.leaf("XchgRate", transfer.exchange_rate)
    keep.leaf("ChrgBr", transfer.charge_bearer)
    _write_charges(writer, keep, transfer)
    _write_agents(keep, transfer, file)
    keep.party("UltmtDbtr", transfer.ultimate_debtor)
    keep.party("Dbtr", transfer.debtor, required=True)
    keep.account("DbtrAcct", transfer.debtor_account)
    keep.agent("DbtrAgt", transfer.debtor_agent, required=True)
    keep.agent("CdtrAgt", transfer.creditor_agent, required=True)
    keep.party("Cdtr", transfer.creditor, required=True)
    keep.account("CdtrAcct", transfer.creditor_account)
    keep.party("UltmtCdtr", transfer.ultimate_creditor)
    keep.code("Purp", transfer.purpose)
    keep.remittance("RmtInf", transfer.remittance)
    keep.finish()


def _write_agents(keep: Keeper, transfer: InterbankTransfer, file: InterbankFile) -> None:
    """Agents on the way; those that the header already names are not repeated."""
    ways = (
        ("InstgAgt", transfer.instructing_agent, file.instructing_agent),
        ("InstdAgt", transfer.instructed_agent, file.instructed_agent),
    )
    for name, own, common in ways:
        keep.agent(name, own if own != common else Agent())
    for place, name in enumerate(_INTERMEDIARIES):
        there = place < len(transfer.intermediaries)
        keep.agent(name, transfer.intermediaries[place] if there else Agent())


def _write_charges(writer: Writer, keep: Keeper, transfer: InterbankTransfer) -> None:
    """ChrgsInf in order: those of the source that are unchanged as they came, others built."""
    old = repeated(keep.source, "ChrgsInf")
    for place, charge in enumerate(transfer.charges):
        amount = to_text(charge.amount_minor, charge.decimals)
        if place < len(old) and _same_charge(old[place], charge):
            keep.add(old[place])
            continue
        node = keep.always("ChrgsInf")
        writer.money(node, "Amt", amount, charge.currency)
        writer.agent(node, "Agt", charge.agent, required=True)
    keep.done("ChrgsInf")


def _same_charge(element: etree._Element, charge: Charge) -> bool:
    """Whether an incoming charge still says what the field says."""
    currency = element[0].get("Ccy")
    if currency != charge.currency or agent(element[1]) != charge.agent:
        return False
    return to_minor(text(element[0]), currency) == charge.amount_minor
