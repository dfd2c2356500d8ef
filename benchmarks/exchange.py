"""Orders a second and the time of a route: `python benchmarks/exchange.py [--json]`.

Matching: price-time priority and the exchange's own arithmetic on a book in memory, nothing else.
Ledger: the same orders with all of the ledger's rules (shape, admission, walking the book,
postings, reservations, events, the laws of the rows touched), in memory, without signatures and
disk. About half the orders rest; prices walk. Routes: 100 assets and 20,000 offers, amounts from
small to larger than the market, forwards and backwards in turn; in the core alone, and as a node
answers, with each route tried against the ledger.
"""

from __future__ import annotations

import argparse
import bisect
import cProfile
import json
import pstats
import random
import time
from typing import Any

from tongbao import _core
from tongbao.kernel.pipeline import _check_laws, perform_approved
from tongbao.kernel.views import BlockContext, WriteView
from tongbao.modules.accounts import HoldAsset
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.exchange import MarketIndex, PlaceOffer
from tongbao.modules.exchange.arithmetic import bought, cost, crosses, rank
from tongbao.modules.testing import CHAIN, MEMBERS, Bench

ORDERS, ASSETS, OFFERS, QUESTIONS = 20_000, 100, 20_000, 1_000


def orders(rng: random.Random, count: int) -> list[PlaceOffer]:
    """Both sides of one book around a price that walks; most meet what is there."""
    made, middle = [], 10_000
    makers = [party for party in MEMBERS if party.startswith(("bank", "firm"))]
    for _ in range(count):
        middle += rng.randrange(-3, 4)
        account, size = f"{rng.choice(makers)}/main", rng.randrange(1_000, 20_000)
        edge = rng.randrange(-25, 40)
        if rng.random() < 0.5:
            made.append(PlaceOffer(account, "HKD", size, "CNY", middle + edge, 10_000))
        else:
            made.append(PlaceOffer(account, "CNY", size, "HKD", 10_000, middle - edge))
    return made


def matching(count: int) -> dict[str, Any]:
    """The orders matched in memory: best price first, then the oldest; the rest is put in."""
    drawn = orders(random.Random(7), count)
    books: dict[str, list[tuple[bytes, list[int]]]] = {"HKD": [], "CNY": []}
    trades = 0
    began = time.perf_counter()
    for number, order in enumerate(drawn):
        left, there = order.sell_minor, books[order.buy_asset]
        while left and there:
            buy, sell, remaining = there[0][1]
            if not crosses(buy, sell, order.price_buy, order.price_sell):
                break
            paid, gives = cost(remaining, buy, sell), remaining
            if left < paid:
                gives = bought(left, buy, sell)
                paid = cost(gives, buy, sell)
            if not gives:
                left = 0
                break
            trades += 1
            left -= paid
            there[0][1][2] -= gives
            if there[0][1][2] < 100:
                there.pop(0)
        if left >= 100:
            place = rank(order.price_buy, order.price_sell) + number.to_bytes(8, "big")
            offer = (place, [order.price_buy, order.price_sell, left])
            bisect.insort(books[order.sell_asset], offer)
    seconds = time.perf_counter() - began
    return {"orders": count, "trades": trades, "orders_a_second": round(count / seconds)}


def ledger_orders(count: int, profile: bool) -> dict[str, Any]:
    """Carry orders out, one transaction each, in one draft."""
    bench = Bench(DefineAsset("HKD", "central", 2, "cbdc", "Hong Kong dollar"))
    for party in MEMBERS:
        if party.startswith(("bank", "firm")):
            bench.do(party, HoldAsset(f"{party}/main", "HKD"))
            for asset in ("CNY", "HKD"):
                bench.do("central", Issue(asset, f"{party}/main", 10**12))
    drawn = orders(random.Random(7), count)
    draft, block = bench.state.draft(), BlockContext(CHAIN, 9, bench.time_ms)
    trades = placed = 0
    watcher = cProfile.Profile()
    if profile:
        watcher.enable()
    began = time.perf_counter()
    for number, order in enumerate(drawn):
        ledger = WriteView(draft, block, bench.registry, party="b", reference=str(number))
        draft.begin()
        order.check()
        for event in perform_approved(ledger, [order]):
            tag = type(event).__name__
            trades += tag == "Traded"
            placed += tag == "OfferPlaced"
        _check_laws(ledger)
        draft.accept()
    seconds = time.perf_counter() - began
    if profile:
        watcher.disable()
        pstats.Stats(watcher).sort_stats("tottime").print_stats(25)
    return {
        "orders": count, "trades": trades, "placed": placed,
        "orders_a_second": round(count / seconds),
    }  # fmt: skip


