"""The solo engine: answers, names, queues, timers, stopping."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from tests.node.conftest import Ledger

from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.receipts import verify_receipt
from tongbao.modules.payments import Hold, PaymentsCode, ScheduleTransfer, Transfer
from tongbao.node.answers import Status
from tongbao.node.submissions import Bounds


def pay(amount: int = 100, payee: str = "mingda/main") -> Transfer:
    return Transfer(payer="hengtong/main", payee=payee, asset="CNY", amount_minor=amount)


def test_a_settled_payment_has_a_receipt_the_moment_it_is_acknowledged(ledger: Ledger) -> None:
    answer = ledger.send("hengtong", pay(250))
    assert (answer.status, answer.outcome.code) == (Status.RECORDED, 0)
    receipt = ledger.app.receipt(answer.height, answer.position)
    assert receipt is not None
    proven = verify_receipt(receipt, ledger.app.genesis.trust())
    assert proven.envelope["body"]["actions"][0]["amount_minor"] == 250
    assert proven.digest == answer.digest


def test_the_same_bytes_again_get_the_same_answer_and_move_nothing(ledger: Ledger) -> None:
    envelope = ledger.envelope("hengtong", pay())
    first = ledger.submit(envelope)
    before = ledger.posted("mingda/main")
    again = ledger.submit(envelope)
    assert again.status is Status.DUPLICATE
    assert (again.height, again.position, again.outcome) == (
        first.height, first.position, first.outcome,
    )  # fmt: skip
    assert ledger.posted("mingda/main") == before


def test_the_same_bytes_twice_in_one_block_are_done_once(ledger: Ledger) -> None:
    envelope = ledger.envelope("hengtong", pay(7))
    before = ledger.posted("mingda/main")
    answers = ledger.engine.submit([envelope, envelope]).result(timeout=20)
    assert [a.status for a in answers] == [Status.RECORDED, Status.DUPLICATE]
    assert answers[0].height == answers[1].height
    assert ledger.posted("mingda/main") == before + 7


def test_a_second_signature_over_the_same_body_is_the_same_transaction(ledger: Ledger) -> None:
    reference = "two-signings"
    first = ledger.envelope("hengtong", pay(), reference=reference)
    assert ledger.submit(first).status is Status.RECORDED
    opened = msgspec.json.decode(first)
    opened["signatures"].reverse()
    swapped = msgspec.json.encode(opened)
    assert ledger.submit(swapped).status is Status.DUPLICATE


def test_other_bytes_under_a_used_name_are_rejected(ledger: Ledger) -> None:
    ledger.send("hengtong", pay(1), reference="R1")
    other = ledger.send("hengtong", pay(2), reference="R1")
    assert (other.status, other.outcome.code) == (Status.REJECTED, KernelCode.NAME_USED)


def test_a_refused_payment_is_final_and_its_name_used_up(ledger: Ledger) -> None:
    envelope = ledger.envelope("hengtong", pay(10**15))
    refused = ledger.submit(envelope)
    assert refused.status is Status.RECORDED
    assert refused.outcome.code == PaymentsCode.INSUFFICIENT_FUNDS
    assert ledger.submit(envelope).outcome == refused.outcome


def test_one_signature_of_two_is_rejected_and_the_name_stays_free(ledger: Ledger) -> None:
    alone = ledger.send("hengtong", pay(), reference="R2", labels=("maker",))
    assert (alone.status, alone.outcome.code) == (Status.REJECTED, KernelCode.APPROVAL_MISSING)
    assert ledger.send("hengtong", pay(), reference="R2").status is Status.RECORDED


def test_rubbish_makes_no_block(ledger: Ledger) -> None:
    height = ledger.app.tip.height
    answers = ledger.engine.submit([b"", b"{}", b"\xff" * 100]).result(timeout=20)
    assert {a.outcome.code for a in answers} == {KernelCode.MALFORMED}
    assert ledger.app.tip.height == height


def test_many_clients_at_once_each_get_their_own_answer(ledger: Ledger) -> None:
    envelopes = [ledger.envelope("hengtong", pay(n + 1)) for n in range(200)]
    before = ledger.posted("mingda/main")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ledger.submit, envelopes))
    amounts = [a.outcome.events[0].amount_minor for a in answers]
    assert amounts == list(range(1, 201))
    assert ledger.posted("mingda/main") == before + sum(amounts)
    places = {(a.height, a.position) for a in answers}
    assert len(places) == 200


def test_a_full_queue_refuses_and_accepts_none(ledger: Ledger) -> None:
    ledger.engine._submissions.bounds = Bounds(waiting=3)
    envelopes = [ledger.envelope("hengtong", pay(n)) for n in range(1, 5)]
    with pytest.raises(Refusal) as refused:
        ledger.engine.submit(envelopes)
    assert refused.value.code is KernelCode.QUEUE_FULL
    assert len(ledger.engine.submit(envelopes[:3]).result(timeout=20)) == 3


def test_a_stopped_engine_refuses_and_has_finished_what_it_accepted(ledger: Ledger) -> None:
    future = ledger.engine.submit([ledger.envelope("hengtong", pay(n)) for n in range(1, 300)])
    ledger.engine.stop()
    assert all(a.status is Status.RECORDED for a in future.result(timeout=0))
    with pytest.raises(Refusal) as refused:
        ledger.engine.submit([b"{}"])
    assert refused.value.code is KernelCode.NODE_STOPPING


def test_time_alone_makes_a_block_when_a_timer_is_due(ledger: Ledger) -> None:
    due = ledger.now() + 400
    transfer = ScheduleTransfer(
        payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=9, due_at_ms=due
    )
    before = ledger.posted("mingda/main")
    ledger.send("hengtong", transfer)
    assert ledger.posted("mingda/main") == before
    deadline = time.monotonic() + 10
    while ledger.posted("mingda/main") == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ledger.posted("mingda/main") == before + 9
    assert ledger.app.tip.time_ms >= due


def test_an_idle_engine_makes_no_blocks(ledger: Ledger) -> None:
    hold = Hold(
        payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=5,
        due_at_ms=ledger.now() + 3_600_000,
    )  # fmt: skip
    ledger.send("hengtong", hold)
    height = ledger.app.tip.height
    time.sleep(0.3)
    assert ledger.app.tip.height == height


def test_blocks_reach_listeners_in_order(ledger: Ledger) -> None:
    seen: list[int] = []
    ledger.engine.subscribe(lambda record: seen.append(record.height))
    for n in range(1, 6):
        ledger.send("hengtong", pay(n))
    ledger.engine.stop()
    assert seen == list(range(1, ledger.app.tip.height + 1))
