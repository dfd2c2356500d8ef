"""Held payments: who decides, what is set aside meanwhile, and that nothing happens twice."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.generation import both_keys, demo_key
from tongbao.modules.accounts import CloseAccount, FreezeAccount, UnfreezeAccount
from tongbao.modules.corridors import (
    AnswerCancellation,
    AskCancellation,
    AttachEnvelope,
    Attest,
    CorridorsCode,
    ExecutePayment,
    RefusePayment,
    ReleasePayment,
    SetReferenceRate,
)
from tongbao.modules.corridors.tests.setting import (
    ENVELOPE,
    PAYEE,
    PAYER,
    SCREENED,
    WHO,
    WHOM,
    bench_with,
    held,
    paying,
    payment,
    priced,
    uetr,
)
from tongbao.modules.parties import AddKey, SuspendParty
from tongbao.modules.payments import PaymentsCode, Transfer
from tongbao.modules.testing import DAY_MS, OPENING, Bench


def attest(bench: Bench, by: str, subject: str, verdict: str = "clear", ms: int = DAY_MS) -> None:
    bench.do(by, Attest(subject, by, verdict, "UN 2026-11-24", bench.time_ms + ms))


def test_a_payment_whose_ends_are_clear_is_not_held() -> None:
    bench = bench_with(SCREENED)
    attest(bench, "watch", WHO)
    attest(bench, "bank-b", WHOM)
    action = paying(bench, 1, send=5_000, originator=WHO, beneficiary=WHOM, travel_rule=ENVELOPE)
    bench.do("firm-a", action)
    assert payment(bench, 1).state == "settled"
    below = paying(bench, 2, send=999)
    bench.do("firm-a", below)
    assert payment(bench, 2).state == "settled"


def test_who_is_not_named_cannot_be_screened() -> None:
    bench = bench_with(SCREENED)
    unnamed = paying(bench, 1, send=1_000, originator=WHO)
    bench.refuses(CorridorsCode.SUBJECT_MISSING, "firm-a", unnamed)


def test_a_hit_a_missing_result_and_a_missing_envelope_hold_with_their_reasons() -> None:
    bench = bench_with(SCREENED)
    attest(bench, "watch", WHO)
    action = paying(bench, 1, send=5_000, originator=WHO, beneficiary=WHOM)
    bench.do("firm-a", action)
    assert payment(bench, 1).held_for == ("SCREENING_MISSING", "TRAVEL_RULE_MISSING")
    attest(bench, "watch", WHOM)
    attest(bench, "bank-b", WHOM, "hit")
    bench.do("firm-a", replace(action, uetr=uetr(2), travel_rule=ENVELOPE))
    assert payment(bench, 2).held_for == ("SCREENING_HIT",)


def test_an_expired_result_and_a_stranger_s_result_count_for_nothing() -> None:
    bench = bench_with(SCREENED)
    attest(bench, "bank-a", WHO)
    attest(bench, "watch", WHOM, ms=1_000)
    bench.advance(1_000)
    bench.do("firm-a", paying(bench, 1, send=2_000, originator=WHO, beneficiary=WHOM))
    assert payment(bench, 1).held_for == ("SCREENING_MISSING",)


def test_money_of_a_held_payment_is_set_aside_with_its_charges() -> None:
    bench, _ = held()
    assert bench.available(PAYER) == OPENING - 10_000 - 40
    assert bench.balance(PAYER) == OPENING
    bench.refuses(
        PaymentsCode.INSUFFICIENT_FUNDS, "firm-a",
        Transfer(PAYER, "firm-c/main", "CNY", OPENING - 10_039),
    )  # fmt: skip


def test_a_released_payment_settles_as_it_was_signed_and_only_once() -> None:
    bench, _ = held()
    release = ReleasePayment(uetr(1), "watch", "no match on review")
    bench.refuses(CorridorsCode.ENVELOPE_MISSING, "watch", release)
    attach = AttachEnvelope(uetr(1), "firm-a", ENVELOPE)
    bench.refuses(CorridorsCode.NOT_PERMITTED, "firm-c", replace(attach, by="firm-c"))
    [reported, *_] = bench.do("firm-a", attach)
    assert payment(bench, 1).steps[-1].note == reported.note == ENVELOPE  # type: ignore[attr-defined]
    bench.refuses(CorridorsCode.ENVELOPE_ATTACHED, "firm-a", attach)
    bench.do("watch", release)
    assert payment(bench, 1).state == "settled"
    assert bench.available(PAYER) == bench.balance(PAYER) == OPENING - 10_040
    assert bench.balance(PAYEE) == 10_000 - 51
    bench.refuses(CorridorsCode.WRONG_STATE, "watch", release)
    bench.refuses(CorridorsCode.WRONG_STATE, "firm-a", attach)
    refuse = RefusePayment(uetr(1), "watch", "too late")
    bench.refuses(CorridorsCode.WRONG_STATE, "watch", refuse)
    assert bench.advance(2 * DAY_MS) == ()


def test_a_refused_payment_frees_its_money_and_says_why() -> None:
    bench, _ = held()
    refuse = RefusePayment(uetr(1), "bank-b", "listed since 2026-11-01")
    bench.refuses(CorridorsCode.NOT_PERMITTED, "bank-a", replace(refuse, by="bank-a"))
    bench.refuses(CorridorsCode.BAD_TEXT, "bank-b", replace(refuse, note=""))
    bench.refuses(CorridorsCode.BAD_TEXT, "bank-b", replace(refuse, reason="LONGER"))
    bench.do("bank-b", refuse)
    assert bench.available(PAYER) == OPENING
    last = payment(bench, 1).steps[-1]
    assert (last.name, last.reason, last.note) == ("refused", "RR04", "listed since 2026-11-01")
    bench.refuses(CorridorsCode.WRONG_STATE, "bank-b", refuse)


def test_a_hold_ends_by_itself_at_its_deadline() -> None:
    bench, _ = held()
    assert bench.advance(DAY_MS - 1) == ()
    reported = bench.advance(1)
    assert [event.__struct_config__.tag for event in reported] == [
        "corridors.stepped", "payments.posted",
    ]  # fmt: skip
    assert bench.available(PAYER) == OPENING
    assert payment(bench, 1).state == "ended"
    release = ReleasePayment(uetr(1), "watch", "late")
    bench.refuses(CorridorsCode.WRONG_STATE, "watch", release)


def test_a_release_that_cannot_settle_clears_and_the_payer_executes_on_costs_of_now() -> None:
    bench = bench_with(SCREENED)
    shown = priced(bench, send=2_000).costs
    wrong = replace(shown[-1], amount_minor=shown[-1].amount_minor + 1)
    action = paying(
        bench, 1, send=2_000, costs=(*shown[:-1], wrong), originator=WHO, beneficiary=WHOM
    )
    bench.do("firm-a", action)
    execute = ExecutePayment(uetr(1), costs=shown)
    bench.refuses(CorridorsCode.WRONG_STATE, "firm-a", execute)
    bench.do("watch", ReleasePayment(uetr(1), "watch", "clear"))
    one = payment(bench, 1)
    assert (one.state, one.steps[-1].reason) == ("cleared", str(int(CorridorsCode.COSTS_DIFFER)))
    assert bench.available(PAYER) == OPENING - one.aside_minor
    bench.refuses(CorridorsCode.COSTS_DIFFER, "firm-a", replace(execute, costs=()))
    bench.refuses(CorridorsCode.QUOTE_OR_ROUTE, "firm-a", replace(execute, quote="x"))
    bench.do("firm-a", execute)
    assert payment(bench, 1).state == "settled"
    assert bench.available(PAYER) == bench.balance(PAYER) == OPENING - 2_040
    bench.refuses(CorridorsCode.WRONG_STATE, "firm-a", execute)


def test_a_cleared_payment_that_nobody_executes_ends_too() -> None:
    bench = bench_with(SCREENED)
    bench.do("firm-a", paying(bench, 1, send=2_000, costs=(), originator=WHO, beneficiary=WHOM))
    bench.do("watch", ReleasePayment(uetr(1), "watch", "clear"))
    bench.advance(DAY_MS)
    assert payment(bench, 1).state == "ended"
    assert bench.available(PAYER) == OPENING


def test_nothing_can_be_decided_about_a_payment_that_is_not_there() -> None:
    bench = bench_with()
    for action, party in (
        (ReleasePayment(uetr(1), "watch", "x"), "watch"),
        (ExecutePayment(uetr(1)), "firm-a"),
    ):
        bench.refuses(CorridorsCode.PAYMENT_UNKNOWN, party, action)


def test_a_result_is_clear_or_hit_of_a_list_for_a_while() -> None:
    bench = bench_with()
    good = Attest(WHO, "watch", "clear", "UN 1", bench.time_ms + DAY_MS)
    for code, fields in (
        (CorridorsCode.BAD_VERDICT, {"verdict": "maybe"}),
        (CorridorsCode.BAD_DIGEST, {"subject": ""}),
        (CorridorsCode.BAD_TEXT, {"list_version": ""}),
        (CorridorsCode.EXPIRY_PAST, {"expires_at_ms": bench.time_ms}),
    ):
        bench.refuses(code, "watch", replace(good, **fields))


def test_a_reference_rate_is_stated_by_operator_or_central_bank() -> None:
    bench = bench_with()
    rate = SetReferenceRate("CNY", "CNY", 1, 0, bench.time_ms, "x", "central")
    bench.refuses(CorridorsCode.BAD_RATE, "central", rate)


def test_a_key_for_payments_does_not_let_held_money_go_by_way_of_a_cancellation() -> None:
    bench, _ = held()
    bench.do("firm-a", AskCancellation(uetr(1), "firm-a", "DUPL"))
    bench.do("watch", AddKey("watch", demo_key("watch", 2, scopes=("payments",))))
    accept = AnswerCancellation(uetr(1), "watch", accepted=True, reason="CUST")
    reported = bench.refuses(KernelCode.APPROVAL_MISSING, "watch", accept, signers=[("watch", 2)])
    assert reported["scope"] == "screening"
    bench.do("watch", accept)


def test_a_released_payment_of_a_suspended_party_does_not_settle() -> None:
    bench, _ = held()
    bench.do("firm-a", AttachEnvelope(uetr(1), "firm-a", ENVELOPE))
    bench.do("watch", SuspendParty("firm-a", "watch", "its keys were stolen"))
    bench.do("watch", ReleasePayment(uetr(1), "watch", "no hit"))
    assert payment(bench, 1).state == "cleared"
    assert payment(bench, 1).steps[-1].reason == str(int(KernelCode.PARTY_SUSPENDED))


def cleared() -> Bench:
    """A released payment that could not settle: its payer has spent what the costs would take."""
    bench, action = held()
    bench.do("firm-a", AttachEnvelope(uetr(1), "firm-a", ENVELOPE))
    bench.do("watch", FreezeAccount(PAYEE, "watch", "order"))
    bench.do("watch", ReleasePayment(uetr(1), "watch", "no hit"))
    bench.do("watch", UnfreezeAccount(PAYEE, "watch"))
    assert payment(bench, 1).state == "cleared"
    assert action.costs == payment(bench, 1).costs
    return bench


def test_a_hit_that_was_stated_after_the_release_keeps_a_cleared_payment_from_its_end() -> None:
    bench = cleared()
    execute = ExecutePayment(uetr(1), costs=payment(bench, 1).costs)
    attest(bench, "watch", WHOM, "hit", ms=DAY_MS // 4)
    reported = bench.refuses(CorridorsCode.HIT_SINCE, "firm-a", execute)
    assert reported["party"] == "watch"
    attest(bench, "watch", WHOM)
    bench.do("firm-a", execute)
    assert payment(bench, 1).state == "settled"


def test_a_payment_to_an_account_that_was_closed_can_still_be_cancelled() -> None:
    bench = cleared()
    two = (*both_keys("firm-b"), *both_keys("bank-b"))
    bench.do("firm-b", CloseAccount(PAYEE), signers=two)
    bench.do("firm-a", AskCancellation(uetr(1), "firm-a", "DUPL"))
    assert payment(bench, 1).state == "cancelled"
    assert bench.available(PAYER) == OPENING
