"""The exchange over HTTP: books, routes, lists, and that the lists are the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.gateway.conftest import Node, new_envelope, start_node
from tests.gateway.test_lists import pages

from tongbao.gateway import exchange_market
from tongbao.kernel.transaction import Transaction
from tongbao.modules.accounts import HoldAsset
from tongbao.modules.assets import DefineAsset, FreezeHolding, Issue, UnfreezeHolding
from tongbao.modules.exchange import (
    CancelOffers,
    CreatePool,
    Hop,
    PayAcross,
    PayQuote,
    PlaceOffer,
    ReserveQuote,
    Route,
    WithdrawPool,
    shares_of,
)
from tongbao.node.clock import utc_ms
from tongbao.sdk import Client, Problem
from tongbao.sdk.api_codes import GatewayCode

BANK = "bank-north/main"


def sell(amount: int, buy: int, party: str = "bank-north", **terms: int) -> PlaceOffer:
    """HKD for CNY, at `buy` fen for a dollar's hundred cents."""
    return PlaceOffer(f"{party}/main", "HKD", amount, "CNY", buy, 100, **terms)  # type: ignore[arg-type]


def do(client: Client, party: str, *actions: Transaction) -> None:
    client.submit_and_wait(new_envelope(*actions, party=party))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with two currencies, a book, a pool, a few trades and a quote."""
    folder: Path = tmp_path_factory.mktemp("exchange")
    for node in start_node(folder):
        client = node.client()
        for asset in ("HKD", "USD"):
            do(client, "central-bank", DefineAsset(asset, "central-bank", 2, "cbdc", asset,
                                                   freezable=True))  # fmt: skip
            for party in ("bank-north", "bank-south", "mingda"):
                do(client, party, HoldAsset(f"{party}/main", asset))
                do(client, "central-bank", Issue(asset, f"{party}/main", 10_000_000))
        for buy in (92, 93, 94):
            do(client, "bank-north", sell(100_000, buy, reservable_ms=600_000))
        pool = CreatePool("bank-south/main", "HKD", "USD", 30, 7_800_000, 1_000_000)
        do(client, "bank-south", pool)
        hops = (Hop("HKD"), Hop("USD", "HKD:USD:30"))
        pay = PayAcross("hengtong/main", "mingda/main", Route("CNY", hops), "send", 9_200, 1)
        do(client, "hengtong", pay)
        yield node


def test_a_book_shows_both_sides_best_first(node: Node, client: Client) -> None:
    do(client, "bank-south", PlaceOffer("bank-south/main", "CNY", 9_000, "HKD", 100, 90))
    found = client.exchange.book("HKD", "CNY")
    assert [(one.price_buy, one.amount_minor) for one in found.asks] == [
        ("92", "90000"), ("93", "100000"), ("94", "100000"),
    ]  # fmt: skip
    assert [(one.price_buy, one.price_sell) for one in found.bids] == [("100", "90")]
    exact, rounded = found.asks[0].price, found.bids[0].price
    assert exact and rounded
    assert (exact.decimal, exact.rounded) == ("0.92", False)
    assert (rounded.decimal, rounded.rounded) == ("1.111111111", True)
    do(client, "bank-south", CancelOffers("bank-south/main"))
    assert client.exchange.book("HKD", "CNY").bids == ()


def test_a_route_is_what_a_payment_then_does(node: Node, client: Client) -> None:
    found = client.exchange.routes("CNY", "USD", send_minor=9_200)
    best = found.routes[0]
    assert [hop.venue for hop in best.hops] == ["book", "HKD:USD:30"]
    assert found.height == node.application.tip.height
    asset, hops = best.route
    route = Route(asset, tuple(Hop(*hop) for hop in hops))
    before = node.application.view().holding("mingda/main", "USD")
    sent, received = int(best.sent_minor), int(best.received_minor)
    do(client, "hengtong", PayAcross("hengtong/main", "mingda/main", route, "send", sent, received))
    after = node.application.view().holding("mingda/main", "USD")
    assert before and after
    assert after.posted - before.posted == received
    back = client.exchange.routes("CNY", "USD", receive_minor=received)
    assert int(back.routes[0].received_minor) == received


def test_the_mirror_follows_blocks_and_freezes(node: Node, client: Client) -> None:
    def best() -> str:
        return client.exchange.routes("CNY", "HKD", send_minor=8_000).routes[0].received_minor

    usual = best()
    do(client, "bank-south", sell(50_000, 80, "bank-south"))
    assert best() == "10000"
    frozen = FreezeHolding("HKD", "bank-south/main", "order 9")
    do(client, "central-bank", frozen)
    assert best() == usual
    do(client, "central-bank", UnfreezeHolding("HKD", "bank-south/main"))
    assert best() == "10000"
    do(client, "bank-south", CancelOffers("bank-south/main"))
    assert best() == usual


def test_a_mirror_that_nobody_asks_takes_no_memory_without_end(
    node: Node, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changed meanwhile is in it all the same once somebody asks again."""

    def best() -> str:
        return client.exchange.routes("CNY", "HKD", send_minor=8_000).routes[0].received_minor

    usual, mirror = best(), node.server.gateway.market
    monkeypatch.setattr(exchange_market, "MAX_PENDING", 3)
    for _ in range(6):
        do(client, "bank-south", sell(50_000, 80, "bank-south"))
        assert noted(mirror) <= 3
    assert best() == "10000"
    do(client, "bank-south", CancelOffers("bank-south/main"))
    assert noted(mirror) <= 3
    assert best() == usual


