"""What messages that move money between banks have in common: header, count, sums, inheritance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from tongbao.iso20022.findings import Finding
from tongbao.iso20022.interbank.model import NO_AGENT
from tongbao.iso20022.xml.checks import Checker
from tongbao.iso20022.xml.extract import down, repeated, text, truth
from tongbao.iso20022.xml.fields import (
    AGENT,
    CODE,
    Field,
    arrange,
    fields,
    rule_below,
    texts,
)
from tongbao.iso20022.xml.schema import TypeRule
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import Writer

T = TypeVar("T")
INHERITED = ("settlement_date", "instructing_agent", "instructed_agent")
"""What the group header may say for all transactions."""

SETTLEMENT = (
    *texts(
        ("message_id", "GrpHdr/MsgId"),
        ("created_at", "GrpHdr/CreDtTm"),
        ("control_sum", "GrpHdr/CtrlSum"),
        ("settlement_method", "GrpHdr/SttlmInf/SttlmMtd"),
        ("settlement_date", "GrpHdr/IntrBkSttlmDt"),
    ),
    Field("clearing_system", ("GrpHdr", "SttlmInf", "ClrSys"), CODE),
    *fields(
        AGENT,
        ("instructing_agent", "GrpHdr/InstgAgt"),
        ("instructed_agent", "GrpHdr/InstdAgt"),
    ),
)
"""The group header of messages that settle."""


def inheriting(message: Any, transactions: Sequence[Any]) -> tuple[Any, ...]:
    """Each transaction with what its message says for all and it does not say itself."""
    common = {name: getattr(message, name) for name in INHERITED}
    common = {name: value for name, value in common.items() if value not in ("", NO_AGENT)}
    given: list[Any] = []
    for one in transactions:
        lacking = {n: v for n, v in common.items() if getattr(one, n) in ("", NO_AGENT)}
        given.append(replace(one, **lacking) if lacking else one)
    return tuple(given)


@dataclass(frozen=True, slots=True)
class Sums:
    """Count, control sum and total of a message that settles."""

    item: str
    """Name of a transaction, e.g. CdtTrfTxInf."""
    amount: str
    total: str
    """Name of the total in the group header."""

    def rules(self, checker: Checker, body: etree._Element) -> Iterator[Finding]:
        """The header's count and sums against the transactions present. A return of a whole group
        (GrpRtr) counts the original's transactions and need not repeat them."""
        head = down(body, "GrpHdr")
        found = repeated(body, self.item)
        if truth(down(head, "GrpRtr")) and not found:
            return
        amounts = [next(one.iterchildren("{*}" + self.amount)) for one in found]
        yield from checker.count(down(head, "NbOfTxs"), len(found))
        yield from checker.control_sum(down(head, "CtrlSum"), amounts)
        stated = down(head, self.total)
        if stated is not None:
            yield from checker.total(stated, amounts)

    def finish(self, writer: Writer, body: etree._Element, rule: TypeRule) -> None:
        """Set count and sums to those of the transactions written; a sum that holds is left as it
        was written, and none is added."""
        head = down(body, "GrpHdr")
        found = repeated(body, self.item)
        if head is None or (truth(down(head, "GrpRtr")) and not found):
            return
        actual = Decimal(0)
        for one in found:
            actual += Decimal(text(down(one, self.amount)) or "0")
        count = down(head, "NbOfTxs")
        if count is None:
            writer.leaf(head, "NbOfTxs", str(len(found)))
            arrange(writer, head, rule_below(writer, rule, "GrpHdr"))
        elif text(count) != str(len(found)):
            count.text = str(len(found))
        for name in ("CtrlSum", self.total):
            stated = down(head, name)
            if stated is not None and Decimal(text(stated)) != actual:
                stated.text = str(actual)
