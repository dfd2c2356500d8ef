"""The search for routes: the core against its Python twin, which tries every route there is."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from tongbao import _core
from tongbao.modules.exchange import BOOK, MAX_FILLS, Hop, Offer, Plan, Pool, Route
from tongbao.modules.exchange.paths import (
    Market,
    Venue,
    hop_getting,
    hop_paying,
    routes_receiving,
    routes_sending,
)
from tongbao.modules.exchange.state import book_place
from tongbao.modules.exchange.swap import sides

GRAPHS = 1_000
"""Of each of three kinds; four questions for each."""


def offer(rng: random.Random, number: int, pay: str, get: str, spread: int, size: int) -> Offer:
    """Sells `get` for `pay` at about one to one."""
    buy, sell = rng.randrange(1, spread), rng.randrange(1, spread)
    if rng.random() < 0.7:
        buy, sell = 1000 + rng.randrange(-30, 60), 1000
    return Offer(
        f"m:o{number}:1", f"maker-{number % 3}/main", get, pay, rng.randrange(1, size), buy, sell,
        number, size, 1, rng.choice((0, 0, 0, 5, 50)),
    )  # fmt: skip


def market(rng: random.Random, assets: int, spread: int, size: int) -> list[Venue]:
    """A random market: books of up to five offers, some pools."""
    names = [f"A{n:02d}" for n in range(assets)]
    found: list[Venue] = []
    for pay in names:
        for get in names:
            if pay == get or rng.random() < 0.35:
                continue
            offers = [
                offer(rng, len(found) * 10 + n, pay, get, spread, size)
                for n in range(rng.randrange(1, 6))
            ]
            found.append(Venue(pay, get, BOOK, sorted(offers, key=book_place)))
            if pay < get and rng.random() < 0.3:
                there = rng.randrange(1, size), rng.randrange(1, size)
                fee = rng.choice((0, 30, 100))
                pool = Pool(f"{pay}:{get}:{fee}", pay, get, fee, 1_000, *there, *there, 1_000)
                found.append(Venue(pay, get, pool.id, (), pool))
                found.append(Venue(get, pay, pool.id, (), pool))
    return found


def in_core(venues: list[Venue]) -> _core.Market:
    core = _core.Market()
    for venue in venues:
        if venue.pool is not None:
            there = sides(venue.pool, venue.pay_asset, venue.get_asset)
            core.put_pool(venue.name, venue.pay_asset, venue.get_asset, *there)
        for one in venue.offers:
            core.put_offer(
                one.id, one.party, one.buy_asset, one.sell_asset, book_place(one)[2],
                one.price_buy, one.price_sell, one.remaining_minor, one.expires_at_ms,
            )  # fmt: skip
    return core


def as_party_sees(venues: list[Venue], party: str, time_ms: int) -> list[Venue]:
    """Without the party's own offers and those that have expired."""
    seen = []
    for venue in venues:
        kept = tuple(
            one for one in venue.offers
            if one.party != party and not 0 < one.expires_at_ms <= time_ms
        )  # fmt: skip
        seen.append(venue._replace(offers=kept))
    return seen


def by_asset(venues: list[Venue], forwards: bool) -> Market:
    ways: dict[str, list[Venue]] = {}
    for venue in venues:
        ways.setdefault(venue.pay_asset if forwards else venue.get_asset, []).append(venue)
    return ways


def ask(core: _core.Market, amount: int, sending: bool, **more: Any) -> list[Any]:
    found, proven = core.routes(
        "A00", "A01", amount, sending=sending, limit=4, time_ms=10, budget=10_000_000, **more
    )
    assert proven
    return found


def walked(venues: list[Venue], route: list[Any], sending: bool) -> None:
    """Every hop does, tried out alone, what the search stated, and passes its result on."""
    named = {(v.pay_asset, v.get_asset, v.name): v for v in venues}
    for venue, pay, get, paid, got, fills in route:
        way = named[pay, get, venue]
        reported = hop_paying(way, paid) if sending else hop_getting(way, got)
        assert reported is not None
        assert (reported.paid_minor, reported.got_minor, reported.fills) == (paid, got, fills)
    for before, after in itertools.pairwise(route):
        assert (before[2], before[4]) == (after[1], after[3])


