"""A customer's file: wrappers, sums, identifiers, duplicates, and how far a broken rule reaches."""

from __future__ import annotations

from datetime import date

import pytest

from tongbao.iso20022.findings import DocumentRefused
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.iso20022.initiation.pain001 import read_pain001
from tongbao.iso20022.model import PaymentFile
from tongbao.iso20022.xml.accepting import Acceptance, Policy

ACCOUNTS = [f"62220000{place:08d}" for place in range(5)]
GOOD = payroll_file(5, "6222000000000001", ACCOUNTS)
PATH = "/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf"


def refused(data: bytes, policy: Policy = Policy()) -> list[str]:
    with pytest.raises(DocumentRefused) as error:
        read_pain001(data, policy)
    return [found.rule for found in error.value.findings]


def broken(file: PaymentFile) -> list[tuple[int, str]]:
    return [(line.index, found.rule) for line in file.lines for found in line.findings]


def old_version(data: bytes) -> bytes:
    """The same file as pain.001.001.03: other names, a plain date, no UETR."""
    text = data.decode().replace("pain.001.001.09", "pain.001.001.03").replace("BICFI", "BIC")
    text = text.replace("<ReqdExctnDt><Dt>", "<ReqdExctnDt>")
    text = text.replace("</Dt></ReqdExctnDt>", "</ReqdExctnDt>")
    while "<UETR>" in text:
        start, end = text.index("<UETR>"), text.index("</UETR>") + 7
        text = text[:start] + text[end:]
    return text.encode()


def test_a_payroll_file_is_read_with_exact_amounts() -> None:
    file = read_pain001(GOOD)
    assert len(file.lines) == file.number_of_transactions == 5
    assert not file.findings
    assert sum(line.amount_minor for line in file.lines) == int(file.control_sum.replace(".", ""))
    first = file.lines[0]
    assert (first.currency, first.purpose, first.category_purpose) == ("CNY", "SALA", "SALA")
    assert first.path == PATH + "[1]"
    assert first.charge_bearer == "SLEV"
    assert first.creditor_account.number == ACCOUNTS[0]


def test_the_example_is_the_same_bytes_for_the_same_seed() -> None:
    assert payroll_file(5, "6222000000000001", ACCOUNTS) == GOOD
    assert payroll_file(5, "6222000000000001", ACCOUNTS, 2) != GOOD


def bare() -> str:
    return GOOD.decode().partition("?>")[2].strip()


@pytest.mark.parametrize(
    "wrapped",
    [
        f"<Envelope><AppHdr/>{bare()}</Envelope>".encode(),
        f'<x:BusMsg xmlns:x="urn:x"><x:Deep>{bare()}</x:Deep></x:BusMsg>'.encode(),
        f"<RequestPayload><![CDATA[{bare()}]]></RequestPayload>".encode(),
        f"<w>\n<![CDATA[<?xml version='1.0'?>\n{bare()}]]></w>".encode(),
        ("<w>" + bare().replace("&", "&amp;").replace("<", "&lt;") + "</w>").encode(),
        b"\xef\xbb\xbf" + GOOD,
        bare().encode("utf-16"),
        ('<?xml version="1.0" encoding="GB18030"?>' + bare()).encode("gb18030"),
        bare()
        .replace("</", "</d:")
        .replace("<d:", "<")
        .replace("<", "<d:")
        .replace("<d:/", "</")
        .replace("</d:", "</")
        .replace("</", "</d:")
        .replace("xmlns=", "xmlns:d=")
        .encode(),
    ],
    ids=["envelope", "prefixed", "cdata", "cdata-xml", "escaped", "bom", "utf16", "gb18030", "d:"],
)
def test_any_wrapper_prefix_and_encoding_gives_the_same_payments(wrapped: bytes) -> None:
    assert read_pain001(wrapped).groups == read_pain001(GOOD).groups


def test_the_line_of_a_payment_inside_cdata_is_its_line_in_the_file() -> None:
    data = (
        b"<w>\n\n<![CDATA[\n"
        + bare().replace("<CdtTrfTxInf>", "\n<CdtTrfTxInf>").encode()
        + b"]]></w>"
    )
    lines = data.split(b"\n")
    for payment in read_pain001(data).lines:
        assert lines[payment.line - 1].startswith(b"<CdtTrfTxInf>")


def test_lines_above_65535_are_still_right() -> None:
    spread = bare().replace("<PmtInf>", "\n" * 70_000 + "<PmtInf>")
    spread = spread.replace("<CdtTrfTxInf>", "\n<CdtTrfTxInf>\n")
    lines = spread.split("\n")
    for payment in read_pain001(spread.encode()).lines:
        assert lines[payment.line - 1] == "<CdtTrfTxInf>"


def test_the_version_of_2009_is_read_too() -> None:
    file = read_pain001(old_version(GOOD))
    assert file.message == "pain.001.001.03"
    assert file.groups[0].debtor_agent.bic == "BKCHCNBJXXX"
    assert [line.amount_minor for line in file.lines] == [
        line.amount_minor for line in read_pain001(GOOD).lines
    ]


def test_an_unknown_version_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(DocumentRefused) as error:
        read_pain001(GOOD.replace(b"pain.001.001.09", b"pain.001.001.77"))
    (only,) = error.value.findings
    assert only.value.endswith("pain.001.001.77")
    assert "20022:tech:xsd:pain.001.001.0" in only.message_en
    assert "20022:tech:xsd:pain.001.001.0" in only.message_zh


def test_another_message_is_refused_as_such() -> None:
    data = b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"/>'
    assert refused(data) == ["iso.wrong_message"]


