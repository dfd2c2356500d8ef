"""What a bank's message may say: judged as files are, carried to the payee whole or refused."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from tests.cli.conftest import Shell
from tests.cli.test_bank_messages import (
    TODAY,
    _question,
    _recall,
    _returns,
    bank,
    ids,
    new,
    order,
    states,
    typed,
)

from tongbao.cli.commands.pay.returns import _part
from tongbao.iso20022 import FxTreatment, Money
from tongbao.paymentfiles import banking

# One node for all of them, the one that paying abroad is tried on.
pytestmark = pytest.mark.xdist_group("abroad")


def test_a_bank_s_message_is_judged_by_the_code_sets_and_charge_rules_of_files(
    abroad: Shell,
) -> None:
    for rule, more in (
        ("purpose", "<Purp><Cd>QQQQ</Cd></Purp>"),
        ("category", "<PmtTpInf><CtgyPurp><Cd>QQQQ</Cd></CtgyPurp></PmtTpInf>"),
    ):
        text = order(ids(new(), uetr=str(uuid.uuid4())))
        place = "</CdtTrfTxInf>" if rule == "purpose" else "<IntrBkSttlmAmt"
        text = text.replace(place, more + place)
        reply = bank(abroad, text, status=1)
        assert rule in reply["refused"][0]["why"]
    text = order(ids(new(), uetr=str(uuid.uuid4())))
    charges = (
        '<ChrgBr>SHAR</ChrgBr><ChrgsInf><Amt Ccy="EUR">1.00</Amt><Agt><FinInstnId>'
        "<BICFI>HANSDEHHXXX</BICFI></FinInstnId></Agt></ChrgsInf>"
    )
    bank(abroad, text.replace("<ChrgBr>SHAR</ChrgBr>", charges), status=1)


def with_more(transfer: str, *, before: str = "") -> str:
    """An order of one transfer with elements after the creditor's account."""
    text = order(ids(before or new(), uetr=str(uuid.uuid4())))
    return text.replace("</CdtTrfTxInf>", transfer + "</CdtTrfTxInf>")


def test_blanks_of_every_kind_are_the_common_one_in_a_bank_s_message(abroad: Shell) -> None:
    name = new("B\u00a0")
    text = with_more("<RmtInf><Ustrd>十一月\u3000货款</Ustrd></RmtInf>", before=name)
    assert states(bank(abroad, text)) == ["ACSC"]
    assert states(bank(abroad, text)) == ["ACSC"]
    entries = typed(abroad, "account", "entries", "mingda/main")["items"]
    reported = [
        one["remittance"]
        for one in entries
        if one["payee_reference"] == name.replace("\u00a0", " ")
    ]
    assert reported == ["十一月 货款"]


@pytest.mark.parametrize(
    ("element", "more"),
    [
        ("RmtInf/Ustrd", f"<RmtInf><Ustrd>{'x' * 130}</Ustrd><Ustrd>{'y' * 130}</Ustrd></RmtInf>"),
        ("RmtInf/Strd", "<RmtInf><Ustrd>a</Ustrd><Strd><CdtrRefInf><Ref>RF18539007547034</Ref>"
                        "</CdtrRefInf></Strd></RmtInf>"),
        ("Purp/Prtry", "<Purp><Prtry>SALARY-ADVANCE</Prtry></Purp>"),
    ],
)  # fmt: skip
def test_what_cannot_reach_the_payee_whole_is_refused_by_its_element_and_never_cut(
    abroad: Shell, element: str, more: str
) -> None:
    reply = bank(abroad, with_more(more), status=1)
    assert element in reply["refused"][0]["why"]


def test_a_typed_payment_takes_any_blank_in_its_remittance_and_reference(abroad: Shell) -> None:
    name = new("T\u00a0")
    words = ("--remittance", "十一月\u3000货款", "--reference", name)
    typed(abroad, "pay", "send", "mingda/main", "bank-north/main", "1.00", "CNY", *words)
    entries = typed(abroad, "account", "entries", "mingda/main")["items"]
    reported = [(one["payee_reference"], one["remittance"]) for one in entries]
    assert (name.replace("\u00a0", " "), "十一月 货款") in reported


@pytest.mark.parametrize(
    ("stated", "zone_hours", "why"),
    [
        (" 2026-11-29 ", 0, ""), ("2026-11-29Z", 0, ""), ("\n2026-11-29", 8, ""),
        ("2026-11-30+14:00", 0, ""),  # it began at 10:00Z on the 29th
        ("2026-12-01+14:00", 0, "ahead"), ("2026-11-29-13:00", 0, "ahead"),
        ("2026-11-30", 8, "ahead"), ("2026-11-30", 14, ""),
    ],
)  # fmt: skip
def test_a_settlement_date_is_read_as_xml_writes_it_and_is_a_day_of_its_zone(
    stated: str, zone_hours: int, why: str
) -> None:
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    zone = timezone(timedelta(hours=zone_hours))
    if not why:
        banking.require_day(stated, now, zone)
        return
    with pytest.raises(banking.OrderRefused, match=why) as refused:
        banking.require_day(stated, now, zone)
    assert refused.value.reason == "DT01"


