"""What the demonstration needs for paying abroad: a buyer in Hamburg, its bank, two market makers.

Set up by ordinary transactions, so that the consortium itself stays small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import NamedTuple

from tongbao.kernel.identity import Policy
from tongbao.kernel.transaction import Transaction
from tongbao.modules.accounts import HoldAsset, OpenAccount
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.corridors import (
    DefineCorridor,
    Fee,
    Hours,
    Limit,
    Seat,
    Serve,
    SetReferenceRate,
    Terms,
    Threshold,
)
from tongbao.modules.exchange import CancelOffers, PlaceOffer
from tongbao.modules.parties import RegisterParty, SetPolicy
from tongbao.scenarios.consortium import CHECKER, MAKER, key_of, main_account, public_key
from tongbao.scenarios.stage import Stage
from tongbao.sdk.answers import Problem, Result
from tongbao.sdk.build import build, new_reference, seal
from tongbao.sdk.fx import Reference

BUYER, SENDING = "alster", "hanse-bank"
SUPPLIER, RECEIVING = "mingda", "bank-north"
OPERATOR, SCREENER = "central-bank", "supervisor"
EURO, HONGKONG = "euro-central", "hk-central"
MAKER_HKD, MAKER_CNY = "victoria-fx", "pearl-fx"
CORRIDOR = "EUR-CNY"
NETWORK_FEES, CORRIDOR_FEES = f"{OPERATOR}/fees.eur", f"{SENDING}/fees"
RECEIVING_FEES = f"{RECEIVING}/fees"
CENT = 100
RULES = "rule book of the demonstration corridor, 2026-11"
DAY_MS = 24 * 3_600_000


class Newcomer(NamedTuple):
    """An institution or company that the story brings along."""

    id: str
    name: str
    name_local: str
    roles: tuple[str, ...]
    jurisdiction: str


NEWCOMERS = (
    Newcomer(EURO, "Demonstration Euro Central Bank", "演示欧元央行", ("central_bank",), "DE"),
    Newcomer(HONGKONG, "Demonstration Monetary Authority", "演示金管局", ("central_bank",), "HK"),
    Newcomer(SENDING, "Hanse Bank Hamburg", "汉堡汉萨银行", ("bank",), "DE"),
    Newcomer(BUYER, "Alster Maschinenbau", "阿尔斯特机械", ("core_enterprise",), "DE"),
    Newcomer(MAKER_HKD, "Victoria FX", "维多利亚外汇", ("exchange",), "HK"),
    Newcomer(MAKER_CNY, "Pearl River FX", "珠江外汇", ("exchange",), "CN"),
)


def submit(stage: Stage, actions: Sequence[Transaction], *parties: str) -> Result:
    """One transaction of the first party, signed by as many desks of each as its policy asks."""
    status = stage.client.status()
    expires = status.time_ms + 3_600_000
    body = build(status.chain, parties[0], new_reference("R"), tuple(actions), expires)
    keys = [f"{party}--{label}" for party in parties for label in (MAKER, CHECKER)]
    return stage.client.submit_and_wait(seal(body, stage.wallet.sign(body, keys, namer=parties[0])))


def is_set_up(stage: Stage) -> bool:
    """Whether an earlier telling has left everything in place."""
    try:
        stage.client.corridors.corridor(CORRIDOR)
    except Problem:
        return False
    return True


def set_up(stage: Stage, euro_in_yuan: Reference) -> None:
    """Parties, currencies, accounts, the corridor, its servers, and the day's reference rate."""
    desks = [(one.id, label) for one in NEWCOMERS for label in (MAKER, CHECKER)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda desk: stage.wallet.add(desk[0], desk[1], key_of(*desk)), desks))
    submit(stage, [_registered(one) for one in NEWCOMERS], OPERATOR)
    submit(stage, [SetPolicy(BUYER, "payments", Policy(keys=2, weight=2))], BUYER)
    submit(stage, [DefineAsset("EUR", EURO, 2, "cbdc", "Digital euro", "数字欧元", freezable=True)],
           EURO)  # fmt: skip
    submit(stage, [DefineAsset("HKD", HONGKONG, 2, "cbdc", "e-HKD", "数字港元", freezable=True)],
           HONGKONG)  # fmt: skip
    for owners, actions in _accounts():
        submit(stage, actions, *owners)
    opening = [Issue("EUR", main_account(BUYER), 2_000_000 * CENT, "opening"),
               Issue("EUR", main_account(SENDING), 5_000_000 * CENT, "opening"),
               Issue("EUR", main_account(MAKER_HKD), 1_000_000 * CENT, "opening")]  # fmt: skip
    submit(stage, opening, EURO)
    opening = [Issue("HKD", main_account(MAKER_HKD), 40_000_000 * CENT, "opening"),
               Issue("HKD", main_account(MAKER_CNY), 5_000_000 * CENT, "opening")]  # fmt: skip
    submit(stage, opening, HONGKONG)
    submit(stage, [Issue("CNY", main_account(MAKER_CNY), 30_000_000 * CENT, "opening")], OPERATOR)
    submit(stage, [_corridor(), _rate(stage, euro_in_yuan)], OPERATOR)
    for party in (SENDING, RECEIVING, MAKER_HKD, MAKER_CNY):
        submit(stage, [Serve(CORRIDOR, party)], party)


