"""A suspended party does nothing by what it signed before: proposals, clocks, queues, offers."""

from __future__ import annotations

import msgspec
import pytest

from tongbao.kernel.codes import KernelCode
from tongbao.modules.accounts import HoldAsset
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.exchange import OFFERS, ExchangeCode, Hop, PayAcross, PlaceOffer, Route
from tongbao.modules.parties import (
    ApproveProposal,
    Propose,
    ReinstateParty,
    SuspendParty,
)
from tongbao.modules.payments import Hold, PostHold, ScheduleTransfer, Transfer
from tongbao.modules.settlement import (
    ApproveBatch,
    DefineQueue,
    ProposeBatch,
    QueueAsset,
    RunNetting,
    SettleBatch,
    Step,
    SubmitPayment,
    waiting_in,
)
from tongbao.modules.testing import OPENING, Bench

MINUTE = 60_000
A, B = "firm-a/main", "firm-b/main"


@pytest.fixture
def bench() -> Bench:
    return Bench()


def suspend(bench: Bench) -> None:
    bench.do("watch", SuspendParty("firm-a", "watch", "its keys were stolen"))


def test_its_approval_of_an_open_proposal_does_not_count_when_the_other_one_comes(
    bench: Bench,
) -> None:
    actions = (Transfer(A, B, "CNY", 500), Transfer(B, A, "CNY", 1))
    raw = msgspec.Raw(msgspec.json.encode(actions))
    [proposed] = bench.do("firm-a", Propose("firm-a", raw, bench.time_ms + MINUTE))
    suspend(bench)
    approve = ApproveProposal("firm-b", proposed.proposal)  # type: ignore[attr-defined]
    bench.refuses(KernelCode.PARTY_SUSPENDED, "firm-b", approve)
    assert bench.balance(A) == OPENING
    bench.do("central", ReinstateParty("firm-a", "central"))
    bench.do("firm-b", approve)
    assert bench.balance(A) == OPENING - 499


def test_its_scheduled_transfer_ends_when_its_time_comes(bench: Bench) -> None:
    bench.do("firm-a", ScheduleTransfer(A, B, "CNY", 500, bench.time_ms + MINUTE))
    suspend(bench)
    [ended] = bench.advance(MINUTE)
    assert ended.code == KernelCode.PARTY_SUSPENDED  # type: ignore[attr-defined]
    assert bench.balance(A) == OPENING


def test_what_it_promised_to_others_with_money_set_aside_stands(bench: Bench) -> None:
    hold = Hold(A, B, "CNY", 500, bench.time_ms + MINUTE, arbiter="bank-b")
    [opened] = bench.do("firm-a", hold)
    suspend(bench)
    bench.do("bank-b", PostHold(opened.hold))  # type: ignore[attr-defined]
    assert bench.balance(B) == OPENING + 500


def test_its_queued_payments_wait_and_netting_passes_them_over(bench: Bench) -> None:
    bench.do("central", DefineQueue("rtgs", "central", (QueueAsset("CNY"),), at_once=False))
    for payer, payee in ((A, B), ("firm-b/main", "firm-c/main")):
        bench.do(payer.split("/")[0], SubmitPayment("rtgs", payer, payee, "CNY", 500))
    suspend(bench)
    bench.do("central", RunNetting("rtgs", "central"))
    assert [one.payer for one in waiting_in(bench.view, "rtgs")] == [A]
    assert bench.balance("firm-c/main") == OPENING + 500


def test_its_approved_legs_do_not_settle(bench: Bench) -> None:
    steps = (Step("firm-a", "firm-b", "CNY", 5, A, B), Step("firm-b", "firm-a", "CNY", 3, B, A))
    [reported, *_] = bench.do("firm-b", ProposeBatch("firm-b", steps, bench.time_ms + MINUTE))
    batch = reported.batch  # type: ignore[attr-defined]
    bench.do("firm-a", ApproveBatch(batch, "firm-a"))
    suspend(bench)
    bench.do("firm-b", ApproveBatch(batch, "firm-b"))
    bench.refuses(KernelCode.PARTY_SUSPENDED, "firm-b", SettleBatch(batch, "firm-b"))
    bench.do("central", ReinstateParty("firm-a", "central"))
    bench.do("firm-b", SettleBatch(batch, "firm-b"))
    assert bench.balance(A) == OPENING - 2


def test_its_offer_is_pulled_and_not_taken(bench: Bench) -> None:
    bench.do("central", DefineAsset("HKD", "central", 2, "cbdc", "Hong Kong dollar"))
    for party in ("firm-a", "firm-b"):
        bench.do(party, HoldAsset(f"{party}/main", "HKD"))
    bench.do("central", Issue("HKD", A, OPENING))
    bench.do("firm-a", PlaceOffer(A, "HKD", 1_000, "CNY", 1, 1))
    suspend(bench)
    pay = PayAcross(B, B, Route("CNY", (Hop("HKD"),)), "send", 500, 1)
    bench.refuses(ExchangeCode.NO_DEPTH, "firm-b", pay)
    bench.do("firm-b", PlaceOffer(B, "CNY", 500, "HKD", 1, 1))
    assert [one.account for _, one in bench.view.scan(OFFERS)] == [B]
    assert bench.available(A, "HKD") == OPENING
