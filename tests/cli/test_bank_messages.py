"""What banks send again, recall, return and ask about: moved once, found by any id, answered."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Shell
from typer.testing import CliRunner

from tongbao import iso20022
from tongbao.cli.main import app

# One node for all of them, the one that paying abroad is tried on.
pytestmark = pytest.mark.xdist_group("abroad")
CASES = Path(__file__).parents[3] / "shared" / "data" / "cases"
needs_data = pytest.mark.skipif(not CASES.is_dir(), reason="../shared/data/cases is not here")
NONCE = ("--nonce", "00112233445566778899aabbccddeeff")
"""Under which the story's payer and payee were screened."""
TODAY = datetime.now(UTC).date()


def order(*transfers: str, message: str = "", day: object = TODAY) -> str:
    """A pacs.008 of transfers; each is given as what stands in its PmtId."""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>'
        f"<GrpHdr><MsgId>{message or uuid.uuid4().hex}</MsgId>"
        f"<CreDtTm>2026-11-28T08:30:00Z</CreDtTm><NbOfTxs>{len(transfers)}</NbOfTxs>"
        "<SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>"
        + "".join(_transfer(ids, day) for ids in transfers)
        + "</FIToFICstmrCdtTrf></Document>"
    )


def _transfer(ids: str, day: object) -> str:
    agents = ("HANSDEHHXXX", "BNORCNSZXXX")
    instg, instd = (f"<FinInstnId><BICFI>{one}</BICFI></FinInstnId>" for one in agents)
    amount = "11.00"
    if "|" in ids:
        ids, amount = ids.split("|")
    return (
        f'<CdtTrfTxInf><PmtId>{ids}</PmtId><IntrBkSttlmAmt Ccy="EUR">{amount}</IntrBkSttlmAmt>'
        f"<IntrBkSttlmDt>{day}</IntrBkSttlmDt><ChrgBr>SHAR</ChrgBr>"
        f"<InstgAgt>{instg}</InstgAgt><InstdAgt>{instd}</InstdAgt>"
        "<Dbtr><Nm>alster</Nm><PstlAdr><Ctry>DE</Ctry></PstlAdr></Dbtr>"
        "<DbtrAcct><Id><Othr><Id>alster/main</Id></Othr></Id></DbtrAcct>"
        f"<DbtrAgt>{instg}</DbtrAgt><CdtrAgt>{instd}</CdtrAgt>"
        "<Cdtr><Nm>mingda</Nm><PstlAdr><Ctry>DE</Ctry></PstlAdr></Cdtr>"
        "<CdtrAcct><Id><Othr><Id>mingda/main</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>"
    )


def ids(e2e: str, *, tx: str = "", instr: str = "", uetr: str = "") -> str:
    """The inside of a PmtId."""
    return (
        (f"<InstrId>{instr}</InstrId>" if instr else "") + f"<EndToEndId>{e2e}</EndToEndId>"
        + (f"<TxId>{tx}</TxId>" if tx else "") + (f"<UETR>{uetr}</UETR>" if uetr else "")
    )  # fmt: skip


def new(prefix: str = "") -> str:
    return prefix + uuid.uuid4().hex[:12]


def bank(abroad: Shell, content: str | bytes, *more: str, status: int = 0) -> Any:
    """`pay bank` of a message, as JSON."""
    path = abroad.folder / f"{uuid.uuid4().hex}.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return typed(abroad, "pay", "bank", path, "--yes", *NONCE, *more, status=status)


def typed(abroad: Shell, *words: object, status: int = 0) -> Any:
    """A command's JSON, run in this process: starting the program takes longer than its work."""
    done = CliRunner().invoke(app, ["--json", *map(str, words), "--home", str(abroad.home)])
    assert done.exit_code == status, (words, done.stdout, done.exception)
    return json.loads(done.stdout[: done.stdout.rindex("}") + 1])


def states(reply: Any) -> list[str]:
    return list(reply["statuses"].values())


def balance(abroad: Shell, account: str, asset: str) -> int:
    held = typed(abroad, "account", "show", account)["holdings"]
    return next(int(one["posted_minor"]) for one in held if one["asset"] == asset)