@pytest.mark.parametrize(
    ("was", "other"),
    [
        ("<Cd>GDDS</Cd>", "<Cd>SUPP</Cd>"), ("<Ustrd>first</Ustrd>", "<Ustrd>second</Ustrd>"),
        ("<ChrgBr>SHAR</ChrgBr>", "<ChrgBr>DEBT</ChrgBr>"),
    ],
)  # fmt: skip
def test_what_says_something_else_under_known_ids_is_another_payment(
    abroad: Shell, was: str, other: str
) -> None:
    words = "<Purp><Cd>GDDS</Cd></Purp><RmtInf><Ustrd>first</Ustrd></RmtInf>"
    text = with_more(words)
    assert states(bank(abroad, text)) == states(bank(abroad, text)) == ["ACSC"]
    assert text.replace(was, other) != text
    reply = bank(abroad, text.replace(was, other), status=1)
    assert [one["reason"] for one in reply["refused"]] == ["AM05"]


def test_names_are_found_however_their_blanks_are_written(abroad: Shell) -> None:
    name = new("E")
    bank(abroad, order(ids(f"{name}\u3000x", uetr=str(uuid.uuid4()))))
    typed(abroad, "pay", "send", "mingda/main", "bank-north/main", "1.00", "CNY",
          "--reference", f"{name}\u00a0y")  # fmt: skip
    for blank in (" ", "\u00a0", "\u3000"):
        for end in ("x", "y"):
            reply = bank(abroad, _question(OrgnlEndToEndId=f"{name}{blank}{end}"))
            assert list(reply["answers"].values()) == ["ACSC"]
    assert list(bank(abroad, _question(OrgnlEndToEndId=" "), status=1)["answers"].values()) == [
        "RJCT"
    ]


def verdict(uetr: str, word: str) -> str:
    """A camt.029 about a payment."""
    agent = "<Agt><FinInstnId><BICFI>HANSDEHHXXX</BICFI></FinInstnId></Agt>"
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"><RsltnOfInvstgtn>'
        f"<Assgnmt><Id>{new('A')}</Id><Assgnr>{agent}</Assgnr><Assgne>{agent}</Assgne>"
        f"<CreDtTm>2026-11-28T11:00:00Z</CreDtTm></Assgnmt><Sts><Conf>{word}</Conf></Sts><CxlDtls>"
        f"<TxInfAndSts><OrgnlUETR>{uetr}</OrgnlUETR></TxInfAndSts></CxlDtls></RsltnOfInvstgtn>"
        "</Document>"
    )


def test_only_an_answer_that_accepts_or_rejects_ends_a_request_to_cancel(abroad: Shell) -> None:
    uetr = str(uuid.uuid4())
    bank(abroad, order(ids(new("E"), uetr=uetr)))
    [reported] = bank(abroad, verdict(uetr, "CNCL"), status=1)["answers"].values()
    assert "nobody asks" in reported
    bank(abroad, _recall(OrgnlUETR=uetr))
    for word, status in (("PDCR", 0), ("UWFW", 0), ("MODI", 1), ("IPAY", 1), ("PACR", 1)):
        bank(abroad, verdict(uetr, word), status=status)
        track = typed(abroad, "pay", "track", uetr)
        assert (track["state"], track["cancellation_by"]) == ("settled", "alster"), word
    assert list(bank(abroad, verdict(uetr, "RJCR"))["answers"].values()) == ["RJCR"]
    # The contrary, once it is answered, is no answer.
    assert list(bank(abroad, verdict(uetr, "CNCL"), status=1)["answers"].values()) == ["RJCR"]


def test_a_return_for_another_reason_under_a_known_id_is_another_one(abroad: Shell) -> None:
    uetr = str(uuid.uuid4())
    bank(abroad, order(ids(new("E"), uetr=uetr)))
    message = _returns(uetr, ("R1", "1.00"), day=f" {TODAY} ")
    message = message.replace('"CNY">', '"EUR">').replace("beneficiary_currency", "original_rate")
    assert bank(abroad, message)["answers"] == bank(abroad, message)["answers"]
    other = bank(abroad, message.replace("AC04", "MS03"), status=1)
    assert next(iter(other["answers"].values())).startswith("AM05")


def track(send: str, receive: str, converted: int, arrived: int) -> Any:
    """As much of a payment as its return is reckoned by."""
    return SimpleNamespace(
        send_asset=send, receive_asset=receive, converted_minor=str(converted),
        arrived_minor=str(arrived), state="settled",
    )  # fmt: skip


def test_a_return_stated_in_the_payer_s_currency_is_that_amount_or_says_what_can_be() -> None:
    yuan = track("CNY", "USD", 70_000, 10_000)
    assert _part(yuan, Money("CNY", 1_400), None) == (200, "original_rate")
    with pytest.raises(banking.OrderRefused, match=r"9\.94 or 10\.01") as refused:
        _part(yuan, Money("CNY", 1_000), None)
    assert refused.value.reason == "AM09"
    yen = track("JPY", "KWD", 1_000, 2_000)
    assert _part(yen, Money("JPY", 7), FxTreatment.ORIGINAL_RATE) == (14, "original_rate")
    with pytest.raises(banking.OrderRefused, match="current_rate is stated in KWD"):
        _part(yen, Money("JPY", 7), FxTreatment.CURRENT_RATE)
