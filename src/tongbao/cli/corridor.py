"""`tongbao corridor`: the ways between currencies, their terms, servers and payments.

Every action of the module is a command here too: define, change, serve, attest, execute, ...
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.contents import Growing
from tongbao.cli.looking import Columns, Decimals, listed, looks, moment
from tongbao.cli.output import output

if TYPE_CHECKING:
    from tongbao.sdk.client import Client
    from tongbao.sdk.documents_corridors import CorridorDocument, CorridorTerms

corridor = typer.Typer(
    cls=Growing, help="Corridors: who carries payments abroad, at what cost.", no_args_is_help=True
)
Id = Annotated[str, typer.Argument(metavar="CORRIDOR")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(corridor, name="corridor")


@corridor.command("list")
@looks
def corridors(
    ledger: Client,
    send_asset: Annotated[str, typer.Option("--from", help="Only from this asset.")] = "",
    receive_asset: Annotated[str, typer.Option("--to", help="Only to this asset.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """List corridors with who serves them."""
    columns: Columns = {
        "corridor": lambda c: c.corridor, "from": lambda c: c.send_asset,
        "to": lambda c: c.receive_asset, "served by": lambda c: " ".join(c.servers),
        "defined by": lambda c: c.defined_by,
    }  # fmt: skip
    rows = ledger.corridors.corridors(send_asset or None, receive_asset or None)
    listed(output.text("Corridors", "通道"), columns, rows, limit)


@corridor.command("show")
@looks
def shown(ledger: Client, corridor_id: Id) -> None:
    """One corridor: its fee schedule, rules with their sources, and changes to come."""
    found = ledger.corridors.corridor(corridor_id)
    versions = list(ledger.corridors.terms(corridor_id))
    now = ledger.status().time_ms
    current = next((one for one in versions if one.effective_at_ms <= now), None)
    value = {
        **msgspec.to_builtins(found), "terms": None if current is None else current.terms,
        "versions": [msgspec.to_builtins(one) for one in versions],
    }  # fmt: skip
    output.result(value, lambda: _show(found, current, versions, now))


def _show(
    found: CorridorDocument, current: CorridorTerms | None, versions: list[CorridorTerms], now: int
) -> None:
    terms: dict[str, Any] = {} if current is None else current.terms
    facts = {
        "corridor": found.corridor, "way": f"{found.send_asset} > {found.receive_asset}",
        "served by": " ".join(found.servers),
        "open": output.text("yes", "是") if terms.get("open", True) else output.text("no", "否"),
        "rounding": str(terms.get("rounding", "up")),
        "SLEV is": str(terms.get("service_level", "SHAR")),
        "screeners": " ".join(terms.get("screeners", ())),
        "terms since": "" if current is None else moment(current.effective_at_ms),
    }  # fmt: skip
    output.facts("", {name: value for name, value in facts.items() if value})
    fees = [
        [f["kind"], f["side"], f["receiver"], str(f.get("fixed_minor", 0)),
         str(f.get("basis_points", 0)), str(f.get("min_minor", 0)), str(f.get("max_minor", 0)),
         " ".join(f.get("bearers", ()))]
        for f in terms.get("fees", ())
    ]  # fmt: skip
    columns = ["fee", "side", "receiver", "fixed (minor)", "basis points", "min", "max", "under"]
    output.table(output.text("Fees", "费用"), columns, fees)
    rules = [[name, _rule(one), one.get("source", ""), _since(one)]
             for name in ("limits", "purposes", "travel_rule", "screening", "hours", "holidays")
             for one in terms.get(name, ())]  # fmt: skip
    columns = ["rule", "what", "source", "holds from"]
    output.table(output.text("Rules", "规则"), columns, rules)
    ahead = [one for one in versions if one.effective_at_ms > now]
    for one in ahead:
        output.say(
            f"Changes on {moment(one.effective_at_ms)} UTC, set by {one.set_by or '-'}.",
            f"将于 {moment(one.effective_at_ms)} UTC 变更，设定方 {one.set_by or '-'}。",
        )


def _rule(one: dict[str, Any]) -> str:
    told = {k: v for k, v in one.items() if k not in ("source", "effective_from_ms")}
    if "day" in told:
        told["day"] = datetime.fromtimestamp(told["day"] * 86_400, UTC).date().isoformat()
    return ", ".join(f"{name} {value}" for name, value in told.items())


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
    newest = next(iter(ledger.corridors.terms(corridor_id)), None)
    if newest is None:
        output.fail(f"{corridor_id} has no terms", f"{corridor_id} 没有条款")
    raw = msgspec.json.format(msgspec.json.encode(_numbers(newest.terms)), indent=2)
    if out is None:
        typer.echo(raw.decode())
        return
    out.write_bytes(raw)
    output.result({"terms": str(out)}, lambda: output.say(f"Terms in {out}", f"条款已写入 {out}"))


def _numbers(value: Any, name: str = "") -> Any:
    """Amounts as numbers again: an answer writes them as strings, an action takes numbers."""
    if isinstance(value, dict):
        return {key: _numbers(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return int(value) if name.endswith("_minor") else value


@corridor.command("charges")
@looks
def charges(
    ledger: Client,
    receiver: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Who received them.")],
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
) -> None:
    """Charges that an account received, payment by payment."""
    decimals = Decimals(ledger)
    columns: Columns = {
        "payment": lambda c: c.uetr, "charge": lambda c: c.kind,
        "amount": lambda c: decimals.money(c.amount_minor, c.asset),
    }  # fmt: skip
    listed(receiver, columns, ledger.corridors.charges(receiver), limit)
