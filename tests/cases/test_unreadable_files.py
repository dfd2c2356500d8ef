"""A file that cannot be read: what was declared, what was found, where, and which file it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.cases.filing import case, filed, payment, planned

from tongbao.iso20022 import DocumentRefused, read_pain002, write_pain002_refusal

UTF8 = b'<?xml version="1.0" encoding="UTF-8"?>'


def refused(data: bytes) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        planned(data)
    return caught.value


@pytest.mark.parametrize(
    ("make", "declared", "found"),
    [
        (lambda d: d.replace(b"UTF-8", b"utf-16"), "utf-16", "8-bit text"),
        (lambda d: d.replace(b"UTF-8", b"UCS-2"), "ucs-2", "8-bit text"),
        (lambda d: b"\xef\xbb\xbf" + d.replace(b"UTF-8", b"GBK"), "gbk", "utf-8"),
        (lambda d: d.decode().encode("utf-16"), "utf-8", "utf-16"),
    ],
)
def test_a_declaration_that_the_bytes_contradict_is_named_with_what_was_found(
    make: object, declared: str, found: str
) -> None:
    (one,) = refused(make(filed(payment()))).findings  # type: ignore[operator]
    assert one.rule == "xml.encoding_contradiction"
    assert declared in one.message_en
    assert found in one.message_en


def test_marks_and_declarations_that_agree_are_read() -> None:
    text = filed(payment()).decode()
    for data in (
        b"\xef\xbb\xbf" + text.encode(), text.replace("UTF-8", "UTF-16").encode("utf-16"),
        text.replace("UTF-8", "UTF-16LE").encode("utf-16"),
    ):  # fmt: skip
        assert not planned(data).refused


def test_the_first_wrong_byte_is_told_with_its_line_and_the_file_with_its_own_id() -> None:
    data = filed(payment(), payment(), message="MINE-1").replace(b"<Nm>Payee", b"<Nm>M\xe4ller", 1)
    refusal = refused(data)
    (one,) = refusal.findings
    assert (one.rule, one.line, "0xE4" in one.message_en) == ("xml.encoding", 5, True)
    answer = write_pain002_refusal(refusal, message_id="M", created_at=datetime.now(UTC))
    assert read_pain002(answer).group.original.message_id == "MINE-1"


def test_a_wrong_namespace_is_told_as_written_with_the_nearest_known_one() -> None:
    data = filed(payment(), message="MINE-2").replace(b"20022", b"20023", 1)
    refusal = refused(data)
    (one,) = refusal.findings
    assert one.value == "urn:iso:std:iso:20023:tech:xsd:pain.001.001.09"
    assert one.message_en.endswith("urn:iso:std:iso:20022:tech:xsd:pain.001.001.09")
    assert refusal.original is not None
    assert refusal.original.message_id == "MINE-2"


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("A19-declared-utf16.xml", 1, "utf-16"), ("A19-bom-declares-latin1.xml", 1, "iso-8859-1"),
        ("A20-latin9-undeclared.xml", 16, "0xE4"), ("A23-typo-namespace.xml", 2, "20023"),
    ],
)  # fmt: skip
def test_cases_a19_a20_a23_name_line_and_cause(name: str, line: int, words: str) -> None:
    (one,) = refused(case(name)).findings
    assert (one.line, words in one.message_en) == (line, True)
