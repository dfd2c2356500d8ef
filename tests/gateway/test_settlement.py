"""Batches and queues over HTTP, as both clients read them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from tests.gateway.conftest import TOKEN, Node, new_envelope, start_node

from tongbao.modules.payments import PaymentsCode
from tongbao.modules.settlement import (
    ApproveBatch,
    DefineQueue,
    ProposeBatch,
    QueueAsset,
    RevokeApproval,
    RunNetting,
    SetQueueLimits,
    Step,
    SubmitPayment,
)
from tongbao.scenarios.consortium import main_account
from tongbao.sdk import AsyncClient, Client
from tongbao.sdk.answers import Problem
from tongbao.sdk.calls import listing
from tongbao.sdk.documents import Row

NORTH, SOUTH = main_account("bank-north"), main_account("bank-south")
HUGE = 10**12


@pytest.fixture(scope="module")
def settling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with a queue in which three wait and two have settled, and with two batches."""
    for node in start_node(tmp_path_factory.mktemp("settling")):
        client = node.client()

        def do(party: str, action: object, client: Client = client) -> object:
            return client.submit_and_wait(new_envelope(action, party=party))  # type: ignore[arg-type]

        rtgs = DefineQueue("rtgs", "central-bank", (QueueAsset("CNY"),), offset=False)
        do("central-bank", rtgs)
        for payer, payee, amount in (
            (NORTH, SOUTH, HUGE), (NORTH, SOUTH, HUGE + 1), (NORTH, SOUTH, 7), (SOUTH, NORTH, HUGE),
        ):  # fmt: skip
            action = SubmitPayment("rtgs", payer, payee, "CNY", amount, payee_reference="x")
            do(payer.partition("/")[0], action)
        do("bank-south", SetQueueLimits("rtgs", SOUTH, "CNY", 5, 6, ((NORTH, 7),)))
        leg = Step("bank-north", "bank-south", "CNY", 100, NORTH, SOUTH)
        for title in ("first", "second"):
            deadline = node.application.tip.time_ms + 3_600_000
            do("bank-north", ProposeBatch("bank-north", (leg,), deadline, title=title))
        yield node


@pytest.fixture
def ledger(settling: Node) -> Client:
    client = settling.client()
    client.session.seen_height = settling.application.tip.height
    return client


def test_what_waits_is_listed_in_its_order_with_positions_page_by_page(ledger: Client) -> None:
    waits = list(ledger.settlement.queued_payments(queue="rtgs", in_line=True))
    assert [(one.position, one.amount_minor) for one in waits] == [
        (1, str(HUGE)), (2, str(HUGE + 1)), (3, "7"), (4, str(HUGE)),
    ]  # fmt: skip
    line = listing("/v1/queued-payments", Row, queue="rtgs", in_line=True)
    first = ledger.call(line.page(None, limit=2))
    second = ledger.call(line.page(first.next_cursor, limit=2))
    assert [one.position for one in (*first.items, *second.items)] == [1, 2, 3, 4]
    [mine] = ledger.settlement.queued_payments(queue="rtgs", payer=SOUTH, in_line=True)
    assert mine.position == 4
    assert ledger.settlement.queued_payment(mine.payment).position == 4
    with pytest.raises(Problem, match="no queue none"):
        list(ledger.settlement.queued_payments(queue="none", in_line=True))
    with pytest.raises(Problem, match="in_line is of one line"):
        list(ledger.settlement.queued_payments(in_line=True))


def test_queues_and_limits_are_shown_as_they_were_set(ledger: Client) -> None:
    [queue] = ledger.settlement.queues()
    assert (queue.queue, queue.waiting, queue.settled, queue.objective) == ("rtgs", 4, 0, "value")
    assert queue.assets == [{"asset": "CNY", "weight": 1}]
    assert ledger.settlement.queue("rtgs") == queue
    [limits] = ledger.settlement.queue_limits(queue="rtgs")
    assert (limits.multilateral_minor, limits.urgent_reserve_minor) == ("5", "6")
    [bilateral] = ledger.settlement.bilateral_limits(queue="rtgs", party="bank-north")
    assert (bilateral.account, bilateral.counterparty) == (SOUTH, NORTH)
    assert bilateral.bilateral_minor == "7"
    assert list(ledger.settlement.bilateral_limits(party="mingda")) == []


def test_batches_are_listed_for_those_concerned_and_shown_with_their_legs(ledger: Client) -> None:
    listed = list(ledger.settlement.settlement_batches(party="bank-south", state="open"))
    assert [one.title for one in listed] == ["second", "first"]
    assert list(ledger.settlement.settlement_batches(party="mingda")) == []
    one = ledger.settlement.settlement_batch(listed[0].batch)
    leg = one.instructions[0]
    assert (leg["delivers"], leg["delivery_approved"]) == (NORTH, False)
    with pytest.raises(Problem) as unknown:
        ledger.settlement.settlement_batch("none")
    assert unknown.value.status == 404


def test_a_batch_and_a_run_are_followed_to_their_end(settling: Node, ledger: Client) -> None:
    second = next(iter(ledger.settlement.settlement_batches(state="open")))
    approval = ApproveBatch(second.batch, "bank-north")
    ledger.submit_and_wait(new_envelope(approval, party="bank-north"))
    assert ledger.settlement.settlement_batch(second.batch).state == "settled"
    run = RunNetting("rtgs", "bank-north", "count")
    ledger.submit_and_wait(new_envelope(run, party="bank-north"))
    [reported] = ledger.settlement.netting_runs(queue="rtgs")
    assert (reported.state, reported.kind, reported.objective) == ("ended", "demand", "count")
    assert reported.created_height == reported.changed_height  # it went over one block
    done = list(ledger.settlement.queued_payments(run=reported.run))
    assert len(done) == reported.count > 0
    assert {one.state for one in done} == {"settled"}
    entries = list(ledger.accounts.entries(account=NORTH, oldest_first=True))
    assert sum(one.payee_reference == "x" for one in entries) == reported.count


def test_a_complete_batch_says_which_rule_stands_in_the_way_until_it_changes(
    settling: Node, ledger: Client
) -> None:
    leg = Step("bank-north", "bank-south", "CNY", HUGE, NORTH, SOUTH)
    deadline = settling.application.tip.time_ms + 3_600_000
    for action in (
        ProposeBatch("bank-north", (leg,), deadline, title="too much"),
        ApproveBatch("", "bank-north"), RevokeApproval("", "bank-north", "no money"),
    ):  # fmt: skip
        if not isinstance(action, ProposeBatch):
            [batch] = [
                one for one in ledger.settlement.settlement_batches() if one.title == "too much"
            ]
            action = replace(action, batch=batch.batch)
        ledger.submit_and_wait(new_envelope(action, party="bank-north"))
        if isinstance(action, ApproveBatch):
            waits = ledger.settlement.settlement_batch(action.batch)
            assert (waits.state, waits.refusal) == ("complete", PaymentsCode.INSUFFICIENT_FUNDS)
            assert NORTH in waits.reason
    again = ledger.settlement.settlement_batch(waits.batch)
    assert (again.state, again.refusal, again.reason) == ("open", 0, "")


def test_the_client_for_asyncio_reads_the_same(settling: Node) -> None:
    async def names() -> list[str]:
        async with AsyncClient(settling.url, token=TOKEN) as client:
            return [one.queue async for one in client.settlement.queues()]

    assert asyncio.run(names()) == ["rtgs"]