def test_without_uetr_the_same_message_is_paid_once_and_answered_alike(abroad: Shell) -> None:
    message = order(ids("E2E", tx=new("T")))
    first = bank(abroad, message)
    before = balance(abroad, "alster/main", "EUR")
    again = bank(abroad, message)
    assert states(first) == states(again) == ["ACSC"]
    assert first["uetrs"] == again["uetrs"]
    assert balance(abroad, "alster/main", "EUR") == before
    report = iso20022.read_pacs002(Path(again["pacs_002"]).read_bytes())
    earlier = iso20022.read_pacs002(Path(first["pacs_002"]).read_bytes())
    assert report.transactions == earlier.transactions


def test_another_payment_under_known_ids_is_a_duplicate_and_says_so(abroad: Shell) -> None:
    name, ref = new("M"), new("T")
    assert states(bank(abroad, order(ids("E", tx=ref), message=name))) == ["ACSC"]
    other = bank(abroad, order(ids("E", tx=ref) + "|12.00", message=name), status=1)
    assert [one["reason"] for one in other["refused"]] == ["AM05"]
    assert states(bank(abroad, order(ids("E", tx=ref), message=new("M")))) == ["ACSC"]


def test_uetrs_that_share_eight_digits_are_two_payments(abroad: Shell) -> None:
    start = uuid.uuid4().hex[:8]
    uetrs = [f"{start}-0000-4000-8000-{n:012d}" for n in (1, 2)]
    reply = bank(abroad, order(*(ids(f"E{n}", uetr=one) for n, one in enumerate(uetrs))))
    assert states(reply) == ["ACSC", "ACSC"]
    assert reply["uetrs"] == uetrs


def test_a_payment_refused_for_a_missing_nonce_is_paid_when_it_comes_with_it(abroad: Shell) -> None:
    path = abroad.folder / "nonce.xml"
    path.write_text(order(ids(new(), uetr=str(uuid.uuid4()))))
    refused = typed(abroad, "pay", "bank", path, "--yes", status=1)
    assert states(refused) == ["RJCT"]
    assert states(typed(abroad, "pay", "bank", path, "--yes", *NONCE)) == ["ACSC"]


def test_transfers_whose_ids_repeat_are_told_apart_by_their_place(abroad: Shell) -> None:
    message = order(ids("NOTPROVIDED"), ids("NOTPROVIDED"))
    reply = bank(abroad, message)
    assert states(reply) == ["ACSC", "ACSC"]
    assert len(set(reply["uetrs"])) == 2
    assert bank(abroad, message)["uetrs"] == reply["uetrs"]


def test_a_settlement_date_ahead_is_refused_and_nothing_moves(abroad: Shell) -> None:
    before = balance(abroad, "alster/main", "EUR")
    # Every day of the next week: a Monday is ahead on the Sunday before it too.
    for days, status in (*((days, 1) for days in range(1, 8)), (10, 1), (-60, 1)):
        late = order(ids(new(), uetr=str(uuid.uuid4())), day=TODAY + timedelta(days))
        reply = bank(abroad, late, status=status)
        assert [one["reason"] for one in reply["refused"]] == ["DT01"]
    assert balance(abroad, "alster/main", "EUR") == before


def test_a_dry_run_prints_what_would_happen_as_json(abroad: Shell) -> None:
    uetr = str(uuid.uuid4())
    bad = ids("E", uetr=str(uuid.uuid4())) + "|999999999.00"
    reply = bank(abroad, order(ids("E", uetr=uetr), bad), "--dry-run", status=1)
    assert reply["dry_run"] is True
    assert [one["uetr"] for one in reply["payments"]] == [uetr]
    assert reply["payments"][0]["costs"]
    assert len(reply["refused"]) == 1
    typed(abroad, "pay", "track", uetr, status=1)


# ---- found by whatever id is given ---------------------------------------------------------------


