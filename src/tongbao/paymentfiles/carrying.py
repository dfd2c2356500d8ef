"""What a payer wrote, on its way to the payee: from the file onto the ledger, and back into words.

The ledger carries references, purpose and remittance. Blanks of other scripts (U+00A0, U+3000 and
the like) and ends of lines become the common blank: the ledger's own rule on texts knows no other.
Everything else is carried as written, or the payment is refused at that element. Names and
addresses stay in the file; its hash stands beside every payment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from tongbao.iso20022.model import (
    Coded,
    PaymentLine,
    Proprietary,
    Remittance,
    StructuredRemittance,
)
from tongbao.iso20022.xml.extract import local, structured
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.validating import fits, rule_of
from tongbao.iso20022.xml.writing import Writer
from tongbao.kernel.text import is_plain
from tongbao.modules.payments import MAX_STRUCTURED, Details
from tongbao.sdk import rows
from tongbao.sdk.texts import folded

_STATEMENT = "camt.053.001.08"
_STRUCTURED = ("Stmt", "Ntry", "NtryDtls", "TxDtls", "RmtInf", "Strd")
_STANDARD = "SCOR"
"""Type of a creditor's reference by ISO 11649."""


class Unplain(NamedTuple):
    """A text that the ledger would refuse."""

    path: str
    """Below the payment, e.g. PmtId/EndToEndId."""
    value: str
    character: str
    """The first that it does not take, e.g. U+0085."""


def unplain(line: PaymentLine) -> Iterator[Unplain]:
    """The texts of a payment that the ledger would refuse, each with its place."""
    for path, value in _texts(line):
        text = folded(value)
        if not is_plain(text):
            barred = next(one for one in text if not is_plain(one))
            yield Unplain(path, value, f"U+{ord(barred):04X}")


def _texts(line: PaymentLine) -> Iterator[tuple[str, str]]:
    yield "PmtId/InstrId", line.instruction_id
    yield "PmtId/EndToEndId", line.end_to_end_id
    yield "Purp/Prtry", line.purpose
    for place, text in enumerate(line.remittance.unstructured, start=1):
        yield f"RmtInf/Ustrd[{place}]", text
    for place, one in enumerate(line.remittance.structured, start=1):
        if one.source:
            for path, text in _below(etree.fromstring(one.source)):
                yield f"RmtInf/Strd[{place}]{path}", text
        else:
            yield f"RmtInf/Strd[{place}]/CdtrRefInf/Ref", one.reference


def _below(element: etree._Element) -> Iterator[tuple[str, str]]:
    if not len(element):
        yield "", element.text or ""
    for child in element:
        for path, text in _below(child):
            yield f"/{local(child)}{path}", text


def details_of(line: PaymentLine) -> Details | None:
    """What a payment carries beside its end-to-end id; None where it says nothing more."""
    remittance = line.remittance
    reference = next((one.reference for one in remittance.structured if one.reference), "")
    whole = structured_text(remittance.structured)
    plain = _plain_reference(reference)
    coded = not isinstance(line.purpose, Proprietary)
    category = "" if isinstance(line.category_purpose, Proprietary) else line.category_purpose
    details = Details(
        remittance=tuple(folded(text) for text in remittance.unstructured if text),
        creditor_reference=folded(reference),
        structured="" if whole == plain else whole,
        purpose=str(line.purpose) if coded else "",
        purpose_proprietary="" if coded else folded(line.purpose),
        category=str(category),
        instruction=folded(line.instruction_id),
    )
    return None if details == Details() else details


def structured_text(all_of_them: tuple[StructuredRemittance, ...]) -> str:
    """Structured remittance as the ledger keeps it: elements Strd, blanks between them left out."""
    return "".join(_stripped(one.source) for one in all_of_them if one.source)


def _stripped(source: bytes) -> str:
    root = etree.fromstring(source)
    for element in root.iter():
        element.tag = local(element)
        element.tail = None
        element.text = folded(element.text or "") if not len(element) else None
    etree.cleanup_namespaces(root)
    data: bytes = etree.tostring(root, method="c14n")
    return data.decode()


def _plain_reference(reference: str) -> str:
    """How a creditor's reference by itself is written."""
    if not reference:
        return ""
    root = etree.Element("Strd")
    held = etree.SubElement(root, "CdtrRefInf")
    kind = etree.SubElement(etree.SubElement(etree.SubElement(held, "Tp"), "CdOrPrtry"), "Cd")
    kind.text = _STANDARD
    etree.SubElement(held, "Ref").text = folded(reference)
    data: bytes = etree.tostring(root, method="c14n")
    return data.decode()


def too_long(details: Details | None) -> bool:
    """Whether structured remittance is more than the ledger takes."""
    return details is not None and len(details.structured) > MAX_STRUCTURED


# ---- from the ledger -----------------------------------------------------------------------------


def remittance_of(entry: rows.Entry) -> Remittance:
    """The remittance of an entry, as its payer wrote it."""
    lines = tuple(line for line in entry.remittance.split("\n") if line)
    return Remittance(lines, tuple(_parts(entry.structured, entry.creditor_reference)))


def _parts(written: str, reference: str) -> Iterator[StructuredRemittance]:
    """The elements Strd again. Anybody may have written them, without a file: what no message
    takes is left out, so that nobody spoils the payee's statement."""
    reported = tuple(_elements(written))
    yield from reported
    if not reported and reference:
        yield StructuredRemittance(reference_type=Coded(_STANDARD), reference=reference)


def _elements(written: str) -> Iterator[StructuredRemittance]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(f"<RmtInf>{written}</RmtInf>".encode(), parser)
    except etree.XMLSyntaxError:
        return
    for element in root:
        one = structured(element) if element.tag == "Strd" else StructuredRemittance()
        for form in (one, replace(one, source=b"")):
            if form != StructuredRemittance() and _is_valid(form):
                yield form
                break


def _is_valid(one: StructuredRemittance) -> bool:
    """Whether a statement may hold it."""
    writer = Writer(_STATEMENT, "BkToCstmrStmt")
    parent: etree._Element = writer.body
    for name in _STRUCTURED:
        parent = writer.node(parent, name)
    writer.structured(parent, one)
    rule = rule_of(parent, _STATEMENT)
    return rule is not None and fits(parent, rule)


def purpose_of(entry: rows.Entry) -> str:
    """The purpose of an entry: a code, or a proprietary one."""
    if entry.purpose_proprietary:
        return Proprietary(entry.purpose_proprietary)
    return Coded(entry.purpose) if entry.purpose else ""


def common(details: list[Details | None], pick: Callable[[Details], str]) -> str:
    """What all payments say alike; empty where one of them says something else, or nothing."""
    reply = {"" if one is None else pick(one) for one in details}
    return reply.pop() if len(reply) == 1 else ""
