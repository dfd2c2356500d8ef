"""Corridors: who defines them, when a change takes effect, who serves."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tongbao.modules.assets import AssetsCode
from tongbao.modules.corridors import (
    ChangeTerms,
    CorridorsCode,
    DefineCorridor,
    Fee,
    Holiday,
    Hours,
    Limit,
    PublishSealingKey,
    Purposes,
    Seat,
    Serve,
    SetReferenceRate,
    StopServing,
    Terms,
    Threshold,
    WithdrawChange,
    corridors,
    reference_rate,
    servers,
    terms_at,
    versions,
)
from tongbao.modules.corridors.tests.setting import (
    FEES,
    HOME,
    NETWORK,
    SOURCE,
    TERMS,
    bench_with,
    paying,
    priced,
)
from tongbao.modules.parties import PartiesCode, UpdateParty
from tongbao.modules.testing import DAY_MS, Bench

DEARER = replace(TERMS, fees=(replace(FEES[0], fixed_minor=90), *FEES[1:]))


@pytest.fixture
def bench() -> Bench:
    return bench_with()


def test_a_corridor_is_defined_once_by_operator_or_central_bank(bench: Bench) -> None:
    new = DefineCorridor("CNY-ABROAD", "CNY", "CNY", "central", TERMS)
    bench.do("central", new)
    for code, party, action in (
        (CorridorsCode.CORRIDOR_EXISTS, "central", new),
        (CorridorsCode.NOT_PERMITTED, "bank-a", replace(new, by="bank-a")),
        (CorridorsCode.BAD_CORRIDOR_ID, "central", replace(new, corridor="cny")),
        (AssetsCode.ASSET_UNKNOWN, "central", replace(new, corridor="C-2", receive_asset="XXX")),
        (CorridorsCode.CHANGE_PAST, "central", replace(new, corridor="C-2", effective_from_ms=5)),
    ):
        bench.refuses(code, party, action)
    assert [one.id for one in corridors(bench.view)] == ["CNY-ABROAD", HOME]


def test_terms_that_do_not_hold_together_are_refused(bench: Bench) -> None:
    fee = FEES[0]
    hours = Hours(SOURCE, "CN", (0, 1), 0, 60)
    holiday = Holiday(SOURCE, "CN", 20_000, "x")
    bad: tuple[dict[str, Any], ...] = (
        {"rounding": "nearest"}, {"service_level": "SLEV"}, {"hold_ms": 1},
        {"seats": ()}, {"seats": (Seat("bank-a", ()),)}, {"seats": (Seat("bank-a", ("king",)),)},
        {"seats": (Seat("bank-a", ("sender",)),) * 2}, {"fees": (fee,) * 17},
        {"fees": (replace(fee, kind="tip"),)}, {"fees": (replace(fee, side="left"),)},
        {"fees": (replace(fee, side="receive", bearers=("DEBT",)),)},
        {"fees": (replace(fee, fixed_minor=-1),)}, {"fees": (replace(fee, basis_points=10_001),)},
        {"fees": (replace(fee, min_minor=5, max_minor=4),)},
        {"fees": (replace(fee, fixed_minor=0),)},
        {"screening": (Threshold(SOURCE),), "screeners": ()},
        {"screening": (Threshold(SOURCE, -1),)}, {"travel_rule": (Threshold(SOURCE, 0, -1),)},
        {"limits": (Limit(SOURCE, -1),)}, {"limits": (Limit(SOURCE),) * 33},
        {"purposes": (Purposes(SOURCE, ("TOOLONG",)),)}, {"hours": (replace(hours, weekdays=()),)},
        {"hours": (replace(hours, weekdays=(1, 1)),)}, {"hours": (replace(hours, weekdays=(7,)),)},
        {"hours": (replace(hours, opens_minute=60),)},
        {"hours": (replace(hours, utc_offset_minutes=900),)},
        {"holidays": (replace(holiday, day=-1),)},
    )  # fmt: skip
    new = DefineCorridor("CNY-2", "CNY", "CNY", "central", TERMS)
    for fields in bad:
        action = replace(new, terms=replace(TERMS, **fields))
        bench.refuses(CorridorsCode.BAD_TERMS, "central", action)
    for fields in ({"limits": (Limit(""),)}, {"hours": (replace(hours, calendar=""),)}):
        action = replace(new, terms=replace(TERMS, **fields))
        bench.refuses(CorridorsCode.BAD_TEXT, "central", action)


def test_seats_screeners_and_receivers_have_to_exist(bench: Bench) -> None:
    new = DefineCorridor("CNY-2", "CNY", "CNY", "central", TERMS)
    for code, fields in (
        (PartiesCode.PARTY_UNKNOWN, {"seats": (Seat("nobody", ("sender",)),)}),
        (PartiesCode.PARTY_UNKNOWN, {"screeners": ("nobody",)}),
        (CorridorsCode.RECEIVER_UNKNOWN, {"fees": (replace(FEES[0], receiver="central/none"),)}),
    ):
        bench.refuses(code, "central", replace(new, terms=replace(TERMS, **fields)))


def test_a_change_takes_effect_at_its_time_and_can_be_withdrawn_before(bench: Bench) -> None:
    starts = bench.time_ms + DAY_MS
    change = ChangeTerms(HOME, "central", DEARER, starts)
    bench.do("central", change)
    bench.refuses(CorridorsCode.CHANGE_EXISTS, "central", change)
    bench.refuses(CorridorsCode.NOT_PERMITTED, "firm-a", replace(change, by="firm-a"))
    assert priced(bench, send=100).costs[0].amount_minor == 30
    bench.advance(starts - bench.time_ms)
    shown = priced(bench, send=100).costs
    assert shown[0].amount_minor == 90
    bench.do("firm-a", paying(bench, 1, send=100))
    withdraw = WithdrawChange(HOME, "central", starts)
    bench.refuses(CorridorsCode.CHANGE_UNKNOWN, "central", withdraw)
    bench.do("central", replace(change, terms=TERMS, effective_from_ms=starts + DAY_MS))
    bench.do("central", replace(withdraw, effective_from_ms=starts + DAY_MS))
    bench.advance(2 * DAY_MS)
    assert priced(bench, send=100).costs == shown
    assert len(list(versions(bench.view, HOME))) == 2


def test_costs_shown_before_a_change_are_not_charged_after_it(bench: Bench) -> None:
    old = paying(bench, 1, send=5_000)
    bench.do("central", ChangeTerms(HOME, "central", DEARER))
    bench.refuses(CorridorsCode.COSTS_DIFFER, "firm-a", old)


def test_a_corridor_that_is_closed_or_not_yet_in_force_carries_nothing(bench: Bench) -> None:
    shut = paying(bench, 1, send=100)
    bench.do("central", ChangeTerms(HOME, "central", replace(TERMS, open=False)))
    bench.refuses(CorridorsCode.NOT_IN_FORCE, "firm-a", shut)
    starts = bench.time_ms + DAY_MS
    bench.do("central", DefineCorridor("CNY-2", "CNY", "CNY", "central", TERMS, starts))
    assert terms_at(bench.view, "CNY-2", bench.time_ms) is None
    bench.refuses(CorridorsCode.NOT_IN_FORCE, "firm-a", replace(shut, corridor="CNY-2"))


def test_a_server_consents_itself_and_may_stop(bench: Bench) -> None:
    bench.refuses(CorridorsCode.SERVES_ALREADY, "bank-a", Serve(HOME, "bank-a"))
    bench.refuses(CorridorsCode.NOT_SEATED, "firm-c", Serve(HOME, "firm-c"))
    bench.do("bank-b", StopServing(HOME, "bank-b"))
    assert list(servers(bench.view, HOME)) == ["bank-a"]
    bench.refuses(CorridorsCode.SERVES_NOT, "bank-b", StopServing(HOME, "bank-b"))
    bench.refuses(CorridorsCode.NOT_SERVED, "firm-a", paying(bench, 1, send=100))
    bench.do("bank-b", Serve(HOME, "bank-b"))
    bench.do("firm-a", paying(bench, 1, send=100))


def test_a_seat_alone_is_no_consent() -> None:
    bench = Bench()
    seats = Terms(seats=(Seat("bank-a", ("sender", "receiver")),))
    bench.do("central", DefineCorridor(HOME, "CNY", "CNY", "central", seats))
    from tongbao.modules.corridors import PayAbroad

    action = PayAbroad(
        HOME, "firm-a/main", "firm-b/main", "00000001-0000-4000-8000-000000000000", send_minor=9
    )
    bench.refuses(CorridorsCode.NOT_SERVED, "firm-a", action)
    bench.do("bank-a", Serve(HOME, "bank-a"))
    bench.do("firm-a", action)


def test_reference_rates_are_dated_and_the_newest_counts(bench: Bench) -> None:
    from tongbao.modules.assets import DefineAsset

    bench.do("central", DefineAsset("HKD", "central", 2, "currency", "Hong Kong dollar"))
    now = bench.time_ms
    rate = SetReferenceRate("CNY", "HKD", 10_812, 4, now - DAY_MS, "fixing", "central")
    bench.do("central", rate)
    bench.do("central", replace(rate, value=10_900, observed_at_ms=now))
    found = reference_rate(bench.view, "CNY", "HKD", now)
    assert found is not None
    assert (found.value, found.source) == (10_900, "fixing")
    before = reference_rate(bench.view, "CNY", "HKD", now - 1)
    assert before is not None
    assert before.value == 10_812
    assert reference_rate(bench.view, "CNY", "HKD", now - 2 * DAY_MS) is None
    assert reference_rate(bench.view, "HKD", "CNY", now) is None
    for code, party, action in (
        (CorridorsCode.BAD_RATE, "central", replace(rate, value=0)),
        (CorridorsCode.BAD_RATE, "central", replace(rate, decimals=19)),
        (CorridorsCode.BAD_TEXT, "central", replace(rate, source="")),
        (CorridorsCode.BAD_MOMENT, "central", replace(rate, observed_at_ms=now + DAY_MS)),
        (CorridorsCode.NOT_PERMITTED, "bank-a", replace(rate, by="bank-a")),
        (AssetsCode.ASSET_UNKNOWN, "central", replace(rate, quote="XXX")),
    ):
        bench.refuses(code, party, action)


def test_a_sealing_key_is_of_a_known_suite(bench: Bench) -> None:
    good = PublishSealingKey("bank-a", "x25519", b"k" * 32)
    bench.do("bank-a", good)
    bench.refuses(CorridorsCode.BAD_SEALING_KEY, "bank-a", replace(good, suite="rsa"))
    bench.refuses(CorridorsCode.BAD_SEALING_KEY, "bank-a", replace(good, public=b"k"))


def test_a_corridor_names_the_receiver_of_every_fee(bench: Bench) -> None:
    found = terms_at(bench.view, HOME, bench.time_ms)
    assert found is not None
    assert {fee.receiver for fee in found[1].fees} >= {NETWORK}
    assert Fee("network", "send", NETWORK, fixed_minor=30) in found[1].fees


def test_no_other_central_bank_changes_a_corridor_that_one_defined() -> None:
    bench = bench_with()
    bench.do("central", UpdateParty("bank-b", "central", "bank-b", ("central_bank", "bank")))
    open_to_all = ChangeTerms(HOME, "bank-b", replace(TERMS, screeners=()))
    bench.refuses(CorridorsCode.NOT_PERMITTED, "bank-b", open_to_all)


@pytest.mark.parametrize("far", [2**53, 2**64, 2**200])
def test_terms_begin_at_a_time_that_the_ledger_can_write_down(far: int) -> None:
    bench = bench_with()
    for action in (ChangeTerms(HOME, "central", DEARER, far), WithdrawChange(HOME, "central", far)):
        bench.refuses(CorridorsCode.BAD_MOMENT, "central", action)
