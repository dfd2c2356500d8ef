"""Hostile XML is refused, cheaply, and never ends in another exception than DocumentRefused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongbao.iso20022.findings import RULES, DocumentRefused
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.iso20022.initiation.pain001 import read_pain001
from tongbao.iso20022.interbank.cancellations import read_camt029, read_camt056
from tongbao.iso20022.interbank.returns import read_pacs004
from tongbao.iso20022.interbank.statuses import read_pacs002, read_pacs028, read_pain002
from tongbao.iso20022.interbank.transfers import read_pacs008, read_pacs009
from tongbao.iso20022.statements.reading import read_statement
from tongbao.iso20022.xml.accepting import check_message
from tongbao.iso20022.xml.reading import read_document

GOOD = payroll_file(2, "6222000000000001", ["6222000000000002"])
SPACE = b"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
OPEN = b'<Document xmlns="' + SPACE + b'">'
BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><Document>&j;</Document>"
)


def rule_of(data: bytes, **limits: int) -> str:
    with pytest.raises(DocumentRefused) as refused:
        read_document(data, **limits)
    found = refused.value.findings[0]
    assert found.rule in RULES
    assert found.message_en
    assert found.message_zh
    return found.rule


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (BOMB, "xml.doctype"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Document/>', "xml.doctype"),
        (b'<?xml version="1.0"?>\n<!-- x --><?pi?>\n<!DOCTYPE Document><Document/>', "xml.doctype"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1/">]><a>&x;</a>', "xml.doctype"),
        (BOMB.decode().encode("utf-16"), "xml.doctype"),
        (OPEN + b"&unknown;</Document>", "xml.entity"),
        (b"<a>" * 65 + b"</a>" * 65, "xml.too_deep"),
        (b"<a>" * 300 + b"</a>" * 300, "xml.too_deep"),
        (b"<a>" * 1_000_000, "xml.too_deep"),
        (GOOD[:-30], "xml.malformed"),
        (GOOD + b"<more/>", "xml.malformed"),
        (GOOD.replace(b"Salary", b"Sal\x00ry", 1), "xml.character"),
        (GOOD.replace(b"Salary", b"Sal\xffary", 1), "xml.encoding"),
        (b'<?xml version="1.0" encoding="utf-7"?>' + OPEN + b"</Document>", "xml.encoding_unknown"),
        (b'<?xml version="1.0" encoding="us-ascii"?>' + GOOD[39:], "xml.encoding"),
        (b"", "xml.malformed"),
        (b"   ", "xml.malformed"),
        (b"PK\x03\x04", "xml.character"),
        (b"{}", "xml.malformed"),
        (b"<a/>", "iso.no_document"),
        (b"<Document/>", "iso.unknown_message"),
        (
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.99"/>',
            "iso.unknown_message",
        ),
        (b"<a>" + OPEN + b"</Document>" + OPEN + b"</Document></a>", "iso.several_documents"),
        (b"<a b='" + b"x" * 11_000_000 + b"'/>", "xml.malformed"),
        (b"<a xmlns:x='u' x:b='1' xmlns:y='u' y:b='1'/>", "xml.malformed"),
        (b"<a><![CDATA[<Document>]]></a>", "xml.malformed"),
    ],
)
def test_hostile_documents_are_refused_by_rule(data: bytes, rule: str) -> None:
    begun = time.perf_counter()
    assert rule_of(data) == rule
    assert time.perf_counter() - begun < 2


def test_a_document_larger_than_the_limit_is_refused_unread() -> None:
    assert rule_of(GOOD, max_bytes=100) == "xml.too_large"


def test_the_depth_limit_is_a_parameter() -> None:
    assert rule_of(GOOD, max_depth=5) == "xml.too_deep"


def test_many_comments_before_a_doctype_cost_one_pass() -> None:
    begun = time.perf_counter()
    assert rule_of(b"<!-- --> " * 100_000 + b"<!DOCTYPE a><a/>") == "xml.doctype"
    assert time.perf_counter() - begun < 2


def test_ten_thousand_bad_lines_are_reported_without_walking_the_file_for_each() -> None:
    data = payroll_file(10_000, "6222000000000001", ["GB82WEST12345698765433"])
    begun = time.perf_counter()
    file = read_pain001(data)
    assert time.perf_counter() - begun < 15
    assert sum(1 for line in file.lines if line.findings[0].rule == "rule.iban") == 10_000


READERS = (
    read_pain001, read_pacs008, read_pacs009, read_pacs004, read_pacs002, read_pacs028,
    read_pain002, read_camt056, read_camt029, read_statement, check_message,
)  # fmt: skip


def never_another_exception(data: bytes) -> None:
    for reader in READERS:
        try:
            reader(data)
        except DocumentRefused as refused:
            assert all(found.rule in RULES for found in refused.findings)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_are_refused_and_nothing_else(data: bytes) -> None:
    with pytest.raises(DocumentRefused):
        read_document(data)
    with pytest.raises(DocumentRefused):
        read_document(OPEN + data)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_good_file_with_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    changed = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(changed) - 1))
        piece = data.draw(
            st.one_of(st.binary(max_size=3), st.sampled_from([b"<", b">", b"&", b"]]>"]))
        )
        changed[place : place + data.draw(st.integers(0, 40))] = piece
    never_another_exception(bytes(changed))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_as_a_wrapper_s_content_is_refused(text: str) -> None:
    inner = "<Document" + text
    never_another_exception(
        b"<w><![CDATA[" + inner.replace("]]>", "").encode(errors="replace") + b"]]></w>"
    )


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["12500.00", "SLEV", "TRF", "2026-01-15", "CNY", "SALA", "BKCHCNBJXXX", "2"]),
    st.text(st.characters(codec="utf-8", exclude_characters="<&\x00"), max_size=50),
)
def test_any_value_in_any_field_is_read_or_refused(old: str, new: str) -> None:
    never_another_exception(GOOD.replace(f">{old}<".encode(), f">{new}<".encode()))
    never_another_exception(GOOD.replace(b">6222000000000002<", f">{new}<".encode()))


@pytest.mark.parametrize("amount", ["0" * 5000 + "1.00", "1." + "0" * 5000, "+1", "-0", ".5", "5."])
def test_odd_forms_of_numbers_never_break_the_reader(amount: str) -> None:
    head, _, tail = GOOD.partition(b'<InstdAmt Ccy="CNY">')
    after = tail[tail.index(b"<") :]
    never_another_exception(head + b'<InstdAmt Ccy="CNY">' + amount.encode() + after)


@pytest.mark.parametrize(
    "many", [b"<a/>" * 400_000, b"<aaaa/>" * 300_000, b'<a b="" c=""/>' * 100_000]
)
def test_elements_that_take_more_memory_than_their_bytes_are_refused_before_parsing(
    many: bytes,
) -> None:
    assert rule_of(OPEN + many + b"</Document>") == "xml.too_many"


def test_many_elements_that_are_long_enough_are_refused_by_the_schema_in_bounded_time() -> None:
    with pytest.raises(DocumentRefused) as caught:
        read_pain001(OPEN + b"<aaaaaaaaaaa/>" * 60_000 + b"</Document>")
    findings = caught.value.findings
    assert {one.rule for one in findings[:-1]} == {"xsd.unexpected"}
    assert findings[41].path == "/Document/aaaaaaaaaaa[42]"
