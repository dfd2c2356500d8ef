"""`tongbao corridor`: the ways between currencies, their terms, servers and payments.

Every action of the module is a command here too: define, change, serve, attest, execute, ...
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.groups import module_group
from tongbao.cli.client.looking import Columns, Decimals, listed, looks, moment
from tongbao.cli.shell.options import KINDS
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.sdk.client import Client
    from tongbao.sdk.documents_corridors import CorridorDocument, CorridorTerms

corridor = module_group("corridors", "Corridors: who carries payments abroad, at what cost.")
_ROUNDINGS = {"up": ("up", "向上取整"), "down": ("down", "向下取整"),
              "half_even": ("half even", "四舍六入五成双")}  # fmt: skip
_RULES = {
    "limits": ("limits", "限额"), "purposes": ("purposes", "用途"),
    "travel_rule": ("travel rule", "旅行规则"), "screening": ("screening", "筛查"),
    "hours": ("hours", "营业时间"), "holidays": ("holidays", "节假日"),
}  # fmt: skip
_PARTS_ZH = {
    "per_payment_minor": "单笔最多", "per_day_minor": "每日最多", "from_minor": "起点金额",
    "calendar": "日历", "weekdays": "星期", "opens_minute": "开始", "closes_minute": "结束",
    "utc_offset_minutes": "时区", "day": "日期", "codes": "代码", "name": "名称",
}  # fmt: skip
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
    decimals = Decimals(ledger)
    output.result(value, lambda: _show(found, current, versions, now, decimals))


def _show(
    found: CorridorDocument,
    current: CorridorTerms | None,
    versions: list[CorridorTerms],
    now: int,
    decimals: Decimals,
) -> None:
    terms: dict[str, Any] = {} if current is None else current.terms
    rounding = str(terms.get("rounding", "up"))
    facts = {
        "corridor": found.corridor, "way": f"{found.send_asset} > {found.receive_asset}",
        "served by": " ".join(found.servers),
        "open": output.text("yes", "是") if terms.get("open", True) else output.text("no", "否"),
        "rounding": output.text(*_ROUNDINGS.get(rounding, (rounding,) * 2)),
        "SLEV is": str(terms.get("service_level", "SHAR")),
        "screeners": " ".join(terms.get("screeners", ())),
        "terms since": "" if current is None else moment(current.effective_at_ms),
    }  # fmt: skip
    output.facts("", {name: value for name, value in facts.items() if value})
    fees = [_fee(one, found, decimals) for one in terms.get("fees", ())]
    columns = ["fee", "receiver", "fixed", "basis points", "min", "max", "under"]
    output.table(output.text("Fees", "费用"), columns, fees)
    rules = [[output.text(*_RULES[name]), _rule(one, found.send_asset, decimals),
              one.get("source", ""), _since(one)]
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


def _fee(one: dict[str, Any], found: CorridorDocument, decimals: Decimals) -> list[str]:
    """A fee with its amounts in units of the side that it is charged on."""
    asset = found.receive_asset if one["side"] == "receive" else found.send_asset

    def units(name: str) -> str:
        return decimals.money(one[name], asset) if int(one.get(name, 0)) else ""

    return [
        output.text(*KINDS.get(one["kind"], (one["kind"],) * 2)), one["receiver"],
        units("fixed_minor"), str(one.get("basis_points", 0)), units("min_minor"),
        units("max_minor"), " ".join(one.get("bearers", ())),
    ]  # fmt: skip


def _rule(one: dict[str, Any], asset: str, decimals: Decimals) -> str:
    """What a rule says, in words: amounts in units, minutes as times of a day, days by name."""
    told: list[str] = []
    for name, value in one.items():
        if name in ("source", "effective_from_ms"):
            continue
        said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        if name.endswith("_minor"):
            said = decimals.money(value, asset)
        elif name == "day":
            said = datetime.fromtimestamp(value * 86_400, UTC).date().isoformat()
        elif name == "weekdays":
            days = output.text("Mon Tue Wed Thu Fri Sat Sun", "一 二 三 四 五 六 日").split()
            said = output.text(" ", "、").join(days[day] for day in value)
        elif name.endswith("_minute"):
            said = f"{value // 60:02d}:{value % 60:02d}"
        elif name == "utc_offset_minutes":
            said = f"{'-' if value < 0 else '+'}{abs(value) // 60:02d}:{abs(value) % 60:02d}"
        words = name.removesuffix("_minor").removesuffix("_minute").removesuffix("_minutes")
        label = output.text(words.replace("_", " "), _PARTS_ZH.get(name, words))
        told.append(f"{label} {said}")
    return output.text(", ", "，").join(told)


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
        "payment": lambda c: c.uetr,
        "charge": lambda c: output.text(*KINDS.get(c.kind, (c.kind,) * 2)),
        "amount": lambda c: decimals.money(c.amount_minor, c.asset),
    }  # fmt: skip
    listed(receiver, columns, ledger.corridors.charges(receiver), limit)
