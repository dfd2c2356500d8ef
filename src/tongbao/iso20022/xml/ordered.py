"""What a payer's file says of a payment, put into a statement as it came.

The model names the parts of a party, an account or an agent that payments need. A file says more:
the type of an address, whom to call, an agent's branch, where the remittance advice lies. Where the
statement's schema takes an element as the file has it, it stands there unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from typing import Any

from tongbao.iso20022.model import EntryDetail
from tongbao.iso20022.xml import extract
from tongbao.iso20022.xml.extract import NO_BIC, down, local
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.validating import fits, rule_of
from tongbao.iso20022.xml.writing import Writer, renamed

_PARTIES = (
    ("debtor", "Dbtr", "Pty"), ("debtor_account", "DbtrAcct", ""),
    ("ultimate_debtor", "UltmtDbtr", "Pty"), ("creditor", "Cdtr", "Pty"),
    ("creditor_account", "CdtrAcct", ""), ("ultimate_creditor", "UltmtCdtr", "Pty"),
)  # fmt: skip
_AGENTS = (("debtor_agent", "DbtrAgt"), ("creditor_agent", "CdtrAgt"))
_INTERMEDIARIES = ("IntrmyAgt1", "IntrmyAgt2", "IntrmyAgt3")
_MORE = ("RltdRmtInf", "Tax")
_MISSING = (
    "XchgRateInf", "MndtRltdInf", "ChqInstr", "IntrmyAgt1Acct", "IntrmyAgt2Acct", "IntrmyAgt3Acct",
    "DbtrAgtAcct", "CdtrAgtAcct", "InstrForCdtrAgt", "InstrForDbtrAgt", "RgltryRptg", "SplmtryData",
)  # fmt: skip
"""What a payment or its group may say and no statement has an element for: it is named in words."""
_OLDER = {"BIC": "BICFI", "BICOrBEI": "AnyBIC"}
"""Names of versions before 2019."""


def as_ordered(writer: Writer, node: etree._Element, detail: EntryDetail) -> None:
    """Give a TxDtls, written from the model, what the payer's file says beyond it."""
    payment = renamed(detail.ordered, writer.prefix)
    group = _group(detail.ordered_in, writer.prefix) if detail.ordered_in else None
    for name, tag, inside in _PARTIES:
        made = down(node, "RltdPties", tag, *([inside] if inside else []))
        read = extract.account if tag.endswith("Acct") else extract.party
        _instead(writer, made, _reply(payment, group, tag), read, getattr(detail, name))
    for name, tag in _AGENTS:
        made, given = down(node, "RltdAgts", tag), _reply(payment, group, tag)
        if made is None and given is not None:
            _put(writer, _agents(writer, node), _newer(given))
        _instead(writer, made, given, extract.agent, getattr(detail, name))
    _added(writer, node, payment, group)
    missing = [
        tag for tag in _MISSING if any(down(one, tag) is not None for one in (payment, group))
    ]
    if missing and down(node, "AddtlTxInf") is None:
        writer.leaf(node, "AddtlTxInf", f"in the payment file alone: {', '.join(missing)}")
        _settle(writer, node, node[-1])


def _agents(writer: Writer, node: etree._Element) -> etree._Element:
    """RltdAgts, made where there is none."""
    known = down(node, "RltdAgts")
    if known is None:
        known = writer.node(node, "RltdAgts")
        _settle(writer, node, known)
    return known


def _reply(
    payment: etree._Element, group: etree._Element | None, tag: str
) -> etree._Element | None:
    """A copy of the payment's own element, or of its group's."""
    own = down(payment, tag)
    return _copy(own if own is not None else down(group, tag))


def _instead(
    writer: Writer,
    made: etree._Element | None,
    given: etree._Element | None,
    read: Callable[[etree._Element | None], Any],
    value: Any,
) -> None:
    """The file's element in the place of the written one, where both say the same of the model."""
    if made is None or given is None or read(given) != value:
        return
    given = _newer(given)
    if given is None or _same(made, given):
        return
    rule = rule_of(made, writer.message)
    if rule is not None and fits(given, rule):
        made[:] = list(given)


def _added(
    writer: Writer, node: etree._Element, payment: etree._Element, group: etree._Element | None
) -> None:
    """Elements that the model does not name, in the schema's order."""
    for tag in _INTERMEDIARIES:
        between = _copy(down(payment, tag))
        if between is not None:
            _put(writer, _agents(writer, node), _newer(between))
    agents = down(node, "RltdAgts")
    if agents is not None and not len(agents):
        node.remove(agents)
    own = down(payment, "PmtTpInf", "LclInstrm")
    _put(writer, node, _copy(own if own is not None else down(group, "PmtTpInf", "LclInstrm")))
    for tag in _MORE:
        for one in payment.iterchildren(writer.prefix + tag):
            _put(writer, node, _copy(one))


def _put(writer: Writer, parent: etree._Element | None, given: etree._Element | None) -> None:
    if parent is None or given is None:
        return
    rule = rule_of(parent, writer.message)
    slot = rule.slots.get(given.tag) if rule is not None else None
    if slot is not None and fits(given, slot.rule):
        parent.append(given)
        _settle(writer, parent, given)


def _settle(writer: Writer, parent: etree._Element, child: etree._Element) -> None:
    """Move a last child to its place in the schema's order."""
    rule = rule_of(parent, writer.message)
    assert rule is not None
    order = {tag: place for place, tag in enumerate(rule.slots)}
    after = [one for one in parent if order[one.tag] > order[child.tag]]
    if after:
        after[0].addprevious(child)


def _newer(given: etree._Element) -> etree._Element | None:
    """The element in the words of the versions since 2019; None where nothing is left of it.

    NOTPROVIDED is nobody's BIC, and not stated by us.
    """
    for one in list(given.iter()):
        name = local(one)
        if name in _OLDER:
            one.tag = one.tag[: -len(name)] + _OLDER[name]
            name = _OLDER[name]
        above = one.getparent()
        if name in ("BICFI", "AnyBIC") and (one.text or "").strip() == NO_BIC:
            if above is not None:
                above.remove(one)
        elif name == "AdrTp" and not len(one) and one.text:
            etree.SubElement(one, one.tag[: -len(name)] + "Cd").text = one.text
            one.text = None
    return given if any(one.text for one in given.iter()) else None


def _copy(element: etree._Element | None) -> etree._Element | None:
    """A copy without the blanks between elements."""
    if element is None:
        return None
    made = deepcopy(element)
    for one in made.iter():
        one.tail = None
        if len(one):
            one.text = None
    return made


def _same(one: etree._Element, other: etree._Element) -> bool:
    """Whether two elements hold the same, their own names aside."""
    if len(one) != len(other) or (one.text or "") != (other.text or ""):
        return False
    return all(
        left.tag == right.tag and left.attrib == right.attrib and _same(left, right)
        for left, right in zip(one, other, strict=True)
    )


@lru_cache(maxsize=8)
def _group(source: bytes, prefix: str) -> etree._Element:
    return renamed(source, prefix)
