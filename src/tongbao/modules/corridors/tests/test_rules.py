"""Rules are asked of what really moves, when it moves; and the day is counted then."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.modules.accounts import OpenAccount
from tongbao.modules.assets import Issue
from tongbao.modules.corridors import (
    PAYMENTS,
    AttachEnvelope,
    Attest,
    ChangeTerms,
    CorridorsCode,
    ExecutePayment,
    Limit,
    PayAbroad,
    Purposes,
    RefusePayment,
    ReleasePayment,
    ReturnPayment,
    ReturnTerms,
    Terms,
    Threshold,
)
from tongbao.modules.corridors.rules import used_today
from tongbao.modules.corridors.tests.across import (
    ABROAD,
    MAKER,
    SECOND,
    WAY,
    bench_across,
    paying,
    shown,
)
from tongbao.modules.corridors.tests.setting import (
    ENVELOPE,
    HOME,
    PAYER,
    SCREENED,
    SOURCE,
    WHO,
    WHOM,
    bench_with,
    do,
    uetr,
)
from tongbao.modules.corridors.tests.setting import paying as paying_home
from tongbao.modules.exchange import CancelOffers, PlaceOffer
from tongbao.modules.testing import DAY_MS, Bench

LIMITED = replace(
    ABROAD,
    screening=(Threshold(SOURCE, 1),),
    travel_rule=(Threshold(SOURCE, 5_000),),
    limits=(Limit(SOURCE, per_payment_minor=10_000, per_day_minor=15_000),),
)
"""Everything is screened, an envelope from 50.00 CNY on, 100.00 CNY at most, 150.00 a day."""


def sly(bench: Bench, number: int, receive: int, **fields: str) -> PayAbroad:
    """An exact-receive payment whose limit measures next to nothing."""
    honest = paying(bench, number, receive=receive, originator=WHO, beneficiary=WHOM)
    return replace(honest, limit_minor=1, **fields)


def release(bench: Bench, number: int) -> str:
    do(bench, ReleasePayment(uetr(number), "watch", "names are clear"), "watch")
    return state(bench, number)


def state(bench: Bench, number: int) -> str:
    found = bench.view.get(PAYMENTS, uetr(number))
    assert found is not None
    return found.state


def executing(bench: Bench, number: int, receive: int) -> ExecutePayment:
    """On costs of now, with the limit that it takes."""
    reported = shown(bench, receive=receive)
    route = (("HKD", "book"),)
    return ExecutePayment(
        uetr(number), limit_minor=reported.converted, costs=reported.costs, route=route
    )


def clear_both(bench: Bench) -> None:
    for subject in (WHO, WHOM):
        bench.do("watch", Attest(subject, "watch", "clear", "UN 1", bench.time_ms + 9 * DAY_MS))


def test_a_tiny_limit_that_is_replaced_at_execute_passes_no_limit_of_the_corridor() -> None:
    bench = bench_across(LIMITED)
    bench.do("firm-a", sly(bench, 1, 540_000, travel_rule=ENVELOPE))
    assert release(bench, 1) == "cleared"
    before = bench.balance(PAYER)
    reported = bench.refuses(CorridorsCode.OVER_LIMIT, "firm-a", executing(bench, 1, 540_000))
    assert (reported["amount"], reported["limit"]) == ("500000", "10000")
    assert bench.balance(PAYER) == before


def test_a_tiny_limit_that_is_replaced_at_execute_passes_no_travel_rule() -> None:
    bench = bench_across(LIMITED)
    bench.do("firm-a", sly(bench, 1, 10_000))
    assert release(bench, 1) == "cleared"
    execute = executing(bench, 1, 10_000)
    bench.refuses(CorridorsCode.ENVELOPE_MISSING, "firm-a", execute)
    bench.do("firm-a", AttachEnvelope(uetr(1), "firm-a", ENVELOPE))
    bench.do("firm-a", execute)
    assert state(bench, 1) == "settled"


def test_a_tiny_limit_that_is_replaced_at_execute_is_screened_as_what_it_is() -> None:
    terms = replace(
        LIMITED, screening=(Threshold(SOURCE, 5_000),), travel_rule=(Threshold(SOURCE, 1),)
    )
    bench = bench_across(terms)
    bench.do("firm-a", sly(bench, 1, 10_000))
    bench.do("firm-a", AttachEnvelope(uetr(1), "firm-a", ENVELOPE))
    assert release(bench, 1) == "cleared"
    execute = executing(bench, 1, 10_000)
    reported = bench.refuses(CorridorsCode.SCREENING_NEEDED, "firm-a", execute)
    assert reported["reason"] == "SCREENING_MISSING"
    clear_both(bench)
    bench.do("firm-a", execute)
    assert state(bench, 1) == "settled"


def test_what_is_executed_counts_on_its_day_with_what_was_really_converted() -> None:
    bench = bench_across(LIMITED)
    for number in (1, 2):
        bench.do("firm-a", sly(bench, number, 10_000, travel_rule=ENVELOPE))
        assert release(bench, number) == "cleared"
    bench.do("firm-a", executing(bench, 1, 10_000))
    assert used_today(bench.view, WAY, PAYER) == 9_260 + 1
    reported = bench.refuses(CorridorsCode.OVER_DAY_LIMIT, "firm-a", executing(bench, 2, 10_000))
    assert reported["spent"] == "9260"


def test_what_waited_until_tomorrow_counts_tomorrow_and_not_today() -> None:
    bench = bench_with(replace(SCREENED, limits=(Limit(SOURCE, per_day_minor=10_000),)))
    for number in (1, 2, 3):
        late = paying_home(
            bench, number, send=3_000, originator=WHO, beneficiary=WHOM,
            deadline_ms=bench.time_ms + 3 * DAY_MS,
        )  # fmt: skip
        bench.do("firm-a", late)
    assert used_today(bench.view, HOME, PAYER) == 9_000
    more = paying_home(bench, 4, send=1_001, originator=WHO, beneficiary=WHOM)
    bench.refuses(CorridorsCode.OVER_DAY_LIMIT, "firm-a", more)
    do(bench, RefusePayment(uetr(3), "watch", "listed"), "watch")
    assert used_today(bench.view, HOME, PAYER) == 6_000
    bench.advance(DAY_MS)
    assert used_today(bench.view, HOME, PAYER) == 0
    assert release(bench, 1) == "settled"
    assert used_today(bench.view, HOME, PAYER) == 3_000
    bench.do("firm-a", paying_home(bench, 5, send=900))
    bench.do("firm-a", paying_home(bench, 6, send=999))
    for number in range(7, 10):
        bench.do("firm-a", paying_home(bench, number, send=999))
    assert used_today(bench.view, HOME, PAYER) == 7_896
    assert release(bench, 2) == "cleared"
    found = bench.view.get(PAYMENTS, uetr(2))
    assert found is not None
    assert found.steps[-1].reason == str(int(CorridorsCode.OVER_DAY_LIMIT))


def change(bench: Bench, corridor: str, terms: Terms) -> None:
    bench.do("central", ChangeTerms(corridor, "central", terms, bench.time_ms + 1_000))
    bench.advance(1_000)


def test_a_rule_that_is_tightened_meets_what_waits_and_one_that_is_lifted_frees_nothing() -> None:
    limited = replace(SCREENED, limits=(Limit(SOURCE, per_payment_minor=4_000),))
    tighter = replace(SCREENED, limits=(Limit(SOURCE, per_payment_minor=2_999),))
    for accepted, later, amount, ends in (
        (SCREENED, tighter, 3_000, "cleared"),
        (limited, SCREENED, 3_000, "settled"),
        (SCREENED, replace(SCREENED, purposes=(Purposes(SOURCE, ("GDDS",)),)), 3_000, "cleared"),
    ):
        bench = bench_with(accepted)
        bench.do("firm-a", paying_home(bench, 1, send=amount, originator=WHO, beneficiary=WHOM))
        change(bench, HOME, later)
        assert release(bench, 1) == ends


def test_a_release_asks_for_an_envelope_that_a_newer_rule_wants() -> None:
    bench = bench_with(SCREENED)
    bench.do("firm-a", paying_home(bench, 1, send=2_000, originator=WHO, beneficiary=WHOM))
    change(bench, HOME, replace(SCREENED, travel_rule=(Threshold(SOURCE, 2_000),)))
    assert release(bench, 1) == "cleared"
    bench.do("firm-a", AttachEnvelope(uetr(1), "firm-a", ENVELOPE))
    found = bench.view.get(PAYMENTS, uetr(1))
    assert found is not None
    bench.do("firm-a", ExecutePayment(uetr(1), costs=found.costs))
    assert state(bench, 1) == "settled"


def test_treatments_together_return_no_more_than_the_payer_gave() -> None:
    """Half goes back unconverted; a rate that doubled gives half for the rest and no more."""
    bench = bench_across()
    bench.do("firm-a", paying(bench, 1, send=100_000))
    found = bench.view.get(PAYMENTS, uetr(1))
    assert found is not None
    half = found.credited_minor // 2
    apart = ReturnTerms(uetr(11), "beneficiary_currency", half)
    do(bench, ReturnPayment(uetr(1), apart, "FOCR"), "firm-b")
    for account in (MAKER, SECOND):
        bench.do(account.partition("/")[0], CancelOffers(account))
    bench.do("bank-b", PlaceOffer(MAKER, "CNY", 200_000, "HKD", 1, 2))
    back = ReturnTerms(uetr(12), "current_rate", 0, 1, (("CNY", "book"),))
    signers = (("firm-b", 0), ("firm-b", 1))
    reported = bench.refuses(
        CorridorsCode.RETURN_TOO_MUCH, "firm-b", ReturnPayment(uetr(1), back, "FOCR"),
        signers=signers,
    )  # fmt: skip
    assert int(str(reported["remaining"])) <= 50_100


def test_a_second_account_of_a_party_is_no_second_limit_of_the_day() -> None:
    terms = replace(SCREENED, limits=(Limit(SOURCE, per_day_minor=10_000),))
    second = OpenAccount("firm-a/two", servicer="bank-a", assets=("CNY",))
    bench = bench_with(terms, second, Issue("CNY", "firm-a/two", 10_000))
    first = paying_home(bench, 1, send=6_000, originator=WHO, beneficiary=WHOM)
    bench.do("firm-a", first)
    other = replace(first, uetr=uetr(2), payer="firm-a/two")
    reported = bench.refuses(CorridorsCode.OVER_DAY_LIMIT, "firm-a", other)
    assert reported["party"] == "firm-a"
