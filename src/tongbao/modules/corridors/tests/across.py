"""A bench with a corridor between two currencies, and market makers on its way."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tongbao.kernel.transaction import Transaction
from tongbao.modules.accounts import HoldAsset, OpenAccount
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.corridors import (
    DefineCorridor,
    Fee,
    PayAbroad,
    Seat,
    Serve,
    Terms,
    price,
    require_corridor,
    require_terms,
)
from tongbao.modules.corridors.pricing import Carry, Priced
from tongbao.modules.corridors.tests.setting import PAYEE, PAYER, accounts, uetr
from tongbao.modules.exchange import OfferQuote, PlaceOffer, plan
from tongbao.modules.testing import Bench

WAY = "CNY-HKD"
NETWORK, MAKING, RECEIVING = "central/fees", "bank-a/fees", "bank-b/hkd-fees"
MAKER, SECOND = "bank-b/main", "firm-c/main"
DEPTH = 800_000
FEES = (
    Fee("network", "send", NETWORK, fixed_minor=30),
    Fee("corridor", "send", MAKING, basis_points=5, min_minor=10),
    Fee("receiving_bank", "receive", RECEIVING, fixed_minor=20, basis_points=2, max_minor=200),
    Fee("receiving_bank", "send", NETWORK, fixed_minor=45, bearers=("DEBT",)),
)
ABROAD = Terms(
    seats=(
        Seat("bank-a", ("sender",)), Seat("bank-b", ("receiver", "maker")),
    ), fees=FEES, screeners=("watch",),
)  # fmt: skip


def bench_across(terms: Terms = ABROAD, rate: tuple[int, int] = (100, 108)) -> Bench:
    """Market makers sell HKD for CNY: 100 CNY for 108 HKD, a second one dearer."""
    hkd: list[Transaction] = [
        DefineAsset("HKD", "central", 2, "currency", "Hong Kong dollar", freezable=True),
        OpenAccount(account=RECEIVING, assets=("HKD",)),
        *(HoldAsset(account, "HKD") for account in (MAKER, SECOND, PAYEE, PAYER)),
        Issue("HKD", MAKER, 10 * DEPTH), Issue("HKD", SECOND, DEPTH),
        DefineCorridor(WAY, "CNY", "HKD", "central", terms),
        Serve(WAY, "bank-a"), Serve(WAY, "bank-b"),
        _offer(MAKER, DEPTH, *rate),
        _offer(SECOND, DEPTH // 2, rate[0] + 1, rate[1]),
        # The other way round, for returns: dearer for whoever gives HKD.
        _back_offer(MAKER, DEPTH // 2, rate[1] + 2, rate[0]),
    ]  # fmt: skip
    return Bench(*accounts(), *hkd)


def _offer(account: str, hkd: int, cny: int, per: int) -> PlaceOffer:
    return PlaceOffer(
        account=account, sell_asset="HKD", sell_minor=hkd, buy_asset="CNY", price_buy=cny,
        price_sell=per,
    )  # fmt: skip


def _back_offer(account: str, cny: int, hkd: int, per: int) -> PlaceOffer:
    return PlaceOffer(
        account=account, sell_asset="CNY", sell_minor=cny, buy_asset="HKD", price_buy=hkd,
        price_sell=per,
    )  # fmt: skip


def carry_by(bench: Bench, side: str) -> Carry:
    """What the best route does now with an amount of a side."""

    def carry(amount: int) -> tuple[int, int]:
        best = plan(bench.view, "CNY", "HKD", party="firm-a", **{side: amount})[0]
        return best.sent, best.received

    return carry


def shown(bench: Bench, bearer: str = "SHAR", send: int = 0, receive: int = 0) -> Priced:
    """What a payment would cost now."""
    corridor = require_corridor(bench.view, WAY)
    _, terms = require_terms(bench.view, WAY)
    carry = carry_by(bench, "send" if send else "receive")
    return price(corridor, terms, (PAYER, PAYEE), bearer, send=send, receive=receive, carry=carry)


def paying(
    bench: Bench, number: int, bearer: str = "SHAR", send: int = 0, receive: int = 0, **fields: Any
) -> PayAbroad:
    """A payment by the best route, its costs as shown."""
    reported = shown(bench, bearer, send, receive)
    amount = reported.converted if send else receive
    best = plan(bench.view, "CNY", "HKD", party="firm-a",
                send=amount if send else 0, receive=0 if send else amount)[0]  # fmt: skip
    action = PayAbroad(
        WAY, PAYER, PAYEE, uetr(number), send_minor=send, receive_minor=receive, bearer=bearer,
        limit_minor=reported.arrived if send else reported.converted, costs=reported.costs,
        route=tuple((hop.asset, hop.venue) for hop in best.route.hops),
    )  # fmt: skip
    return replace(action, **fields)


def quoting(bench: Bench, send: int, receive: int, ms: int = 60_000) -> OfferQuote:
    """The maker's own quote for the payer."""
    return OfferQuote(
        account=MAKER, taker="firm-a", sell_asset="HKD", sell_minor=receive, buy_asset="CNY",
        buy_minor=send, expires_at_ms=bench.time_ms + ms,
    )  # fmt: skip
