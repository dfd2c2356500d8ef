"""Parse, map, write: element by element the same, on every sample and on made-up documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tongbao.iso20022.catalogue import KNOWN_MESSAGES, NAMESPACE
from tongbao.iso20022.findings import DocumentRefused
from tongbao.iso20022.initiation.pain001 import read_pain001
from tongbao.iso20022.initiation.pain001_writing import write_pain001
from tongbao.iso20022.interbank.cancellations import (
    read_camt029,
    read_camt056,
    write_camt029,
    write_camt056,
)
from tongbao.iso20022.interbank.returns import read_pacs004, write_pacs004
from tongbao.iso20022.interbank.statuses import (
    read_pacs002,
    read_pacs028,
    read_pain002,
    write_customer_report,
    write_pacs002,
    write_pacs028,
)
from tongbao.iso20022.interbank.transfers import (
    read_pacs008,
    read_pacs009,
    write_pacs008,
    write_pacs009,
)
from tongbao.iso20022.statements.kept import write_statement
from tongbao.iso20022.statements.reading import read_statement
from tongbao.iso20022.xml.accepting import Acceptance, Policy
from tongbao.iso20022.xml.reading import read_document
from tongbao.iso20022.xml.schema import TypeRule, schema_of
from tongbao.iso20022.xml.second_opinion import second_opinion
from tongbao.iso20022.xml.tree import etree

DATA = Path(__file__).parents[5] / "shared" / "data" / "iso20022"
Pair = tuple[Callable[..., Any], Callable[..., bytes]]
PAIRS: dict[str, Pair] = {
    "pain.001": (read_pain001, write_pain001),
    "pain.002": (read_pain002, write_customer_report),
    "pacs.002": (read_pacs002, write_pacs002),
    "pacs.004": (read_pacs004, write_pacs004),
    "pacs.008": (read_pacs008, write_pacs008),
    "pacs.009": (read_pacs009, write_pacs009),
    "pacs.028": (read_pacs028, write_pacs028),
    "camt.029": (read_camt029, write_camt029),
    "camt.052": (read_statement, write_statement),
    "camt.053": (read_statement, write_statement),
    "camt.054": (read_statement, write_statement),
    "camt.056": (read_camt056, write_camt056),
}
OPEN = Policy(
    creditor_account_required=False, equivalent_amounts=True, methods=("TRF", "CHK", "TRA"),
    unique_instruction_ids=False, unique_end_to_end_ids=False,
)  # fmt: skip


def leaves(data: bytes) -> list[tuple[str, tuple[tuple[str, str], ...], str]]:
    """Every element of the Document in order: name, attributes, text."""
    return [
        (one.tag, tuple(sorted(one.attrib.items())), (one.text or "").strip())
        for one in read_document(data).root.iter()
    ]


def alone(value: Any) -> Any:
    """The value without its sources: what a program would make by hand."""
    if is_dataclass(value) and not isinstance(value, type):
        changes = {one.name: alone(getattr(value, one.name)) for one in fields(value) if one.init}
        return replace(value, **{**changes, **({"source": b""} if "source" in changes else {})})
    if isinstance(value, tuple):
        return tuple(alone(one) for one in value)
    return value


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/iso20022 is not here")
def test_every_sample_that_is_read_is_given_back_element_by_element() -> None:
    count = refused = 0
    for path in sorted((DATA / "samples").glob("*/*.xml")):
        data = path.read_bytes()
        try:
            read, write = PAIRS[read_document(data).message[:8]]
            message = read(data, OPEN)
        except DocumentRefused:
            refused += 1
            continue
        again = write(message)
        assert leaves(again) == leaves(data), path.name
        assert second_opinion(read_document(again), DATA / "xsd") == ()
        count += 1
    print(f"\n{count} of {count + refused} samples given back unchanged, {refused} refused")
    assert (count, refused) == (25, 8)


# ---- documents in which every element of the schema stands ---------------------------------------

CANDIDATES = (
    "x", "1", "2026-01-15", "2026-01-15T10:00:00Z", "10:00:00", "true", "2026-01", "2026", "EUR",
    "CN", "DEUTDEFF", "DE89370400440532013000", "213800IJKLMNOPQR6732", "AB12", "eGFibA==",
    "e2eae8b6-1a2b-4c3d-8e9f-0123456789ab", "12345678", "+49-123456", "Abc1", "01", "A1",
    "US0378331005", "123456789012345", "#ABC", "en", "123", "1234", "ABCD",
)  # fmt: skip


def text_for(rule: TypeRule, name: str) -> str:
    """A text that fits a simple type."""
    check = rule.check
    assert check is not None
    preferred = {
        "CreDtTm": "2026-01-15T10:00:00Z",
        "NbOfTxs": "1",
        "OrgnlNbOfTxs": "1",
        "Yr": "2026",
    }
    for text in (preferred.get(name, "x"), *CANDIDATES):
        broken = check(text)
        if broken is None:
            return text
        if broken.rule == "xsd.enumeration":
            return broken.words["expected"].split(",")[0]
    raise AssertionError(f"no text for {name}: {check('x')}")


def fill(node: etree._Element, rule: TypeRule, seen: tuple[int, ...]) -> None:
    """Every child once; of a choice the first, circles are cut."""
    name = etree.QName(node).localname
    for attribute in rule.attributes:
        node.set(attribute, "EUR")
    if rule.check is not None:
        node.text = text_for(rule, name)
        return
    if rule.wildcard:
        etree.SubElement(node, "{urn:other}Anything").text = "kept"
        return
    slots = list(rule.slots.values())
    for slot in slots[:1] if rule.choice else slots:
        if id(slot.rule) in seen and not slot.required:
            continue
        tag = node.tag[: node.tag.rfind("}") + 1] + slot.name
        fill(etree.SubElement(node, tag), slot.rule, (*seen, id(slot.rule)))


def whole_document(message: str) -> bytes:
    """A document of a message in which every element of its schema stands."""
    tag, rule = schema_of(message)
    root = etree.Element(tag, nsmap={None: NAMESPACE + message})
    fill(root, rule, ())
    for name in ("GrpRtr", "GrpCxl"):
        for one in root.iter("{*}" + name):
            one.text = "false"
    for one in root.iter("{*}NbOfTxs"):
        one.text = "1"
    data: bytes = etree.tostring(root)
    return data


def messages() -> Iterator[str]:
    return (message for message in KNOWN_MESSAGES if message[:8] in PAIRS)


@pytest.mark.parametrize("message", list(messages()))
def test_a_document_with_every_element_is_given_back_element_by_element(message: str) -> None:
    data = whole_document(message)
    read, write = PAIRS[message[:8]]
    value = read(data, OPEN)
    assert leaves(write(value)) == leaves(data)
    document = read_document(data)
    assert second_opinion(document, DATA / "xsd") == ()


@pytest.mark.parametrize("kind", sorted(set(PAIRS) - {"camt.052", "camt.053", "camt.054"}))
def test_values_made_by_hand_become_a_valid_message_and_read_the_same(kind: str) -> None:
    read, write = PAIRS[kind]
    version = {
        "camt.029": "09", "camt.056": "08", "pacs.002": "10", "pacs.004": "09", "pacs.028": "03",
        "pain.001": "09", "pain.002": "10",
    }.get(kind, "08")  # fmt: skip
    value = alone(read(whole_document(f"{kind}.001.{version}"), OPEN))
    data = write(value)
    assert second_opinion(read_document(data), DATA / "xsd") == ()
    assert read(data, OPEN) == value


def test_prefixes_cdata_and_envelopes_do_not_change_what_is_read() -> None:
    bare = whole_document("camt.056.001.08")
    plain = read_camt056(bare)
    text = bare.decode()
    prefixed = re.sub(r"<(/?)(?=\w+[ />])", r"<\1p:", text).replace("xmlns=", "xmlns:p=")
    envelope = f"<Envelope><Body><![CDATA[{text}]]></Body></Envelope>"
    for form in (prefixed, envelope, f"<e:Envelope xmlns:e='urn:e'>{text}</e:Envelope>"):
        assert read_camt056(form.encode()) == plain


def test_a_whole_file_policy_refuses_for_one_transaction() -> None:
    data = whole_document("pacs.008.001.08").replace(b">DE89370400440532013000<", b">DE00<", 1)
    with pytest.raises(DocumentRefused):
        read_pacs008(data, Policy(acceptance=Acceptance.WHOLE_FILE))
