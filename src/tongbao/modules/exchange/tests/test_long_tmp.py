"""Whatever happens in whatever order: money is conserved, no law breaks, no book is crossed."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tongbao.kernel.laws import broken_anywhere
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.modules.accounts import ACCOUNTS, FreezeAccount, OpenAccount, UnfreezeAccount
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.exchange import (
    GENERATORS,
    CancelOffers,
    CreatePool,
    DeclineQuote,
    DepositPool,
    Hop,
    OfferQuote,
    PayAcross,
    PayQuote,
    PlaceOffer,
    ReserveQuote,
    Route,
    WithdrawPool,
)
from tongbao.modules.exchange.arithmetic import bought, cost, crosses, rank, swap_in, swap_out
from tongbao.modules.exchange.state import BOOK, OFFERS, QUOTES
from tongbao.modules.exchange.tests.trading import ASSETS, MEMBERS, trading_bench
from tongbao.modules.testing import OPENING, Bench

PARTIES = ("bank-a", "bank-b", "firm-a")
CURRENCIES = ("CNY", "HKD", "USD")
POOLS = ("CNY:HKD:0", "HKD:USD:30")
amounts = st.one_of(st.integers(1, 300), st.integers(1, 60_000), st.integers(1, OPENING))
prices = st.tuples(st.integers(1, 12), st.integers(1, 12))
parties = st.sampled_from(PARTIES)
pairs = st.permutations(CURRENCIES).map(lambda three: three[:2])
routes = st.permutations(CURRENCIES).flatmap(
    lambda three: st.tuples(
        st.integers(1, 2), st.lists(st.sampled_from(("book", *POOLS)), min_size=2, max_size=2)
    ).map(
        lambda drawn: Route(
            three[0],
            tuple(Hop(a, v) for a, v in zip(three[1 : 1 + drawn[0]], drawn[1], strict=False)),
        )
    )
)
exactly = st.sampled_from(("send", "receive"))


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, str, Any]:
    """One step: who, and what, with the time and open quotes filled in when it is taken."""
    kind = draw(
        st.sampled_from(
            ("offer", "offer", "offer", "pay", "pay", "reserve", "reserve", "use", "use", "decline",
             "quote", "cancel", "deposit", "withdraw", "freeze", "time")
        )
    )  # fmt: skip
    return kind, draw(parties), draw(st.tuples(amounts, prices, pairs, routes, exactly, parties))


def act(bench: Bench, kind: str, party: str, drawn: Any) -> None:
    """Try it; a refusal is as good as a success, anything else is a bug that stops the bench."""
    amount, price, (one, other), route, exact, second = drawn
    account, now = f"{party}/main", bench.time_ms
    most, least = (amount, 1) if exact == "send" else (OPENING, amount)
    if kind == "time":
        bench.advance(amount)
        return
    if kind == "freeze":
        known = bench.view.get(ACCOUNTS, account)
        assert known is not None
        frozen = UnfreezeAccount(account, "watch") if known.frozen_by else None
        bench.offer("watch", frozen or FreezeAccount(account, "watch", "order 5"))
        return
    open_quotes = [quote for _, quote in bench.view.scan(QUOTES)]
    quote = open_quotes[amount % len(open_quotes)] if open_quotes else None
    made: dict[str, Any] = {
        "offer": lambda: PlaceOffer(
            account, one, amount, other, price[0], price[1], reservable_ms=60_000,
            time_in_force=("gtc", "ioc", "fok", "post_only")[amount % 4],
            self_trade=("cancel_resting", "cancel_incoming")[amount % 2],
            expires_at_ms=now + 10_000 if amount % 3 == 0 else 0, charge_bps=amount % 2,
        ),
        "pay": lambda: PayAcross(account, f"{second}/main", route, exact, most, least),
        "reserve": lambda: ReserveQuote(account, route, exact, most, least, now + 5_000, OPENING),
        "use": lambda: quote and PayQuote(quote.id, f"{quote.taker}/main", f"{second}/main"),
        "decline": lambda: quote and DeclineQuote(quote.id),
        "quote": lambda: OfferQuote(account, second, one, amount, other, amount, now + 3_000),
        "cancel": lambda: CancelOffers(account),
        "deposit": lambda: DepositPool(account, POOLS[amount % 2], amount, amount),
        "withdraw": lambda: WithdrawPool(account, POOLS[amount % 2], amount),
    }  # fmt: skip
    action = made[kind]()
    if action is not None:
        bench.offer(quote.taker if quote and kind in ("use", "decline") else party, action)


def wealth(bench: Bench) -> dict[str, int]:
    """What everybody and every pool holds, by asset."""
    accounts = [*(f"{party}/main" for party in MEMBERS), *(f"@exchange/{pool}" for pool in POOLS)]
    return {
        asset: sum(bench.balance(account, asset) for account in accounts)
        for asset in ("CNY", *ASSETS)
    }


def crossed(bench: Bench) -> bool:
    """Whether any two best offers of a pair meet."""
    best: dict[tuple[str, str], Any] = {}
    for (sold, bought_asset, _), offer_id in bench.view.scan(BOOK):
        best.setdefault((sold, bought_asset), bench.view.get(OFFERS, offer_id))
    return any(
        crosses(one.price_buy, one.price_sell, best[pair[::-1]].price_buy,
                best[pair[::-1]].price_sell)
        for pair, one in best.items() if pair[::-1] in best
    )  # fmt: skip


def pooled_bench() -> Bench:
    """With two pools that may be reserved from, one of them without a fee."""
    bench = trading_bench()
    bench.do("bank-b", CreatePool("bank-b/main", "CNY", "HKD", 0, 100_000, 110_000, 60_000, 5))
    bench.do("bank-b", CreatePool("bank-b/main", "HKD", "USD", 30, 78_000, 10_000, 60_000))
    return bench


@settings(max_examples=700, deadline=None)
@given(st.lists(steps(), min_size=5, max_size=40))
def test_every_interleaving_conserves_money_and_keeps_every_law(taken: list[Any]) -> None:
    bench = pooled_bench()
    before = wealth(bench)
    for step in taken:
        act(bench, *step)
        assert not crossed(bench)
    assert wealth(bench) == before
    assert list(broken_anywhere(bench.view, bench.registry)) == []
    # After everything has expired nothing is promised and all that is set aside is in offers.
    bench.advance(60_000)
    bench.advance(1)
    assert not list(bench.view.scan(QUOTES))
    assert list(broken_anywhere(bench.view, bench.registry)) == []


def test_generators_draw_mostly_valid_and_always_repeatable() -> None:
    bench = pooled_bench()
    drawn = bench.draw(GENERATORS, rounds=12, seed=11)
    assert drawn.meant >= 60
    assert drawn.done >= drawn.meant // 2


# ---- numbers -------------------------------------------------------------------------------------

parts = st.integers(1, 2**63 - 1)
large = st.integers(1, MAX_AMOUNT)


@given(parts, parts, parts, parts)
def test_ranks_sort_as_prices_do(b1: int, s1: int, b2: int, s2: int) -> None:
    one, other = b1 * s2, b2 * s1
    assert (rank(b1, s1) < rank(b2, s2)) is (one < other)
    assert (rank(b1, s1) == rank(b2, s2)) is (one == other)


@given(large, parts, parts)
def test_rounding_is_against_the_taker_and_less_than_a_unit(sold: int, b: int, s: int) -> None:
    paid = cost(sold, b, s)
    assert 0 <= paid * s - sold * b < s
    assert bought(paid, b, s) >= sold
    assert bought(paid - 1, b, s) < sold


@given(large, large, large, st.integers(0, 1_000))
def test_a_swap_never_lowers_the_product_even_without_a_fee(
    paid: int, x: int, y: int, fee: int
) -> None:
    out = swap_out(paid, x, y, fee)
    assert (x + paid) * (y - out) >= x * y
    back = swap_in(out, x, y, fee) if out else None
    assert back is None or (back <= paid and swap_out(back, x, y, fee) >= out)


def test_amounts_near_the_largest_are_offered_taken_and_swapped() -> None:
    most = MAX_AMOUNT - OPENING * 10
    bench = Bench(
        DefineAsset("BIG", "central", 0, "cbdc", "Big"),
        DefineAsset("VAST", "central", 0, "cbdc", "Vast"),
        OpenAccount("central/x", assets=("BIG", "VAST")),
        OpenAccount("watch/x", assets=("BIG", "VAST")),
        Issue("BIG", "central/x", most), Issue("VAST", "watch/x", most),
    )  # fmt: skip
    bench.do("central", PlaceOffer("central/x", "BIG", most // 2, "VAST", 2**63 - 1, 2**63 - 2))
    bench.do("watch", PlaceOffer("watch/x", "VAST", most // 3, "BIG", 1, 2))
    assert bench.balance("watch/x", "BIG") > most // 4
    held = bench.balance("watch/x", "BIG"), bench.balance("watch/x", "VAST")
    bench.do("watch", CreatePool("watch/x", "BIG", "VAST", 0, held[0] // 2, held[1] // 2))
    route = Route("BIG", (Hop("VAST", "BIG:VAST:0"),))
    bench.do("central", PayAcross("central/x", "central/x", route, "send", most // 8, 1))
    worst = PayAcross("central/x", "central/x", route, "send", MAX_AMOUNT, 1)
    assert not isinstance(bench.offer("central", worst), tuple)
    assert list(broken_anywhere(bench.view, bench.registry)) == []
