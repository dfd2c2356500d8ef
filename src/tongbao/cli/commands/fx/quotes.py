"""`tongbao fx`: what a payment across currencies would cost, and reserving it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.client.acting import Sending
from tongbao.cli.client.connect import client
from tongbao.cli.client.groups import module_group
from tongbao.cli.client.looking import (
    Columns,
    Limit,
    OfAsset,
    OldestFirst,
    listed,
    looks,
    moment,
)
from tongbao.cli.client.sending import signs
from tongbao.cli.client.wallets import open_wallet
from tongbao.cli.shell.options import decimals_of, money, reported, show, show_costs
from tongbao.cli.shell.output import minor_units, output, some_units

if TYPE_CHECKING:
    from tongbao.sdk import Client
    from tongbao.sdk.documents_corridors import FxOption, FxOptions
    from tongbao.sdk.fx import Reference

fx = module_group(
    "exchange", "Prices across currencies, with every cost.",
    lists={"quotes": "quote", "conversions": "conversion"},
    rows={"show-offer": "offer", "show-quote": "quote"},
)  # fmt: skip
Bearer = Annotated[str, typer.Option(help="Charge bearer: DEBT, CRED, SHAR or SLEV.")]
OfOther = Annotated[str, typer.Option("--other-asset", help="And this one on the other side.")]
MAX_RESERVED_MINUTES = 10


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(fx, name="fx")


@fx.command("quote")
@signs
def quote(
    amount: Annotated[str, typer.Argument(help="In the asset's units, e.g. 1000000.")],
    asset: Annotated[str, typer.Argument(help="Asset that is sent.")],
    to: Annotated[str, typer.Option("--to", help="Asset that arrives.")],
    receive: Annotated[
        bool, typer.Option("--receive", help="The amount is what arrives, in --to.")
    ] = False,
    bearer: Bearer = "SHAR",
    payer: Annotated[str, typer.Option(help="Account that would pay.")] = "",
    payee: Annotated[str, typer.Option(help="Account that would be paid.")] = "",
    corridor: Annotated[str, typer.Option(help="Only this corridor.")] = "",
    reserve: Annotated[
        bool, typer.Option("--reserve", help="Hold the best one for --payer: it then executes.")
    ] = False,
    minutes: Annotated[
        int, typer.Option(min=1, max=MAX_RESERVED_MINUTES, help="For how long it is held.")
    ] = 5,
    most_charge: Annotated[
        str, typer.Option(help="Most that holding it may itself cost, in the asset that is sent.")
    ] = "0",
    ecb: Annotated[
        bool, typer.Option("--ecb/--no-ecb", help="Compare with ECB rates where none is set.")
    ] = True,
    sign: Annotated[str, typer.Option(help="Labels of the keys; default: as needed.")] = "",
    *,
    how: Sending,
) -> None:
    """The best ways to pay an amount, each with every cost line and its receiver."""
    from tongbao.sdk.fx import reference_of

    if reserve and not payer:
        output.fail("--reserve needs --payer: whose quote is it?")
    with client(how.url, how.home) as ledger:
        decimals = decimals_of(ledger)
        counted = to if receive else asset
        if counted not in decimals:
            ledger.assets.show(counted)
        minor = some_units(amount, decimals[counted], counted, "AMOUNT")
        found = ledger.corridors.options(
            asset, to, send=0 if receive else minor, receive=minor if receive else 0,
            bearer=bearer, payer=payer, payee=payee, corridor=corridor,
        )  # fmt: skip
        if not found.options:
            _none(found)
        reference = reference_of(found, ecb=ecb)
        value = reported(found, decimals, reference)
        held: dict[str, Any] = {}
        if reserve:
            purse = open_wallet(how.home, how.wallet, how.passphrase_file)
            best = next((one for one in found.options if one.hops), found.options[0])
            most = minor_units(most_charge, decimals[asset], asset, "--most-charge")
            held = value["reserved"] = reserved(
                ledger, purse, (found, best), payer, minutes, sign, most
            )

    output.result(value, lambda: _show(found, decimals, reference, held))


def _show(
    found: FxOptions,
    decimals: dict[str, int],
    reference: Reference | None,
    held: dict[str, Any],
) -> None:
    show(found, decimals, reference)
    show_costs(found, found.options[0], decimals, reference)
    if held:
        charge = money(held["charge_minor"], found.send_asset, decimals)
        output.say(
            "Reserved until {expires} for {charge}; pay with: --quote {quote}",
            "green",
            expires=held["expires"],
            charge=charge,
            quote=held["quote"],
        )
    else:
        output.say("Executable at block {height}; --reserve holds it.", height=found.height)


def _none(found: FxOptions) -> None:
    output.fail(
        "nothing leads from {send_asset} to {receive_asset} for that amount now: no"
        " corridor, no depth, or charges leave nothing",
        {"options": []},
        send_asset=found.send_asset,
        receive_asset=found.receive_asset,
    )


def reserved(
    ledger: Client,
    purse: Any,
    chosen: tuple[FxOptions, FxOption],
    payer: str,
    minutes: int,
    sign: str,
    most_charge: int,
) -> dict[str, Any]:
    """Reserve the conversion of an option; the quote's id, its end and what it cost."""
    from tongbao.cli.client.acting import choose_keys
    from tongbao.kernel.money import owner_of
    from tongbao.sdk.build import build, new_reference, seal
    from tongbao.sdk.fx import reserve

    found, best = chosen
    if not best.hops:
        output.fail("there is no conversion to reserve: pay at once, the costs are fixed")
    status = ledger.status()
    until = status.time_ms + minutes * 60_000
    party = owner_of(payer)
    action = reserve(found, best, payer, until, most_charge)
    body = build(status.chain, party, new_reference("Q"), (action,), status.time_ms + 3_600_000)
    tried = ledger.simulate(body)
    keys, _ = choose_keys(purse, tried.approvals, party, sign)
    result = ledger.submit_and_wait(seal(body, purse.sign(body, keys, namer=party)))
    given = next(event for event in result.events if event["event"] == "exchange.quote_given")
    return {
        "quote": given["quote"], "expires_at_ms": until, "expires": f"{moment(until)} UTC",
        "charge_minor": str(given.get("charge_minor", "0")), "digest": result.digest,
    }  # fmt: skip


