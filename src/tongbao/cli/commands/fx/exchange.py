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
    OfAsset,
    OldestFirst,
    listed,
    looks,
    moment,
)
from tongbao.cli.client.sending import sends
from tongbao.cli.commands.fx.quotes import OfOther
from tongbao.cli.commands.fx.quotes import fx as group
from tongbao.cli.shell.contents import growing
from tongbao.cli.shell.output import output, some_units
from tongbao.sdk.quantities import BadQuantity, parse_price, price_text

if TYPE_CHECKING:
    from tongbao.sdk import Client


def _pool_actions(extra: typer.Typer) -> None:
    """Add what changes a pool, and its lists; the module loads only then."""
    from tongbao.cli.client.derived import add_lists, add_rows
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
    lists = {"list": "pool", "shares": "pool_share", "changes": "pool_change"}
    add_lists(extra, exchange.MODULE, lists)
    add_rows(extra, exchange.MODULE, {"show": "pool"})


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
    amounts = Amounts(ledger)
    for one in (asset, other):
        amounts.of(one)  # ends the command where there is no such asset
    found = ledger.exchange.book(asset, other, levels)
    sell, buy = output.text("sells"), output.text("buys")
    asks = [
        [sell, amounts.price(one.price_buy, other, one.price_sell, asset),
         amounts.money(one.amount_minor, asset), str(one.offers)]
        for one in reversed(found.asks)
    ]  # fmt: skip
    bids = [
        [buy, amounts.price(one.price_sell, other, one.price_buy, asset),
         amounts.money(one.amount_minor, other), str(one.offers)]
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
    asset: OfAsset = "",
    other_asset: OfOther = "",
    oldest_first: OldestFirst = False,
    limit: Limit = 50,
) -> None:
    """Offers, newest first."""
    amounts = Amounts(ledger)
    columns: Columns = {
        output.text("sells"): lambda o: amounts.money(o.remaining_minor, o.sell_asset),
        output.text("price"): lambda o: amounts.price(
            o.price_buy, o.buy_asset, o.price_sell, o.sell_asset
        ) + f" {o.buy_asset}",
        "state": lambda o: o.state, "account": lambda o: o.account,
        "of": lambda o: amounts.money(o.sell_minor, o.sell_asset),
        "until (UTC)": lambda o: moment(o.expires_at_ms),
        "offer": lambda o: o.offer,
    }  # fmt: skip
    found = ledger.exchange.offers(
        oldest_first=oldest_first, account=account or None, party=party or None,
        state=None if every else state, sell_asset=sell or None, buy_asset=buy or None,
        asset=asset or None, other_asset=other_asset or None,
    )  # fmt: skip
    least = ["offer", "of", *([] if every or account else ["state"])]
    listed(output.text("Offers"), columns, found, limit, least, "offer")


@group.command("trades")
@looks
def trades(
    ledger: Client,
    asset: Annotated[str, typer.Argument(metavar="[ASSET]")] = "",
    other: Annotated[str, typer.Argument(metavar="[OTHER]")] = "",
    account: OfAccount = "",
    party: EitherSide = "",
    offer_id: Annotated[str, typer.Option("--offer", help="Only with this offer.")] = "",
    pool_id: Annotated[str, typer.Option("--pool", help="Only with this pool.")] = "",
    kind: Annotated[str, typer.Option(help="exchange.traded or exchange.swapped.")] = "",
    oldest_first: OldestFirst = False,
    limit: Limit = 50,
) -> None:
    """Trades, newest first: all, of one asset, or of two."""
    amounts = Amounts(ledger)
    columns: Columns = {
        output.text("time (UTC)"): lambda t: moment(t.time_ms),
        output.text("venue"): lambda t: t.pool or output.text("book" if t.offer else "quote"),
        output.text("paid"): lambda t: amounts.money(t.paid_minor, t.paid_asset),
        output.text("got"): lambda t: amounts.money(t.got_minor, t.got_asset),
        output.text("price"): lambda t: amounts.price(
            t.paid_minor, t.paid_asset, t.got_minor, t.got_asset
        ),
        output.text("maker"): lambda t: t.maker,
        output.text("taker"): lambda t: t.taker,
    }  # fmt: skip
    found = ledger.exchange.trades(
        oldest_first=oldest_first, asset=asset or None, other_asset=other or None,
        account=account or None, party=party or None, offer=offer_id or None,
        pool=pool_id or None, event=kind or None,
    )  # fmt: skip
    listed(output.text("Trades"), columns, found, limit)


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
    """The best routes from ASSET to another, best first, each as it could be paid now."""
    with client(url, home) as ledger:
        amounts = Amounts(ledger)
        counted = to if receive else asset
        exact = some_units(amount, amounts.of(counted), counted, "AMOUNT")
        found = ledger.exchange.routes(
            asset, to, send_minor=None if receive else exact,
            receive_minor=exact if receive else None, party=party or None, limit=limit,
        )  # fmt: skip
    rows = [
        [str(place), amounts.money(one.sent_minor, asset), amounts.money(one.received_minor, to),
         amounts.price(one.received_minor, to, one.sent_minor, asset), _path(one, asset),
         ", ".join(amounts.money(h.fee_minor, h.pay_asset) for h in one.hops if h.fee_minor != "0")]
        for place, one in enumerate(found.routes, 1)
    ]  # fmt: skip
    columns = ["", output.text("sends"), output.text("arrives"),
               output.text("rate"), output.text("path"),
               output.text("pool fees")]  # fmt: skip
    title = output.text("Routes at block {height}", height=found.height)

    def show() -> None:
        if rows:
            output.table(title, columns, rows)
        else:
            output.say("No route can carry that now.")

    output.result(msgspec.to_builtins(found), show)


def _path(one: Any, asset: str) -> str:
    return asset + "".join(f" -[{hop.venue}]-> {hop.get_asset}" for hop in one.hops)


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
        amounts, now = Amounts(ledger), ledger.status().time_ms
    sold = some_units(amount, amounts.of(asset), asset, "AMOUNT")
    scale = amounts.of(wanted) - amounts.of(asset)
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
