"""Answers to a file: what they say of agents, identifiers and money; the same answer again."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.cases.filing import FIRST, SECOND, case, filed, payment, planned, terms, today
from tests.gateway.conftest import Node, checker, desk_node, maker, wallet  # noqa: F401

from tongbao import paymentfiles
from tongbao.cli.commands.pay import file as pay_file
from tongbao.iso20022 import DocumentRefused, read_statement
from tongbao.paymentfiles.paying import Outcome
from tongbao.sdk import Client
from tongbao.sdk import desk as sdk
from tongbao.sdk.desk import DeskClient


def settled(plan: paymentfiles.Plan) -> list[paymentfiles.Settled]:
    """Every batch of a plan as if it had been settled."""
    return [paymentfiles.Settled(one, 7, 1_796_000_000_000, "ab" * 32) for one in plan.batches]


def noticed(plan: paymentfiles.Plan) -> bytes:
    """The camt.054 of a plan that was settled."""
    written = paymentfiles.notification(settled(plan), message_id="M", created_at=datetime.now(UTC))
    assert written is not None
    return written


def of_agent(bic: str) -> bytes:
    agent = f"<CdtrAgt><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></CdtrAgt>"
    return filed(payment(before=agent))


def test_a_bic_of_nobody_is_never_said_by_us() -> None:
    plan = planned(of_agent("NOTPROVIDED"))
    assert not plan.refused
    written = noticed(plan)
    assert b"<BICFI>" not in written
    (entry,) = read_statement(written).statements[0].entries
    assert entry.details[0].creditor_agent.bic == ""


def test_a_bic_of_no_country_is_refused() -> None:
    found = planned(of_agent("BNORZZSZ")).refused
    assert [(one.rule, one.reason) for one in found] == [("rule.bic", "RC01")]


def test_case_a16_the_notice_holds_no_bic_that_is_none() -> None:
    plan = planned(today(case("A16-iban-only.xml")))
    assert not plan.refused
    assert re.findall(rb"<BIC(?:FI)?>([^<]*)", noticed(plan)) == []


def kept(content: bytes) -> bytes:
    return content.replace(b"mingda/main", FIRST[1].encode())


def test_case_b05_whole_amounts_of_two_currencies_are_two_bookings() -> None:
    plan = planned(kept(today(case("B05-two-currencies.xml"))), whole=True)
    reported = [
        (one.currency, [entry.amount_minor for entry in one.entries])
        for one in read_statement(noticed(plan)).statements
    ]
    assert reported == [("CNY", [10000]), ("EUR", [5000])]
    each = planned(filed(payment("1.00"), payment("2.00", SECOND[1], currency="EUR")), whole=True)
    assert [one.totals for one in each.batches] == [{"CNY": 100, "EUR": 200}]


@pytest.mark.parametrize(
    ("party", "reason"), [("Cdtr", "BE17"), ("UltmtCdtr", "BE17"), ("UltmtDbtr", "BE16")]
)
def test_check_digits_01_of_an_lei_are_wrong_in_every_party_of_a_payment(
    party: str, reason: str
) -> None:
    wrong = "<Id><OrgId><LEI>00TB00BUGCASE0007001</LEI></OrgId></Id>"
    for lei, refused in ((wrong, True), (wrong.replace("7001", "7098"), False)):
        content = filed(payment()).decode()
        if party == "Cdtr":
            content = content.replace("<Nm>Payee</Nm>", f"<Nm>Payee</Nm>{lei}")
        else:
            reported = f"<{party}><Nm>Other</Nm>{lei}</{party}>"
            at = "<Cdtr>" if party == "UltmtDbtr" else "</CdtTrfTxInf>"
            content = content.replace(at, reported + at)
        found = planned(content.encode()).refused
        assert [(one.rule, one.reason) for one in found] == (
            [("rule.lei", reason)] if refused else []
        )


def test_where_the_notice_cannot_be_written_it_is_said_that_the_money_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> bytes:
        raise DocumentRefused(planned(filed(payment("1.001"))).refused[0].findings)

    monkeypatch.setattr(sys.modules["tongbao.paymentfiles"], "notification", fails)
    plan = planned(filed(payment("5.00")))
    outcome = Outcome(plan, tuple(settled(plan)), earlier=False)
    ledger = SimpleNamespace(receipt=lambda digest: b"{}")
    with pytest.raises(SystemExit) as ended:
        pay_file._answer(tmp_path / "a.xml", tmp_path, outcome, terms(), ledger)  # type: ignore[arg-type]
    assert ended.value.code == 1
    reply = " ".join(capsys.readouterr().out.split())
    assert "1 of 1 payments settled, 5.00 CNY" in reply
    assert "camt.054 could not be written" in reply
    assert "The payments above are settled all the same." in reply
    assert (tmp_path / "a.pain.002.xml").is_file()


def test_the_desks_answer_asked_for_again_is_the_same_message(
    desk_node: Node,  # noqa: F811
    maker: DeskClient,  # noqa: F811
    checker: DeskClient,  # noqa: F811
) -> None:
    client = desk_node.client()
    taken = maker.upload(filed(payment(), payment("2.00", SECOND[1])), "again.xml")
    waiting = both(client, taken.file)
    assert both(client, taken.file) == waiting
    maker.release(checker.sign(maker.sign(taken)))
    while client.call(sdk.file(taken.file)).state != "done":
        pass
    done = both(client, taken.file, "camt.054")
    assert both(client, taken.file, "camt.054") == done
    ids = [re.findall(rb"<MsgId>([^<]*)", one)[0] for one in (*waiting, *done)]
    assert len(set(ids)) == 3
    assert all(len(one) <= 35 for one in ids)


REMITTED = (
    "<Purp><Prtry>ROYALTY-Q4</Prtry></Purp><RmtInf><Ustrd>Invoice 77 十二月货款</Ustrd></RmtInf>"
)
STRUCTURED = (
    "<Purp><Cd>TAXS</Cd></Purp><RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry>"
    "</Tp><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>"
)


@pytest.mark.parametrize("batch", [True, False])
def test_the_desks_own_notice_says_of_each_payment_what_the_file_says(
    batch: bool,
    maker: DeskClient,  # noqa: F811
    checker: DeskClient,  # noqa: F811
) -> None:
    """Ids, purposes and remittances, each its own, and the account in the currency booked."""
    name = "6f1d1f1e-2a0e-4a5e-9d5a-0123456789a" + ("b" if batch else "c")
    content = filed(
        payment("1.00", more=REMITTED), payment("2.00", SECOND[1], more=STRUCTURED), batch=batch
    ).decode()
    content = content.replace("<PmtId>", "<PmtId><InstrId>I-1</InstrId>", 1)
    place = content.rindex("</EndToEndId>") + len("</EndToEndId>")
    content = f"{content[:place]}<UETR>{name}</UETR>{content[place:]}"
    message = re.findall("<MsgId>([^<]*)", content)[0]
    ends = re.findall("<EndToEndId>([^<]*)", content)
    taken = maker.sign(maker.upload(content.encode(), "own.xml"))
    maker.release(checker.sign(taken))
    client = maker.client
    while client.call(sdk.file(taken.file)).state != "done":
        pass
    notice = client.call(sdk.document(taken.file, "camt.054"))
    reported = notice.decode()
    assert REMITTED in reported and STRUCTURED in reported
    (one,) = read_statement(notice).statements
    assert one.account.currency == "CNY"
    details = [detail for entry in one.entries for detail in entry.details]
    assert [len(entry.details) for entry in one.entries] == ([2] if batch else [1, 1])
    assert [
        (d.message_id, d.payment_information_id, d.instruction_id, d.end_to_end_id, d.uetr)
        for d in details
    ] == [(message, "G1", "I-1", ends[0], ""), (message, "G1", "", ends[1], name)]


def both(client: Client, file: str, *more: str) -> list[bytes]:
    """The pain.002, and other answers, of a file at the desk."""
    return [client.call(sdk.document(file, kind)) for kind in ("pain.002", *more)]


@pytest.mark.parametrize(
    "identity",
    [
        "<OrgId><AnyBIC>BNORCNSZXXX</AnyBIC><Othr><Id>O1</Id><SchmeNm><Cd>TXID</Cd></SchmeNm>"
        "<Issr>I1</Issr></Othr><Othr><Id>O2</Id><SchmeNm><Prtry>USCC</Prtry></SchmeNm></Othr>"
        "</OrgId>",
        "<PrvtId><DtAndPlcOfBirth><BirthDt>1990-01-01</BirthDt><PrvcOfBirth>P</PrvcOfBirth>"
        "<CityOfBirth>C</CityOfBirth><CtryOfBirth>DE</CtryOfBirth></DtAndPlcOfBirth>"
        "<Othr><Id>N1</Id></Othr></PrvtId>",
    ],
)
def test_the_notice_names_the_payee_with_every_identification(identity: str) -> None:
    reported = f"<Nm>Payee</Nm><Id>{identity}</Id><CtryOfRes>FR</CtryOfRes>"
    content = filed(payment()).replace(b"<Nm>Payee</Nm>", reported.encode())
    written = noticed(planned(content)).decode()
    assert f"<Cdtr><Pty>{reported}</Pty></Cdtr>" in written
