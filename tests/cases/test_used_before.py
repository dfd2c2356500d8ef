"""One verdict on every way in: ids used before, accounts as they stand."""

from __future__ import annotations

import hashlib

import pytest
from tests.cases.filing import FIRST, SECOND, filed, paid, payment
from tests.cases.test_payment_files import balance
from tests.gateway.conftest import (  # noqa: F401
    Node,
    checker,
    desk_node,
    maker,
    new_envelope,
    wallet,
)

from tongbao.modules.accounts import FreezeAccount, OpenAccount
from tongbao.modules.payments import BulkTransfer, Line, Transfer
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.paying import Outcome
from tongbao.sdk import desk as sdk
from tongbao.sdk import payment_files
from tongbao.sdk.answers import Problem
from tongbao.sdk.desk import DeskClient
from tongbao.sdk.wallet import Wallet

ONE, OTHER = "7b1c1d0e-0001-4b6e-9c55-0d1f7a10a001", "7b1c1d0e-0002-4b6e-9c55-0d1f7a10a002"


def reported(outcome: Outcome) -> list[tuple[str, str, str]]:
    """Reason, rule and element of every finding."""
    return [
        (one.reason, found.rule, found.path.rpartition("]/")[2])
        for one in outcome.plan.refused
        for found in one.findings
    ]


def with_uetr(content: bytes, uetr: str) -> bytes:
    """The first payment with a UETR."""
    reply = f"</EndToEndId><UETR>{uetr}</UETR>".encode()
    return content.replace(b"</EndToEndId>", reply, 1)


def test_an_end_to_end_id_that_was_paid_is_a_duplicate_in_any_other_file(
    desk_node: Node,  # noqa: F811
    wallet: Wallet,  # noqa: F811
    maker: DeskClient,  # noqa: F811
) -> None:
    client = desk_node.client()
    first = filed(payment(id="UB\u00a01"))
    assert len(paid(client, wallet, first).settled) == 1
    before = balance(desk_node, "hengtong/main")
    other = filed(payment("2.00", id="UB\u30001"), payment("3.00", SECOND[1]))
    outcome = paid(client, wallet, other)
    assert reported(outcome) == [("DU04", "rule.duplicate_across_files", "PmtId/EndToEndId")]
    assert hashlib.sha256(first).hexdigest()[:12] in outcome.plan.refused[0].text_en
    assert before - balance(desk_node, "hengtong/main") == 300
    taken = maker.upload(filed(payment("4.00", id="UB 1"), payment("5.00")), "b.xml")
    assert taken.states == {"ready": 1, "refused": 1}
    (bad,) = client.walk(sdk.payments(taken.file, state="refused"))
    assert (bad.reason, bad.rule) == ("DU04", "rule.duplicate_across_files")


def test_an_end_to_end_id_that_waits_at_the_desk_is_a_duplicate_for_a_client_too(
    desk_node: Node,  # noqa: F811
    wallet: Wallet,  # noqa: F811
    maker: DeskClient,  # noqa: F811
) -> None:
    taken = maker.upload(filed(payment(id="UB-WAITS")), "a.xml")
    outcome = paid(desk_node.client(), wallet, filed(payment("2.00", id="UB-WAITS")))
    assert (reported(outcome)[0][0], outcome.settled) == ("DU04", ())
    assert taken.file in outcome.plan.refused[0].text_en
    maker.cancel(taken)
    assert len(paid(desk_node.client(), wallet, filed(payment(id="UB-WAITS"))).settled) == 1


def test_what_was_refused_and_what_has_no_id_may_come_again(
    desk_node: Node,  # noqa: F811
    wallet: Wallet,  # noqa: F811
) -> None:
    client = desk_node.client()
    assert not paid(client, wallet, filed(payment(account="nobody/none", id="UB-2"))).settled
    for _ in range(2):
        outcome = paid(client, wallet, filed(payment(id="NOTPROVIDED"), payment("1.00")))
        assert (reported(outcome), len(outcome.settled)) == ([], 1)
    assert len(paid(client, wallet, filed(payment(id="UB-2"))).settled) == 1