def noted(mirror: exchange_market.MarketMirror) -> int:
    """What waits for the next question, between two blocks."""
    with mirror._noting:
        return len(mirror._offers) + len(mirror._pools)


def test_where_no_route_leads_the_list_is_empty_and_one_amount_is_asked_for(
    node: Node, client: Client
) -> None:
    assert client.exchange.routes("USD", "CNY", send_minor=1_000).routes == ()
    assert client.exchange.routes("NOSUCH", "CNY", send_minor=1_000).routes == ()
    for amounts in ({}, {"send_minor": 1, "receive_minor": 1}, {"send_minor": 2**127}):
        with pytest.raises(Problem) as refused:
            client.exchange.routes("CNY", "USD", **amounts)
        assert refused.value.code == GatewayCode.BAD_PARAMETER


LISTS = ("offers", "trades", "conversions", "pools", "pool-shares", "pool-changes", "quotes")


@pytest.mark.parametrize("path", LISTS)
def test_all_pages_together_are_the_list(node: Node, client: Client, path: str) -> None:
    quote_once(client)
    whole = pages(node, f"/v1/{path}", 1000)
    assert whole
    assert pages(node, f"/v1/{path}", 1) == whole


def quote_once(client: Client) -> str:
    """Reserve, and give the quote's id."""
    action = ReserveQuote("hengtong/main", Route("CNY", (Hop("HKD"),)), "receive", 10_000, 1_000,
                          utc_ms() + 300_000)  # fmt: skip
    do(client, "hengtong", action)
    return str(next(client.exchange.quotes(taker="hengtong", state="open")).quote)


def test_offers_are_found_by_account_state_and_asset(node: Node, client: Client) -> None:
    of = {"account": BANK, "state": "open"}
    listed = list(client.exchange.offers(sell_asset="HKD", buy_asset="CNY", **of))
    assert [int(one.price_buy) for one in listed] == [94, 93, 92]
    assert list(client.exchange.offers(asset="CNY", other_asset="HKD", **of)) == listed
    assert list(client.exchange.offers(asset="CNY", other_asset="USD", **of)) == []
    assert client.exchange.offer(listed[0].offer) == listed[0]
    assert list(client.exchange.offers(account="mingda/main")) == []
    with pytest.raises(Problem) as refused:
        client.exchange.offer("nobody:x:1")
    assert refused.value.code == GatewayCode.NOT_FOUND


def test_trades_are_found_by_pair_in_both_directions_and_by_account(
    node: Node, client: Client
) -> None:
    one, other = (list(client.exchange.trades(asset=asset, other_asset=beside)) for asset, beside in
                  (("HKD", "CNY"), ("CNY", "HKD")))  # fmt: skip
    assert one == other
    assert {trade.maker for trade in one} == {BANK}
    pool = list(client.exchange.trades(asset="USD"))
    assert {(trade.pool, trade.maker) for trade in pool} == {("HKD:USD:30", "")}
    assert list(client.exchange.trades(pool="HKD:USD:30")) == pool
    assert list(client.exchange.trades(account="hengtong/main"))
    assert list(client.exchange.trades(account="yuntu/main")) == []


def test_a_conversion_is_listed_with_its_hops_and_trades_say_what_pools_took(
    client: Client,
) -> None:
    paid = next(client.exchange.conversions(party="mingda", oldest_first=True))
    assert (paid.payer, paid.sent_minor) == ("hengtong/main", "9200")
    assert paid.hops == [{"asset": "HKD", "venue": "book"}, {"asset": "USD", "venue": "HKD:USD:30"}]
    [fee] = [trade.fee_minor for trade in client.exchange.trades(pool="HKD:USD:30")
             if trade.digest == paid.digest]  # fmt: skip
    assert int(fee) > 0


def test_a_quote_is_listed_with_what_stands_behind_it_and_ends(node: Node, client: Client) -> None:
    name = quote_once(client)
    found = client.exchange.quote(name)
    assert (found.state, found.send_minor) == ("open", "920")
    assert found.hops[0]["fills"][0]["account"] == BANK
    do(client, "hengtong", PayQuote(name, "hengtong/main", "mingda/main"))
    assert client.exchange.quote(name).state == "used"


def test_the_lists_say_what_the_ledger_holds(node: Node, client: Client) -> None:
    do(client, "bank-south", WithdrawPool("bank-south/main", "HKD:USD:30", 10_000))
    view = node.application.view()
    listed = client.exchange.pool_shares(pool="HKD:USD:30")
    shares = {one.account: int(one.shares) for one in listed}
    assert shares == dict(shares_of(view, "HKD:USD:30"))
    pool = client.exchange.pool("HKD:USD:30")
    assert pool.opened_by == "bank-south"
    for asset, amount in (("HKD", pool.a_minor), ("USD", pool.b_minor)):
        held = view.holding(pool.account, asset)
        assert held
        assert int(amount) == held.posted
    [kept] = [one for one in client.accounts.holdings(account=pool.account) if one.asset == "HKD"]
    assert kept.posted_minor == pool.a_minor
    newest = next(client.exchange.pool_changes())
    assert (newest.account, newest.shares) == ("bank-south/main", "-10000")
    open_now = list(client.exchange.offers(state="open"))
    left = sum(int(one.remaining_minor) + int(one.promised_minor) for one in open_now)
    held = view.holding(BANK, "HKD")
    assert held
    assert left == held.reserved
