"""Amounts of generated commands: people type them in units of an asset, never in minor units.

Which asset counts an amount is shown by another field of the action: the asset's own, or a pool, a
route, a corridor, a payment, which the ledger is then asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from tongbao.cli.shell.output import minor_units, output

if TYPE_CHECKING:
    from tongbao.sdk import Client

Given = Mapping[str, Any]
Finder = Callable[[Given, "Client"], str]
"""What was typed, and the ledger -> the asset that counts the amount."""
MOST_DECIMALS = 18
"""Of an asset."""
ALL = "0 is all"
"""Begins what a field says whose zero is everything: nobody who types a zero means that."""


MOVED = ("amount_minor", "sell_minor", "buy_minor")
"""Amounts of which nothing is none."""


def fail_zero(option: str, *, left_out: bool = True) -> NoReturn:
    """End a command in which an amount of nothing was typed; it may be `left_out` for all."""
    if not left_out:
        output.fail("{option}: an amount is above zero", option=option)
    output.fail(
        "{option}: nothing would move; leave {option} out for all that remains", option=option
    )


def option_of(name: str) -> str:
    """How the option of an amount is called: `sell_minor` is typed as `--sell-amount`."""
    stem = name.removesuffix("_minor").replace("_", "-")
    plain = stem == "amount" or not name.endswith("_minor")
    return f"--{stem}" if plain else f"--{stem}-amount"


def _asset_beside(name: str, fields: Collection[str]) -> str:
    """The field that names the asset of an amount: its own (`sell_asset`), or `asset` of all."""
    stem = name.removesuffix("_minor")
    own = (f"{stem}_asset", f"asset_{stem}", "asset")
    return next((one for one in own if one in fields), "")


def _finder(name: str, names: Iterable[str]) -> Finder:
    """How the asset of an amount is found among an action's fields."""
    fields = set(names)
    beside = _asset_beside(name, fields)
    if beside:
        return lambda given, _: str(given[beside])
    if "pool" in fields:
        return lambda given, ledger: _of_pool(name, given, ledger)
    if "corridor" in fields:
        return lambda given, ledger: _of_corridor(name, given, ledger)
    if "exact" in fields:
        return lambda given, _: _of_route(name, given)
    if "uetr" in fields:
        return lambda given, ledger: _of_payment(name, given, ledger)
    return lambda given, _: str(given[name]).partition(" ")[2]


def typed_with_asset(name: str, names: Iterable[str]) -> bool:
    """Whether no field tells the asset, so that it is typed behind the amount: `12.50 CNY`."""
    fields = set(names)
    if _asset_beside(name, fields):
        return False
    return not fields & {"pool", "corridor", "route", "uetr"}


def minor_of(name: str, given: Given, names: Iterable[str], ledger: Client) -> int:
    """What was typed for an amount, in minor units."""
    typed, option = str(given[name]), option_of(name)
    if typed == "0":
        return minor_units(typed, 0, "", option)
    if "decimals" in given:  # the asset is only being defined
        decimals = int(given["decimals"])
        if not 0 <= decimals <= MOST_DECIMALS:
            output.fail(
                "--decimals: {decimals} is not from 0 to {most_decimals}",
                decimals=decimals,
                most_decimals=MOST_DECIMALS,
            )
        return minor_units(typed, decimals, str(given["asset"]), option)
    asset = _finder(name, names)(given, ledger)
    if "hold" in set(names):
        asset = _of_hold(str(given["hold"]), asset, option, ledger)
    if not asset:
        output.fail(
            "{option}: the asset is missing behind the amount: e.g. '12.50 CNY'", option=option
        )
    amount = typed.partition(" ")[0] if typed_with_asset(name, names) else typed
    return minor_units(amount, ledger.assets.show(asset).decimals, asset, option)


def amount_field(name: str) -> str:
    """The field of an action that a member of a typed object is: `amount` or `sell_amount`, in
    units, is `amount_minor` or `sell_minor`; empty where it is no amount."""
    if name == "amount" or name.endswith("_minor"):
        return f"{name.removesuffix('_minor')}_minor"
    return f"{name.removesuffix('_amount')}_minor" if name.endswith("_amount") else ""


def minor_in(given: Given, option: str, ledger: Client) -> dict[str, Any]:
    """A typed object with its amounts in minor units."""
    made: dict[str, Any] = {}
    for name, value in given.items():
        field = amount_field(name)
        asset = str(given.get(_asset_beside(field, given), "")) if field else ""
        if not asset:  # whose amount it is, the object does not say: it stays as the ledger has it
            made[name] = value
            continue
        if name.endswith("_minor"):
            output.fail(
                '{option}: write "{name}" in units, as "12.50"', option=option,
                name=option_of(name).removeprefix("--").replace("-", "_"),
            )  # fmt: skip
        decimals = ledger.assets.show(asset).decimals
        made[field] = minor_units(str(value), decimals, asset, f"{option} {name}")
    return made


def _of_hold(hold: str, reply: str, option: str, ledger: Client) -> str:
    """The asset of a hold, which an amount of it is of, whatever else stands behind the amount."""
    asset = str(ledger.payments.hold(hold).asset)
    if reply.strip() not in ("", asset):
        output.fail(
            "{option}: the hold is of {asset}, not of {strip}",
            option=option,
            asset=asset,
            strip=reply.strip(),
        )
    return asset


def _of_pool(name: str, given: Given, ledger: Client) -> str:
    found = ledger.exchange.pool(str(given["pool"]))
    return found.asset_a if name.removeprefix("least_").startswith("a_") else found.asset_b


def _of_corridor(name: str, given: Given, ledger: Client) -> str:
    found = ledger.corridors.show(str(given["corridor"]))
    sends = str(given.get("send_minor", "0")) not in ("", "0")
    return _side(name, sends, found.send_asset, found.receive_asset)


def _of_payment(name: str, given: Given, ledger: Client) -> str:
    found = ledger.corridors.cross_border_payment(str(given["uetr"]))
    return _side(name, found.exact == "send", found.send_asset, found.receive_asset)


def _of_route(name: str, given: Given) -> str:
    try:
        first, hops = msgspec.json.decode(str(given["route"]), type=tuple[str, list[list[str]]])
        return _side(name, given.get("exact") == "send", first, hops[-1][0])
    except (msgspec.DecodeError, IndexError):
        output.fail(
            '--route: not a route such as ["CNY", [["HKD", "book"], ["USD", "HKD:USD:30"]]]'
        )


def _side(name: str, sends: bool, send: str, receive: str) -> str:
    """The asset of an amount of a payment with two sides; a limit bounds the side that is open."""
    if name == "limit_minor":
        return receive if sends else send
    return send if name in ("send_minor", "most_charge_minor") else receive
