"""The exchange from the command line: offers, books, routes, pools, trades, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tongbao.cli.shell.output import amount_text
from tongbao.modules.exchange import MODULE
from tongbao.sdk.describe import describe

if TYPE_CHECKING:
    from conftest import Shell

pytestmark = pytest.mark.xdist_group("cli")
BANK = "bank-north/main"


@pytest.fixture(scope="module")
def market(shell: Shell) -> Shell:
    """Two banks hold MOP besides CNY."""
    shell.run("asset", "define", "--asset", "MOP", "--issuer", "central-bank", "--decimals", "2",
              "--kind", "cbdc", "--name", "Macau pataca")  # fmt: skip
    for bank in ("bank-north", "bank-south"):
        shell.run("account", "hold-asset", "--account", f"{bank}/main", "--asset", "MOP")
        shell.run("asset", "issue", "--asset", "MOP", "--account", f"{bank}/main", "--amount",
                  "50000.00")  # fmt: skip
    return shell


def offer(shell: Shell, amount: str, price: str, *more: str, account: str = BANK) -> Any:
    return shell.json("fx", "offer", amount, "MOP", "--for", "CNY", "--price", price,
                      "--account", account, *more)  # fmt: skip


def test_every_action_of_the_exchange_is_a_command(shell: Shell) -> None:
    reported = shell.run("fx", "--help", home=False)
    for kind in MODULE.transactions:
        verb = describe(kind).tag.partition(".")[2].replace("_", "-")
        assert f"  {verb} " in reported
    assert "  create " in shell.run("fx", "pool", "--help", home=False)


def test_offers_are_placed_seen_traded_and_cancelled(market: Shell) -> None:
    placed = offer(market, "1000.00", "0.92")
    [one] = [event for event in placed["events"] if event["event"] == "exchange.offer_placed"]
    assert (one["price_buy"], one["price_sell"]) == ("23", "25")
    offer(market, "500.00", "0.935")
    reported = market.run("fx", "book", "MOP", "CNY")
    assert "0.935" in reported
    assert "1,000.00 MOP" in reported
    traded = market.json("fx", "offer", "92.00", "CNY", "--for", "MOP", "--price", "1/1",
                         "--account", "bank-south/main", "--time-in-force", "ioc")  # fmt: skip
    assert [e["reason"] for e in traded["events"] if "left_minor" in e] == ["filled"]
    [trade] = market.json("fx", "trades", "CNY", "MOP", "--limit", "1")["items"]
    assert (trade["paid_minor"], trade["got_minor"]) == ("9200", "10000")
    assert "92.00 CNY" in market.run("fx", "trades")
    listed = market.json("fx", "offers", "--account", BANK)["items"]
    assert [item["remaining_minor"] for item in listed] == ["50000", "90000"]
    market.run("fx", "cancel", listed[0]["offer"])
    market.run("fx", "cancel", "--account", BANK, "--sell", "MOP")
    assert market.json("fx", "offers", "--account", BANK)["items"] == []
    states = [one["state"] for one in market.json("fx", "offers", "--all")["items"]]
    assert states[:2] == ["cancelled", "cancelled"]


def test_a_dry_run_and_a_wrong_price_place_nothing(market: Shell) -> None:
    offer(market, "10.00", "0.92", "--dry-run")
    assert market.json("fx", "offers", "--account", BANK)["items"] == []
    reported = market.run("fx", "offer", "10", "MOP", "--for", "CNY", "--price", "cheap",
                      "--account", BANK, status=1)  # fmt: skip
    assert "is no price" in reported
    assert "there is no asset" in market.run("fx", "routes", "1", "XAU", "--to", "CNY", status=1)
    assert "give offers" in market.run("fx", "cancel", status=1)


def test_a_pool_is_opened_listed_and_the_best_route_leads_through_it(market: Shell) -> None:
    market.run("fx", "pool", "create", "--account", BANK, "--asset-a", "CNY", "--asset-b", "MOP",
               "--fee-bps", "30", "--a-amount", "9200", "--b-amount", "10000")  # fmt: skip
    [pool] = market.json("fx", "pool", "list", "--asset", "CNY")["items"]
    assert pool["pool"] == "CNY:MOP:30"
    assert "CNY:MOP:30" in market.run("fx", "pool", "show", "CNY:MOP:30")
    assert len(market.json("fx", "pool", "shares", "--pool", "CNY:MOP:30")["items"]) == 2
    reported = market.run("fx", "routes", "92.00", "CNY", "--to", "MOP")
    assert "CNY -[CNY:MOP:30]-> MOP" in reported
    [best] = market.json("fx", "routes", "98.00", "MOP", "--to", "MOP", status=0)["routes"] or [{}]
    assert best == {}
    exact = market.json("fx", "routes", "50.00", "CNY", "--to", "MOP", "--receive")["routes"][0]
    assert exact["received_minor"] == "5000"
    paid = market.json(
        "fx", "pay", "--payer", "bank-south/main", "--payee", "bank-north/main", "--exact",
        "receive", "--send-amount", amount_text(int(exact["sent_minor"]), 2), "--receive-amount",
        "50.00", "--route",
        '["CNY", [["MOP", "CNY:MOP:30"]]]',
    )  # fmt: skip
    assert [e["sent_minor"] for e in paid["events"] if e["event"] == "exchange.converted"] == [
        exact["sent_minor"]
    ]
    far = market.run("--lang", "zh", "fx", "routes", "9999999", "MOP", "--to", "CNY", "--receive")
    assert "没有可行路径" in far


def test_a_market_makers_quote_is_listed_in_both_languages(market: Shell) -> None:
    market.run("fx", "offer-quote", "--account", BANK, "--taker", "bank-south", "--sell-asset",
               "MOP", "--sell-amount", "100.00", "--buy-asset", "CNY", "--buy-amount", "92",
               "--expires-at", "+30m")  # fmt: skip
    [quote] = market.json("fx", "quotes", "--state", "open")["items"]
    assert quote["maker"] == BANK
    assert "100.00 MOP" in market.run("fx", "quotes")
    assert "报价" in market.run("--lang", "zh", "fx", "quotes")
    market.run("fx", "pay-quote", "--quote", quote["quote"], "--payer", "bank-south/main",
               "--payee", "bank-south/main")  # fmt: skip
    [quote] = market.json("fx", "quotes")["items"]
    assert quote["state"] == "used"
