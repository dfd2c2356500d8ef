"""A notice of what was paid (camt.054) says of each payment all that its payer's file says."""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree
from tests.cases.filing import SECOND, filed, payment, planned

from tongbao import paymentfiles
from tongbao.iso20022 import read_statement

ADDRESS = (
    "<PstlAdr><AdrTp><Cd>BIZZ</Cd></AdrTp><StrtNm>Keyuan Road</StrtNm><BldgNb>8</BldgNb>"
    "<TwnNm>Shenzhen</TwnNm><Ctry>CN</Ctry><AdrLine>Harbour Tower</AdrLine></PstlAdr>"
)
CONTACT = "<CtctDtls><NmPrfx>MADM</NmPrfx><Nm>Wang</Nm><PhneNb>+86-755</PhneNb></CtctDtls>"
AGENT = (
    f"<FinInstnId><BICFI>BNORCNSZXXX</BICFI><Nm>North</Nm>{ADDRESS}</FinInstnId>"
    "<BrnchId><Id>77</Id><Nm>Nanshan</Nm></BrnchId>"
)
BETWEEN = "<IntrmyAgt1><FinInstnId><BICFI>HANSDEHHXXX</BICFI></FinInstnId></IntrmyAgt1>"
PARTY = f"<Nm>Payee</Nm>{ADDRESS}<CtryOfRes>CN</CtryOfRes>{CONTACT}"
ADVICE = (
    "<RltdRmtInf><RmtId>R1</RmtId><RmtLctnDtls><Mtd>EMAL</Mtd>"
    "<ElctrncAdr>books@payee.example</ElctrncAdr></RmtLctnDtls></RltdRmtInf>"
)


def reported(content: bytes) -> str:
    """The notice of a file, without its namespace."""
    plan = planned(content)
    assert not plan.refused
    settled = [paymentfiles.Settled(batch, 7, 1, "ab" * 32) for batch in plan.batches]
    written = paymentfiles.notification(settled, message_id="N", created_at=datetime.now(UTC))
    assert written is not None
    read_statement(written)
    return etree.tostring(etree.fromstring(written), encoding="unicode")


def test_addresses_contacts_agents_and_advices_stand_in_the_notice_as_written() -> None:
    content = filed(payment(more=ADVICE), payment()).decode()
    content = content.replace(
        "<Cdtr><Nm>Payee</Nm></Cdtr>",
        f"{BETWEEN}<CdtrAgt>{AGENT}</CdtrAgt><Cdtr>{PARTY}</Cdtr>", 1,
    )  # fmt: skip
    content = content.replace("<Dbtr><Nm>Hengtong</Nm></Dbtr>", f"<Dbtr>\n {PARTY}\n</Dbtr>")
    notice = reported(content.encode())
    assert f"<Cdtr><Pty>{PARTY}</Pty></Cdtr>" in notice
    assert notice.count(f"<Dbtr><Pty>{PARTY}</Pty></Dbtr>") == 2
    assert f"<CdtrAgt>{AGENT}</CdtrAgt>{BETWEEN}" in notice
    assert notice.count(ADVICE) == 1
    assert notice.count("<Cdtr><Pty><Nm>Payee</Nm></Pty></Cdtr>") == 1


def test_an_agent_of_which_only_the_branch_or_the_address_is_said_is_told() -> None:
    only = f"<CdtrAgt><FinInstnId>{ADDRESS}</FinInstnId><BrnchId><Id>5</Id></BrnchId></CdtrAgt>"
    content = filed(payment(before=only))
    assert only in reported(content)


def test_a_bic_that_is_nobody_s_is_never_said_by_us() -> None:
    written = "<BICFI>NOTPROVIDED</BICFI>"
    content = filed(payment(before=f"<CdtrAgt><FinInstnId>{written}</FinInstnId></CdtrAgt>"))
    assert "BICFI" not in reported(content)
    with_name = filed(
        payment(
            before=f"<CdtrAgt><FinInstnId>{written}<Nm>Bank</Nm>{ADDRESS}</FinInstnId></CdtrAgt>"
        )
    )
    assert f"<CdtrAgt><FinInstnId><Nm>Bank</Nm>{ADDRESS}</FinInstnId></CdtrAgt>" in reported(
        with_name
    )


def test_an_older_file_s_words_are_told_in_those_of_the_notice() -> None:
    content = filed(payment()).decode()
    content = content.replace("pain.001.001.09", "pain.001.001.03")
    content = content.replace("<ReqdExctnDt><Dt>", "<ReqdExctnDt>").replace(
        "</Dt></ReqdExctnDt>", "</ReqdExctnDt>"
    )
    content = content.replace(
        "<Cdtr><Nm>Payee</Nm></Cdtr>",
        "<CdtrAgt><FinInstnId><BIC>BNORCNSZXXX</BIC><PstlAdr><AdrTp>BIZZ</AdrTp><Ctry>CN</Ctry>"
        "</PstlAdr></FinInstnId></CdtrAgt><Cdtr><Nm>Payee</Nm><PstlAdr><AdrTp>HOME</AdrTp>"
        "<Ctry>CN</Ctry></PstlAdr></Cdtr>",
    )  # fmt: skip
    notice = reported(content.encode())
    assert "<BICFI>BNORCNSZXXX</BICFI><PstlAdr><AdrTp><Cd>BIZZ</Cd></AdrTp>" in notice
    assert "<Nm>Payee</Nm><PstlAdr><AdrTp><Cd>HOME</Cd></AdrTp><Ctry>CN</Ctry></PstlAdr>" in notice


def test_entries_of_one_batch_in_two_currencies_have_references_of_their_own() -> None:
    content = filed(payment("100.00"), payment("50.00", SECOND[1], currency="EUR"), batch=True)
    notice = reported(content)
    found = [
        one.entries[0].servicer_reference for one in read_statement(notice.encode()).statements
    ]
    assert len(set(found)) == 2


def test_what_a_notice_has_no_element_for_is_named_and_never_dropped_without_a_word() -> None:
    account = "<CdtrAgtAcct><Id><Othr><Id>NOSTRO</Id></Othr></Id></CdtrAgtAcct>"
    instruct = "<InstrForCdtrAgt><Cd>HOLD</Cd></InstrForCdtrAgt>"
    report = "<RgltryRptg><Dtls><Cd>CN121</Cd></Dtls></RgltryRptg>"
    agent = "<CdtrAgt><FinInstnId><BICFI>BNORCNSZXXX</BICFI></FinInstnId></CdtrAgt>"
    notice = reported(filed(payment(before=agent + account, more=instruct + report), payment()))
    reply = "in the payment file alone: CdtrAgtAcct, InstrForCdtrAgt, RgltryRptg"
    assert notice.count("<AddtlTxInf>") == notice.count(f"<AddtlTxInf>{reply}</AddtlTxInf>") == 1