def _recall(**names: str) -> str:
    reported = "".join(
        f"<{name}>{value}</{name}>" for name, value in names.items() if "Msg" not in name
    )
    group = names.get("OrgnlMsgId")
    of = f"<OrgnlGrpInf><OrgnlMsgId>{group}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08"
    of = of + "</OrgnlMsgNmId></OrgnlGrpInf>" if group else ""
    agent = "<Agt><FinInstnId><BICFI>HANSDEHHXXX</BICFI></FinInstnId></Agt>"
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.056.001.08"><FIToFIPmtCxlReq>'
        f"<Assgnmt><Id>{new('C')}</Id><Assgnr>{agent}</Assgnr><Assgne>{agent}</Assgne>"
        "<CreDtTm>2026-11-28T11:00:00Z</CreDtTm></Assgnmt><Undrlyg><TxInf>"
        f"{of}{reported}<CxlRsnInf><Rsn><Cd>DUPL</Cd></Rsn></CxlRsnInf></TxInf></Undrlyg>"
        "</FIToFIPmtCxlReq></Document>"
    )


def _question(**names: str) -> str:
    reported = "".join(
        f"<{name}>{value}</{name}>" for name, value in names.items() if "Msg" not in name
    )
    group = names.get("OrgnlMsgId")
    of = f"<OrgnlMsgId>{group}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>"
    whole = f"<OrgnlGrpInf>{of}</OrgnlGrpInf>" if group else ""
    one = f"<TxInf>{reported}</TxInf>" if reported else ""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.028.001.03"><FIToFIPmtStsReq>'
        f"<GrpHdr><MsgId>{new('Q')}</MsgId><CreDtTm>2026-11-28T11:00:00Z</CreDtTm></GrpHdr>"
        f"{whole}{one}</FIToFIPmtStsReq></Document>"
    )


def test_a_payment_is_found_by_every_id_that_it_came_with(abroad: Shell) -> None:
    message, e2e, tx, instr = new("M"), new("E"), new("T"), new("I")
    reply = bank(abroad, order(ids(e2e, tx=tx, instr=instr), message=message))
    reference = iso20022.read_pacs002(Path(reply["pacs_002"]).read_bytes()).transactions[0]
    for names in (
        {"OrgnlEndToEndId": e2e}, {"OrgnlTxId": tx}, {"OrgnlInstrId": instr},
        {"OrgnlMsgId": message}, {"OrgnlUETR": reply["uetrs"][0]},
        {"OrgnlTxId": reference.servicer_reference},
        {"OrgnlMsgId": message, "OrgnlEndToEndId": e2e},
    ):  # fmt: skip
        reported = bank(abroad, _question(**names))
        report = iso20022.read_pacs002(Path(reported["pacs_002"]).read_bytes())
        assert [one.status for one in report.transactions] == ["ACSC"], names
    unknown = bank(abroad, _question(OrgnlEndToEndId=new("X")), status=1)
    report = iso20022.read_pacs002(Path(unknown["pacs_002"]).read_bytes())
    assert report.transactions[0].reasons[0].code == "NOOR"
    none = bank(abroad, _question(OrgnlMsgId=new("X")), status=1)
    report = iso20022.read_pacs002(Path(none["pacs_002"]).read_bytes())
    assert report.groups[0].reasons[0].code == "NOOR"
    recalled = bank(abroad, _recall(OrgnlTxId=tx))
    assert list(recalled["answers"].values()) == ["PDCR"]
    again = bank(abroad, _recall(OrgnlEndToEndId=e2e, OrgnlMsgId=message))
    assert list(again["answers"].values()) == ["PDCR"]


def test_two_payments_of_one_end_to_end_id_are_said_and_none_is_chosen(abroad: Shell) -> None:
    e2e = new("E")
    uetrs = [str(uuid.uuid4()), str(uuid.uuid4())]
    bank(abroad, order(*(ids(e2e, uetr=one) for one in uetrs)))
    for message in (_question(OrgnlEndToEndId=e2e), _recall(OrgnlEndToEndId=e2e)):
        reply = bank(abroad, message, status=0 if "028" in message else 1)
        answer = Path(reply.get("pacs_002") or reply["camt_029"]).read_text()
        assert "2 payments carry these ids" in answer
    assert typed(abroad, "pay", "track", uetrs[0])["cancellation_by"] == ""


