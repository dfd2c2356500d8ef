"""The journal by which other modules move money in several legs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tongbao.kernel.codes import Refusal
from tongbao.kernel.laws import broken_laws
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.kernel.views import BlockContext, WriteView
from tongbao.modules.accounts import RESERVED, FreezeAccount
from tongbao.modules.payments import Journal, Leg, PaymentsCode, Posted, Posting, Reserving
from tongbao.modules.testing import CHAIN, OPENING, Bench

A, B = "firm-a/main", "firm-b/main"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def ledger(bench: Bench) -> WriteView:
    block = BlockContext(CHAIN, 9, bench.time_ms)
    bench.registry.purposes |= {"trial"}
    return WriteView(bench.state.draft(), block, bench.registry, party="firm-a")


def test_legs_and_reservations_are_written_down_as_they_were_carried_out(ledger: WriteView) -> None:
    journal = Journal(ledger, "test.trade", subject="t1")
    journal.reserve(A, "CNY", "trial", 70)
    journal.release(A, "CNY", "trial", 30)
    journal.pay(A, B, "CNY", 30)
    assert journal.posted() == Posted(
        "test.trade", (Posting(A, B, "CNY", 30),),
        (Reserving(A, "CNY", 70), Reserving(A, "CNY", -30)), "t1",
    )  # fmt: skip
    holding = ledger.holding(A, "CNY")
    assert holding is not None
    assert (holding.posted, holding.reserved) == (OPENING - 30, 40)
    assert list(broken_laws(ledger)) == []


def test_more_than_anybody_can_have_is_refused_for_lack_of_funds(ledger: WriteView) -> None:
    """The payee's balance would pass the largest amount: nobody has that much to pay."""
    with pytest.raises(Refusal) as refused:
        Journal(ledger, "test.trade").pay_together([Leg(A, B, "CNY", MAX_AMOUNT)])
    assert refused.value.code is PaymentsCode.INSUFFICIENT_FUNDS
    reported = refused.value.code.text(refused.value.values)
    assert reported.startswith(f"{A} has 10,000.00 CNY available; 1,701,411,834,604,")


def test_an_issuing_account_neither_pays_nor_sets_aside(ledger: WriteView) -> None:
    issuing = "central/issue.cny"
    journal = Journal(ledger, "test.trade")
    ways: tuple[Callable[[], None], ...] = (
        lambda: journal.pay(issuing, B, "CNY", 1),
        lambda: journal.pay_together([Leg(issuing, B, "CNY", 1)]),
        lambda: journal.reserve(issuing, "CNY", "trial", 1),
    )
    for way in ways:
        with pytest.raises(Refusal) as refused:
            way()
        assert refused.value.code is PaymentsCode.ISSUING_ACCOUNT


def test_more_than_is_available_cannot_be_set_aside(ledger: WriteView) -> None:
    journal = Journal(ledger, "test.trade")
    with pytest.raises(Refusal) as refused:
        journal.reserve(A, "CNY", "offers", OPENING + 1)
    assert refused.value.code is PaymentsCode.INSUFFICIENT_FUNDS
    assert journal.posted() == Posted("test.trade")


def test_nothing_is_set_aside_where_there_is_no_holding_or_a_frozen_one(bench: Bench) -> None:
    bench.do("bank-a", FreezeAccount(A, "bank-a", "court order 1"))
    block = BlockContext(CHAIN, 9, bench.time_ms)
    ledger = WriteView(bench.state.draft(), block, bench.registry)
    for account, code in (
        (A, PaymentsCode.PAYER_BLOCKED), ("nobody/none", PaymentsCode.PAYER_UNKNOWN),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            Journal(ledger, "test.trade").reserve(account, "CNY", "trial", 1)
        assert refused.value.code is code


def test_a_reservation_that_does_not_add_up_breaks_a_law(bench: Bench) -> None:
    assert bench.broken_by("firm-a", (RESERVED, (A, "CNY", "offers"), 5))
    assert bench.broken_by("firm-a", (RESERVED, (A, "CNY", "holds"), 0))
