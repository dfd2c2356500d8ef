"""pacs.004 in and out: payments that come back between banks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from tongbao.iso20022.findings import Finding
from tongbao.iso20022.interbank.forms import Form, read_form, write_form
from tongbao.iso20022.interbank.model import PaymentReturn, ReturnMessage
from tongbao.iso20022.interbank.parts import (
    CHAIN,
    CHARGES,
    ON_THE_WAY,
    ORIGINAL,
    ORIGINAL_MESSAGE,
    reasons,
)
from tongbao.iso20022.interbank.settling import INHERITED, SETTLEMENT, Sums, inheriting
from tongbao.iso20022.transfer_rules import positive
from tongbao.iso20022.xml.accepting import DEFAULT_POLICY, Policy
from tongbao.iso20022.xml.checks import Checker
from tongbao.iso20022.xml.extract import children, text
from tongbao.iso20022.xml.fields import MONEY, Field, Record, fields, texts
from tongbao.iso20022.xml.tree import etree

_RETURN = Record(
    PaymentReturn,
    (
        ORIGINAL,
        *texts(
            ("return_id", "RtrId"),
            ("original_settlement_date", "OrgnlIntrBkSttlmDt"),
            ("settlement_date", "IntrBkSttlmDt"),
            ("priority", "SttlmPrty"),
            ("exchange_rate", "XchgRate"),
            ("charge_bearer", "ChrgBr"),
        ),
        *fields(
            MONEY,
            ("original_settlement", "OrgnlIntrBkSttlmAmt"),
            ("returned", "RtrdIntrBkSttlmAmt"),
            ("returned_instructed", "RtrdInstdAmt"),
            ("compensation", "CompstnAmt"),
        ),
        CHARGES,
        *ON_THE_WAY,
        CHAIN,
        reasons("RtrRsnInf"),
    ),
    keeps=True,
    inherits=INHERITED,
    placed=True,
)
_MESSAGE = Record(
    ReturnMessage,
    (
        *SETTLEMENT,
        Field("original", ("OrgnlGrpInf",), ORIGINAL_MESSAGE),
        Field("returns", ("TxInf",), _RETURN, many=True),
    ),
    keeps=True,
)
_SUMS = Sums("TxInf", "RtrdIntrBkSttlmAmt", "TtlRtrdIntrBkSttlmAmt")


def _rules(checker: Checker, body: etree._Element, _: Policy) -> Iterator[Finding]:
    yield from _SUMS.rules(checker, body)


def named(checker: Checker, element: etree._Element) -> Iterator[Finding]:
    """A payment of another message is named by at least one of its ids."""
    parts = children(element)
    ids = ("OrgnlUETR", "OrgnlEndToEndId", "OrgnlTxId", "OrgnlInstrId", "OrgnlClrSysRef",
           "ClrSysRef")  # fmt: skip
    if not any(name in parts for name in ids):
        yield checker.at("rule.original_missing", element, "")


def _return_rules(checker: Checker, element: etree._Element, _: Policy) -> Iterator[Finding]:
    """No more comes back than was settled, in the same currency."""
    parts = children(element)
    back, original = parts["RtrdIntrBkSttlmAmt"], parts.get("OrgnlIntrBkSttlmAmt")
    yield from named(checker, element)
    yield from positive(checker, back)
    if original is not None and original.get("Ccy") == back.get("Ccy"):
        if Decimal(text(back)) > Decimal(text(original)):
            yield checker.at("rule.returned_more", back, text(back), expected=text(original))


PACS004 = Form(
    "pacs.004",
    "pacs.004.001.09",
    "PmtRtr",
    _MESSAGE,
    ("TxInf",),
    _rules,
    _return_rules,
    INHERITED,
    _SUMS.finish,
)


def read_pacs004(data: bytes, policy: Policy = DEFAULT_POLICY) -> ReturnMessage:
    """Read a pacs.004, bare or wrapped.

    Raises DocumentRefused when the document is not schema-valid or a rule of the whole message is
    broken; a finding of one return stays with it.
    """
    message: ReturnMessage = read_form(data, PACS004, policy)
    return replace(message, returns=inheriting(message, message.returns))


def write_pacs004(message: ReturnMessage, *, version: str = "") -> bytes:
    """A pacs.004 of the message's returns; DocumentRefused where the values make none."""
    dates = {one.settlement_date for one in message.returns}
    if dates != {message.settlement_date}:
        message = replace(message, settlement_date="")
    return write_form(message, PACS004, version)