def test_a_camt029_answers_what_was_asked(abroad: Shell) -> None:
    uetr = str(uuid.uuid4())
    bank(abroad, order(ids(new("E"), uetr=uetr)))
    asked = bank(abroad, _recall(OrgnlUETR=uetr))
    answer = Path(asked["camt_029"]).read_text().replace("PDCR", "RJCR")
    reason = "<CxlStsRsnInf><Rsn><Cd>CUST</Cd></Rsn></CxlStsRsnInf></TxInfAndSts>"
    answer = answer.replace("</TxCxlSts>", "</TxCxlSts>" + reason.removesuffix("</TxInfAndSts>"))
    reply = bank(abroad, answer)
    assert list(reply["answers"].values()) == ["RJCR"]
    assert typed(abroad, "pay", "track", uetr)["steps"][-1]["step"] == "cancellation_rejected"
    assert list(bank(abroad, answer)["answers"].values()) == ["RJCR"]


def _returns(uetr: str, *parts: tuple[str, str], day: object = TODAY) -> str:
    reported = "".join(
        f"<TxInf><RtrId>{name}</RtrId><OrgnlUETR>{uetr}</OrgnlUETR>"
        f'<RtrdIntrBkSttlmAmt Ccy="CNY">{amount}</RtrdIntrBkSttlmAmt>'
        f"<IntrBkSttlmDt>{day}</IntrBkSttlmDt><RtrRsnInf><Rsn><Cd>AC04</Cd></Rsn>"
        "<AddtlInf>/FX/beneficiary_currency</AddtlInf></RtrRsnInf></TxInf>"
        for name, amount in parts
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"><PmtRtr>'
        f"<GrpHdr><MsgId>{new('R')}</MsgId><CreDtTm>2026-11-28T10:00:00Z</CreDtTm>"
        f"<NbOfTxs>{len(parts)}</NbOfTxs><SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>"
        f"{reported}</PmtRtr></Document>"
    )


def test_each_return_is_one_of_its_own_and_the_same_file_gets_the_first_answer(
    abroad: Shell,
) -> None:
    held = [one["asset"] for one in typed(abroad, "account", "show", "alster/main")["holdings"]]
    if "CNY" not in held:
        abroad.run("account", "hold-asset", "--account", "alster/main", "--asset", "CNY")
    uetr = str(uuid.uuid4())
    bank(abroad, order(ids(new("E"), uetr=uetr) + "|250.00"))
    message = _returns(uetr, ("R1", "100.00"), ("R2", "50.00"), ("R3", "999999.00"))
    reply = bank(abroad, message, status=1)
    first, second, third = reply["answers"].values()
    assert "RETURN_TOO_MUCH" in third
    assert typed(abroad, "pay", "track", uetr)["returned_minor"] == "15000"
    again = list(bank(abroad, message, status=1)["answers"].values())
    assert again[:2] == [first, second]
    assert typed(abroad, "pay", "track", uetr)["returned_minor"] == "15000"
    report = iso20022.read_pacs002(Path(reply["pacs_002"]).read_bytes())
    assert [one.status for one in report.transactions] == ["ACSC", "ACSC", "RJCT"]
    other = bank(abroad, _returns(uetr, ("R1", "99.00")), status=1)
    assert next(iter(other["answers"].values())).startswith("AM05")
    early = bank(abroad, _returns(uetr, ("R9", "1.00"), day=TODAY + timedelta(9)), status=1)
    assert next(iter(early["answers"].values())).startswith("DT01")


def test_an_enveloped_question_is_answered_in_an_envelope_and_a_bare_one_bare(
    abroad: Shell,
) -> None:
    head = (
        '<Envelope><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02">'
        "<Fr><FIId><FinInstnId><BICFI>HANSDEHHXXX</BICFI></FinInstnId></FIId></Fr>"
        "<To><FIId><FinInstnId><BICFI>BNORCNSZXXX</BICFI></FinInstnId></FIId></To>"
        "<BizMsgIdr>BIZ-1</BizMsgIdr><MsgDefIdr>pacs.008.001.08</MsgDefIdr>"
        "<BizSvc>house</BizSvc><CreDt>2026-11-28T08:30:05Z</CreDt></AppHdr>"
    )
    message = order(ids(new("E"), uetr=str(uuid.uuid4())))
    reply = bank(abroad, f"{head}{message}</Envelope>")
    for kind, name in (("pacs_002", "pacs.002.001.10"), ("camt_054", "camt.054.001.08")):
        document = iso20022.read_document(Path(reply[kind]).read_bytes())
        answer = iso20022.read_header(document)
        assert answer is not None
        assert (answer.message, answer.service, answer.sender.bic) == (name, "house", "BNORCNSZXXX")
        assert b"BIZ-1" in answer.source
    bare = bank(abroad, order(ids(new("E"), uetr=str(uuid.uuid4()))))
    assert iso20022.read_document(Path(bare["pacs_002"]).read_bytes()).header is None


