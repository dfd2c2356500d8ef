"""The commands of a module that nobody wrote commands for: its actions, lists and rows.

`tongbao GROUP VERB` for every action, `tongbao GROUP list` and `show` for its first record, and
for each further one `tongbao GROUP <plural>` and `show-<name>`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.client.connect import client
from tongbao.cli.client.expanding import with_options
from tongbao.cli.client.looking import (
    LIST,
    WHERE,
    Columns,
    Decimals,
    Limit,
    OldestFirst,
    client_of_list,
    listed,
    moment,
    shown,
)
from tongbao.cli.client.verbs import add_verbs
from tongbao.cli.shell.output import output
from tongbao.kernel.fields import field_of
from tongbao.kernel.wording import duration
from tongbao.words import translation

if TYPE_CHECKING:
    from tongbao.kernel.columns import Column
    from tongbao.kernel.records import EventList, Record
    from tongbao.kernel.registry import Module

MEANINGS = {
    "party": "Only what concerns this party.", "account": "Only what concerns this account.",
    "asset": "Only this asset.", "other_asset": "Only this asset on the other side.",
    "state": "Only those in this state.",
}  # fmt: skip
PLACE = (
    "created_height", "changed_height", "ended_at_ms", "block_height", "position", "number",
    "digest",
)  # fmt: skip
"""Members that a table does without: one row shows them."""
ONE_ROW = "One row, by its id."
_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def register(app: typer.Typer, name: str) -> None:
    """Add the group of a module."""
    found = import_module(f"tongbao.modules.{name.replace('-', '_')}")
    summary = (inspect.getdoc(found) or "").split("\n")[0]
    group = typer.Typer(help=summary, no_args_is_help=True)
    add_verbs(group, found.MODULE)
    for place, record in enumerate(found.MODULE.records):
        several, one = (name.replace("_", "-") for name in (record.several, record.name))
        group.command(several if place else "list", help=record.meaning)(list_of(record))
        if len(record.key) == 1:
            group.command(f"show-{one}" if place else "show", help=ONE_ROW)(show_of(record))
    app.add_typer(group, name=name)


def add_lists(group: typer.Typer, module: Module, named: Mapping[str, str]) -> None:
    """Add lists to a group: the name of each command, and which record it lists."""
    records = {one.name: one for one in module.records}
    for command, name in named.items():
        group.command(command, help=records[name].meaning)(list_of(records[name]))


def add_rows(group: typer.Typer, module: Module, named: Mapping[str, str]) -> None:
    """Add what shows one row: the name of each command, and of which record."""
    records = {one.name: one for one in module.records}
    for command, name in named.items():
        group.command(command, help=ONE_ROW)(show_of(records[name]))


def list_of(record: Record | EventList) -> Callable[..., None]:
    """The command that lists the rows of a record."""
    meanings = {one.name: one.meaning or field_of(one.annotation).meaning for one in record.columns}
    own = [
        inspect.Parameter(
            f"filter_{name}", _KEYWORD, default="",
            annotation=Annotated[str, typer.Option(
                f"--{name.replace('_', '-')}", help=(meanings | MEANINGS)[name],
                metavar="|".join(record.states) if name == "state" else None,
            )],
        )
        for name in record.filters
    ]  # fmt: skip
    own.append(inspect.Parameter("oldest_first", _KEYWORD, default=False, annotation=OldestFirst))
    own.append(inspect.Parameter("limit", _KEYWORD, default=50, annotation=Limit))

    def body(given: dict[str, Any], where: dict[str, Any]) -> None:
        asked = {name: given[f"filter_{name}"] or None for name in record.filters}
        with client_of_list(**where) as ledger:
            columns = _columns(record, Decimals(ledger))
            rows = ledger.rows(record.several, oldest_first=given["oldest_first"], **asked)
            ids = record.key[0].name.replace("_", " ")
            below = ids if ids in columns else ""
            listed("", columns, rows, given["limit"], [ids], below)

    return with_options(own, LIST, body)


def show_of(record: Record | EventList) -> Callable[..., None]:
    """The command that shows one row of a record."""
    key = Annotated[str, typer.Argument(metavar=record.key[0].name.upper())]
    own = [inspect.Parameter("key", _KEYWORD, annotation=key)]

    def body(given: dict[str, Any], where: dict[str, Any]) -> None:
        with client(**where) as ledger:
            decimals = Decimals(ledger)
            cells = {one.name: _cell(record, one, decimals) for one in record.columns
                     if one.kind in ("amount", "duration")}  # fmt: skip
            shown("", ledger.row(record.several, given["key"]), decimals, cells)

    return with_options(own, WHERE, body)


def _columns(record: Record | EventList, decimals: Decimals) -> Columns:
    """The members that a table shows; where the record does not say, all that fit, the id last."""
    known = {one.name: one for one in record.columns}
    if record.shows:
        return {_head(known[name]): _cell(record, known[name], decimals) for name in record.shows}
    ids = [one.name for one in record.key]
    own = [one for one in record.columns if one.kind != "nested" and one.name not in (*PLACE, *ids)]
    return {_head(one): _cell(record, one, decimals) for one in (*own, *record.key)}


def _head(column: Column) -> str:
    from tongbao.sdk.describe import label_of

    label = label_of(column.name, column.kind)
    return f"{label} (UTC)" if column.kind == "moment" else label


def _cell(record: Record | EventList, column: Column, decimals: Decimals) -> Callable[[Any], str]:
    name, asset = column.name, record.asset_of(column)
    match column.kind:
        case "amount":
            return lambda row: decimals.money(row[name], row[asset]) if asset in row else row[name]
        case "moment":
            return lambda row: moment(row[name])
        case "word":
            return lambda row: output.word(row[name], name) if row[name] else ""
        case "switch":
            return lambda row: output.text("yes") if row[name] else output.text("no")
        case "duration":
            return lambda row: (
                duration(row[name], translation(output.language)) if row[name] else ""
            )
        case "nested":
            return lambda row: " ".join(_brief(one) for one in row[name] or ())
    return lambda row: "" if row[name] is None else str(row[name])


def _brief(one: Any) -> str:
    """A value within a list: what it is called by."""
    return str(next(iter(one.values()))) if isinstance(one, dict) else str(one)