def test_a_uetr_is_of_one_payment_whoever_made_it(
    desk_node: Node,  # noqa: F811
    wallet: Wallet,  # noqa: F811
    maker: DeskClient,  # noqa: F811
) -> None:
    client = desk_node.client()
    first = with_uetr(filed(payment()), ONE)
    assert len(paid(client, wallet, first).settled) == 1
    assert paid(client, wallet, first).earlier
    outcome = paid(client, wallet, with_uetr(filed(payment()), ONE))
    assert reported(outcome) == [("DU03", "rule.uetr_across_files", "PmtId/UETR")]
    third = with_uetr(filed(payment(account="hengtong/main"), payer="mingda/main"), ONE)
    assert reported(paid(client, wallet, third))[0][0] == "DU03"
    for expected in ({"ready": 1}, {"refused": 1}):
        assert maker.upload(with_uetr(filed(payment()), OTHER), "u.xml").states == expected


def test_an_account_that_cannot_be_paid_is_a_finding_before_anybody_signs(
    desk_node: Node,  # noqa: F811
    wallet: Wallet,  # noqa: F811
    maker: DeskClient,  # noqa: F811
) -> None:
    client = desk_node.client()
    for name, assets in (("empty", ()), ("frozen", ("CNY",))):
        act = OpenAccount(f"mingda/{name}", title=name, assets=assets)
        client.submit_and_wait(new_envelope(act, party="mingda"))
    freeze = FreezeAccount("mingda/frozen", "supervisor", "order 1")
    client.submit_and_wait(new_envelope(freeze, party="supervisor"))
    lines = ("mingda/empty", "mingda/frozen", FIRST[1])
    content = filed(*(payment("1.00", one) for one in lines))
    by_desk = maker.upload(content, "s.xml")
    reported_there = [
        (one.reason, one.rule) for one in client.walk(sdk.payments(by_desk.file, state="refused"))
    ]
    before = balance(desk_node, "hengtong/main")
    outcome = paid(client, wallet, filed(*(payment("1.00", one) for one in lines)))
    assert [(reason, rule) for reason, rule, _ in reported(outcome)] == reported_there
    assert reported_there == [("AC03", "desk.no_holding"), ("AC06", "desk.account_blocked")]
    assert before - balance(desk_node, "hengtong/main") == 100
    asked = ["mingda/empty", "mingda/frozen", "mingda/main", "no/body"]
    (call,) = payment_files.holding_states("CNY", asked)
    assert client.call(call) == ["missing", "frozen", "", "missing"]


def test_two_spellings_of_an_id_in_one_file_are_two_payments_to_the_desk(
    maker: DeskClient,  # noqa: F811
) -> None:
    content = filed(payment(id="UB-3 x"), payment("2.00", id="UB-3\u00a0x"))
    assert maker.upload(content, "two.xml").states == {"ready": 2}


def test_ids_that_were_used_since_the_file_was_checked_stop_its_release(
    desk_node: Node,  # noqa: F811
    maker: DeskClient,  # noqa: F811
    checker: DeskClient,  # noqa: F811
) -> None:
    client = desk_node.client()
    uetr = "7b1c1d0e-0003-4b6e-9c55-0d1f7a10a003"
    content = with_uetr(filed(payment(id="UB-ONE"), payment(id="UB-LATE"), payment("2.00")), uetr)
    taken = maker.sign(checker.sign(maker.upload(content, "late.xml")))
    # Past the desk: another file's payment under one id, a single one under the other.
    line = Line("mingda/main", 7, "UB-LATE")
    for act in (
        BulkTransfer("hengtong/main", "CNY", (line,), document="ab" * 32),
        Transfer("hengtong/main", "mingda/main", "CNY", 7, uetr=uetr),
    ):
        client.submit_and_wait(new_envelope(act, party="hengtong"))
    with pytest.raises(Problem) as refused:
        checker.release(taken)
    assert (refused.value.code, refused.value.status) == (DeskCode.IDS_USED, 409)
    assert "UB-LATE" in str(refused.value)
    assert uetr in str(refused.value)
    again = maker.check(taken)
    assert again.states == {"ready": 1, "refused": 2}
    maker.cancel(again)