def test_a_wrong_count_or_control_sum_refuses_the_file_and_names_the_message() -> None:
    assert refused(GOOD.replace(b"<NbOfTxs>5", b"<NbOfTxs>6", 1)) == ["rule.number_of_transactions"]
    with pytest.raises(DocumentRefused) as error:
        read_pain001(GOOD.replace(b"<CtrlSum>", b"<CtrlSum>9", 1))
    assert error.value.findings[0].rule == "rule.control_sum"
    assert error.value.original is not None
    assert error.value.original.message_id == "PAYROLL-202601-1"


def test_a_wrong_sum_of_a_group_refuses_all_its_payments() -> None:
    head, _, tail = GOOD.partition(b"<PmtInf>")
    file = read_pain001(head + b"<PmtInf>" + tail.replace(b"<CtrlSum>", b"<CtrlSum>9", 1))
    assert [found.rule for found in file.groups[0].findings] == ["rule.control_sum"]
    assert broken(file) == [(place, "rule.group_refused") for place in range(5)]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (
            b"<Othr><Id>6222000000000002</Id></Othr>",
            b"<IBAN>GB82WEST12345698765433</IBAN>",
            "rule.iban",
        ),
        (b"ICBKCNBJXXX", b"ICBKXXBJXXX", "rule.bic"),
        (
            b"<Purp>",
            b"<UltmtCdtr><Id><OrgId><LEI>213800IJKLMNOPQR6733</LEI></OrgId></Id></UltmtCdtr><Purp>",
            "rule.lei",
        ),
        (
            b"<CdtrAcct><Id><Othr><Id>6222000000000002</Id></Othr></Id></CdtrAcct>",
            b"",
            "rule.creditor_account",
        ),
    ],
)
def test_a_broken_identifier_is_a_finding_of_its_payment(old: bytes, new: bytes, rule: str) -> None:
    data = GOOD.replace(b"6222000000000000", b"6222000000000009")
    head, mark, tail = data.partition(b"-00003</InstrId>")
    old = old.replace(b"6222000000000002", ACCOUNTS[2].encode())
    assert old in tail
    assert broken(read_pain001(head + mark + tail.replace(old, new, 1))) == [(2, rule)]


def test_more_decimals_than_the_currency_has_are_refused() -> None:
    data = payroll_file(2, "1", ACCOUNTS, currency="JPY", decimals=0)
    assert not read_pain001(data).findings
    file = read_pain001(payroll_file(2, "1", ACCOUNTS, currency="JPY", decimals=2))
    assert broken(file) == [(0, "rule.currency_decimals"), (1, "rule.currency_decimals")]


@pytest.mark.parametrize("code", [b"XAU", b"ZZZ", b"XXX"])
def test_metals_and_unknown_codes_are_no_currency(code: bytes) -> None:
    file = read_pain001(GOOD.replace(b'Ccy="CNY"', b'Ccy="' + code + b'"', 1))
    assert broken(file) == [(0, "rule.currency")]


def test_duplicate_ids_are_findings_of_the_second_unless_the_policy_lets_them() -> None:
    data = GOOD.replace(b"SAL-202601-1-00002", b"SAL-202601-1-00001")
    data = data.replace(b"PAYROLL-202601-1-00004", b"PAYROLL-202601-1-00003")
    assert broken(read_pain001(data)) == [
        (1, "rule.duplicate_end_to_end_id"),
        (3, "rule.duplicate_instruction_id"),
    ]
    free = Policy(unique_end_to_end_ids=False, unique_instruction_ids=False)
    assert not read_pain001(data, free).findings


def test_not_provided_may_repeat() -> None:
    data = GOOD
    for place in (1, 2, 3):
        data = data.replace(b"SAL-202601-1-0000%d" % place, b"NOTPROVIDED")
    assert not read_pain001(data).findings


def test_a_batch_is_taken_or_refused_whole_and_single_bookings_one_by_one() -> None:
    bad = b"ICBKCNBJXXX", b"ICBKXXBJXXX"
    batch = payroll_file(3, "1", ACCOUNTS, batch_booking=True).replace(*bad, 1)
    expected = [(0, "rule.bic"), (1, "rule.group_refused"), (2, "rule.group_refused")]
    assert broken(read_pain001(batch)) == expected
    each = Policy(acceptance=Acceptance.PER_TRANSACTION)
    assert broken(read_pain001(batch, each)) == [(0, "rule.bic")]
    assert broken(read_pain001(GOOD.replace(*bad, 1))) == [(0, "rule.bic")]
    whole = Policy(acceptance=Acceptance.WHOLE_FILE)
    assert refused(GOOD.replace(*bad, 1), whole) == ["rule.bic"]


def test_a_date_far_from_today_refuses_the_group() -> None:
    file = read_pain001(GOOD, Policy(today=date(2026, 1, 15)))
    assert not file.findings
    file = read_pain001(GOOD, Policy(today=date(2027, 1, 15)))
    assert file.groups[0].findings[0].rule == "rule.execution_date"


def test_a_cheque_is_not_served() -> None:
    file = read_pain001(GOOD.replace(b">TRF<", b">CHK<"))
    assert file.groups[0].findings[0].rule == "rule.payment_method"


def test_all_schema_findings_are_named_up_to_the_limit() -> None:
    data = GOOD.replace(b">SLEV<", b">FREE<").replace(b"<EndToEndId>", b"<EndToEndId>" + b"x" * 40)
    assert refused(data) == ["xsd.enumeration"] + ["xsd.length"] * 5
    assert len(refused(data, Policy(max_findings=3))) == 3


def test_the_source_of_a_payment_is_its_canonical_xml() -> None:
    line = read_pain001(GOOD).lines[0]
    assert line.source.startswith(b"<CdtTrfTxInf xmlns=")
    assert line.end_to_end_id.encode() in line.source
