"""Rules of one credit transfer: charge bearer, charges, exchange rate, purpose.

Sources: the message definition reports of pacs.008 (rules on charges, instructed amount and
exchange rate) and, where the header's BizSvc says CBPR+, SWIFT's usage guidelines.
"""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.iso20022.findings import Finding
from tongbao.iso20022.interbank.model import ChargeBearer
from tongbao.iso20022.purposes import CATEGORIES, PURPOSES
from tongbao.iso20022.xml.accepting import Policy
from tongbao.iso20022.xml.checks import Checker
from tongbao.iso20022.xml.extract import Children, children, code_or_proprietary, down, text
from tongbao.iso20022.xml.tree import etree


def transfer_rules(checker: Checker, element: etree._Element, policy: Policy) -> Iterator[Finding]:
    """Findings of one CdtTrfTxInf."""
    parts = children(element)
    amount = parts["IntrBkSttlmAmt"]
    yield from positive(checker, amount)
    if policy.purpose_codes:
        yield from purpose(checker, parts.get("Purp"))
        yield from category(checker, parts.get("PmtTpInf"))
    if not policy.usage_rules:
        return
    yield from charge_rules(checker, element, parts)
    yield from rate_rules(checker, amount, parts)


def positive(checker: Checker, amount: etree._Element) -> Iterator[Finding]:
    """An amount moves something."""
    if not text(amount).strip().strip("0.+"):
        yield checker.at("rule.amount_positive", amount, text(amount))


def charge_rules(checker: Checker, element: etree._Element, parts: Children) -> Iterator[Finding]:
    """Who bears the charges, and what follows.

    MDR: with ChrgsInf there is an InstdAmt. CBPR+: no SLEV; with CRED at least one ChrgsInf.
    """
    bearer = parts.get("ChrgBr")
    given = text(bearer)
    if "ChrgsInf" in parts and "InstdAmt" not in parts:
        yield checker.at("rule.charges_without_instructed", parts["ChrgsInf"], given)
    if not checker.cbpr or bearer is None:
        return
    if given == ChargeBearer.SERVICE_LEVEL.value:
        yield checker.at("rule.charge_bearer", bearer, given, expected="DEBT, CRED, SHAR")
    if given == ChargeBearer.CREDITOR.value and "ChrgsInf" not in parts:
        yield checker.at("rule.charges_missing", bearer, given)


def rate_rules(checker: Checker, amount: etree._Element, parts: Children) -> Iterator[Finding]:
    """MDR: an exchange rate stands between two currencies, and only there."""
    rate, ordered = parts.get("XchgRate"), parts.get("InstdAmt")
    between = ordered is not None and ordered.get("Ccy") != amount.get("Ccy")
    if rate is not None and not between:
        yield checker.at("rule.exchange_rate", rate, text(rate))
    if rate is None and between:
        assert ordered is not None
        yield checker.at("rule.exchange_rate_missing", ordered, text(ordered))


def purpose(checker: Checker, element: etree._Element | None) -> Iterator[Finding]:
    """A coded purpose is one of the external code set."""
    coded = down(element, "Cd")
    if coded is not None and code_or_proprietary(element) not in PURPOSES:
        yield checker.at("rule.purpose", coded, text(coded))


def category(checker: Checker, payment_type: etree._Element | None) -> Iterator[Finding]:
    """A coded category in PmtTpInf is one of its external code set."""
    coded = down(payment_type, "CtgyPurp", "Cd")
    if coded is not None and text(coded) not in CATEGORIES:
        yield checker.at("rule.category_purpose", coded, text(coded))
