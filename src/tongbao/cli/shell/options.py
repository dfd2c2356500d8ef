"""Ways to pay, with every cost line and its receiver, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from tongbao.cli.shell.output import amount_text, output
from tongbao.kernel.wording import Text, message

if TYPE_CHECKING:
    from tongbao.sdk import Client
    from tongbao.sdk.documents_corridors import FxOption, FxOptions
    from tongbao.sdk.fx import Reference, Worth

KINDS = {
    "network": message("network fee"),
    "corridor": message("corridor fee"),
    "sending_bank": message("sending bank's fee"),
    "receiving_bank": message("receiving bank's fee"),
}
VENUES = {"book": message("book"), "pool": message("pool")}


def decimals_of(ledger: Client) -> dict[str, int]:
    """Decimals by asset."""
    return {one.asset: one.decimals for one in ledger.assets.list()}


def money(minor: str | int, asset: str, decimals: Mapping[str, int]) -> str:
    """`12,345.67 CNY`."""
    return f"{amount_text(int(minor), decimals.get(asset, 0))} {asset}"


def reported(
    options: FxOptions, decimals: Mapping[str, int], reference: Reference | None
) -> dict[str, Any]:
    """Options with what each is worth, for programs."""
    value: dict[str, Any] = msgspec.to_builtins(options)
    from tongbao.sdk.fx import worth

    for plain, option in zip(value["options"], options.options, strict=True):
        plain.update(_worth(worth(options, option, decimals, reference)))
    value["reference_rate"] = None if reference is None else {
        "rate": str(reference.rate), "source": reference.source, "day": reference.day.isoformat(),
    }  # fmt: skip
    return value


def _worth(found: Worth) -> dict[str, Any]:
    from tongbao.sdk.fx import percent, rate_option

    return {
        "effective_rate": rate_option(found.rate)[0],
        "all_in_rate": rate_option(found.all_in_rate)[0],
        "rates_rounded": rate_option(found.rate)[1] or rate_option(found.all_in_rate)[1],
        "spread": percent(found.spread), "total_cost": percent(found.total_cost),
    }  # fmt: skip


def show(options: FxOptions, decimals: Mapping[str, int], reference: Reference | None) -> None:
    """A table of the ways, best first, then the costs of the best."""
    from tongbao.sdk.fx import percent, rate_text, worth

    rows = []
    for number, option in enumerate(options.options, start=1):
        found = worth(options, option, decimals, reference)
        through = f"{option.corridor}: {way(options, option)}" if option.corridor else way(
            options, option
        )  # fmt: skip
        closed = output.text(" closed") if option.closed else ""
        rows.append([
            str(number), through + closed,
            money(option.debited_minor, options.send_asset, decimals),
            money(option.credited_minor, options.receive_asset, decimals),
            rate_text(found.rate), percent(found.spread), percent(found.total_cost),
        ])  # fmt: skip
    columns = ["#", "way", "debited", "credited", "rate", "spread", "total cost"]
    title = output.text("Executable now, best first")
    output.table(title, columns, rows)
    if reference is not None:
        output.say(
            "Reference: {rate_text} {receive_asset} for one {send_asset}, {source}, {day}",
            rate_text=rate_text(reference.rate),
            receive_asset=options.receive_asset,
            send_asset=options.send_asset,
            source=reference.source,
            day=reference.day,
        )


def way(options: FxOptions, option: FxOption) -> str:
    """`CNY > USD > HKD (book, pool)`."""
    if option.quote:
        return output.text("quote {quote}", quote=option.quote)
    if not option.hops:
        return output.text("no conversion")
    assets = " > ".join([options.send_asset, *(hop.get_asset for hop in option.hops)])
    venues = [output.text(VENUES.get(hop.venue, hop.venue)) for hop in option.hops]
    return output.text("{assets} ({venues})", assets=assets, venues=", ".join(venues))


def show_costs(
    options: FxOptions, option: FxOption, decimals: Mapping[str, int], reference: Reference | None
) -> None:
    """Every line of one way with its receiver, from what is debited to what is credited."""
    from tongbao.sdk.fx import percent, rate_text, worth

    found = worth(options, option, decimals, reference)
    sent, got = options.send_asset, options.receive_asset

    def line(what: str, receiver: str, minor: str, asset: str, sign: str = "") -> list[str]:
        return [output.text(what), receiver, sign + money(minor, asset, decimals)]

    rows = [line(message("debited in all"), "", option.debited_minor, sent)]
    rows += [
        line(KINDS.get(c.kind, c.kind), c.receiver, c.amount_minor, c.asset, "- ")
        for c in option.costs[: _sent_lines(options, option)]
    ]  # fmt: skip
    rows.append(line(message("converted"), "", option.converted_minor, sent))
    rows += [
        line(message("contained: pool's fee"), hop.venue, hop.fee_minor, hop.pay_asset)
        for hop in option.hops
        if int(hop.fee_minor)
    ]  # fmt: skip
    rows.append(line(message("arrives in all"), "", option.arrived_minor, got))
    rows += [
        line(KINDS.get(c.kind, c.kind), c.receiver, c.amount_minor, c.asset, "- ")
        for c in option.costs[_sent_lines(options, option) :]
    ]  # fmt: skip
    rows.append(line(message("credited to the payee"), "", option.credited_minor, got))
    title = output.text(
        "Costs, charges {bearer}, {corridor}",
        bearer=option.bearer, corridor=option.corridor or Text("no corridor"),
    )  # fmt: skip
    output.table(title, ["charge", "receiver", "amount"], rows)
    spread, cost = percent(found.spread) or "-", percent(found.total_cost) or "-"
    output.say(
        "Effective rate {rate_text}, all charges in {rate_text_2}; spread {spread}, total"
        " cost of this payment {cost}",
        rate_text=rate_text(found.rate),
        rate_text_2=rate_text(found.all_in_rate),
        spread=spread,
        cost=cost,
    )


def _sent_lines(options: FxOptions, option: FxOption) -> int:
    """How many of the lines are charged on the sending side; they come first."""
    left = int(option.debited_minor) - int(option.converted_minor)
    for number, cost in enumerate(option.costs):
        if not left:
            return number
        left -= int(cost.amount_minor)
    return len(option.costs)
