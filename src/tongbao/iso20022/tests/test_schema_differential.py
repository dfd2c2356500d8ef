"""Our verdict is that of the XSD: on every sample, and on mutations of every sample."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tongbao.iso20022.findings import DocumentRefused
from tongbao.iso20022.xml.reading import SourceDocument, read_document
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.validating import validate

DATA = Path(__file__).parents[5] / "shared" / "data" / "iso20022"
SAMPLES = DATA / "samples"
XSD = DATA / "xsd"
MUTATIONS_A_SAMPLE = 60

needs_data = pytest.mark.skipif(not XSD.is_dir(), reason="../shared/data/iso20022 is not here")


@cache
def schema(message: str) -> etree.XMLSchema | None:
    path = XSD / f"{message}.xsd"
    return etree.XMLSchema(etree.parse(str(path))) if path.is_file() else None


def documents() -> Iterator[tuple[str, SourceDocument]]:
    for path in sorted(SAMPLES.glob("*/*.xml")):
        try:
            document = read_document(path.read_bytes())
        except DocumentRefused:
            continue
        if schema(document.message) is not None:
            yield path.name, document


def verdicts(document: SourceDocument, data: bytes) -> tuple[bool, bool, str]:
    """Ours, the XSD's, and a text of both reasons."""
    judge = schema(document.message)
    assert judge is not None
    root = etree.fromstring(data)
    theirs = judge.validate(root)
    ours = validate(SourceDocument(document.message, document.namespace, root, None, 0))
    reasons = f"ours: {ours[:2]}\nXSD: {list(judge.error_log)[:2]}"
    return not ours, bool(theirs), reasons


def _drop(one: etree._Element, _: random.Random) -> None:
    one.getparent().remove(one)


def _duplicate(one: etree._Element, _: random.Random) -> None:
    one.addnext(etree.fromstring(etree.tostring(one, with_tail=False)))


def _swap(one: etree._Element, _: random.Random) -> None:
    other = one.getnext()
    if other is not None:
        other.addnext(one)


def _rename(one: etree._Element, draw: random.Random) -> None:
    space = one.tag[: one.tag.rfind("}") + 1]
    one.tag = space + draw.choice(["Nm", "Id", "Cd", "Prtry", "Othr", "Foo", "Dt", "BICFI"])


def _text(one: etree._Element, draw: random.Random) -> None:
    values = [
        "",
        " ",
        "x" * 36,
        "x" * 2100,
        "é" * 35,
        "1.123456",
        "-1",
        "+01.50",
        "1e5",
        ".5",
        "5.",
    ]
    values += ["00000000000000000001.10", "2026-02-29", "2024-02-29", "2024-02-29Z", "24:00:00"]
    values += ["2024-02-30T10:00:00", "2024-01-01T24:00:00", "2024-01-01T23:59:60", "0000-01-01"]
    values += ["2024-01-01T10:00:00+14:00", "2024-01-01T10:00:00+14:01", "true", "1", "TRUE", " 0 "]
    values += [
        "ABCDGB2L",
        "ABCDGB2LX",
        "GB82WEST12345698765432",
        "EUR",
        "eur",
        "DEBT",
        "NORE",
        "TRF",
    ]
    values += [
        "12345678901234567",
        "1234567890123456789",
        "1.00000000000000000",
        "x\ny",
        "\u4e00" * 140,
    ]
    values += [
        "2024",
        "2024-05",
        "2024-13",
        "10:00:00",
        "10:00:00.5Z",
        "-2024-01-01",
        "12024-01-01",
    ]
    one.text = draw.choice(values)


def _attribute(one: etree._Element, draw: random.Random) -> None:
    change = draw.randrange(3)
    if "Ccy" in one.attrib and change:
        if change == 1:
            del one.attrib["Ccy"]
        else:
            one.set("Ccy", draw.choice(["EURO", "eur", "XYZ", ""]))
    else:
        one.set(draw.choice(["Ccy", "foo"]), "EUR")


def _stray(one: etree._Element, draw: random.Random) -> None:
    if draw.randrange(2):
        one.tail = "stray"
    else:
        etree.SubElement(one, one.tag)


def _namespace(one: etree._Element, draw: random.Random) -> None:
    one.tag = draw.choice(["", "{urn:other}"]) + one.tag[one.tag.rfind("}") + 1 :]


CHANGES: list[Callable[[etree._Element, random.Random], None]] = [
    *([_drop] * 3),
    _duplicate,
    _swap,
    _rename,
    *([_text] * 6),
    _attribute,
    _stray,
    _namespace,
]


@needs_data
def test_every_sample_has_the_verdict_of_its_schema() -> None:
    seen = 0
    for name, document in documents():
        ours, theirs, reasons = verdicts(document, etree.tostring(document.root))
        assert ours == theirs, f"{name}\n{reasons}"
        seen += 1
    print(f"{seen} of {seen} samples: same verdict as the XSD")
    assert seen >= 20


@needs_data
def test_every_mutated_document_has_the_verdict_of_its_schema() -> None:
    draw = random.Random(20022)
    counts = {True: 0, False: 0}
    for name, document in documents():
        data = etree.tostring(document.root)
        for round_ in range(MUTATIONS_A_SAMPLE):
            root = etree.fromstring(data)
            nodes = list(root.iter())[1:]
            for _ in range(draw.choice([1, 1, 1, 2])):
                one = draw.choice(nodes)
                if one.getparent() is not None:
                    draw.choice(CHANGES)(one, draw)
            changed = etree.tostring(root)
            ours, theirs, reasons = verdicts(document, changed)
            assert ours == theirs, f"{name}, round {round_}\n{reasons}"
            counts[ours] += 1
    print(f"{sum(counts.values())} mutated documents: same verdict, {counts[False]} refused")
    assert counts[False] > 100 and counts[True] > 50
