"""Every schema and header rule by a small change to a good file, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongbao.iso20022.findings import DocumentRefused
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.iso20022.initiation.pain001 import read_pain001
from tongbao.iso20022.reasons import reason_of
from tongbao.iso20022.xml.accepting import Policy
from tongbao.iso20022.xml.second_opinion import XSD_VARIABLE

GOOD = payroll_file(2, "6222000000000001", ["6222000000000002"]).decode()
BODY = "/Document/CstmrCdtTrfInitn"
GROUP = "/PmtInf[1]"
PAYMENT = GROUP + "/CdtTrfTxInf[1]"
POOLING = "<PoolgAdjstmntDt>2026-01-15</PoolgAdjstmntDt>"
HEADER = '<AppHdr xmlns="urn:other">{}</AppHdr>'


def findings(text: str, policy: Policy = Policy()) -> list[tuple[str, str]]:
    with pytest.raises(DocumentRefused) as refused:
        read_pain001(text.encode(), policy)
    return [(found.rule, found.path) for found in refused.value.findings]


@pytest.mark.parametrize(
    ("old", "new", "rule", "path"),
    [
        ("<PmtMtd>TRF</PmtMtd>", "", "xsd.required", GROUP + "/PmtMtd"),
        ("<PmtMtd>", "<Foo/><PmtMtd>", "xsd.unexpected", GROUP + "/Foo"),
        ("<ChrgBr>SLEV</ChrgBr>", "<PmtMtd>TRF</PmtMtd>", "xsd.occurs", GROUP + "/PmtMtd[2]"),
        ("<ChrgBr>", POOLING + "<ChrgBr>", "xsd.order", GROUP + "/PoolgAdjstmntDt"),
        ("<Dt>2026-01-15</Dt>", "", "xsd.choice", GROUP + "/ReqdExctnDt"),
        ("<PmtMtd>", "text<PmtMtd>", "xsd.text", GROUP),
        ("<PmtMtd>", '<PmtMtd a="1">', "xsd.attribute", GROUP + "/PmtMtd/@a"),
        (
            '<InstdAmt Ccy="CNY">',
            "<InstdAmt>",
            "xsd.attribute_required",
            PAYMENT + "/Amt/InstdAmt/@Ccy",
        ),
        ("ICBKCNBJXXX", "icbk", "xsd.pattern", PAYMENT + "/CdtrAgt/FinInstnId/BICFI"),
        (">SLEV<", ">NONE<", "xsd.enumeration", GROUP + "/ChrgBr"),
        ("<Dt>2026-01-15<", "<Dt>2026-02-30<", "xsd.type", GROUP + "/ReqdExctnDt/Dt"),
        ('<InstdAmt Ccy="CNY">', '<InstdAmt Ccy="CNY">-', "xsd.range", PAYMENT + "/Amt/InstdAmt"),
        ("<NbOfTxs>2", "<NbOfTxs>two", "xsd.pattern", "/GrpHdr/NbOfTxs"),
        (".00</InstdAmt>", ".000001</InstdAmt>", "xsd.digits", PAYMENT + "/Amt/InstdAmt"),
    ],
)
def test_a_broken_schema_rule_is_named_with_its_path(
    old: str, new: str, rule: str, path: str
) -> None:
    assert old in GOOD
    assert findings(GOOD.replace(old, new, 1)) == [(rule, BODY + path)]


def wrapped(header: str) -> str:
    return f"<Envelope>{HEADER.format(header)}{GOOD.partition('?>')[2]}</Envelope>"


def test_a_header_that_names_another_message_refuses_the_file() -> None:
    text = wrapped("<MsgDefIdr>pain.001.001.08</MsgDefIdr>")
    assert findings(text) == [("rule.header_message", "/AppHdr/MsgDefIdr")]
    assert read_pain001(wrapped("<MsgDefIdr>pain.001.001.09.ch.02</MsgDefIdr>").encode()).lines


def test_slashes_in_references_are_refused_under_cbpr_alone() -> None:
    slashed = wrapped("<BizSvc>swift.cbprplus.03</BizSvc>")
    slashed = slashed.replace("<InstrId>P", "<InstrId>/P", 1)
    (found,) = read_pain001(slashed.encode()).findings
    assert (found.rule, found.path) == (
        "rule.reference_slash",
        BODY + "/PmtInf[1]/CdtTrfTxInf[1]/PmtId/InstrId",
    )
    assert not read_pain001(slashed.replace("cbprplus", "other").encode()).findings


def test_zero_equivalent_amounts_and_duplicates_are_findings() -> None:
    nought = GOOD[: GOOD.index('"CNY">') + 6] + "0" + GOOD[GOOD.index("</InstdAmt>") :]
    nought = nought.replace("<CtrlSum>", "<!--").replace("</CtrlSum>", "-->")
    (found,) = read_pain001(nought.encode()).findings
    assert (found.rule, reason_of(found)) == ("rule.amount_positive", "AM01")
    uetr = GOOD[GOOD.index("<UETR>") + 6 : GOOD.index("</UETR>")]
    second = GOOD.rindex("<UETR>") + 6
    twice = GOOD[:second] + uetr + GOOD[second + 36 :]
    assert [one.rule for one in read_pain001(twice.encode()).findings] == ["rule.duplicate_uetr"]
    equivalent = GOOD.replace("<InstdAmt", "<EqvtAmt><Amt").replace(
        "</InstdAmt>", "</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt>"
    )
    file = read_pain001(equivalent.encode())
    assert {one.rule for one in file.findings} == {"rule.amount_currency"}
    assert file.lines[0].equivalent_in == "USD"
    assert not read_pain001(equivalent.encode(), Policy(equivalent_amounts=True)).findings


def test_a_group_id_that_repeats_refuses_the_file() -> None:
    group = GOOD[GOOD.index("<PmtInf>") : GOOD.index("</PmtInf>") + 9]
    text = GOOD.replace("</CstmrCdtTrfInitn>", group + "</CstmrCdtTrfInitn>")
    assert ("rule.duplicate_group_id", BODY + "/PmtInf[2]/PmtInfId") in findings(text)


def test_a_folder_of_schema_files_gives_a_second_opinion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
        targetNamespace="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
        <xs:element name="Document" type="xs:string"/></xs:schema>"""
    (tmp_path / "pain.001.001.09.xsd").write_text(schema)
    assert findings(GOOD, Policy(xsd_dir=tmp_path))[0][0] == "xsd.second_opinion"
    monkeypatch.setenv(XSD_VARIABLE, str(tmp_path))
    assert findings(GOOD)[0][0] == "xsd.second_opinion"
    monkeypatch.setenv(XSD_VARIABLE, str(tmp_path / "empty"))
    assert read_pain001(GOOD.encode()).lines


