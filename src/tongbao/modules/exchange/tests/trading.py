"""What the module's tests share: a bench where everybody has several currencies."""

from __future__ import annotations

from typing import Any

from tongbao.kernel.transaction import Event
from tongbao.modules.accounts import HoldAsset
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.exchange import PlaceOffer
from tongbao.modules.testing import OPENING, Bench

MEMBERS = ("bank-a", "bank-b", "firm-a", "firm-b", "firm-c")
ASSETS = ("HKD", "USD", "JPY")


def trading_bench(policy: str = "open") -> Bench:
    """Everybody has a million minor units of CNY, HKD, USD and JPY."""
    bench = Bench(
        DefineAsset("HKD", "central", 2, "cbdc", "Hong Kong dollar", policy=policy,
                    freezable=True, clawback_allowed=True),
        DefineAsset("USD", "central", 2, "cbdc", "Dollar", freezable=True),
        DefineAsset("JPY", "central", 0, "cbdc", "Yen"),
    )  # fmt: skip
    for party in MEMBERS:
        for asset in ASSETS:
            bench.do(party, HoldAsset(f"{party}/main", asset))
            if policy == "open" or asset != "HKD":
                bench.do("central", Issue(asset, f"{party}/main", OPENING))
    return bench


def sell(
    party: str, asset: str, amount: int, price: tuple[int, int], buy: str, **terms: Any
) -> PlaceOffer:
    """An offer of a party's main account; `price` is (bought, sold)."""
    return PlaceOffer(f"{party}/main", asset, amount, buy, *price, **terms)


def of_kind(events: tuple[Event, ...], name: str) -> list[Any]:
    """Events of one class, by its name."""
    return [event for event in events if type(event).__name__ == name]
