"""Repairing one payment of a file: texts set by path, counts and sums put right, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from tongbao.iso20022.xml.extract import down, local, repeated, text
from tongbao.iso20022.xml.reading import read_document
from tongbao.iso20022.xml.schema import TypeRule, schema_of
from tongbao.iso20022.xml.tree import etree
from tongbao.kernel.codes import refuse, require
from tongbao.kernel.wording import Text
from tongbao.paymentfiles.desk.codes import DeskCode

MAX_CHANGES = 20
MAX_STEPS = 16


class Change(NamedTuple):
    """What a repair changed."""

    path: str
    old: str
    new: str


def repaired(content: bytes, item: int, changes: Mapping[str, str]) -> tuple[bytes, list[Change]]:
    """The file with texts of its `item`-th payment set, and what that changed.

    A path stands below the payment's element, e.g. `CdtrAcct/Id/IBAN` or `Amt/InstdAmt/@Ccy`;
    elements on the way are made in the schema's order, another branch of a choice gives way, and an
    empty text removes the element. Sums of group and file follow. Refusal where a path is unknown.
    """
    require(
        1 <= len(changes) <= MAX_CHANGES, DeskCode.BAD_REPAIR, path="", reason="1 to 20 changes"
    )
    document = read_document(content)
    payments = list(document.root.iterfind("{*}*/{*}PmtInf/{*}CdtTrfTxInf"))
    known = 1 <= item <= len(payments)
    require(
        known,
        DeskCode.BAD_REPAIR,
        path=str(item),
        reason=Text("items 1 to {count}", count=len(payments)),
    )
    payment = payments[item - 1]
    rule = _rule_of(document.message, document.root)
    made = [_set(payment, rule, path, value) for path, value in changes.items()]
    _put_sums_right(document.root[0])
    top = document.root.getroottree().getroot()
    if document.line_offset:
        top = document.root
    data: bytes = etree.tostring(top, xml_declaration=True, encoding="UTF-8")
    return data, made


def _rule_of(message: str, root: etree._Element) -> TypeRule:
    """The schema of a payment."""
    rule = schema_of(message)[1]
    for name in (local(root[0]), "PmtInf", "CdtTrfTxInf"):
        rule = next(slot.rule for slot in rule.slots.values() if slot.name == name)
    return rule


def _set(node: etree._Element, rule: TypeRule, path: str, value: str) -> Change:
    """Set one text, or remove it."""
    steps = path.strip("/").split("/")
    sized = 1 <= len(steps) <= MAX_STEPS and len(path) <= 300 and len(value) <= 2100
    require(sized and _clean(value), DeskCode.BAD_REPAIR, path=path[:80], reason="too long or odd")
    attribute = steps.pop()[1:] if steps[-1].startswith("@") else ""
    for step in steps:
        name, _, place = step.partition("[")
        digits = place.rstrip("]") or "1"
        numbered = digits.isdecimal() and len(digits) <= 6
        require(numbered, DeskCode.BAD_REPAIR, path=path[:80], reason="a place is a number")
        node, rule = _below(node, rule, name, int(digits), path)
    if attribute:
        require(attribute in rule.attributes, DeskCode.BAD_REPAIR, path=path, reason="unknown")
        old = node.get(attribute) or ""
        node.set(attribute, value)
        return Change(path, old, value)
    require(rule.check is not None, DeskCode.BAD_REPAIR, path=path, reason="it holds elements")
    old = text(node)
    node.text = value
    if not value:
        _remove(node)
    return Change(path, old, value)


def _clean(value: str) -> bool:
    """Whether XML can carry the text."""
    return all(one.isprintable() for one in value)


def _below(
    node: etree._Element, rule: TypeRule, name: str, place: int, path: str
) -> tuple[etree._Element, TypeRule]:
    """The child of a name, made where it is missing."""
    prefix = node.tag[: node.tag.rfind("}") + 1]
    slot = rule.slots.get(prefix + name)
    if slot is None:
        refuse(
            DeskCode.BAD_REPAIR,
            path=path[:80],
            reason=Text("{name} is not known there", name=name[:40]),
        )
    found = repeated(node, name)
    if 1 <= place <= len(found):
        return found[place - 1], slot.rule
    require(place == len(found) + 1, DeskCode.BAD_REPAIR, path=path, reason="no such place")
    if rule.choice:
        for other in list(node):
            node.remove(other)
    made = etree.SubElement(node, prefix + name)
    after = [one for one in node if _place(one, rule) > slot.place]
    if after:
        after[0].addprevious(made)
    return made, slot.rule


def _place(node: etree._Element, rule: TypeRule) -> int:
    slot = rule.slots.get(node.tag)
    return slot.place if slot is not None else 10_000


def _remove(node: etree._Element) -> None:
    """Take an element away, and containers that it leaves empty, up to the payment."""
    parent = node.getparent()
    parent.remove(node)
    if len(parent) == 0 and local(parent) != "CdtTrfTxInf":
        _remove(parent)


def _put_sums_right(body: etree._Element) -> None:
    """Control sums of groups and file, where they are stated."""
    for holder in (*repeated(body, "PmtInf"), down(body, "GrpHdr")):
        stated = down(holder, "CtrlSum")
        if stated is None:
            continue
        payments = holder if local(holder) == "PmtInf" else body
        amounts = payments.iter("{*}InstdAmt", "{*}EqvtAmt")
        written = (text(one[0] if len(one) else one) for one in amounts)
        try:
            actual = sum(map(Decimal, written), Decimal(0))
        except ArithmeticError:
            continue  # the amount is no number: the schema refuses it, with its place
        if Decimal(text(stated)) != actual:
            stated.text = str(actual)