def test_a_wrong_charge_bearer_has_its_own_reason_code() -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_pain001(GOOD.replace(">SLEV<", ">NONE<").encode())
    assert reason_of(refused.value.findings[0]) == "BE19"


def test_a_charge_bearer_stands_at_the_group_or_at_the_payment_not_at_both() -> None:
    twice = GOOD.replace("</Amt><CdtrAgt>", "</Amt><ChrgBr>SHAR</ChrgBr><CdtrAgt>", 1)
    strict = Policy(usage_rules=True)
    (found,) = read_pain001(twice.encode(), strict).findings
    expected = BODY + PAYMENT + "/ChrgBr"
    assert (found.rule, found.path, reason_of(found)) == (
        "rule.charge_bearer_twice",
        expected,
        "BE19",
    )
    assert not read_pain001(twice.encode()).findings


def test_a_purpose_that_nobody_knows_is_a_finding_where_purposes_are_checked() -> None:
    odd = GOOD.replace("<Purp><Cd>SALA", "<Purp><Cd>QQQQ", 1)
    (found,) = read_pain001(odd.encode(), Policy(purpose_codes=True)).findings
    assert (found.rule, found.value) == ("rule.purpose", "QQQQ")
    assert not read_pain001(odd.encode()).findings
    assert not read_pain001(GOOD.encode(), Policy(purpose_codes=True)).findings