def test_the_whole_address_is_sealed_for_the_travel_rule(abroad: Shell) -> None:
    parts = (
        "<PstlAdr><BldgNm>Harbour Tower</BldgNm><Room>2101</Room><TwnNm>Shenzhen</TwnNm>"
        "<DstrctNm>Nanshan</DstrctNm><CtrySubDvsn>Guangdong</CtrySubDvsn><Ctry>DE</Ctry>"
        "<AdrLine>No 8 Keyuan Road</AdrLine><AdrLine>2nd gate</AdrLine></PstlAdr></Cdtr>"
    )
    message = order(ids(new("E"), uetr=str(uuid.uuid4())))
    message = message.replace("<PstlAdr><Ctry>DE</Ctry></PstlAdr></Cdtr>", parts)
    made = typed(abroad, "travel", "key", "bank-north")
    abroad.run("corridor", "publish-sealing-key", "--party", "bank-north", "--suite", "x25519",
               "--public", made["public"])  # fmt: skip
    reply = bank(abroad, message, "--seal-to", "bank-north")
    [path] = [value for name, value in reply.items() if name.startswith("travel_")]
    opened = typed(abroad, "travel", "open", path, "--party", "bank-north")
    person = opened["ivms101"]["beneficiary"]["beneficiaryPersons"][0]["legalPerson"]
    assert person["geographicAddress"] == [{
        "addressType": "BIZZ", "buildingName": "Harbour Tower", "room": "2101",
        "townName": "Shenzhen", "districtName": "Nanshan", "countrySubDivision": "Guangdong",
        "country": "DE", "addressLine": ["No 8 Keyuan Road", "2nd gate"],
    }]  # fmt: skip


# ---- the cases as they came ----------------------------------------------------------------------


@needs_data
@pytest.mark.parametrize(
    ("name", "expected"),
    [("D01-no-uetr", "ACSC"), ("A26-supplementary", "ACSC"), ("B08-enveloped", "ACSC")],
)
def test_a_case_is_paid_once_however_often_it_comes(
    abroad: Shell, name: str, expected: str
) -> None:
    text = (CASES / f"{name}.xml").read_text().replace("2026-11-30", str(TODAY))
    first, again = bank(abroad, text), bank(abroad, text)
    assert states(first) == states(again) == [expected]
    assert first["uetrs"] == again["uetrs"]


@needs_data
def test_the_recall_of_a38_finds_its_payment(abroad: Shell) -> None:
    text = (CASES / "D01-no-uetr.xml").read_text().replace("2026-11-30", str(TODAY))
    bank(abroad, text)
    reply = bank(abroad, (CASES / "A38-recall-no-uetr.xml").read_bytes())
    assert list(reply["answers"].values()) == ["PDCR"]


@needs_data
def test_the_recall_of_a38_finds_the_payment_that_its_end_to_end_id_names(abroad: Shell) -> None:
    """Its OrgnlMsgId is of another hop, and was never seen here: that contradicts nothing."""
    name = new("A40-")
    bank(abroad, order(ids(name, uetr=str(uuid.uuid4()))))
    recall = (CASES / "A38-recall-no-uetr.xml").read_text().replace("D01-E1", name)
    recall = recall.replace("D01-NOUETR", new("ELSEWHERE-"))
    assert list(bank(abroad, recall)["answers"].values()) == ["PDCR"]


@needs_data
def test_the_chinese_name_of_a34_is_refused_under_cbpr_and_paid_without_it(abroad: Shell) -> None:
    text = (CASES / "A34-cbpr-chinese.xml").read_text().replace("2026-11-30", str(TODAY))
    reply = bank(abroad, text, status=1)
    assert [one["reason"] for one in reply["refused"]] == ["CH16"]
    assert "明达精密有限公司" in reply["refused"][0]["why"]
    house = re.sub("<BizSvc>.*</BizSvc>", "<BizSvc>house</BizSvc>", text)
    assert states(bank(abroad, house)) == ["PDNG"]  # nobody screened that name: held, not refused