def market(rng: random.Random, noise: float) -> _core.Market:
    """Consistent prices with a spread and some noise; sizes as waiting times are distributed."""
    names = [f"A{n:02d}" for n in range(ASSETS)]
    value = {name: rng.uniform(0.2, 5) for name in names}
    core = _core.Market()
    for number in range(OFFERS):
        pay, get = rng.sample(names, 2)
        buy = round(value[get] / value[pay] * (1.0005 + abs(rng.gauss(0, noise))) * 10**7)
        place = rank(buy, 10**7) + number.to_bytes(8, "big")
        size = int(rng.expovariate(1e-6)) + 100
        core.put_offer(f"o{number}", f"m{number % 20}", pay, get, place, buy, 10**7, size, 0)
    return core


def node_routes() -> dict[str, Any]:
    """The same market on a ledger, asked as a node asks: the index, then the ledger."""
    rng = random.Random(11)
    names = [f"A{n:02d}" for n in range(ASSETS)]
    value = {name: rng.uniform(0.2, 5) for name in names}
    bench = Bench(*(DefineAsset(name, "central", 2, "cbdc", name) for name in names))
    draft, block = bench.state.draft(), BlockContext(CHAIN, 9, bench.time_ms)
    ledger = WriteView(draft, block, bench.registry, party="b", reference="r")
    makers = [party for party in MEMBERS if party.startswith(("bank", "firm"))]
    for party in makers:
        for name in names:
            held = HoldAsset(f"{party}/main", name), Issue(name, f"{party}/main", 10**15)
            list(perform_approved(ledger, held))
    for _ in range(OFFERS):
        pay, get = rng.sample(names, 2)
        buy = round(value[get] / value[pay] * (1.0005 + abs(rng.gauss(0, 0.002))) * 10**7)
        size = int(rng.expovariate(1e-6)) + 1_000
        account = f"{rng.choice(makers)}/main"
        order = PlaceOffer(account, get, size, pay, buy, 10**7, time_in_force="gtc")
        list(perform_approved(ledger, [order]))
    began = time.perf_counter()
    index = MarketIndex(ledger)
    built = time.perf_counter() - began
    took = []
    for number in range(QUESTIONS):
        pair, amount = rng.sample(names, 2), int(10 ** rng.uniform(2, 7.5))
        began = time.perf_counter()
        if number % 2:
            index.plans(ledger, *pair, receive=amount)
        else:
            index.plans(ledger, *pair, send=amount)
        took.append((time.perf_counter() - began) * 1_000)
    took.sort()
    return {
        "offers": len(index), "built_s": round(built, 2), "p50_ms": round(took[len(took) // 2], 2),
        "p99_ms": round(took[len(took) * 99 // 100], 2), "most_ms": round(took[-1], 2),
    }  # fmt: skip


def routes(noise: float) -> dict[str, Any]:
    """Ask for the five best, sending and receiving in turn."""
    rng = random.Random(11)
    core = market(rng, noise)
    names = [f"A{n:02d}" for n in range(ASSETS)]
    core.routes(*names[:2], 1, sending=True, limit=5, time_ms=1)
    took, unproven, none = [], 0, 0
    for number in range(QUESTIONS):
        pair, amount = rng.sample(names, 2), int(10 ** rng.uniform(2, 7.5))
        began = time.perf_counter()
        found, proven = core.routes(*pair, amount, sending=number % 2 == 0, limit=5, time_ms=1)
        took.append((time.perf_counter() - began) * 1_000)
        unproven += not proven
        none += not found
    took.sort()
    return {
        "noise": noise, "p50_ms": round(took[len(took) // 2], 2),
        "p99_ms": round(took[len(took) * 99 // 100], 2), "most_ms": round(took[-1], 2),
        "not_proven_best": unproven, "without_route": none, "questions": QUESTIONS,
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Orders a second, and the time of a route.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--profile", action="store_true", help="where the orders' time goes")
    parser.add_argument("--orders", type=int, default=ORDERS)
    given = parser.parse_args()
    found = {
        "matching": matching(given.orders),
        "ledger": ledger_orders(given.orders, given.profile),
        "routes": [routes(0.002), routes(0.02)],
        "node": node_routes(),
    }
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(name, value)


if __name__ == "__main__":
    main()
