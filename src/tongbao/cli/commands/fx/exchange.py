"""`tongbao fx`: the exchange: books, offers, trades, pools, quotes, the best routes."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.acting import Sending, act
from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.client.looking import (
    Columns,
    Decimals,
    EitherSide,
    Limit,
    facts_of,
    listed,
    looks,
    moment,
)
from tongbao.cli.client.sending import sends
from tongbao.cli.commands.fx.quotes import fx as group
from tongbao.cli.shell.contents import growing
from tongbao.cli.shell.output import output, some_units
from tongbao.sdk.quantities import BadQuantity, parse_price, price_text

if TYPE_CHECKING:
    from tongbao.sdk import Client


def _pool_actions(extra: typer.Typer) -> None:
    """Add what changes a pool; the module loads only then."""
    from tongbao.cli.client.verbs import add_commands
    from tongbao.modules import exchange

    add_commands(
        extra,
        {
            "create": exchange.CreatePool,
            "deposit": exchange.DepositPool,
            "withdraw": exchange.WithdrawPool,
        },
    )


pool = typer.Typer(cls=growing(_pool_actions), help="Pools and their shares.", no_args_is_help=True)
Asset = Annotated[str, typer.Argument(metavar="ASSET")]
Other = Annotated[str, typer.Argument(metavar="OTHER")]
OfAccount = Annotated[str, typer.Option("--account", help="Only this account's.")]


def register(app: typer.Typer) -> None:
    """Add the group of pools; `fx` itself stands already, and importing this filled it."""
    group.add_typer(pool, name="pool")


class Amounts(Decimals):
    """How amounts and prices of each asset are written."""

    def price(self, buy: str, buy_asset: str, sell: str, sell_asset: str) -> str:
        """So many units of one asset for one unit of the other: exactly, or rounded behind `≈`."""
        scale = self._known.get(sell_asset, 0) - self._known.get(buy_asset, 0)
        above, below = int(buy) * 10 ** max(scale, 0), int(sell) * 10 ** max(-scale, 0)
        return price_text(above, below) if above and below else "-"


# ---- looking -------------------------------------------------------------------------------------


@group.command("book")
@looks
def book(
    ledger: Client,
    asset: Asset,
    other: Other,
    levels: Annotated[int, typer.Option(min=1, max=500, help="Prices of each side.")] = 10,
) -> None:
    """Both sides of a book: what ASSET costs, in OTHER."""
    from tongbao.sdk import exchange

    told = Amounts(ledger)
    for one in (asset, other):
        told.of(one)  # ends the command where there is no such asset
    found = ledger.call(exchange.book(asset, other, levels))
    sell, buy = output.text("sells"), output.text("buys")
    asks = [
        [sell, told.price(one.price_buy, other, one.price_sell, asset),
         told.money(one.amount_minor, asset), str(one.offers)]
        for one in reversed(found.asks)
    ]  # fmt: skip
    bids = [
        [buy, told.price(one.price_sell, other, one.price_buy, asset),
         told.money(one.amount_minor, other), str(one.offers)]
        for one in found.bids
    ]  # fmt: skip
    title = output.text(
        "{asset} in {other}, block {height}", asset=asset, other=other, height=found.height
    )
    columns = [output.text("side"), output.text("price"),
               output.text("there for it"), output.text("offers")]  # fmt: skip
    output.result(msgspec.to_builtins(found), lambda: output.table(title, columns, asks + bids))


@group.command("offers")
@looks
def offers(
    ledger: Client,
    account: OfAccount = "",
    party: EitherSide = "",
    state: Annotated[str, typer.Option(help="open, filled, cancelled, expired, ...")] = "open",
    every: Annotated[bool, typer.Option("--all", help="In every state.")] = False,
    sell: Annotated[str, typer.Option(help="Only those that sell this asset.")] = "",
    buy: Annotated[str, typer.Option(help="Only those that buy this asset.")] = "",
    limit: Limit = 50,
) -> None:
    """Offers, newest first."""
    from tongbao.sdk import exchange

    told = Amounts(ledger)
    columns: Columns = {
        output.text("sells"): lambda o: told.money(o.remaining_minor, o.sell_asset),
        output.text("price"): lambda o: told.price(
            o.price_buy, o.buy_asset, o.price_sell, o.sell_asset
        ) + f" {o.buy_asset}",
        "state": lambda o: o.state, "account": lambda o: o.account,
        "of": lambda o: told.money(o.sell_minor, o.sell_asset),
        "until (UTC)": lambda o: moment(o.expires_at_ms),
        "offer": lambda o: o.offer,
    }  # fmt: skip
    states = None if every else state
    wanted = exchange.offers(
        account or None, states, sell or None, buy or None, party=party or None
    )
    least = ["offer", "of", *([] if every or account else ["state"])]
    title = output.text("Offers")
    listed(title, columns, ledger.walk(wanted), limit, least, "offer")


@group.command("trades")
@looks
def trades(
    ledger: Client,
    asset: Annotated[str, typer.Argument(metavar="[ASSET]")] = "",
    other: Annotated[str, typer.Argument(metavar="[OTHER]")] = "",
    account: OfAccount = "",
    party: EitherSide = "",
    offer_id: Annotated[str, typer.Option("--offer", help="Only with this offer.")] = "",
    limit: Limit = 50,
) -> None:
    """Trades, newest first: all, of one asset, or of two."""
    from tongbao.sdk import exchange

    told = Amounts(ledger)
    columns: Columns = {
        output.text("time (UTC)"): lambda t: moment(t.time_ms),
        output.text("venue"): lambda t: t.venue,
        output.text("paid"): lambda t: told.money(t.paid_minor, t.paid_asset),
        output.text("got"): lambda t: told.money(t.got_minor, t.got_asset),
        output.text("price"): lambda t: told.price(
            t.paid_minor, t.paid_asset, t.got_minor, t.got_asset
        ),
        output.text("maker"): lambda t: t.maker,
        output.text("taker"): lambda t: t.taker,
    }  # fmt: skip
    wanted = exchange.trades(
        asset or None, other or None, account or None, offer_id or None, party=party or None
    )
    listed(output.text("Trades"), columns, ledger.walk(wanted), limit)


@group.command("quotes")
@looks
def quotes(
    ledger: Client,
    taker: Annotated[str, typer.Option(help="Only those for this party.")] = "",
    maker: Annotated[str, typer.Option(help="Only those by this account.")] = "",
    party: EitherSide = "",
    state: Annotated[str, typer.Option(help="open, used, declined or expired.")] = "",
    limit: Limit = 50,
) -> None:
    """Firm quotes, newest first."""
    from tongbao.sdk import exchange

    told = Amounts(ledger)
    columns: Columns = {
        output.text("for"): lambda q: q.taker,
        output.text("by"): lambda q: q.maker or output.text("reserved"),
        output.text("sends"): lambda q: told.money(q.send_minor, q.send_asset),
        output.text("arrives"): lambda q: told.money(q.receive_minor, q.receive_asset),
        "state": lambda q: q.state,
        "until (UTC)": lambda q: moment(q.expires_at_ms),
        "quote": lambda q: q.quote,
    }  # fmt: skip
    wanted = exchange.quotes(taker or None, maker or None, state or None, party=party or None)
    title = output.text("Quotes")
    listed(title, columns, ledger.walk(wanted), limit, ["quote"], "quote")


@group.command("routes")
def routes(
    amount: Annotated[str, typer.Argument(help="In the asset's units, e.g. 1250.50.")],
    asset: Asset,
    to: Annotated[str, typer.Option("--to", help="The asset that arrives.")],
    receive: Annotated[
        bool, typer.Option("--receive", help="AMOUNT of --to arrives; what has to be sent?")
    ] = False,
    party: Annotated[str, typer.Option(help="Who would pay: not against its own offers.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10)] = 5,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """The best routes from ASSET to another, best first, each as it could be carried out now."""
    from tongbao.sdk import exchange

    with client(url, home) as ledger:
        told = Amounts(ledger)
        counted = to if receive else asset
        exact = some_units(amount, told.of(counted), counted, "AMOUNT")
        found = ledger.call(
            exchange.routes(
                asset, to, send_minor=None if receive else exact,
                receive_minor=exact if receive else None, party=party or None, limit=limit,
            )
        )  # fmt: skip
    rows = [
        [str(place), told.money(one.sent_minor, asset), told.money(one.received_minor, to),
         told.price(one.received_minor, to, one.sent_minor, asset), _way(one, asset),
         ", ".join(told.money(h.fee_minor, h.pay_asset) for h in one.hops if h.fee_minor != "0")]
        for place, one in enumerate(found.routes, 1)
    ]  # fmt: skip
    columns = ["", output.text("sends"), output.text("arrives"),
               output.text("rate"), output.text("way"),
               output.text("pool fees")]  # fmt: skip
    title = output.text("Routes at block {height}", height=found.height)

    def show() -> None:
        if rows:
            output.table(title, columns, rows)
        else:
            output.say("No route can carry that now.")

    output.result(msgspec.to_builtins(found), show)


def _way(one: Any, asset: str) -> str:
    return asset + "".join(f" -[{hop.venue}]-> {hop.get_asset}" for hop in one.hops)


# ---- pools ---------------------------------------------------------------------------------------


@pool.command("list")
@looks
def pools(
    ledger: Client,
    asset: Annotated[str, typer.Argument(metavar="[ASSET]")] = "",
    other: Annotated[str, typer.Argument(metavar="[OTHER]")] = "",
    limit: Limit = 50,
) -> None:
    """Pools: all, with one asset, or of two."""
    from tongbao.sdk import exchange

    told = Amounts(ledger)
    columns: Columns = {
        output.text("pool"): lambda p: p.pool,
        output.text("has"): lambda p: told.money(p.a_minor, p.asset_a),
        output.text("and"): lambda p: told.money(p.b_minor, p.asset_b),
        output.text("fee (bp)"): lambda p: str(p.fee_bps),
        output.text("shares"): lambda p: p.shares,
    }  # fmt: skip
    wanted = exchange.pools(asset or None, other or None)
    listed(output.text("Pools"), columns, ledger.walk(wanted), limit)


@pool.command("show")
@looks
def pool_show(
    ledger: Client,
    name: Annotated[str, typer.Argument(metavar="POOL")],
) -> None:
    """One pool with what it has."""
    from tongbao.sdk import exchange

    plain, told = msgspec.to_builtins(ledger.call(exchange.pool(name))), Amounts(ledger)
    has = {one: told.money(plain[f"{one}_minor"], plain[f"asset_{one}"]) for one in "ab"}
    rest = {key: one for key, one in plain.items() if key not in ("a_minor", "b_minor")}
    held = f"{plain['reservable_ms'] // 1000} s" if plain["reservable_ms"] else ""
    facts = facts_of(
        {**rest, "asset_a": has["a"], "asset_b": has["b"], "reservable_ms": "", "reservable": held}
    )
    output.result(plain, lambda: output.facts("", facts))


@pool.command("shares")
@looks
def pool_shares(
    ledger: Client,
    name: Annotated[str, typer.Option("--pool", help="Only of this pool.")] = "",
    account: OfAccount = "",
    limit: Limit = 50,
) -> None:
    """Who holds shares of which pool."""
    from tongbao.sdk import exchange

    columns: Columns = {
        output.text("pool"): lambda s: s.pool,
        "account": lambda s: s.account,
        output.text("shares"): lambda s: s.shares,
    }  # fmt: skip
    wanted = exchange.shares(name or None, account or None)
    listed(output.text("Shares"), columns, ledger.walk(wanted), limit)


# ---- acting --------------------------------------------------------------------------------------


@group.command("offer")
@sends()
def offer(
    amount: Annotated[str, typer.Argument(help="What is sold, in its units, e.g. 1250.50.")],
    asset: Asset,
    wanted: Annotated[str, typer.Option("--for", help="The asset that is bought.")],
    price: Annotated[str, typer.Option(help="Units of it asked for each unit sold, e.g. 1.0832.")],
    account: Annotated[str, typer.Option(help="The account that sells.")],
    time_in_force: Annotated[
        str, typer.Option("--time-in-force", help="gtc, ioc, fok or post_only.")
    ] = "gtc",
    minutes: Annotated[int, typer.Option(min=0, help="Gone after so many; 0 is never.")] = 0,
    reservable: Annotated[
        int, typer.Option(min=0, help="Seconds for which a taker may reserve it.")
    ] = 0,
    charge_bps: Annotated[int, typer.Option(min=0, help="What reserving it costs.")] = 0,
    *,
    how: Sending,
) -> None:
    """Sell AMOUNT of ASSET at a price or better; what does not trade stands in the book."""
    from tongbao.cli.client.verbs import convert
    from tongbao.modules.exchange import PlaceOffer

    above, below = _price(price)
    with client(how.url, how.home) as ledger:
        told, now = Amounts(ledger), ledger.status().time_ms
    sold = some_units(amount, told.of(asset), asset, "AMOUNT")
    scale = told.of(wanted) - told.of(asset)
    above, below = above * 10 ** max(scale, 0), below * 10 ** max(-scale, 0)
    common = gcd(above, below)
    values = {
        "account": account, "sell_asset": asset, "sell_minor": sold, "buy_asset": wanted,
        "price_buy": above // common, "price_sell": below // common,
        "time_in_force": time_in_force, "reservable_ms": reservable * 1000,
        "expires_at_ms": now + minutes * 60_000 if minutes else 0, "charge_bps": charge_bps,
    }  # fmt: skip
    act([convert(values, PlaceOffer)], how)


def _price(typed: str) -> tuple[int, int]:
    try:
        return parse_price(typed)
    except BadQuantity as fault:
        output.fail_quantity("--price", fault)


@group.command("cancel")
@sends()
def cancel(
    offers_given: Annotated[list[str] | None, typer.Argument(metavar="[OFFER...]")] = None,
    account: Annotated[str, typer.Option(help="Or: all offers of this account.")] = "",
    sell: Annotated[str, typer.Option(help="Of those, only what sells this asset.")] = "",
    buy: Annotated[str, typer.Option(help="Of those, only what buys this asset.")] = "",
    *,
    how: Sending,
) -> None:
    """Take offers back: some by id, or all of an account (500 at a time)."""
    from tongbao.modules.exchange import CancelOffer, CancelOffers

    names = offers_given or []
    if bool(names) == bool(account):
        output.fail("give offers, or --account")
    if account:
        act([CancelOffers(account, sell, buy)], how)
    else:
        act([CancelOffer(name) for name in names], how)
