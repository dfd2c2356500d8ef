"""camt.052, camt.053 and camt.054 in: balances and entries of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tongbao.iso20022.currencies import MINOR_UNITS, NotMinor, to_minor
from tongbao.iso20022.model import (
    AccountStatement,
    Balance,
    BankTransactionCode,
    Entry,
    EntryDetail,
    StatementMessage,
)
from tongbao.iso20022.xml.accepting import DEFAULT_POLICY, Policy, open_document
from tongbao.iso20022.xml.checks import Checker
from tongbao.iso20022.xml.extract import (
    Children,
    account,
    agent,
    canonical,
    children,
    code_or_proprietary,
    date_or_time,
    down,
    party,
    remittance,
    repeated,
    text,
    truth,
)
from tongbao.iso20022.xml.fields import without
from tongbao.iso20022.xml.tree import etree

_KINDS = ("camt.052", "camt.053", "camt.054")
BODIES = ("Stmt", "Rpt", "Ntfctn")
_ADDITIONAL = ("AddtlStmtInf", "AddtlRptInf", "AddtlNtfctnInf")


def read_statement(data: bytes, policy: Policy = DEFAULT_POLICY) -> StatementMessage:
    """Read a bank's report, statement or notification (.02, .07, .08), bare or wrapped.

    Raises DocumentRefused where it is no well-formed, schema-valid statement. It informs of what
    has happened, so it is read whole whatever it says: what breaks a rule of business stands in
    `findings`, with its place, as a warning. An amount that no minor units can say is 0 there.
    """
    document = open_document(data, _KINDS, policy, informs=True)
    checker = Checker(document)
    body = document.root[0]
    found = (*checker.header(), *checker.identifiers(body), *checker.currencies(body))
    head = children(body[0])
    return StatementMessage(
        message=document.message,
        message_id=text(head["MsgId"]),
        created_at=text(head["CreDtTm"]),
        statements=tuple(map_statement(element) for element in _bodies(body)),
        recipient=party(head.get("MsgRcpt")),
        source=canonical(without(body, set(BODIES))),
        header=canonical(document.header),
        findings=found,
    )


def _bodies(body: etree._Element) -> Iterator[etree._Element]:
    """The statements, reports or notifications of the message."""
    yield from body.iterchildren(*("{*}" + name for name in BODIES))


def map_statement(element: etree._Element) -> AccountStatement:
    """Map one Stmt, Rpt or Ntfctn."""
    parts = children(element)
    period = children(parts.get("FrToDt"))
    currency = _currency(element, parts)
    additional = next((parts[name] for name in _ADDITIONAL if name in parts), None)
    sequence = text(parts.get("ElctrncSeqNb"))
    return AccountStatement(
        id=text(parts["Id"]),
        account=account(parts["Acct"]),
        currency=currency,
        decimals=MINOR_UNITS.get(currency, 0),
        created_at=text(parts.get("CreDtTm")),
        sequence_number=int(Decimal(sequence)) if sequence else None,
        from_time=text(period.get("FrDtTm")),
        to_time=text(period.get("ToDtTm")),
        owner=party(down(parts["Acct"], "Ownr")),
        servicer=agent(down(parts["Acct"], "Svcr")),
        balances=tuple(map_balance(one, currency) for one in repeated(element, "Bal")),
        entries=tuple(map_entry(one, currency) for one in repeated(element, "Ntry")),
        additional=text(additional),
        source=canonical(element),
    )


def _currency(element: etree._Element, parts: Children) -> str:
    """The account's currency: stated, or that of the first amount."""
    stated = text(down(parts["Acct"], "Ccy"))
    if stated:
        return stated
    amounts = element.iterfind("{*}*/{*}Amt")
    return next((amount.get("Ccy") for amount in amounts if amount.get("Ccy")), "")


def _money(element: etree._Element, common: str) -> tuple[int, str]:
    """Minor units, and the currency where it is not the account's."""
    currency = element.get("Ccy")
    return _minor(text(element), currency), currency if currency != common else ""


