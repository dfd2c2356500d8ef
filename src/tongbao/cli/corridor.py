"""`tongbao corridor`: the ways between currencies, their terms, servers and payments.

Every action of the module is a command here too: define, change, serve, attest, execute, ...
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.output import output

if TYPE_CHECKING:
    from tongbao.sdk.documents_corridors import CorridorDocument, CorridorTerms

corridor = typer.Typer(
    help="Corridors: who carries payments abroad, at what cost.", no_args_is_help=True
)
Id = Annotated[str, typer.Argument(metavar="CORRIDOR")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(corridor, name="corridor")


@corridor.command("list")
def listed(
    send_asset: Annotated[str, typer.Option("--from", help="Only from this asset.")] = "",
    receive_asset: Annotated[str, typer.Option("--to", help="Only to this asset.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """List corridors with who serves them."""
    with client(url, home) as ledger:
        rows = ledger.corridors.corridors(send_asset or None, receive_asset or None)
        found = list(islice(rows, limit))
    table = [
        [one.corridor, one.send_asset, one.receive_asset, " ".join(one.servers), one.defined_by]
        for one in found
    ]
    columns = ["corridor", "from", "to", "served by", "defined by"]
    output.result(
        {"items": [msgspec.to_builtins(one) for one in found]},
        lambda: output.table(output.text("Corridors", "通道"), columns, table),
    )


@corridor.command("show")
def shown(corridor_id: Id, home: Home = DEFAULT_HOME, url: Url = "") -> None:
    """One corridor: its fee schedule, rules with their sources, and changes to come."""
    with client(url, home) as ledger:
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
    from tongbao.cli.ledger import moment

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
    from tongbao.cli.ledger import moment

    since = one.get("effective_from_ms", 0)
    return moment(since) if since else ""


@corridor.command("terms")
def terms(
    corridor_id: Id,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """The newest terms as JSON, to edit and give to `corridor change --terms "$(cat FILE)"`."""
    with client(url, home) as ledger:
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
def charges(
    receiver: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Who received them.")],
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """Charges that an account received, payment by payment."""
    from tongbao.cli.options import decimals_of, money

    with client(url, home) as ledger:
        found = list(islice(ledger.corridors.charges(receiver), limit))
        decimals = decimals_of(ledger)
    rows = [[one.uetr, one.kind, money(one.amount_minor, one.asset, decimals)] for one in found]
    output.result(
        {"items": [msgspec.to_builtins(one) for one in found]},
        lambda: output.table(receiver, ["payment", "charge", "amount"], rows),
    )