def _registered(one: Newcomer) -> Transaction:
    return RegisterParty(
        party=one.id, sponsor=OPERATOR, name=one.name, name_local=one.name_local, roles=one.roles,
        jurisdiction=one.jurisdiction,
        keys=(public_key(one.id, MAKER), public_key(one.id, CHECKER)),
    )  # fmt: skip


def _accounts() -> Iterator[tuple[tuple[str, ...], list[Transaction]]]:
    yield (
        (SENDING,),
        [
            OpenAccount(main_account(SENDING), assets=("EUR",)),
            OpenAccount(CORRIDOR_FEES, assets=("EUR",)),
        ],
    )
    yield (BUYER, SENDING), [OpenAccount(main_account(BUYER), SENDING, assets=("EUR",))]
    yield (MAKER_HKD,), [OpenAccount(main_account(MAKER_HKD), assets=("EUR", "HKD"))]
    yield (MAKER_CNY,), [OpenAccount(main_account(MAKER_CNY), assets=("HKD", "CNY"))]
    yield (OPERATOR,), [OpenAccount(NETWORK_FEES, assets=("EUR",))]
    yield (RECEIVING,), [OpenAccount(RECEIVING_FEES, assets=("CNY",))]
    # A return in euro needs an account that holds it.
    yield (SUPPLIER, RECEIVING), [HoldAsset(main_account(SUPPLIER), "EUR")]


def _corridor() -> Transaction:
    day = tuple(range(7))
    return DefineCorridor(
        CORRIDOR, "EUR", "CNY", OPERATOR,
        Terms(
            seats=(
                Seat(SENDING, ("sender",)), Seat(RECEIVING, ("receiver",)),
                Seat(MAKER_HKD, ("maker",)), Seat(MAKER_CNY, ("maker",)),
            ),
            fees=(
                Fee("network", "send", NETWORK_FEES, fixed_minor=35),
                Fee("corridor", "send", CORRIDOR_FEES, basis_points=4, min_minor=200,
                    max_minor=5_000),
                Fee("receiving_bank", "receive", RECEIVING_FEES, fixed_minor=2_000),
                Fee("receiving_bank", "send", NETWORK_FEES, fixed_minor=300, bearers=("DEBT",)),
            ),
            limits=(Limit(RULES, per_payment_minor=60_000_000 * CENT),),
            travel_rule=(Threshold("FATF Recommendation 16: EUR 1,000", 1_000 * CENT),),
            screening=(Threshold(RULES),), screeners=(SCREENER,),
            hours=(Hours(RULES, "CNAPS", day, 0, 1_440, 480), Hours(RULES, "TIPS", day, 0, 1_440)),
        ),
    )  # fmt: skip


def _rate(stage: Stage, euro_in_yuan: Reference) -> Transaction:
    at = stage.client.status().time_ms
    value = int(euro_in_yuan.rate.scaleb(4).to_integral_value())
    source = f"{euro_in_yuan.source}, {euro_in_yuan.day}"
    return SetReferenceRate("EUR", "CNY", value, 4, at, source, OPERATOR)


def offers(stage: Stage, euro_in_hkd: Decimal, hkd_in_yuan: Decimal) -> None:
    """Both market makers quote anew, both ways: a little below the reference, reservable for ten
    minutes."""
    for party, sells, buys, rate, below, amounts in (
        (MAKER_HKD, "HKD", "EUR", euro_in_hkd, Decimal("0.0006"), (20_000_000, 500_000)),
        (MAKER_CNY, "CNY", "HKD", hkd_in_yuan, Decimal("0.0009"), (8_000_000, 4_000_000)),
    ):
        account = main_account(party)
        there = PlaceOffer(
            account, sells, amounts[0] * CENT, buys, 1_000_000, _scaled(rate * (1 - below)),
            reservable_ms=600_000,
        )  # fmt: skip
        back = PlaceOffer(
            account, buys, amounts[1] * CENT, sells, _scaled(rate * (1 + below)), 1_000_000,
            reservable_ms=600_000,
        )  # fmt: skip
        mine = any(int(held.reserved_minor) for held in stage.client.holdings(account))
        submit(stage, [*([CancelOffers(account)] if mine else []), there, back], party)


def _scaled(rate: Decimal) -> int:
    return int(rate.scaleb(6).to_integral_value())
