"""What informs is read whole, any XML in an Envlp is not judged, answers keep their header."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tongbao import iso20022
from tongbao.iso20022 import Policy
from tongbao.iso20022.xml.second_opinion import second_opinion

CASES = Path(__file__).parents[5] / "shared" / "data" / "cases"
XSD = CASES.parent / "iso20022" / "xsd"
needs_data = pytest.mark.skipif(not CASES.is_dir(), reason="../shared/data/cases is not here")
NOW = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)
STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-28T02:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S</Id>
<Acct><Id><IBAN>CH9300762011623852957</IBAN></Id><Ccy>CHF</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CHF">50.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-27</Dt></Dt></Bal>
<Ntry><NtryRef>1</NtryRef><Amt Ccy="CHF">20.000</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Sts><Cd>BOOK</Cd></Sts>
<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>
<AmtDtls><InstdAmt><Amt Ccy="EUR">21.00</Amt><CcyXchg><SrcCcy>EUR</SrcCcy><TrgtCcy>CHF</TrgtCcy>
<XchgRate>0.95</XchgRate></CcyXchg></InstdAmt></AmtDtls>
<NtryDtls><TxDtls><Refs><EndToEndId>E</EndToEndId></Refs><Amt Ccy="CHF">20.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd>
<AmtDtls><InstdAmt><Amt Ccy="EUR">21.00</Amt><CcyXchg><SrcCcy>EUR</SrcCcy>
<TrgtCcy>CHF</TrgtCcy><XchgRate>0.95</XchgRate></CcyXchg></InstdAmt></AmtDtls>
<RltdPties><DbtrAcct><Id><IBAN>CH0000000000000000000</IBAN></Id></DbtrAcct></RltdPties>
</TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CHF">30.001</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Sts><Cd>BOOK</Cd></Sts>
<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def test_a_statement_is_read_whole_and_warns_at_the_place_of_what_is_wrong() -> None:
    read = iso20022.read_statement(STATEMENT.encode())
    [statement] = read.statements
    assert [one.amount_minor for one in statement.entries] == [20_00, 0]
    rules = [(one.rule, one.path.rpartition("/")[2], one.value) for one in read.findings]
    assert ("rule.iban", "IBAN", "CH0000000000000000000") in rules
    assert ("rule.currency_decimals", "Amt", "30.001") in rules
    assert all(one.line for one in read.findings)


@needs_data
def test_the_bad_counterparty_of_a37_is_a_warning() -> None:
    read = iso20022.read_statement((CASES / "A37-bad-counterparty.xml").read_bytes())
    [statement] = read.statements
    assert [one.amount_minor for one in statement.entries] == [20_00, 30_00]
    [warning] = read.findings
    assert (warning.rule, warning.line) == ("rule.iban", 16)


@pytest.mark.parametrize("change", ["entry", "detail", "amount"])
def test_a_changed_entry_keeps_its_currency_exchange(change: str) -> None:
    read = iso20022.read_statement(STATEMENT.encode())
    [statement] = read.statements
    first = statement.entries[0]
    [detail] = first.details
    changed = {
        "entry": replace(first, additional="seen", servicer_reference="NEW"),
        "detail": replace(first, details=(replace(detail, additional="seen"),)),
        "amount": replace(
            first, amount_minor=19_00, details=(replace(detail, amount_minor=19_00),)
        ),
    }[change]
    entries = (changed, *statement.entries[1:])
    kept = [entry for entry in entries if entry.amount_minor]
    data = iso20022.write_statement(
        replace(read, statements=(replace(statement, entries=tuple(kept)),))
    )
    assert data.count(b"<CcyXchg>") == 2
    [again] = iso20022.read_statement(data).statements
    assert again.entries == tuple(kept)


def test_what_supplementary_data_carries_is_not_judged_and_goes_on_as_it_came() -> None:
    data = _transfer(
        '<SplmtryData><Envlp><X><IBAN>DE00XXXX</IBAN><BICFI>?</BICFI><Amt Ccy="XXX">1</Amt>'
        "<Nm>明</Nm></X></Envlp></SplmtryData>"
    )
    read = iso20022.read_pacs008(data, Policy(usage_rules=True))
    assert read.transfers[0].findings == ()
    passed = iso20022.write_pacs008(read, version="pacs.008.001.10")
    assert b"DE00XXXX" in passed
    assert b"pacs.008.001.08" in passed[passed.index(b"<Envlp>") :]


def test_under_cbpr_names_are_of_the_extended_set_and_without_it_any_name_passes() -> None:
    bare = _transfer("", name="明达精密")
    policy = Policy(usage_rules=True)
    assert iso20022.read_pacs008(bare, policy).transfers[0].findings == ()
    found = iso20022.read_pacs008(_enveloped(bare), policy).transfers[0].findings
    assert [(one.rule, one.path.rpartition("/")[2]) for one in found] == [("rule.characters", "Nm")]


@needs_data
def test_the_chinese_name_of_a34_is_found_under_cbpr_alone() -> None:
    data = (CASES / "A34-cbpr-chinese.xml").read_bytes()
    policy = Policy(usage_rules=True)
    found = iso20022.read_pacs008(data, policy).transfers[0].findings
    assert [one.rule for one in found] == ["rule.characters", "rule.characters"]
    other = re.sub(rb"<BizSvc>.*</BizSvc>", b"<BizSvc>house</BizSvc>", data)
    assert iso20022.read_pacs008(other, policy).transfers[0].findings == ()


def test_an_answer_s_header_is_the_question_s_turned_round_with_the_question_in_rltd() -> None:
    question = iso20022.read_header(iso20022.read_document(_enveloped(_transfer(""))))
    assert question is not None
    answer = iso20022.answered(question, _transfer("", message="ANSWER"), "B-2", NOW)
    document = iso20022.read_document(answer)
    head = iso20022.read_header(document)
    assert head is not None
    assert (head.sender.bic, head.receiver.bic) == ("BNORCNSZXXX", "HANSDEHHXXX")
    assert (head.message, head.business_id, head.service) == (
        "pacs.008.001.08", "B-2", "swift.cbprplus.03",
    )  # fmt: skip
    assert document.header is not None
    related = document.header[-1]
    assert [one.tag.rpartition("}")[2] for one in related] == [
        "Fr", "To", "BizMsgIdr", "MsgDefIdr", "BizSvc", "CreDt",
    ]  # fmt: skip
    assert related[2].text == "BIZ-1"
    if XSD.is_dir():
        assert second_opinion(document, XSD) == ()
    assert iso20022.answered(None, _transfer(""), "B-2", NOW) == _transfer("")


def test_a_party_named_by_its_organisation_is_turned_round_too() -> None:
    data = _enveloped(_transfer("")).replace(
        b"<Fr><FIId><FinInstnId><BICFI>HANSDEHHXXX</BICFI></FinInstnId></FIId></Fr>",
        b"<Fr><OrgId><Nm>Hanse</Nm></OrgId></Fr>",
    )
    question = iso20022.read_header(iso20022.read_document(data))
    answer = iso20022.answered(question, _transfer(""), "B-2", NOW)
    assert b"<To><OrgId><Nm>Hanse</Nm></OrgId></To>" in answer


def test_every_part_of_an_address_is_read_and_written() -> None:
    parts = (
        "<Dept>d</Dept><SubDept>sd</SubDept><StrtNm>s</StrtNm><BldgNb>1</BldgNb><BldgNm>bn</BldgNm>"
        "<Flr>2</Flr><PstBx>3</PstBx><Room>4</Room><PstCd>5</PstCd><TwnNm>t</TwnNm>"
        "<TwnLctnNm>tl</TwnLctnNm><DstrctNm>di</DstrctNm><CtrySubDvsn>cs</CtrySubDvsn>"
        "<Ctry>CN</Ctry><AdrLine>l1</AdrLine><AdrLine>l2</AdrLine>"
    )
    read = iso20022.read_pacs008(_transfer("", address=parts))
    [one] = read.transfers
    fresh = replace(read, source=b"", transfers=(replace(one, source=b""),))
    assert parts in iso20022.write_pacs008(fresh).decode()


def _transfer(more: str, *, name: str = "mingda", message: str = "M", address: str = "") -> bytes:
    place = f"<PstlAdr>{address}</PstlAdr>" if address else ""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>'
        f"<GrpHdr><MsgId>{message}</MsgId><CreDtTm>2026-11-28T08:30:00Z</CreDtTm>"
        "<NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf>"
        "<PmtId><EndToEndId>E</EndToEndId></PmtId>"
        '<IntrBkSttlmAmt Ccy="EUR">250.00</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr>'
        "<Dbtr><Nm>alster</Nm></Dbtr><DbtrAcct><Id><Othr><Id>a</Id></Othr></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><BICFI>HANSDEHHXXX</BICFI></FinInstnId></DbtrAgt>"
        "<CdtrAgt><FinInstnId><BICFI>BNORCNSZXXX</BICFI></FinInstnId></CdtrAgt>"
        f"<Cdtr><Nm>{name}</Nm>{place}</Cdtr>"
        f"{more}</CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"
    ).encode()


def _enveloped(document: bytes) -> bytes:
    head = (
        '<Envelope><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02">'
        "<Fr><FIId><FinInstnId><BICFI>HANSDEHHXXX</BICFI></FinInstnId></FIId></Fr>"
        "<To><FIId><FinInstnId><BICFI>BNORCNSZXXX</BICFI></FinInstnId></FIId></To>"
        "<BizMsgIdr>BIZ-1</BizMsgIdr><MsgDefIdr>pacs.008.001.08</MsgDefIdr>"
        "<BizSvc>swift.cbprplus.03</BizSvc><CreDt>2026-11-28T08:30:05Z</CreDt></AppHdr>"
    )
    return head.encode() + document + b"</Envelope>"
