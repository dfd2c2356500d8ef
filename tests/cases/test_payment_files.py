"""One door for payment files: what is judged, when it moves, and what is answered."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.cases.filing import (
    FIRST,
    SECOND,
    ahead,
    case,
    filed,
    paid,
    payment,
    planned,
    terms,
    today,
)
from tests.gateway.conftest import Node, desk_node, wallet  # noqa: F401

from tongbao import paymentfiles
from tongbao.iso20022 import DocumentRefused, read_pain002, read_statement
from tongbao.iso20022.dates import requested, zone_named
from tongbao.paymentfiles.judging import Terms, due_ms
from tongbao.paymentfiles.plan import reference_of
from tongbao.sdk.wallet import Wallet

CHINA = timezone(timedelta(hours=8))


def rules(plan: paymentfiles.Plan) -> list[str]:
    return [one.rule for refused in plan.refused for one in refused.findings]


# ---- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [f"<Dt>{ahead(1)}</Dt>", f"<DtTm>{ahead(2)}T09:00:00Z</DtTm>"])
def test_a_date_that_lies_ahead_is_refused_where_nobody_waits_and_waits_at_the_desk(
    day: str,
) -> None:
    content = filed(payment(), day=day)
    (refused,) = planned(content).refused
    assert (refused.reason, refused.rule) == ("DT01", "desk.date_ahead")
    assert refused.findings[0].path.endswith("/ReqdExctnDt")
    waiting = planned(content, waits=True)
    assert not waiting.refused
    assert due_ms(waiting.batches[0].group, terms(waits=True)) > 0


def test_a_time_is_an_instant_and_a_plain_date_the_servicers_day() -> None:
    for written, zone, expected in (
        ("2026-12-01T15:00:00+08:00", UTC, 1796108400000),
        ("2026-12-01T00:30:00+08:00", UTC, 1796056200000),
        ("2026-12-01T00:30:00", CHINA, 1796056200000),
        ("2026-11-30T24:00:00Z", UTC, 1796083200000),
        ("2026-12-01", UTC, 1796083200000),
        ("2026-12-01", CHINA, 1796054400000),
        ("2026-12-01", zone_named("Asia/Shanghai"), 1796054400000),
        ("2026-12-01+08:00", UTC, 1796054400000),
    ):
        found = requested(written, zone)
        assert found is not None
        assert found.at_ms == expected, written
    assert requested("12026-12-01", UTC) is None
    assert requested("9999-12-31T24:00:00Z", UTC) is None


def test_case_a02_each_batch_is_due_at_its_own_instant() -> None:
    now = int(datetime(2026, 11, 28, tzinfo=UTC).timestamp() * 1000)
    at = Terms(now, waits=True)
    read = paymentfiles.read_file(case("A02-dttm-offset.xml"), at)
    assert [due_ms(group, at) for group in read.groups] == [
        1796108400000, 1796056200000, 1796083200000
    ]  # fmt: skip


# ---- one policy ----------------------------------------------------------------------------------


def test_a_charge_bearer_stands_at_the_group_or_at_the_payment() -> None:
    content = filed(payment(before="<ChrgBr>DEBT</ChrgBr>"), bearer="<ChrgBr>SLEV</ChrgBr>")
    assert [one.reason for one in planned(content).refused] == ["BE19"]


def test_every_fault_is_told_at_its_own_element_and_none_is_cut() -> None:
    strange = "9" * 34
    content = filed(
        payment("1.001", strange, more="<Purp><Cd>ZZZZ</Cd></Purp>"), payment()
    )  # fmt: skip
    plan = planned(content)
    (refused,) = plan.refused
    assert [(one.rule, one.path.rpartition("]/")[2]) for one in refused.findings] == [
        ("rule.currency_decimals", "Amt/InstdAmt"), ("rule.purpose", "Purp/Cd"),
        ("desk.creditor_account", "CdtrAcct"),
    ]  # fmt: skip
    report = paymentfiles.status_report(plan, [], message_id="M", created_at=datetime.now(UTC))
    reported = read_pain002(report).payment_informations[0].transactions[0]
    (reported_why,) = reported.reasons
    whole = "".join(reported_why.texts)
    for one in refused.findings:
        assert f"{one.rule} line {one.line} {one.path}: {one.message_en}" in whole
    assert all(len(text) <= 105 for text in reported_why.texts)


def test_a_text_that_the_ledger_does_not_take_refuses_its_own_payment_alone() -> None:
    reported = "<RmtInf><Ustrd>fine</Ustrd><Ustrd>not\u00adfine</Ustrd></RmtInf>"
    plan = planned(filed(payment(), payment(more=reported), payment()))
    (refused,) = plan.refused
    (found,) = refused.findings
    assert (found.rule, refused.reason) == ("desk.text", "CH16")
    assert found.path.endswith("/CdtTrfTxInf[2]/RmtInf/Ustrd[2]")
    assert (found.line, "U+00AD" in found.message_en) == (6, True)
    assert len(plan.batches[0].lines) == 2


@pytest.mark.parametrize("blank", ["\u00a0", "\u3000", "\u2003", "\u202f", "\u200b", "\t", "\n"])
def test_a_blank_of_any_kind_is_the_common_one_on_the_ledger(blank: str) -> None:
    reported = f"<RmtInf><Ustrd>十一月{blank}货款，第３批</Ustrd></RmtInf>"
    plan = planned(filed(payment(id=f"INV{blank}7", more=reported)))
    assert not plan.refused
    (action,) = plan.batches[0].actions
    assert action.lines[0].payee_reference == "INV 7"
    assert action.remittance == "十一月 货款，第３批"


@pytest.mark.parametrize(
    ("name", "texts"),
    [("A04-nbsp-reference.xml", 3), ("A05-fullwidth-space.xml", 2)],
)
def test_cases_a04_and_a05_no_payment_is_refused_for_a_blank(name: str, texts: int) -> None:
    plan = planned(today(case(name)))
    assert (len(plan.refused), sum(len(one.lines) for one in plan.batches)) == (0, texts)


def test_a_currency_that_the_ledger_keeps_with_other_decimals_is_refused() -> None:
    plan = planned(filed(payment("5000", currency="JPY")), JPY=2)
    assert [(one.rule, one.reason) for one in plan.refused] == [("desk.decimals", "CH20")]
    assert not planned(filed(payment("5000", currency="JPY")), JPY=0).refused


def test_amounts_of_two_currencies_are_never_added() -> None:
    content = filed(payment("100.00"), payment("50.00", SECOND[1], currency="EUR"), batch=True)
    (batch,) = planned(content).batches
    assert batch.totals == {"CNY": 10000, "EUR": 5000}
    settled = paymentfiles.Settled(batch, 7, 1, "ab" * 32)
    written = paymentfiles.notification([settled], message_id="M", created_at=datetime.now(UTC))
    assert written is not None
    reported = [
        (one.currency, [entry.amount_minor for entry in one.entries])
        for one in read_statement(written).statements
    ]
    assert reported == [("CNY", [10000]), ("EUR", [5000])]


def test_an_end_to_end_id_in_supplementary_data_is_nobodys() -> None:
    twin = '<x xmlns="urn:x"><EndToEndId>E-1</EndToEndId></x>'
    space = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
    for supplement in (twin, f'<EndToEndId xmlns="{space}">E-1</EndToEndId>'):
        content = filed(payment(id="E-1"), supplement=supplement)
        assert not planned(content).refused


def test_message_ids_are_compared_as_written() -> None:
    ids = ["a:b", "a.b", "a~b", "a~3a;b", " a", "a", "x" * 35, ":" * 35, ":" * 34 + ";", "a/1"]
    names = [reference_of(one, number) for one in ids for number in (1, 2)]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 64 and ":" not in name for name in names)


@pytest.mark.parametrize("digits", ["00", "01", "99"])
def test_check_digits_that_no_reckoning_gives_are_wrong(digits: str) -> None:
    plan = planned(filed(payment(account=f"DE{digits}370400440000000042")))
    assert plan.refused[0].rule == "rule.iban"
    assert plan.refused[0].reason == "AC01"


# ---- the same file again -------------------------------------------------------------------------


def answers(outcome: object) -> tuple[bytes, bytes | None]:
    at = outcome.answered_at  # type: ignore[attr-defined]
    settled = list(outcome.settled)  # type: ignore[attr-defined]
    report = paymentfiles.status_report(outcome.plan, settled, message_id="S", created_at=at)  # type: ignore[attr-defined]
    return report, paymentfiles.notification(settled, message_id="N", created_at=at)


def balance(node: Node, account: str) -> int:
    holding = node.application.view().holding(account, "CNY")
    return 0 if holding is None else holding.posted


def test_the_same_file_again_moves_nothing_and_has_the_first_answer(
    desk_node: Node,  # noqa: F811
    wallet: Wallet,  # noqa: F811
) -> None:
    client = desk_node.client()
    content = filed(payment("1.00"), payment("2.00", "nobody/none"), payment("3.00", SECOND[1]))
    first = paid(client, wallet, content)
    assert (first.earlier, sum(len(one.paid()) for one in first.settled)) == (False, 2)
    after = balance(desk_node, "hengtong/main")
    again = paid(client, wallet, content)
    assert again.earlier
    assert balance(desk_node, "hengtong/main") == after
    assert answers(again) == answers(first)


def test_what_no_payment_of_a_file_has_money_for_is_am04(
    desk_node: Node,  # noqa: F811
    wallet: Wallet,  # noqa: F811
) -> None:
    huge = "9999999999999999.99"
    for lines in ((payment(huge),), (payment(huge), payment(huge, SECOND[1]))):
        outcome = paid(desk_node.client(), wallet, filed(*lines))
        reported = [one.refusal for one in outcome.settled]
        assert [one.iso_reason for one in reported if one] == ["AM04"]


def test_another_file_under_a_used_message_id_is_a_duplicate_and_moves_nothing(
    desk_node: Node,  # noqa: F811
    wallet: Wallet,  # noqa: F811
) -> None:
    client = desk_node.client()
    paid(client, wallet, filed(payment("1.00"), message=(name := f"M:{ahead(0)}")))
    after = balance(desk_node, "hengtong/main")
    other = paid(client, wallet, filed(payment("2.00"), payment("3.00"), message=name))
    assert not other.settled
    assert {(one.reason, one.rule) for one in other.plan.refused} == {
        ("DUPL", "desk.message_id_used")
    }
    assert balance(desk_node, "hengtong/main") == after
    dotted = paid(client, wallet, filed(payment("2.00"), message=name.replace(":", ".")))
    assert [len(one.paid()) for one in dotted.settled] == [1]


def test_a_file_that_was_broken_off_is_finished_and_nothing_is_paid_twice(
    desk_node: Node,  # noqa: F811
    wallet: Wallet,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules["tongbao.paymentfiles.plan"], "MAX_LINES", 1)
    client = desk_node.client()
    content = filed(payment("1.00"), payment("2.00", SECOND[1]), payment("4.00"))
    at = terms()
    made = paymentfiles.plan(
        paymentfiles.read_file(content, at), content, paymentfiles.HttpDirectory(client), at
    )
    assert [one.part for one in made.batches] == [(1, 3), (2, 3), (3, 3)]
    status = client.status()
    first = paymentfiles.sign(
        made.batches[0], status.chain, status.time_ms, wallet, ["maker", "checker"]
    )
    client.submit_and_wait(first.envelope)
    before = balance(desk_node, "hengtong/main")
    outcome = paid(client, wallet, content)
    assert (len(outcome.settled), outcome.earlier) == (3, False)
    assert before - balance(desk_node, "hengtong/main") == 600
    assert paid(client, wallet, content).earlier


def test_a_file_as_a_whole_that_cannot_be_read_is_refused_and_nothing_else() -> None:
    with pytest.raises(DocumentRefused):
        planned(filed(payment("x")))
    assert FIRST != SECOND