def compare(venues: list[Venue], amount: int, party: str) -> None:
    core, seen = in_core(venues), as_party_sees(venues, party, 10)
    best: list[Plan] = routes_sending(by_asset(seen, True), "A00", "A01", amount)
    found = ask(core, amount, True, party=party)
    assert [r[-1][4] for r in found][:1] == [plan.received for plan in best][:1]
    for route in found:
        walked(seen, route, True)
    least = routes_receiving(by_asset(seen, False), "A00", "A01", amount)
    found = ask(core, amount, False, party=party)
    assert [r[0][3] for r in found][:1] == [plan.sent for plan in least][:1]
    for route in found:
        walked(seen, route, False)


@pytest.mark.parametrize(
    ("assets", "spread", "size"), [(3, 5, 50), (4, 3_000, 10_000), (5, 1_500, 10**9)]
)
def test_no_route_is_better_than_the_one_found(assets: int, spread: int, size: int) -> None:
    for seed in range(GRAPHS):
        rng = random.Random(seed)
        venues = market(rng, assets, spread, size)
        for _ in range(2):
            amount = max(1, rng.randrange(1, size * 3) // rng.choice((1, 3, 30)))
            compare(venues, amount, rng.choice(("", "maker-1")))


def crowded(rng: random.Random, names: tuple[str, ...]) -> list[Venue]:
    """Books of more offers than one action takes, nearly all of them dust."""
    found: list[Venue] = []
    for pay, get in itertools.permutations(names, 2):
        offers = [
            offer(rng, len(found) * 1_000 + n, pay, get, 3_000, 40 if rng.randrange(30) else 9_000)
            for n in range(rng.randrange(80, 260))
        ]
        found.append(Venue(pay, get, BOOK, sorted(offers, key=book_place)))
    return found


@pytest.mark.parametrize("names", [("A00", "A01"), ("A00", "A01", "A02")])
def test_offers_too_small_for_an_amount_are_passed_over_by_both(names: tuple[str, ...]) -> None:
    passed = 0
    for seed in range(60):
        rng = random.Random(seed)
        venues = crowded(rng, names)
        for _ in range(4):
            amount = rng.randrange(1, 60_000) // rng.choice((1, 3, 30)) + 1
            compare(venues, amount, rng.choice(("", "maker-1")))
            reported = hop_paying(venues[0], amount)
            best = [one.remaining_minor for one in venues[0].offers[:MAX_FILLS]]
            passed += reported is not None and reported.got_minor > sum(best)
    assert passed > 20


def test_amounts_near_the_largest_are_exact_in_the_core_too() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        compare(market(rng, 3, 2**62, 2**126), rng.randrange(1, 2**126), "")


def test_routes_of_six_hops_are_found_and_none_of_seven() -> None:
    for hops, reached in ((6, True), (7, False)):
        names = ["A00", *(f"B{n}" for n in range(hops - 1)), "A01"]
        core = _core.Market()
        for number, (pay, get) in enumerate(itertools.pairwise(names)):
            core.put_offer(f"o{number}", "maker", pay, get, bytes(32), 1, 1, 100, 0)
        assert bool(ask(core, 50, True)) is reached
        assert bool(ask(core, 50, False)) is reached


def test_more_than_a_hundred_offers_are_no_route() -> None:
    core = _core.Market()
    for number in range(120):
        place = number.to_bytes(32, "big")
        core.put_offer(f"o{number}", "maker", "A00", "A01", place, 1, 1, 1, 0)
    assert [hop[5] for [hop] in ask(core, 100, True)] == [100]
    assert ask(core, 101, True) == []
    assert ask(core, 101, False) == []


def test_an_asset_that_is_left_out_is_not_passed_through() -> None:
    core = _core.Market()
    for number, (pay, get) in enumerate((("A00", "B"), ("B", "A01"))):
        core.put_offer(f"o{number}", "maker", pay, get, bytes(32), 1, 1, 100, 0)
    assert ask(core, 10, True)
    assert ask(core, 10, True, without=["B"]) == []


def test_what_is_blocked_or_gone_is_not_taken() -> None:
    core = _core.Market()
    for number in range(2):
        place = number.to_bytes(32, "big")
        core.put_offer(f"o{number}", "maker", "A00", "A01", place, 1 + number, 1, 100, 0)
    assert core.first_offers("A00", "A01", 5, time_ms=0) == ["o0", "o1"]
    assert core.block_offer("o0", True)
    assert not core.block_offer("nobody", True)
    assert [hop[4] for [hop] in ask(core, 10, True)] == [5]
    core.remove_offer("o1")
    assert ask(core, 10, True) == []
    assert len(core) == 1
    with pytest.raises(KeyError):
        core.first_offers("A01", "A00", 5, time_ms=0)
    assert Route("A00", (Hop("A01"),)).pairs() == (("A00", "A01", BOOK),)
