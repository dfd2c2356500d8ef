"""Paying through a corridor: what is charged is what was shown, or nothing moves."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.modules.accounts import AccountsCode, FreezeAccount, SetLimits
from tongbao.modules.corridors import CorridorsCode, Cost, Limit, PayAbroad, Purposes
from tongbao.modules.corridors.tests.setting import (
    CORRIDOR,
    HOME,
    NETWORK,
    PAYEE,
    PAYER,
    RECEIVING,
    SOURCE,
    TERMS,
    bench_with,
    do,
    paying,
    payment,
    priced,
    uetr,
)
from tongbao.modules.payments import PaymentsCode, Transfer
from tongbao.modules.testing import DAY_MS, OPENING, Bench


@pytest.fixture
def bench() -> Bench:
    return bench_with()


def test_shared_charges_are_borne_by_each_side_and_told_line_by_line(bench: Bench) -> None:
    action = paying(bench, 1, send=100_000)
    assert action.costs == (
        Cost("network", NETWORK, "CNY", 30), Cost("corridor", CORRIDOR, "CNY", 50),
        Cost("receiving_bank", RECEIVING, "CNY", 60),
    )  # fmt: skip
    reported = bench.do("firm-a", action)
    assert bench.balance(PAYER) == OPENING - 100_080
    assert bench.balance(PAYEE) == 99_940
    charged = [bench.balance(account) for account in (NETWORK, CORRIDOR, RECEIVING)]
    assert charged == [30, 50, 60]
    kinds = [event.__struct_config__.tag for event in reported]
    charges = ["corridors.charged"] * 3
    assert kinds == ["corridors.accepted", *charges, "corridors.settled", "payments.posted"]
    one = payment(bench, 1)
    assert [step.name for step in one.steps] == ["accepted", "settled"]
    assert (one.debited_minor, one.arrived_minor, one.credited_minor) == (100_080, 100_000, 99_940)


def test_a_debtor_who_bears_all_pays_the_receiving_bank_in_his_own_currency(bench: Bench) -> None:
    bench.do("firm-a", paying(bench, 1, "DEBT", send=100_000))
    assert bench.balance(PAYEE) == 100_000
    assert bench.balance(PAYER) == OPENING - 100_000 - 30 - 50 - 60


def test_a_creditor_who_bears_all_gets_what_charges_leave(bench: Bench) -> None:
    bench.do("firm-a", paying(bench, 1, "CRED", send=100_000))
    assert bench.balance(PAYER) == OPENING - 100_000
    assert bench.balance(PAYEE) == 100_000 - 80 - 60
    refused = paying(bench, 2, "CRED", receive=5, costs=())
    bench.refuses(CorridorsCode.CREDITOR_BEARS, "firm-a", refused)


def test_the_service_level_of_the_corridor_says_who_bears(bench: Bench) -> None:
    assert priced(bench, "SLEV", send=9_999) == priced(bench, "SHAR", send=9_999)
    bench.do("firm-a", paying(bench, 1, "SLEV", send=9_999))
    debtor = bench_with(replace(TERMS, service_level="DEBT"))
    assert priced(debtor, "SLEV", send=9_999) == priced(debtor, "DEBT", send=9_999)


def test_what_arrives_may_be_stated_instead(bench: Bench) -> None:
    bench.do("firm-a", paying(bench, 1, "DEBT", receive=70_000))
    assert bench.balance(PAYEE) == 70_000
    assert bench.balance(PAYER) == OPENING - 70_000 - 30 - 35 - 60


def test_costs_other_than_those_shown_are_never_charged(bench: Bench) -> None:
    shown = priced(bench, send=100_000).costs
    cheaper = (*shown[:2], replace(shown[2], amount_minor=59))
    dearer = (*shown[:2], replace(shown[2], amount_minor=61))
    for costs in (cheaper, dearer, shown[:2], (shown[1], shown[0], shown[2]), ()):
        values = bench.refuses(
            CorridorsCode.COSTS_DIFFER, "firm-a", paying(bench, 1, send=100_000, costs=costs)
        )
        assert "receiving_bank 0.60 CNY" in str(values["charged"])


def test_charges_that_leave_nothing_are_refused(bench: Bench) -> None:
    costs = (Cost("network", NETWORK, "CNY", 30),)
    small = paying(bench, 1, "SHAR", send=50, costs=costs)
    bench.refuses(CorridorsCode.BELOW_COSTS, "firm-a", replace(small, bearer="CRED", send_minor=40))
    exact = (
        Cost("network", NETWORK, "CNY", 30), Cost("corridor", CORRIDOR, "CNY", 10),
        Cost("receiving_bank", RECEIVING, "CNY", 51),
    )  # fmt: skip
    refused = replace(small, costs=exact)
    bench.refuses(CorridorsCode.BELOW_COSTS, "firm-a", refused)


def test_the_shape_of_a_payment_is_checked_first(bench: Bench) -> None:
    good = paying(bench, 1, send=1_000)
    for code, fields in (
        (CorridorsCode.UETR_MISSING, {"uetr": ""}),
        (PaymentsCode.BAD_UETR, {"uetr": "no"}),
        (CorridorsCode.SAME_ACCOUNT, {"payee": PAYER}),
        (CorridorsCode.BAD_BEARER, {"bearer": "OUR"}),
        (CorridorsCode.ONE_AMOUNT, {"receive_minor": 5}),
        (CorridorsCode.ONE_AMOUNT, {"send_minor": 0}),
        (KernelCode.AMOUNT_RANGE, {"send_minor": -5}),
        (KernelCode.AMOUNT_RANGE, {"limit_minor": -5}),
        (CorridorsCode.BAD_TERMS, {"costs": (Cost("tip", NETWORK, "CNY", 1),)}),
        (CorridorsCode.BAD_TERMS, {"costs": (Cost("network", NETWORK, "CNY", 0),)}),
        (CorridorsCode.BAD_TERMS, {"costs": (Cost("network", "x" * 81, "CNY", 1),)}),
        (CorridorsCode.BAD_TERMS, {"costs": (Cost("network", NETWORK, "CNY", 1),) * 33}),
        (CorridorsCode.BAD_TERMS, {"route": (("HKD", "book"),) * 7}),
        (CorridorsCode.BAD_TERMS, {"route": (("HKD", "x" * 81),)}),
        (PaymentsCode.BAD_TEXT, {"remittance": "x" * 141}),
        (CorridorsCode.BAD_DIGEST, {"originator": "ff"}),
        (CorridorsCode.BAD_TEXT, {"quote": "x" * 161}),
        (CorridorsCode.QUOTE_OR_ROUTE, {"quote": "x"}),
        (CorridorsCode.CORRIDOR_UNKNOWN, {"corridor": "NOWHERE"}),
        (CorridorsCode.DEADLINE_PAST, {"deadline_ms": 1}),
        (CorridorsCode.DEADLINE_PAST, {"deadline_ms": bench.time_ms + 31 * DAY_MS}),
    ):
        bench.refuses(code, "firm-a", replace(good, **fields))


def test_a_uetr_names_one_payment_for_ever(bench: Bench) -> None:
    first = paying(bench, 1, send=1_000)
    bench.do("firm-a", first)
    bench.refuses(CorridorsCode.UETR_USED, "firm-a", first)
    bench.advance(400 * DAY_MS)
    bench.refuses(CorridorsCode.UETR_USED, "firm-a", first)


def test_both_banks_have_to_serve_the_corridor(bench: Bench) -> None:
    own = replace(paying(bench, 1, send=1_000), payee="firm-c/main")
    values = bench.refuses(CorridorsCode.NOT_SERVED, "firm-a", own)
    assert (values["party"], values["role"]) == ("bank-a", "receiver")
    back = replace(paying(bench, 2, send=1_000), payer=PAYEE, payee=PAYER)
    bench.refuses(CorridorsCode.NOT_SERVED, "firm-b", back)


def test_limits_of_the_corridor_count_a_payment_and_a_day() -> None:
    limit = Limit(SOURCE, per_payment_minor=60_000, per_day_minor=100_000)
    bench = bench_with(replace(TERMS, limits=(limit,)))
    over = bench.refuses(CorridorsCode.OVER_LIMIT, "firm-a", paying(bench, 1, send=60_001))
    assert over["source"] == SOURCE
    bench.do("firm-a", paying(bench, 2, send=60_000))
    bench.refuses(CorridorsCode.OVER_DAY_LIMIT, "firm-a", paying(bench, 3, send=40_001))
    bench.do("firm-a", paying(bench, 4, send=40_000))
    bench.advance(DAY_MS)
    bench.do("firm-a", paying(bench, 5, send=60_000))


def test_a_limit_takes_effect_on_its_day() -> None:
    bench = bench_with()
    starts = bench.time_ms + 5 * DAY_MS
    limits = (Limit("notice 1", 500), Limit("notice 2", 100, effective_from_ms=starts))
    bench = bench_with(replace(TERMS, limits=limits))
    bench.do("firm-a", paying(bench, 1, send=500))
    bench.advance(5 * DAY_MS)
    late = bench.refuses(CorridorsCode.OVER_LIMIT, "firm-a", paying(bench, 2, send=500))
    assert late["source"] == "notice 2"


def test_a_corridor_carries_the_purposes_that_its_rules_allow() -> None:
    bench = bench_with(replace(TERMS, purposes=(Purposes(SOURCE, ("GDDS", "SCVE")),)))
    bench.refuses(
        CorridorsCode.PURPOSE_NOT_ALLOWED, "firm-a", paying(bench, 1, send=500, purpose="CHAR")
    )
    bench.do("firm-a", paying(bench, 1, send=500, purpose="GDDS"))


def test_freezes_limits_and_missing_money_stop_the_whole_payment(bench: Bench) -> None:
    bench.refuses(PaymentsCode.INSUFFICIENT_FUNDS, "firm-a", paying(bench, 1, send=OPENING))
    set_limits = SetLimits(PAYER, "CNY", per_payment=10_000, per_day=0)
    do(bench, set_limits, "firm-a", "bank-a")
    bench.refuses(AccountsCode.LIMIT_PER_PAYMENT, "firm-a", paying(bench, 1, send=10_001))
    bench.do("watch", FreezeAccount(RECEIVING, "watch", "order 1"))
    bench.refuses(PaymentsCode.PAYEE_BLOCKED, "firm-a", paying(bench, 1, send=5_000))
    bench.do("watch", FreezeAccount(PAYEE, "watch", "order 2"))
    bench.refuses(PaymentsCode.PAYEE_BLOCKED, "firm-a", paying(bench, 1, send=5_000))
    assert bench.balance(NETWORK) == 0


def test_a_fee_that_would_be_paid_to_oneself_is_none(bench: Bench) -> None:
    bench.do("bank-a", Transfer("bank-a/main", CORRIDOR, "CNY", 10_000))
    costs = (Cost("network", NETWORK, "CNY", 30), Cost("receiving_bank", RECEIVING, "CNY", 51))
    action = PayAbroad(HOME, CORRIDOR, PAYEE, uetr(1), send_minor=1_000, costs=costs)
    bench.do("bank-a", action)
    assert bench.balance(CORRIDOR) == 10_000 - 1_030
