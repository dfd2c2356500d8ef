"""What a clerk reads of a payment abroad: the way on after a refusal, in both languages, whole."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Shell
from tests.cli.test_bank_messages import NONCE, ids, new, order
from tests.cli.test_width import screen_of

from tongbao.cli.shell import layout
from tongbao.cli.shell.output import Output
from tongbao.modules.corridors.events import PaymentStepped
from tongbao.modules.settlement.events import Allocated
from tongbao.sdk.sentences import Sentences

# The node that paying abroad is tried on.
pytestmark = pytest.mark.xdist_group("abroad")
ACROSS = ("pay", "send", "alster/main", "mingda/main", "20", "EUR", "--to", "CNY")
STRUCTURED = (
    "<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
    "<Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>"
)
PROPRIETARY = "<Purp><Prtry>SALARY-ADVANCE</Prtry></Purp>"


def bank(abroad: Shell, more: str, *options: str) -> list[str]:
    """The words of `pay bank` for a transfer that has `more` behind its creditor's account."""
    path = abroad.folder / f"{new()}.xml"
    path.write_text(order(ids(new())).replace("</CdtrAcct>", f"</CdtrAcct>{more}"))
    return ["pay", "bank", str(path), *options]


@pytest.mark.parametrize("how", ["--dry-run", "--yes"])
def test_without_digests_of_both_ends_the_way_to_them_is_told(abroad: Shell, how: str) -> None:
    reply = abroad.run(*ACROSS, how, status=1)
    assert "SUBJECT_MISSING" in reply and "tongbao travel subject PERSON.json" in reply
    assert "--originator DIGEST --beneficiary DIGEST" in reply
    reply = abroad.run(*bank(abroad, "", how), status=1)
    assert "SUBJECT_MISSING" in reply and "--nonce NONCE" in reply


@pytest.mark.parametrize(
    ("more", "english", "chinese"),
    [
        (STRUCTURED, "write it as text, <RmtInf><Ustrd>RF18539007547034</Ustrd></RmtInf>",
         "请改写为文字，如 <RmtInf><Ustrd>RF18539007547034</Ustrd></RmtInf>"),
        (PROPRIETARY, "write an ISO code, e.g. <Purp><Cd>GDDS</Cd></Purp>",
         "请改用 ISO 代码，如 <Purp><Cd>GDDS</Cd></Purp>"),
    ],
)  # fmt: skip
def test_what_does_not_reach_the_payee_is_refused_with_what_to_write_instead(
    abroad: Shell, more: str, english: str, chinese: str
) -> None:
    reply = abroad.run(*bank(abroad, more, "--yes", *NONCE), status=1)
    assert english in reply and "does not reach the payee" in reply
    assert english in abroad.json(*bank(abroad, more, "--dry-run"), status=1)["refused"][0]["why"]
    words = bank(abroad, more, "--dry-run", "--lang", "zh")
    assert chinese in abroad.run(*words, status=1)


def test_refusals_of_a_message_are_told_in_chinese(abroad: Shell) -> None:
    reply = abroad.run(*bank(abroad, "", "--dry-run", "--lang", "zh"), status=1)
    assert "须筛查付款人与收款人" in reply and "screens who pays" not in reply
    path = abroad.folder / f"{new()}.xml"
    path.write_text(order(ids(new())).replace("mingda/main", "mingda/none"))
    reply = abroad.run("pay", "bank", path, "--dry-run", "--lang", "zh", status=1)
    assert "收款账户 mingda/none 不在本账本" in reply


@pytest.mark.parametrize("language", ["en", "zh"])
def test_payments_abroad_stand_whole_on_a_narrow_screen(abroad: Shell, language: str) -> None:
    uetr = abroad.json("pay", "list")["items"][-1]["uetr"]
    for words in (("track", uetr), ("list",), ("list", "--state", "refused")):
        printed = screen_of(abroad, language, "pay", *words)
        assert not [one for one in printed.splitlines() if layout.width(one) > 80]
        assert uetr in printed or "refused" in words
    screen = screen_of(abroad, "zh", "pay", "list")
    assert "最终客户已入账" in screen and "CNY" in screen and "EUR" in screen
    charges = screen_of(abroad, "zh", "corridor", "charges", "--account", "hanse-bank/fees")
    assert "通道" in charges


def test_a_payment_that_credited_nobody_is_not_returned_and_it_is_said_why(abroad: Shell) -> None:
    uetr = abroad.json("pay", "list", "--state", "refused")["items"][0]["uetr"]
    assert "nothing was credited" in abroad.run("pay", "return", uetr, status=1)
    reply = abroad.run("pay", "return", uetr, "--lang", "zh", status=1)
    assert "状态为“已拒绝”" in reply


def test_events_say_steps_and_sides_in_chinese_words() -> None:
    reported = Sentences("zh", {"EUR": 2})
    event = {"event": "x", "uetr": "U", "step": "refused", "state": "refused"}
    assert list(reported.tell(PaymentStepped, event)) == ["付款 U：已拒绝，状态 已拒绝。"]
    event = {
        "event": "x",
        "account": "a/main",
        "side": "deliver",
        "instructions": [1],
        "batch": "B",
    }
    assert "负责交付" in next(iter(reported.tell(Allocated, event)))


def test_switches_of_a_holding_are_told_in_chinese() -> None:
    made = Output()
    made.language = "zh"
    assert made.value("flags", "frozen issuing") == "已冻结、发行账户"
