"""After the payment: confirmed, cancelled, returned; never more than it was, and never twice."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.modules.corridors import (
    AnswerCancellation,
    AskCancellation,
    ConfirmCredit,
    CorridorsCode,
    ReleasePayment,
    ReturnPayment,
    ReturnTerms,
)
from tongbao.modules.corridors.tests.setting import (
    PAYEE,
    PAYER,
    SCREENED,
    WHO,
    WHOM,
    bench_with,
    held,
    paying,
    payment,
    uetr,
)
from tongbao.modules.payments import PaymentsCode, Transfer
from tongbao.modules.testing import DAY_MS, OPENING, Bench

BACK = ReturnTerms(uetr(77), "original_rate")
ASK = AskCancellation(uetr(1), "firm-a", "DUPL", "sent twice")
YES = AnswerCancellation(uetr(1), "firm-b", accepted=True, reason="CUST", back=BACK)
NO = replace(YES, accepted=False, reason="LEGL", back=None)


@pytest.fixture
def bench() -> Bench:
    bench = bench_with()
    bench.do("firm-a", paying(bench, 1, send=10_000))
    return bench


# ---- the last mile -------------------------------------------------------------------------------


def test_the_beneficiary_s_bank_confirms_the_end_customer_s_credit_once(bench: Bench) -> None:
    one = payment(bench, 1)
    confirm = ConfirmCredit(uetr(1), "bank-b", one.credited_minor - 5, bench.time_ms)
    bench.refuses(CorridorsCode.NOT_PERMITTED, "bank-a", replace(confirm, by="bank-a"))
    bench.refuses(
        CorridorsCode.CREDITED_TOO_MUCH, "bank-b", replace(confirm, credited_minor=10_000)
    )
    bench.refuses(CorridorsCode.BAD_MOMENT, "bank-b", replace(confirm, credited_at_ms=5))
    ahead = replace(confirm, credited_at_ms=bench.time_ms + DAY_MS)
    bench.refuses(CorridorsCode.BAD_MOMENT, "bank-b", ahead)
    bench.refuses(KernelCode.AMOUNT_RANGE, "bank-b", replace(confirm, credited_minor=-1))
    reported = bench.do("bank-b", confirm)
    assert getattr(reported[0], "deducted_minor", 0) == 5
    after = payment(bench, 1)
    assert (after.state, after.confirmed_minor) == ("credited", one.credited_minor - 5)
    bench.refuses(CorridorsCode.WRONG_STATE, "bank-b", confirm)


def test_a_confirmation_without_an_amount_is_of_all_of_it(bench: Bench) -> None:
    bench.do("bank-b", ConfirmCredit(uetr(1), "bank-b"))
    one = payment(bench, 1)
    assert one.confirmed_minor == one.credited_minor
    assert one.steps[-1].at_ms == bench.time_ms


# ---- cancelling ----------------------------------------------------------------------------------


def test_either_side_may_ask_and_only_one_at_a_time(bench: Bench) -> None:
    bench.refuses(CorridorsCode.NOT_PERMITTED, "firm-c", replace(ASK, by="firm-c"))
    bench.refuses(CorridorsCode.BAD_TEXT, "firm-a", replace(ASK, reason=""))
    bench.do("bank-b", replace(ASK, by="bank-b"))
    bench.refuses(CorridorsCode.CANCELLATION_OPEN, "firm-a", ASK)


def test_a_settled_payment_is_cancelled_by_its_payee_s_consent_with_all_of_it_returned(
    bench: Bench,
) -> None:
    bench.refuses(CorridorsCode.CANCELLATION_UNKNOWN, "firm-b", YES)
    bench.do("firm-a", ASK)
    bench.refuses(CorridorsCode.NOT_PERMITTED, "bank-b", replace(YES, by="bank-b"))
    bench.refuses(CorridorsCode.RETURN_NEEDED, "firm-b", replace(YES, back=None))
    part = replace(YES, back=replace(BACK, amount_minor=5))
    bench.refuses(CorridorsCode.RETURN_NEEDED, "firm-b", part)
    bench.do("firm-b", YES)
    one = payment(bench, 1)
    assert (one.state, one.returned_minor) == ("cancelled", one.credited_minor)
    assert bench.balance(PAYEE) == 0
    assert bench.balance(PAYER) == OPENING - 40 - 51
    names = [step.name for step in one.steps]
    assert names == [
        "accepted",
        "settled",
        "cancellation_asked",
        "cancellation_accepted",
        "returned",
    ]
    bench.refuses(CorridorsCode.CANCELLATION_UNKNOWN, "firm-b", YES)
    bench.refuses(CorridorsCode.WRONG_STATE, "firm-a", ASK)


def test_a_rejected_request_changes_nothing_and_may_be_made_again(bench: Bench) -> None:
    bench.do("firm-a", ASK)
    bench.refuses(CorridorsCode.BAD_TEXT, "firm-b", replace(NO, reason="LONGER"))
    bench.do("firm-b", NO)
    assert payment(bench, 1).state == "settled"
    bench.do("bank-b", ConfirmCredit(uetr(1), "bank-b"))
    bench.do("bank-a", replace(ASK, by="bank-a"))
    bench.do("firm-b", YES)
    assert payment(bench, 1).state == "cancelled"


def test_money_under_a_sanctions_hold_does_not_leave_by_cancelling() -> None:
    bench, _ = held()
    bench.do("firm-a", ASK)
    assert payment(bench, 1).state == "held"
    mine = AnswerCancellation(uetr(1), "firm-a", accepted=True, reason="CUST")
    bench.refuses(CorridorsCode.NOT_PERMITTED, "firm-a", mine)
    bench.do("watch", replace(mine, by="watch"))
    assert payment(bench, 1).state == "cancelled"
    assert bench.available(PAYER) == OPENING
    assert bench.advance(2 * DAY_MS) == ()


def test_a_cleared_payment_is_cancelled_by_its_own_side_at_once() -> None:
    bench = bench_with(SCREENED)
    bench.do("firm-a", paying(bench, 1, send=2_000, costs=(), originator=WHO, beneficiary=WHOM))
    bench.do("watch", ReleasePayment(uetr(1), "watch", "clear"))
    bench.do("bank-b", replace(ASK, by="bank-b"))
    bench.refuses(CorridorsCode.NOT_PERMITTED, "firm-b", replace(NO, back=None))
    bench.do("bank-a", replace(NO, by="bank-a"))
    bench.do("firm-a", ASK)
    assert payment(bench, 1).state == "cancelled"
    assert bench.available(PAYER) == OPENING


# ---- returning -----------------------------------------------------------------------------------


def test_a_return_is_never_more_than_the_original_and_never_twice(bench: Bench) -> None:
    credited = payment(bench, 1).credited_minor
    back = ReturnPayment(uetr(1), BACK, "AC04", "account closed")
    more = replace(back, back=replace(BACK, amount_minor=credited + 1))
    bench.refuses(CorridorsCode.RETURN_TOO_MUCH, "firm-b", more)
    bench.do("firm-b", replace(back, back=replace(BACK, amount_minor=4_000)))
    one = payment(bench, 1)
    assert (one.state, one.returned_minor) == ("settled", 4_000)
    bench.refuses(CorridorsCode.UETR_USED, "firm-b", replace(back, back=BACK))
    second = replace(back, back=replace(BACK, return_uetr=uetr(78), amount_minor=credited - 3_999))
    bench.refuses(CorridorsCode.RETURN_TOO_MUCH, "firm-b", second)
    bench.do("firm-b", replace(back, back=replace(BACK, return_uetr=uetr(78))))
    assert payment(bench, 1).state == "returned"
    third = replace(back, back=replace(BACK, return_uetr=uetr(79)))
    bench.refuses(CorridorsCode.WRONG_STATE, "firm-b", third)
    assert bench.balance(PAYEE) == 0
    reused = paying(bench, 78, send=100)
    bench.refuses(CorridorsCode.UETR_USED, "firm-a", reused)


def test_the_shape_of_a_return_is_checked(bench: Bench) -> None:
    for code, fields in (
        (CorridorsCode.UETR_MISSING, {"return_uetr": ""}),
        (PaymentsCode.BAD_UETR, {"return_uetr": "x"}),
        (CorridorsCode.BAD_TREATMENT, {"treatment": "some_rate"}),
        (KernelCode.AMOUNT_RANGE, {"amount_minor": -1}),
        (KernelCode.AMOUNT_RANGE, {"limit_minor": -1}),
        (CorridorsCode.BAD_TEXT, {"quote": "x" * 161}),
        (CorridorsCode.QUOTE_OR_ROUTE, {"quote": "x"}),
        (CorridorsCode.UETR_USED, {"return_uetr": uetr(1)}),
    ):
        action = ReturnPayment(uetr(1), replace(BACK, **fields), "AC04")
        bench.refuses(code, "firm-b", action)
    bench.refuses(CorridorsCode.BAD_TEXT, "firm-b", ReturnPayment(uetr(1), BACK, ""))
    bench.do("firm-b", Transfer(PAYEE, "firm-c/main", "CNY", 1))
    bench.refuses(PaymentsCode.INSUFFICIENT_FUNDS, "firm-b", ReturnPayment(uetr(1), BACK, "AC04"))


def test_what_is_held_cannot_be_returned() -> None:
    bench, _ = held()
    bench.refuses(CorridorsCode.WRONG_STATE, "firm-b", ReturnPayment(uetr(1), BACK, "AC04"))


def test_the_record_of_a_payment_does_not_grow_without_end(bench: Bench) -> None:
    for number in range(58):
        part = replace(BACK, return_uetr=uetr(100 + number), amount_minor=1)
        bench.do("firm-b", ReturnPayment(uetr(1), part, "FOCR"))
    part = replace(BACK, amount_minor=1)
    bench.refuses(CorridorsCode.TOO_MANY_STEPS, "firm-b", ReturnPayment(uetr(1), part, "FOCR"))
    bench.refuses(CorridorsCode.TOO_MANY_STEPS, "firm-a", ASK)
    bench.do("firm-b", ReturnPayment(uetr(1), BACK, "FOCR"))
    assert payment(bench, 1).state == "returned"