def _minor(written: str, currency: str) -> int:
    """Whole minor units; zeros behind the currency's decimals change nothing. 0 where no whole
    number of them says it: the reader's findings tell so."""
    whole, point, part = written.strip().partition(".")
    kept = part[: MINOR_UNITS.get(currency, 0)]
    plain = (
        written if part.rstrip("0") != kept.rstrip("0") else f"{whole}{point * bool(kept)}{kept}"
    )
    try:
        return to_minor(plain, currency)
    except NotMinor:
        return 0


def map_balance(element: etree._Element, common: str) -> Balance:
    """Map one Bal."""
    parts = children(element)
    minor, currency = _money(parts["Amt"], common)
    return Balance(
        type=code_or_proprietary(down(parts["Tp"], "CdOrPrtry")),
        amount_minor=minor if text(parts["CdtDbtInd"]) == "CRDT" else -minor,
        on=date_or_time(parts["Dt"]),
        currency=currency,
    )


def map_entry(element: etree._Element, common: str) -> Entry:
    """Map one Ntry."""
    parts = children(element)
    minor, currency = _money(parts["Amt"], common)
    status = parts["Sts"]
    return Entry(
        amount_minor=minor,
        credit=text(parts["CdtDbtInd"]) == "CRDT",
        booked_on=date_or_time(parts.get("BookgDt")),
        value_on=date_or_time(parts.get("ValDt")),
        reference=text(parts.get("NtryRef")),
        servicer_reference=text(parts.get("AcctSvcrRef")),
        status=code_or_proprietary(status) if len(status) else text(status),
        reversal=truth(parts.get("RvslInd")),
        code=_code(parts["BkTxCd"]),
        currency=currency,
        details=tuple(
            _detail(one, currency or common)
            for details in repeated(element, "NtryDtls")
            for one in repeated(details, "TxDtls")
        ),
        additional=text(parts.get("AddtlNtryInf")),
    )


def _code(element: etree._Element) -> BankTransactionCode:
    """Map a BkTxCd."""
    domain = children(down(element, "Domn"))
    family = children(domain.get("Fmly"))
    return BankTransactionCode(
        text(domain.get("Cd")),
        text(family.get("Cd")),
        text(family.get("SubFmlyCd")),
        text(down(element, "Prtry", "Cd")),
    )


def _detail(element: etree._Element, currency: str) -> EntryDetail:
    """Map one TxDtls. Its amount is taken where it is in the entry's currency."""
    parts = children(element)
    ids = children(parts.get("Refs"))
    parties = children(parts.get("RltdPties"))
    agents = children(parts.get("RltdAgts"))
    amount = parts.get("Amt")
    if amount is None:
        amount = down(element, "AmtDtls", "TxAmt", "Amt")
    same = amount is not None and amount.get("Ccy") == currency
    direction = text(parts.get("CdtDbtInd"))
    return EntryDetail(
        message_id=text(ids.get("MsgId")),
        servicer_reference=text(ids.get("AcctSvcrRef")),
        payment_information_id=text(ids.get("PmtInfId")),
        instruction_id=text(ids.get("InstrId")),
        end_to_end_id=text(ids.get("EndToEndId")),
        uetr=text(ids.get("UETR")),
        transaction_id=text(ids.get("TxId")),
        amount_minor=_minor(text(amount), currency) if same and amount is not None else None,
        credit=direction == "CRDT" if direction else None,
        debtor=party(parties.get("Dbtr")),
        debtor_account=account(parties.get("DbtrAcct")),
        debtor_agent=agent(agents.get("DbtrAgt")),
        ultimate_debtor=party(parties.get("UltmtDbtr")),
        creditor=party(parties.get("Cdtr")),
        creditor_account=account(parties.get("CdtrAcct")),
        creditor_agent=agent(agents.get("CdtrAgt")),
        ultimate_creditor=party(parties.get("UltmtCdtr")),
        purpose=code_or_proprietary(parts.get("Purp")),
        remittance=remittance(parts.get("RmtInf")),
        additional=text(parts.get("AddtlTxInf")),
    )
