"""Paying across currencies and borders: every cost shown and confirmed before it is signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import typer

from tongbao.cli.client.acting import Sending, act
from tongbao.cli.client.connect import client
from tongbao.cli.shell.options import decimals_of, money, show_costs
from tongbao.cli.shell.output import output, some_units

if TYPE_CHECKING:
    from tongbao.sdk import Client
    from tongbao.sdk.documents_corridors import FxOption, FxOptions


class Across(NamedTuple):
    """What somebody pays. One of `to` and `source` names the other asset, or neither."""

    payer: str
    payee: str
    amount: str
    asset: str
    to: str = ""
    """AMOUNT of ASSET is sent exactly, and arrives in this one."""
    source: str = ""
    """AMOUNT of ASSET arrives exactly, and is sent from this one."""
    corridor: str = ""
    bearer: str = "SHAR"
    quote: str = ""
    reference: str = ""
    purpose: str = ""
    remittance: str = ""
    originator: str = ""
    beneficiary: str = ""
    envelope: Path | None = None
    """Sealed travel-rule envelope; its digest goes along."""
    uetr: str = ""
    yes: bool = False


def pay(wanted: Across, how: Sending) -> None:
    """Show what it costs, ask, sign exactly that, and say what became of it."""
    from tongbao.kernel.money import owner_of
    from tongbao.sdk.build import uetr
    from tongbao.sdk.fx import pay_abroad, reference_of
    from tongbao.sdk.texts import folded
    from tongbao.sdk.travel_rule import envelope_digest

    with client(how.url, how.home) as ledger:
        payee = ledger.accounts.resolve([wanted.payee]).get(wanted.payee, wanted.payee)
        decimals = decimals_of(ledger)
        options = _options(ledger, wanted, payee, decimals)
        option = _best(options, wanted)
    reference = reference_of(options)
    if not output.json:
        show_costs(options, option, decimals, reference)
    name = wanted.uetr or uetr()
    _confirm(wanted, option, options, decimals, how.dry_run)
    sealed = "" if wanted.envelope is None else envelope_digest(wanted.envelope.read_bytes())
    action = pay_abroad(
        options, option, wanted.payer, payee, name, payee_reference=folded(wanted.reference),
        purpose=wanted.purpose, remittance=folded(wanted.remittance), originator=wanted.originator,
        beneficiary=wanted.beneficiary, travel_rule=sealed,
    )  # fmt: skip
    if not how.dry_run:
        track = f"tongbao pay track {name}"
        output.say("UETR {name}, to follow it:\n  {track}", name=name, track=track)
    act([action], how._replace(party=how.party or owner_of(wanted.payer)))


def _options(ledger: Client, wanted: Across, payee: str, decimals: dict[str, int]) -> FxOptions:
    if wanted.asset not in decimals:
        ledger.assets.show(wanted.asset)
    minor = some_units(wanted.amount, decimals[wanted.asset], wanted.asset, "AMOUNT")
    sent = wanted.source or wanted.asset
    arrives = wanted.to or wanted.asset
    return ledger.corridors.options(
        sent, arrives, send=0 if wanted.source else minor, receive=minor if wanted.source else 0,
        bearer=wanted.bearer, payer=wanted.payer, payee=payee, corridor=wanted.corridor,
        quote=wanted.quote,
    )  # fmt: skip


def _best(options: FxOptions, wanted: Across) -> FxOption:
    """The best way through a corridor; says what is missing where there is none."""
    through = next((one for one in options.options if one.corridor), None)
    if through is None:
        _fail_no_way(options, wanted)
    return through


def _fail_no_way(options: FxOptions, wanted: Across) -> NoReturn:
    if wanted.quote:
        output.fail("quote {quote} is gone, or of other amounts than those", quote=wanted.quote)
    output.fail(
        "no corridor carries that amount from {send} to {receive} now: none is defined, the market"
        " is not deep enough, or charges leave nothing. A conversion without a corridor: tongbao fx"
        " routes, tongbao fx pay",
        send=options.send_asset, receive=options.receive_asset,
    )  # fmt: skip


def _confirm(
    wanted: Across,
    option: FxOption,
    options: FxOptions,
    decimals: dict[str, int],
    dry_run: bool,
) -> None:
    if option.closed:
        output.say("The corridor is closed now ({closed}).", "yellow", closed=option.closed)
    if wanted.yes or dry_run:
        return
    if output.json:
        output.fail("--json asks nobody: give --yes")
    debited = money(option.debited_minor, options.send_asset, decimals)
    question = output.text("Sign a payment of {debited} at exactly these costs?", debited=debited)
    if not typer.confirm(question):
        output.fail("Nothing was signed.")
