"""Payments across currencies: route or quote, exact send or receive, all or none."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.modules.accounts import FreezeAccount
from tongbao.modules.assets import FreezeHolding, PauseAsset
from tongbao.modules.corridors import (
    CorridorsCode,
    ReleasePayment,
    ReturnPayment,
    ReturnTerms,
    Seat,
    Threshold,
)
from tongbao.modules.corridors.tests.across import (
    ABROAD,
    DEPTH,
    MAKER,
    MAKING,
    NETWORK,
    RECEIVING,
    SECOND,
    bench_across,
    paying,
    quoting,
    shown,
)
from tongbao.modules.corridors.tests.setting import (
    ENVELOPE,
    PAYEE,
    PAYER,
    WHO,
    WHOM,
    payment,
    uetr,
)
from tongbao.modules.exchange import CancelOffers, ExchangeCode, PlaceOffer
from tongbao.modules.testing import OPENING, Bench


@pytest.fixture
def bench() -> Bench:
    return bench_across()


def test_an_exact_send_is_debited_converted_credited_and_charged_at_once(bench: Bench) -> None:
    action = paying(bench, 1, send=100_000)
    assert action.limit_minor == 108_000
    reported = bench.do("firm-a", action)
    assert bench.balance(PAYER) == OPENING - 100_000 - 30 - 50
    assert bench.balance(PAYEE, "HKD") == 108_000 - 20 - 22
    assert (bench.balance(NETWORK), bench.balance(MAKING)) == (30, 50)
    assert bench.balance(RECEIVING, "HKD") == 42
    assert bench.balance(MAKER) == OPENING + 100_000
    assert [e.__struct_config__.tag for e in reported][-2:] == [
        "corridors.settled",
        "payments.posted",
    ]


def test_an_exact_receive_debits_what_it_takes(bench: Bench) -> None:
    bench.do("firm-a", paying(bench, 1, "DEBT", receive=54_000))
    assert bench.balance(PAYEE, "HKD") == 54_000
    assert bench.balance(PAYER) == OPENING - 50_000 - 30 - 25 - 45


def test_a_creditor_who_bears_all_bears_both_sides(bench: Bench) -> None:
    bench.do("firm-a", paying(bench, 1, "CRED", send=100_000))
    assert bench.balance(PAYER) == OPENING - 100_000
    one = payment(bench, 1)
    assert (one.converted_minor, one.arrived_minor) == (99_920, 107_913)
    assert one.credited_minor == 107_913 - 42


def test_a_payment_that_the_market_cannot_carry_moves_nothing(bench: Bench) -> None:
    deep = paying(bench, 1, send=100_000)
    bench.do("firm-c", CancelOffers(SECOND))
    too_deep = replace(deep, send_minor=900_000, limit_minor=1, costs=())
    bench.refuses(ExchangeCode.NO_DEPTH, "firm-a", too_deep)
    dearer = replace(deep, limit_minor=deep.limit_minor + 1)
    bench.refuses(ExchangeCode.RECEIVED_TOO_LITTLE, "firm-a", dearer)
    cheap = replace(paying(bench, 1, receive=54_000), limit_minor=49_999)
    bench.refuses(ExchangeCode.SENT_TOO_MUCH, "firm-a", cheap)
    bench.refuses(KernelCode.AMOUNT_RANGE, "firm-a", replace(deep, limit_minor=0))


def test_a_better_price_that_changes_no_charge_is_the_payer_s_or_payee_s_gain(bench: Bench) -> None:
    action = paying(bench, 1, send=100_000)
    bench.do("bank-b", PlaceOffer(
        account=MAKER, sell_asset="HKD", sell_minor=DEPTH, buy_asset="CNY", price_buy=10_000,
        price_sell=10_801,
    ))  # fmt: skip
    bench.do("firm-a", action)
    assert payment(bench, 1).arrived_minor == 108_010
    assert payment(bench, 1).credited_minor == 108_010 - 42


def test_a_better_price_that_changes_a_charge_is_refused_and_shown_again(bench: Bench) -> None:
    action = paying(bench, 1, send=100_000)
    bench.do("bank-b", PlaceOffer(
        account=MAKER, sell_asset="HKD", sell_minor=DEPTH, buy_asset="CNY", price_buy=100,
        price_sell=116,
    ))  # fmt: skip
    bench.refuses(CorridorsCode.COSTS_DIFFER, "firm-a", action)
    bench.do("firm-a", paying(bench, 1, send=100_000))


def test_a_route_ends_in_the_asset_of_the_corridor(bench: Bench) -> None:
    good = paying(bench, 1, send=1_000)
    bench.refuses(CorridorsCode.QUOTE_OR_ROUTE, "firm-a", replace(good, route=()))
    bench.refuses(CorridorsCode.QUOTE_OR_ROUTE, "firm-a", replace(good, quote="x"))
    other = replace(good, route=(("HKD", "book"), ("CNY", "book")))
    bench.refuses(CorridorsCode.QUOTE_OR_ROUTE, "firm-a", other)


# ---- quotes --------------------------------------------------------------------------------------


def _by_quote(bench: Bench, number: int, quote: str, send: int, receive: int, **fields: Any) -> Any:
    from tongbao.modules.corridors import PayAbroad, price, require_corridor, require_terms
    from tongbao.modules.corridors.tests.across import WAY

    _, terms = require_terms(bench.view, WAY)
    reported = price(
        require_corridor(bench.view, WAY), terms, (PAYER, PAYEE), "SHAR", send=send,
        carry=lambda amount: (amount, receive),
    )  # fmt: skip
    action = PayAbroad(
        WAY, PAYER, PAYEE, uetr(number), send_minor=send, limit_minor=receive, costs=reported.costs,
        quote=quote,
    )  # fmt: skip
    return replace(action, **fields)


def test_a_quote_pays_at_its_price_whatever_the_market_did(bench: Bench) -> None:
    [given, *_] = bench.do("bank-b", quoting(bench, 100_000, 108_500))
    quote = given.quote  # type: ignore[attr-defined]
    action = _by_quote(bench, 1, quote, 100_000, 108_500)
    bench.do("bank-b", CancelOffers(MAKER))
    bench.do("firm-c", CancelOffers(SECOND))
    bench.refuses(CorridorsCode.QUOTE_DIFFERS, "firm-a", replace(action, send_minor=99_999))
    bench.refuses(CorridorsCode.QUOTE_DIFFERS, "firm-a", replace(action, limit_minor=108_501))
    back = replace(action, send_minor=0, receive_minor=108_500, limit_minor=99_999)
    bench.refuses(CorridorsCode.QUOTE_DIFFERS, "firm-a", back)
    bench.do("firm-a", action)
    assert payment(bench, 1).arrived_minor == 108_500
    again = replace(action, uetr=uetr(2))
    bench.refuses(ExchangeCode.QUOTE_UNKNOWN, "firm-a", again)


def test_an_expired_quote_pays_nothing(bench: Bench) -> None:
    [given, *_] = bench.do("bank-b", quoting(bench, 100_000, 108_500))
    action = _by_quote(bench, 1, given.quote, 100_000, 108_500)  # type: ignore[attr-defined]
    bench.advance(60_000)
    bench.refuses(ExchangeCode.QUOTE_UNKNOWN, "firm-a", action)
    assert bench.available(MAKER, "HKD") == 10 * DEPTH - DEPTH


def test_a_maker_whose_quote_is_used_serves_the_corridor() -> None:
    seats = (Seat("bank-a", ("sender",)), Seat("bank-b", ("receiver",)))
    bench = bench_across(replace(ABROAD, seats=seats))
    [given, *_] = bench.do("bank-b", quoting(bench, 100_000, 108_500))
    action = _by_quote(bench, 1, given.quote, 100_000, 108_500)  # type: ignore[attr-defined]
    values = bench.refuses(CorridorsCode.NOT_SERVED, "firm-a", action)
    assert values["role"] == "maker"


# ---- frozen, paused ------------------------------------------------------------------------------


def test_a_frozen_or_paused_hop_stops_the_whole_payment(bench: Bench) -> None:
    action = paying(bench, 1, send=100_000)
    bench.do("watch", FreezeAccount(RECEIVING, "watch", "order 1"))
    with pytest.raises(AssertionError, match="PAYEE_BLOCKED"):
        bench.do("firm-a", action)
    bench.do("central", FreezeHolding("HKD", MAKER, "order 2"))
    bench.refuses(ExchangeCode.RECEIVED_TOO_LITTLE, "firm-a", action)
    bench.do("central", PauseAsset("HKD", "system change"))
    with pytest.raises(AssertionError, match="ASSET_PAUSED"):
        bench.do("firm-a", action)
    assert bench.balance(PAYER) == OPENING


# ---- held across currencies ----------------------------------------------------------------------


def _held(bench: Bench) -> None:
    action = paying(bench, 1, send=100_000, originator=WHO, beneficiary=WHOM, travel_rule=ENVELOPE)
    bench.do("firm-a", action)
    assert payment(bench, 1).state == "held"


def test_a_held_payment_is_released_at_the_price_it_was_signed_for_or_cleared() -> None:
    bench = bench_across(replace(ABROAD, screening=(Threshold("rule", 1),)))
    _held(bench)
    assert bench.available(PAYER) == OPENING - 100_080
    bench.do("bank-b", CancelOffers(MAKER))
    bench.do("watch", ReleasePayment(uetr(1), "watch", "clear"))
    one = payment(bench, 1)
    assert one.state == "cleared"
    assert bench.balance(PAYEE, "HKD") == 0
    from tongbao.modules.corridors import ExecutePayment

    reported = shown(bench, send=100_000)
    execute = ExecutePayment(uetr(1), reported.arrived, reported.costs, one.route)
    bench.do("firm-a", execute)
    assert payment(bench, 1).state == "settled"
    assert bench.available(PAYER) == bench.balance(PAYER) == OPENING - 100_080


# ---- returns -------------------------------------------------------------------------------------


@pytest.fixture
def settled(bench: Bench) -> Bench:
    bench.do("firm-a", paying(bench, 1, send=100_000))
    return bench


BACK = (("CNY", "book"),)


def test_at_the_original_rate_the_payer_gets_what_it_gave_for_that_part(settled: Bench) -> None:
    before = settled.balance(PAYER)
    back = ReturnTerms(uetr(7), "original_rate", 54_000, 60_000, BACK)
    settled.do("firm-b", ReturnPayment(uetr(1), back, "AC04"))
    assert settled.balance(PAYER) == before + 50_000
    one = payment(settled, 1)
    assert (one.returned_minor, one.returned_sent_minor) == (54_000, 50_000)
    assert settled.balance(PAYEE, "HKD") == 107_958 - 55_000
    low = replace(back, return_uetr=uetr(8), amount_minor=1_000, limit_minor=900)
    refused = ReturnPayment(uetr(1), low, "AC04")
    settled.refuses(ExchangeCode.SENT_TOO_MUCH, "firm-b", refused)


def test_at_the_current_rate_the_payer_bears_what_the_rate_did(settled: Bench) -> None:
    before = settled.balance(PAYER)
    back = ReturnTerms(uetr(7), "current_rate", 55_000, 50_000, BACK)
    settled.do("firm-b", ReturnPayment(uetr(1), back, "FOCR"))
    assert settled.balance(PAYER) == before + 50_000
    assert payment(settled, 1).returned_minor == 55_000


def test_in_the_beneficiary_s_currency_nothing_is_converted(settled: Bench) -> None:
    back = ReturnTerms(uetr(7), "beneficiary_currency", 50_000)
    settled.do("firm-b", ReturnPayment(uetr(1), back, "FOCR"))
    assert settled.balance(PAYER, "HKD") == 50_000
    routed = replace(back, return_uetr=uetr(8), route=BACK)
    action = ReturnPayment(uetr(1), routed, "FOCR")
    settled.refuses(CorridorsCode.QUOTE_OR_ROUTE, "firm-b", action)
    rest = replace(back, return_uetr=uetr(9), amount_minor=57_959)
    settled.refuses(CorridorsCode.RETURN_TOO_MUCH, "firm-b", ReturnPayment(uetr(1), rest, "FOCR"))


def test_a_rate_that_moved_in_the_payer_s_favour_gives_no_more_than_the_original(
    settled: Bench,
) -> None:
    settled.do("bank-b", CancelOffers(MAKER))
    settled.do("firm-c", CancelOffers(SECOND))
    settled.do("bank-b", PlaceOffer(
        account=MAKER, sell_asset="CNY", sell_minor=500_000, buy_asset="HKD", price_buy=50,
        price_sell=100,
    ))  # fmt: skip
    back = ReturnTerms(uetr(7), "current_rate", 0, 1, BACK)
    values = settled.refuses(
        CorridorsCode.RETURN_TOO_MUCH, "firm-b", ReturnPayment(uetr(1), back, "FOCR")
    )
    assert values["remaining"] == "100000"
    original = replace(back, treatment="original_rate", limit_minor=10**6)
    settled.do("firm-b", ReturnPayment(uetr(1), original, "FOCR"))
    assert payment(settled, 1).returned_sent_minor == 107_958 * 100_000 // 108_000


def test_a_return_that_comes_to_nothing_is_refused() -> None:
    bench = bench_across(rate=(1, 100))
    bench.do("firm-a", paying(bench, 1, send=10))
    back = ReturnTerms(uetr(7), "original_rate", 1, 10, BACK)
    bench.refuses(CorridorsCode.RETURN_TOO_SMALL, "firm-b", ReturnPayment(uetr(1), back, "FOCR"))
