"""Returns of payments within the ledger, requests for them, and what a UETR names."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.views import BlockContext, WriteView
from tongbao.modules.accounts import AccountsCode, CloseAccount, OpenAccount, SetLimits
from tongbao.modules.assets import Clawback, FreezeHolding
from tongbao.modules.parties import PartiesCode
from tongbao.modules.payments import (
    BulkTransfer,
    CancelScheduled,
    DeclineReturn,
    Line,
    PaymentsCode,
    RequestReturn,
    ReturnTransfer,
    ScheduleTransfer,
    Transfer,
    Transferred,
    claim_uetr,
    find_uetr,
    uetrs,
)
from tongbao.modules.payments.events import ReturnAnswered, ReturnRequested, TransferReturned
from tongbao.modules.payments.model import PAID, REQUEST_MS, Known, Returned
from tongbao.modules.payments.state import UETRS
from tongbao.modules.payments.uetrs import KEPT_MS, period
from tongbao.modules.testing import DAY_MS, OPENING, Bench

ME, YOU, THIRD = "firm-a/main", "firm-b/main", "firm-c/main"
FIRST = "8f3c1d4e-5b6a-4c7d-9e8f-0a1b2c3d4e5f"
SECOND = "11111111-5b6a-4c7d-9e8f-0a1b2c3d4e5f"
BACK, BACK_TOO = "22222222-0000-4000-8000-000000000000", "33333333-0000-4000-8000-000000000000"
C = PaymentsCode


@pytest.fixture
def bench() -> Bench:
    """firm-a paid firm-b 100 under FIRST."""
    bench = Bench()
    bench.do("firm-a", Transfer(ME, YOU, "CNY", 100, "invoice 7", uetr=FIRST))
    return bench


def back(amount: int = 0, name: str = BACK, of: str = FIRST) -> ReturnTransfer:
    return ReturnTransfer(of, name, "FOCR", amount, "not ordered")


def known(bench: Bench, uetr: str = FIRST) -> Known:
    found = find_uetr(bench.view, uetr)
    assert found is not None
    return found[1]


# ---- returns -------------------------------------------------------------------------------------


def test_a_payment_is_returned_whole_and_both_say_of_what_it_is_the_return(bench: Bench) -> None:
    moved, reported = bench.do("firm-b", back())
    assert moved == Transferred(
        YOU, ME, "CNY", 100, "invoice 7", BACK, remittance=f"return of {FIRST}"
    )
    assert reported == TransferReturned(FIRST, BACK, ME, YOU, "CNY", 100, 0, "FOCR", "not ordered")
    assert (bench.balance(ME), bench.balance(YOU)) == (OPENING, OPENING)
    assert known(bench).returned_minor == 100
    assert (known(bench, BACK).state, known(bench, BACK).of) == ("return", FIRST)


def test_parts_are_returned_each_under_its_own_id_and_never_more_than_was_paid(
    bench: Bench,
) -> None:
    bench.do("firm-b", back(60))
    values = bench.refuses(C.RETURN_ABOVE_REST, "firm-b", back(41, BACK_TOO))
    assert (values["remaining"], values["amount"]) == ("40", "41")
    bench.do("firm-b", back(0, BACK_TOO))
    assert [one.amount_minor for one in known(bench).returns] == [60, 40]
    again = replace(back(), return_uetr="44444444-0000-4000-8000-000000000000")
    bench.refuses(C.RETURN_ABOVE_REST, "firm-b", again)
    assert bench.balance(ME) == OPENING


def test_the_same_return_twice_moves_nothing_the_second_time(bench: Bench) -> None:
    bench.do("firm-b", back(60))
    bench.refuses(C.UETR_TAKEN, "firm-b", back(40))
    bench.refuses(C.UETR_TAKEN, "firm-b", back(40, FIRST))
    assert bench.balance(ME) == OPENING - 40


@pytest.mark.parametrize("stranger", ["firm-a", "firm-c", "central"])
def test_nobody_but_the_payee_returns_a_payment(bench: Bench, stranger: str) -> None:
    bench.refuses(KernelCode.APPROVAL_MISSING, stranger, back())


def test_a_return_is_not_returned_and_an_unknown_payment_is_not(bench: Bench) -> None:
    bench.do("firm-b", back())
    bench.refuses(C.NOT_RETURNABLE, "firm-a", back(0, BACK_TOO, BACK))
    bench.refuses(C.UETR_UNKNOWN, "firm-b", back(0, BACK_TOO, SECOND))


def test_a_line_of_a_bulk_transfer_is_returned_like_a_transfer(bench: Bench) -> None:
    lines = (Line(YOU, 10, "a", SECOND), Line(THIRD, 20, "b"))
    bench.do("firm-a", BulkTransfer(ME, "CNY", lines))
    bench.do("firm-b", back(4, BACK, SECOND))
    assert known(bench, SECOND).returned_minor == 4
    assert bench.balance(YOU) == OPENING + 106


def test_a_scheduled_transfer_is_returned_once_it_is_done(bench: Bench) -> None:
    due = bench.time_ms + 60_000
    bench.do("firm-a", ScheduleTransfer(ME, YOU, "CNY", 7, due, uetr=SECOND))
    bench.refuses(C.UETR_TAKEN, "firm-c", Transfer(THIRD, YOU, "CNY", 1, uetr=SECOND))
    bench.refuses(C.NOT_RETURNABLE, "firm-b", back(0, BACK, SECOND))
    [done] = bench.advance(60_000)
    assert isinstance(done, Transferred)
    assert done.uetr == SECOND
    bench.do("firm-b", back(0, BACK, SECOND))
    assert known(bench, SECOND).returned_minor == 7


def test_a_scheduled_transfer_that_ended_keeps_its_uetr_and_says_how(bench: Bench) -> None:
    due = bench.time_ms + 60_000
    [reported] = bench.do("firm-a", ScheduleTransfer(ME, YOU, "CNY", 7, due, uetr=SECOND))
    bench.do("firm-a", CancelScheduled(reported.schedule, "changed our mind"))  # type: ignore[attr-defined]
    assert known(bench, SECOND).state == "cancelled"
    third = "55555555-0000-4000-8000-000000000000"
    bench.do("firm-a", ScheduleTransfer(ME, YOU, "CNY", 10**9, due, uetr=third))
    bench.advance(60_000)
    assert known(bench, third).state == "refused"
    bench.refuses(C.NOT_RETURNABLE, "firm-b", back(0, BACK, third))


# ---- the rules of a payment hold for its return --------------------------------------------------


def test_a_frozen_payee_returns_nothing_and_nothing_is_returned_to_a_frozen_payer() -> None:
    for account, code in ((YOU, C.PAYER_BLOCKED), (ME, C.PAYEE_BLOCKED)):
        bench = Bench()
        bench.do("firm-a", Transfer(ME, YOU, "CNY", 100, uetr=FIRST))
        bench.do("central", FreezeHolding("CNY", account, "order"))
        bench.refuses(code, "firm-b", back())


def test_a_return_counts_against_the_limits_of_the_payee_that_makes_it(bench: Bench) -> None:
    both = (("firm-b", 0), ("firm-b", 1), ("bank-a", 0), ("bank-a", 1))
    bench.do("firm-b", SetLimits(YOU, "CNY", per_day=50, per_payment=0), signers=both)
    bench.refuses(AccountsCode.LIMIT_PER_DAY, "firm-b", back())
    bench.do("firm-b", back(30))
    bench.refuses(AccountsCode.LIMIT_PER_DAY, "firm-b", back(30, BACK_TOO))
    bench.advance(DAY_MS)
    bench.do("firm-b", back(30, BACK_TOO))


def test_what_a_clawback_took_cannot_be_returned(bench: Bench) -> None:
    bench.do("central", Clawback("CNY", YOU, OPENING + 100, "central", "court order 1"))
    bench.refuses(C.INSUFFICIENT_FUNDS, "firm-b", back())


def test_nothing_is_returned_to_a_closed_account(bench: Bench) -> None:
    bench.do("firm-a", OpenAccount("firm-a/till", assets=("CNY",)))
    bench.do("firm-a", Transfer(ME, "firm-a/till", "CNY", 5))
    bench.do("firm-a", Transfer("firm-a/till", YOU, "CNY", 5, uetr=SECOND))
    bench.do("firm-a", CloseAccount("firm-a/till"))
    answer = bench.offer("firm-b", back(0, BACK, SECOND))
    assert getattr(answer, "code", None) in (C.PAYEE_BLOCKED, C.PAYEE_UNKNOWN)
    assert known(bench, SECOND).returned_minor == 0


# ---- a UETR names one thing ----------------------------------------------------------------------


def test_two_payments_under_one_uetr_are_one(bench: Bench) -> None:
    bench.refuses(C.UETR_TAKEN, "firm-c", Transfer(THIRD, YOU, "CNY", 1, uetr=FIRST))
    both = tuple(Transfer(ME, YOU, "CNY", 1, uetr=SECOND) for _ in range(2))
    bench.refuses(C.UETR_TAKEN, "firm-a", *both)


def test_a_bulk_transfer_pays_a_uetr_once_and_names_the_line_that_repeats_it(bench: Bench) -> None:
    lines: tuple[Line, ...]
    lines = (Line(YOU, 1, "a", SECOND), Line(YOU, 2, "b", FIRST), Line(YOU, 4, "c", SECOND))
    values = bench.refuses(C.LINE_REFUSED, "firm-a", BulkTransfer(ME, "CNY", lines))
    assert (values["line"], values["code"]) == (1, int(C.UETR_TAKEN))
    lines = (*lines, Line("nobody/none", 8, "d", BACK), Line(THIRD, 16, "e"))
    [reported] = bench.do("firm-a", BulkTransfer(ME, "CNY", lines, all_or_none=False))
    taken, nobody = int(C.UETR_TAKEN), int(C.PAYEE_UNKNOWN)
    assert reported.failed == ((1, taken), (2, taken), (3, nobody))  # type: ignore[attr-defined]
    assert bench.balance(ME) == OPENING - 100 - 1 - 16
    assert known(bench, SECOND).amount_minor == 1
    assert find_uetr(bench.view, BACK) is None


def test_a_payment_of_another_module_takes_its_uetr_too(bench: Bench) -> None:
    draft = bench.state.draft()
    ledger = WriteView(draft, BlockContext("bench", 9, bench.time_ms), bench.registry, party="x")
    with pytest.raises(Exception, match=FIRST):
        claim_uetr(ledger, FIRST)
    claim_uetr(ledger, SECOND)
    with pytest.raises(Exception, match=SECOND):
        claim_uetr(ledger, SECOND)


# ---- requests ------------------------------------------------------------------------------------


def test_a_request_is_accepted_by_a_return(bench: Bench) -> None:
    [reported] = bench.do("firm-a", RequestReturn(FIRST, "DUPL", "paid twice"))
    due = bench.time_ms + REQUEST_MS
    assert reported == ReturnRequested(FIRST, ME, YOU, "DUPL", due, "paid twice")
    *_, answered = bench.do("firm-b", back())
    assert answered == ReturnAnswered(FIRST, ME, YOU, "returned", "FOCR", "not ordered")
    assert known(bench).asked is None
    bench.refuses(C.RETURN_ABOVE_REST, "firm-a", RequestReturn(FIRST, "DUPL"))
    assert not bench.advance(REQUEST_MS)


def test_a_request_is_declined_with_a_reason_and_may_be_made_again(bench: Bench) -> None:
    bench.do("firm-a", RequestReturn(FIRST, "DUPL"))
    bench.refuses(C.RETURN_REQUESTED, "firm-a", RequestReturn(FIRST, "CUST"))
    [reported] = bench.do("firm-b", DeclineReturn(FIRST, "LEGL", "it was owed"))
    assert reported == ReturnAnswered(FIRST, ME, YOU, "declined", "LEGL", "it was owed")
    bench.refuses(C.NO_RETURN_REQUEST, "firm-b", DeclineReturn(FIRST, "LEGL"))
    bench.do("firm-a", RequestReturn(FIRST, "FRAD"))
    assert bench.balance(YOU) == OPENING + 100


def test_a_request_that_nobody_answers_lapses_after_30_days(bench: Bench) -> None:
    bench.do("firm-a", RequestReturn(FIRST, "DUPL"))
    assert not bench.advance(REQUEST_MS - 1)
    [reported] = bench.advance(1)
    assert reported == ReturnAnswered(FIRST, ME, YOU, "lapsed")
    answered = known(bench).answered
    assert answered is not None
    assert answered.answer == "lapsed"


def test_the_payer_alone_requests_and_the_payee_alone_declines(bench: Bench) -> None:
    for stranger in ("firm-b", "firm-c"):
        bench.refuses(KernelCode.APPROVAL_MISSING, stranger, RequestReturn(FIRST, "DUPL"))
    bench.do("firm-a", RequestReturn(FIRST, "DUPL"))
    for stranger in ("firm-a", "firm-c"):
        bench.refuses(KernelCode.APPROVAL_MISSING, stranger, DeclineReturn(FIRST, "LEGL"))


def test_open_requests_of_a_party_are_bounded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.modules.payments.transactions.request_return.MAX_REQUESTS", 1)
    bench.do("firm-a", Transfer(ME, THIRD, "CNY", 1, uetr=SECOND))
    bench.do("firm-a", RequestReturn(FIRST, "DUPL"))
    bench.refuses(PartiesCode.TOO_MANY_OPEN, "firm-a", RequestReturn(SECOND, "DUPL"))
    bench.do("firm-b", DeclineReturn(FIRST, "LEGL"))
    bench.do("firm-a", RequestReturn(SECOND, "DUPL"))


# ---- how long it is known ------------------------------------------------------------------------


def test_a_uetr_is_known_for_400_days_at_least_and_forgotten_with_its_period(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uetrs, "SLICE", 2)
    begins = (period(bench.time_ms) + 1) * KEPT_MS
    for number in range(3):
        name = f"6666666{number}-0000-4000-8000-000000000000"
        bench.do("firm-a", Transfer(ME, YOU, "CNY", 1, uetr=name))
    bench.advance(begins - 1_000 - bench.time_ms)
    bench.do("firm-a", Transfer(ME, YOU, "CNY", 9, uetr=SECOND))
    bench.advance(KEPT_MS - 10_000)
    bench.refuses(C.UETR_TAKEN, "firm-a", Transfer(ME, YOU, "CNY", 9, uetr=SECOND))
    bench.do("firm-a", RequestReturn(SECOND, "CUST"))
    bench.do("firm-b", back(1, BACK, SECOND))
    bench.do("firm-a", RequestReturn(FIRST, "CUST"))
    bench.advance(20_000)
    assert find_uetr(bench.view, SECOND) is None
    for _ in range(3):
        bench.advance(1_000)
    assert [parts[1] for parts, _ in bench.view.scan(UETRS)] == [BACK]
    assert not bench.advance(REQUEST_MS)
    bench.do("firm-a", Transfer(ME, YOU, "CNY", 9, uetr=SECOND))


# ---- laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 99}, {"payee": THIRD}, {"state": "cancelled"},
        {"returns": (Returned(BACK, 101, "FOCR", 1),)},
        {"returns": (Returned(BACK, 0, "FOCR", 1),)},
    ],
)  # fmt: skip
def test_what_a_uetr_names_keeps_its_terms_and_no_more_is_returned(
    bench: Bench, change: dict[str, Any]
) -> None:
    key = (period(bench.time_ms), FIRST)
    assert bench.broken_by("firm-b", (UETRS, key, replace(known(bench), **change)))
    assert bench.broken_by("firm-b", (UETRS, key, None))
    good = replace(known(bench), returns=(Returned(BACK, 100, "FOCR", 1),))
    assert good.state == PAID
    assert not bench.broken_by("firm-b", (UETRS, key, good))
