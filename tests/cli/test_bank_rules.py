"""What a bank's message may say: judged as files are, carried to the payee whole or refused."""

from __future__ import annotations

import uuid

import pytest
from tests.cli.conftest import Shell
from tests.cli.test_bank_messages import bank, ids, new, order, states, typed

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
        said = bank(abroad, text, status=1)
        assert rule in said["refused"][0]["why"]
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
    told = [
        one["remittance"]
        for one in entries
        if one["payee_reference"] == name.replace("\u00a0", " ")
    ]
    assert told == ["十一月 货款"]


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
    said = bank(abroad, with_more(more), status=1)
    assert element in said["refused"][0]["why"]


def test_a_typed_payment_takes_any_blank_in_its_remittance_and_reference(abroad: Shell) -> None:
    name = new("T\u00a0")
    words = ("--remittance", "十一月\u3000货款", "--reference", name)
    typed(abroad, "pay", "send", "mingda/main", "bank-north/main", "1.00", "CNY", *words)
    entries = typed(abroad, "account", "entries", "mingda/main")["items"]
    told = [(one["payee_reference"], one["remittance"]) for one in entries]
    assert (name.replace("\u00a0", " "), "十一月 货款") in told
