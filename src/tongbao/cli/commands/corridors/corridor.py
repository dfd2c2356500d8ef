"""`tongbao corridor`: the ways between currencies, their terms, servers and payments.

Every action of the module is a command here too: define, change, serve, attest, execute, ...
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.groups import module_group
from tongbao.cli.client.looking import Decimals, looks, moment
from tongbao.cli.shell.options import KINDS
from tongbao.cli.shell.output import output
from tongbao.kernel.wording import message

if TYPE_CHECKING:
    from tongbao.sdk import Client

corridor = module_group(
    "corridors", "Corridors: who carries payments abroad, at what cost.",
    lists={
        "list": "corridor", "servers": "corridor_server", "charges": "charge",
        "steps": "payment_step", "returns": "cross_border_return",
        "screenings": "screening_result", "sealing-keys": "sealing_key",
    },
)  # fmt: skip
_ROUNDINGS = {"up": message("up"), "down": message("down"),
              "half_even": message("half even")}  # fmt: skip
_RULES = {
    "limits": message("limits"), "purposes": message("purposes"),
    "travel_rule": message("travel rule"), "screening": message("screening"),
    "hours": message("hours"), "holidays": message("holidays"),
}  # fmt: skip
_PARTS = {
    "per_payment_minor": message("per payment", "rule"),
    "per_day_minor": message("per day", "rule"),
    "from_minor": message("from", "rule"),
    "calendar": message("calendar", "rule"),
    "weekdays": message("weekdays", "rule"),
    "opens_minute": message("opens", "rule"),
    "closes_minute": message("closes", "rule"),
    "utc_offset_minutes": message("utc offset", "rule"),
    "day": message("day", "rule"),
    "codes": message("codes", "rule"),
    "name": message("name", "rule"),
}
Id = Annotated[str, typer.Argument(metavar="CORRIDOR")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(corridor, name="corridor")


@corridor.command("show")
@looks
def shown(ledger: Client, corridor_id: Id) -> None:
    """One corridor: its fee schedule, rules with their sources, and changes to come."""
    found = ledger.corridors.show(corridor_id)
    versions = list(ledger.corridors.corridor_terms(corridor=corridor_id))
    servers = ledger.corridors.corridor_servers(corridor=corridor_id)
    now = ledger.status().time_ms
    current = next((one for one in reversed(versions) if one.effective_at_ms <= now), None)
    value = {**found, "servers": [one.party for one in servers], "terms": current,
             "versions": versions}  # fmt: skip
    decimals = Decimals(ledger)
    output.result(value, lambda: _show(value, now, decimals))


def _show(found: Mapping[str, Any], now: int, decimals: Decimals) -> None:
    terms = found["terms"] or {}
    rounding = str(terms.get("rounding", "up"))
    facts = {
        "corridor": found["corridor"],
        "way": f"{found['send_asset']} > {found['receive_asset']}",
        "served by": " ".join(found["servers"]),
        "open": output.text("yes") if terms.get("open", True) else output.text("no"),
        "rounding": output.text(_ROUNDINGS.get(rounding, rounding)),
        "SLEV is": str(terms.get("service_level", "SHAR")),
        "screeners": " ".join(terms.get("screeners", ())),
        "terms since": moment(terms["effective_at_ms"]) if terms else "",
    }  # fmt: skip
    output.facts("", {name: value for name, value in facts.items() if value})
    fees = [_fee(one, found, decimals) for one in terms.get("fees", ())]
    columns = ["fee", "receiver", "fixed", "basis points", "min", "max", "under"]
    output.table(output.text("Fees"), columns, fees)
    rules = [[output.text(_RULES[name]), _rule(one, found["send_asset"], decimals),
              one.get("source", ""), _since(one)]
             for name in ("limits", "purposes", "travel_rule", "screening", "hours", "holidays")
             for one in terms.get(name, ())]  # fmt: skip
    columns = ["rule", "what", "source", "holds from"]
    output.table(output.text("Rules"), columns, rules)
    for one in found["versions"]:
        if one.effective_at_ms > now:
            output.say("Changes on {effective_at} UTC.", effective_at=moment(one.effective_at_ms))


def _fee(one: Mapping[str, Any], found: Mapping[str, Any], decimals: Decimals) -> list[str]:
    """A fee with its amounts in units of the side that it is charged on."""
    asset = found["receive_asset" if one["side"] == "receive" else "send_asset"]

    def units(name: str) -> str:
        return decimals.money(one[name], asset) if int(one.get(name, 0)) else ""

    return [
        output.text(KINDS.get(one['kind'], one['kind'])), one["receiver"],
        units("fixed_minor"), str(one.get("basis_points", 0)), units("min_minor"),
        units("max_minor"), " ".join(one.get("bearers", ())),
    ]  # fmt: skip


def _rule(one: dict[str, Any], asset: str, decimals: Decimals) -> str:
    """What a rule says, in words: amounts in units, minutes as times of a day, days by name."""
    reported: list[str] = []
    for name, value in one.items():
        if name in ("source", "effective_from_ms"):
            continue
        reply = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        if name.endswith("_minor"):
            reply = decimals.money(value, asset)
        elif name == "day":
            reply = datetime.fromtimestamp(value * 86_400, UTC).date().isoformat()
        elif name == "weekdays":
            days = output.text("Mon Tue Wed Thu Fri Sat Sun").split()
            reply = output.text(" ").join(days[day] for day in value)
        elif name.endswith("_minute"):
            reply = f"{value // 60:02d}:{value % 60:02d}"
        elif name == "utc_offset_minutes":
            reply = f"{'-' if value < 0 else '+'}{abs(value) // 60:02d}:{abs(value) % 60:02d}"
        label = output.word(_PARTS.get(name, name.replace("_", " ")), "rule")
        reported.append(f"{label} {reply}")
    return output.text(", ").join(reported)


def _since(one: dict[str, Any]) -> str:
    since = one.get("effective_from_ms", 0)
    return moment(since) if since else ""


@corridor.command("terms")
@looks
def terms(
    ledger: Client,
    corridor_id: Id,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
) -> None:
    """The newest terms as JSON, to edit and give to `corridor change --terms "$(cat FILE)"`."""
    from tongbao.modules.corridors import Terms

    versions = list(ledger.corridors.corridor_terms(corridor=corridor_id))
    if not versions:
        output.fail("{corridor_id} has no terms", corridor_id=corridor_id)
    newest = {name: versions[-1][name] for name in Terms.__struct_fields__}
    raw = msgspec.json.format(msgspec.json.encode(_numbers(newest)), indent=2)
    if out is None:
        typer.echo(raw.decode())
        return
    out.write_bytes(raw)
    output.result({"terms": str(out)}, lambda: output.say("Terms in {out}", out=out))


def _numbers(value: Any, name: str = "") -> Any:
    """Amounts as numbers again: an answer writes them as strings, an action takes numbers."""
    if isinstance(value, dict):
        return {key: _numbers(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return int(value) if name.endswith("_minor") else value