@fx.command("rates")
@looks
def rates(
    ledger: Client,
    base: Annotated[str, typer.Option(help="Only rates of this asset.")] = "",
    quoted: Annotated[str, typer.Option("--quote", help="Only rates in this asset.")] = "",
    asset: OfAsset = "",
    other_asset: OfOther = "",
    party: Annotated[str, typer.Option(help="Only those that this party stated.")] = "",
    oldest_first: OldestFirst = False,
    limit: Limit = 50,
) -> None:
    """The network's own reference rates, newest first."""
    columns: Columns = {
        "base": lambda r: r.base, "quoted in": lambda r: r.quote,
        "rate": lambda r: _written(r.value, r.decimals),
        "observed (UTC)": lambda r: moment(r.observed_at_ms), "source": lambda r: r.source,
        "by": lambda r: r.by,
    }  # fmt: skip
    rows = ledger.corridors.reference_rates(
        base=base or None, quote=quoted or None, asset=asset or None,
        other_asset=other_asset or None, party=party or None, oldest_first=oldest_first,
    )  # fmt: skip
    listed(output.text("Reference rates"), columns, rows, limit)


def _written(value: str, decimals: int) -> str:
    from decimal import Decimal

    return f"{Decimal(value).scaleb(-decimals):f}"


@fx.command("reference")
def reference(
    base: Annotated[str, typer.Argument(help="Currency or asset, e.g. EUR.")],
    quoted: Annotated[str, typer.Argument(metavar="QUOTE", help="Expressed in, e.g. CNY.")],
    day: Annotated[str, typer.Option(help="ISO date; default: the newest known.")] = "",
) -> None:
    """The European Central Bank's reference rate of a day; needs no node."""
    from datetime import UTC, date, datetime

    from tongbao.sdk.fx import ecb_rate, rate_text

    try:
        wanted = date.fromisoformat(day) if day else datetime.now(UTC).date()
    except ValueError:
        output.fail("{day} is no date: YYYY-MM-DD", day=day)
    found = ecb_rate(base, quoted, wanted)
    if found is None:
        output.fail("the ECB states no rate of {base} in {quoted}", base=base, quoted=quoted)
    value = {"base": base, "quote": quoted, "rate": str(found.rate), "source": found.source,
             "day": found.day.isoformat()}  # fmt: skip
    output.result(
        value,
        lambda: output.say(
            "1 {base} = {rate_text} {quoted} ({source}, {day})",
            base=base,
            rate_text=rate_text(found.rate),
            quoted=quoted,
            source=found.source,
            day=found.day,
        ),
    )
