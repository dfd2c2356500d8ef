"""The demonstration beyond the yuan: euro and Hong Kong dollar, market makers, a corridor.

All of it stands in the genesis, so that a quote, a conversion and a payment abroad can be tried as
soon as the demonstration is up.
"""

from __future__ import annotations

from collections.abc import Iterator

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
from tongbao.modules.exchange import PlaceOffer
from tongbao.scenarios.consortium import (
    NEWCOMERS,
    main_account,
    payments_by_two,
    registered,
)

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
RESERVABLE_MS = 600_000
EURO_IN_YUAN, EURO_IN_DOLLARS, DOLLAR_IN_YUAN = 7_4300, 8_7600, 8482
"""Rates of the founding day, times ten thousand, as the makers' first offers stand around them."""

OPENING = (
    ("EUR", SENDING, 5_000_000), ("EUR", BUYER, 2_000_000), ("EUR", MAKER_HKD, 1_000_000),
    ("EUR", "hengtong", 250_000), ("EUR", "mingda", 20_000),
    ("HKD", MAKER_HKD, 40_000_000), ("HKD", MAKER_CNY, 5_000_000), ("HKD", "hengtong", 500_000),
    ("CNY", MAKER_CNY, 30_000_000),
)  # fmt: skip
"""Money that the demonstration begins with, in units."""


def founded(time_ms: int) -> Iterator[Transaction]:
    """What the genesis does after the consortium's own; `time_ms` is its time."""
    for one in NEWCOMERS:
        yield registered(one)
    yield from payments_by_two(NEWCOMERS)
    yield DefineAsset("EUR", EURO, 2, "cbdc", "Digital euro", "数字欧元", freezable=True)
    yield DefineAsset("HKD", HONGKONG, 2, "cbdc", "e-HKD", "数字港元", freezable=True)
    yield from _accounts()
    for asset, party, units in OPENING:
        yield Issue(asset, main_account(party), units * CENT, "opening")
    yield _corridor()
    for party in (SENDING, RECEIVING, MAKER_HKD, MAKER_CNY):
        yield Serve(CORRIDOR, party)
    source = "demonstration central bank, founding day"
    yield SetReferenceRate("EUR", "CNY", EURO_IN_YUAN, 4, time_ms, source, OPERATOR)
    yield from offers_of(MAKER_HKD, EURO_IN_DOLLARS * 100, 6)
    yield from offers_of(MAKER_CNY, DOLLAR_IN_YUAN * 100, 9)


def _accounts() -> Iterator[Transaction]:
    held = {
        SENDING: ("EUR",), BUYER: ("EUR",), MAKER_HKD: ("EUR", "HKD"), MAKER_CNY: ("HKD", "CNY"),
    }  # fmt: skip
    for one in NEWCOMERS:
        if one.id in held:
            yield OpenAccount(
                main_account(one.id), one.servicer, title=one.name, title_local=one.name_local,
                assets=held[one.id],
            )  # fmt: skip
    for account, asset in ((CORRIDOR_FEES, "EUR"), (NETWORK_FEES, "EUR"), (RECEIVING_FEES, "CNY")):
        yield OpenAccount(account, title="Fees", title_local="手续费", assets=(asset,))
    # A return in euro needs an account that holds it; who trades abroad holds what is traded.
    for party, asset in (("mingda", "EUR"), ("hengtong", "EUR"), ("hengtong", "HKD")):
        yield HoldAsset(main_account(party), asset)


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


TRADES = {
    MAKER_HKD: ("HKD", "EUR", 20_000_000, 500_000), MAKER_CNY: ("CNY", "HKD", 8_000_000, 4_000_000),
}  # fmt: skip
"""What each market maker sells, for what, and how much of either, in units."""


def offers_of(maker: str, millionths: int, below: int) -> tuple[Transaction, Transaction]:
    """A maker's offers both ways around a rate in millionths, `below` ten-thousandths off it."""
    sells, buys, there, back = TRADES[maker]
    account = main_account(maker)
    asked = millionths * (10_000 - below) // 10_000
    bid = millionths * (10_000 + below) // 10_000
    return (
        PlaceOffer(account, sells, there * CENT, buys, 1_000_000, asked,
                   reservable_ms=RESERVABLE_MS),
        PlaceOffer(account, buys, back * CENT, sells, bid, 1_000_000,
                   reservable_ms=RESERVABLE_MS),
    )  # fmt: skip
