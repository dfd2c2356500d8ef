"""Looking at the ledger of a running node: the options, and how lists and facts are shown."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.client.expanding import Command, expand
from tongbao.cli.shell.options import decimals_of
from tongbao.cli.shell.output import amount_text, output
from tongbao.kernel.wording import Text

if TYPE_CHECKING:
    from tongbao.sdk import Client

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="How many rows at most.")]
Columns = dict[str, Callable[[Any], str]]
"""Head of a column -> how it shows a row."""
NO_CELLS: Columns = {}
Cursor = Annotated[
    str, typer.Option("--cursor", help="Go on behind this place: the next_cursor of a former list.")
]
AsCsv = Annotated[
    bool,
    typer.Option("--csv", help="All of it as CSV, members and amounts as with --json."),
]
OldestFirst = Annotated[bool, typer.Option("--oldest-first", help="The oldest on top.")]
OfAsset = Annotated[str, typer.Option("--asset", help="Only this asset.")]
EitherSide = Annotated[
    str, typer.Option("--party", help="Only this party's, whichever side it stands on.")
]
_CURSOR: ContextVar[str] = ContextVar("cursor", default="")
_AS_CSV: ContextVar[bool] = ContextVar("as_csv", default=False)
WIDEST = 66
"""A fact in one piece that is longer, such as a header in base64, is for programs."""
WHERE = {"home": (Home, DEFAULT_HOME), "url": (Url, "")}
LIST = {**WHERE, "cursor": (Cursor, ""), "as_csv": (AsCsv, False)}
"""Which node's, where a list goes on, and whether it is for a spreadsheet."""


def looks(function: Command) -> Command:
    """Give a command that takes `ledger: Client` the options that say which node's it is.

    One that takes a `limit` shows a list: it gets `--cursor` too, to go on where one ended, and
    `--csv`.
    """
    if "limit" not in inspect.signature(function).parameters:
        return expand(function, "ledger", WHERE, client)
    return expand(function, "ledger", LIST, client_of_list)


@contextmanager
def client_of_list(url: str, home: Path, cursor: str, as_csv: bool) -> Iterator[Client]:
    """A client for a command that shows a list; `cursor` is where it goes on."""
    place, form = _CURSOR.set(cursor), _AS_CSV.set(as_csv)
    try:
        with client(url, home) as ledger:
            yield ledger
    finally:
        _CURSOR.reset(place)
        _AS_CSV.reset(form)


def listed(
    title: str,
    columns: Columns,
    rows: Iterable[Any],
    limit: int | None = None,
    least: Sequence[str] = (),
    below: str = "",
) -> None:
    """A list as a table or as `items`, with the number of all and the cursor to go on with.

    None: all of it. `least` are the columns that a narrow terminal does without first;
    `below` stands under each row there.
    """
    if _AS_CSV.get():
        _write_csv(rows)
        return
    found, rest = stretch(rows, limit)
    plain = [msgspec.to_builtins(row) for row in found]

    def show() -> None:
        shown = [[tell(row) for tell in columns.values()] for row in found]
        output.table(title, list(columns), shown, least, below)
        if rest.get("next_cursor"):
            say_rest(len(found), rest)

    output.result({"items": plain, **rest}, show)


def _write_csv(rows: Iterable[Any]) -> None:
    """Every row of a list, from the place of `--cursor` on; a screen needs no mark before it."""
    from tongbao.sdk.blocking.walking import Walk
    from tongbao.sheets import MARK, lines

    if isinstance(rows, Walk) and _CURSOR.get():
        rows = rows.behind(_CURSOR.get())
    mark = MARK if sys.stdout.isatty() else ""
    sys.stdout.writelines(text.removeprefix(mark) for text in lines(map(msgspec.to_builtins, rows)))


def stretch(rows: Iterable[Any], limit: int | None) -> tuple[list[Any], dict[str, Any]]:
    """The rows to show, and of a list that goes on: where, and how many there are."""
    from tongbao.sdk.blocking.walking import Walk

    if limit is None or not isinstance(rows, Walk):
        return list(islice(rows, limit)), {}
    page = rows.stretch(limit, _CURSOR.get() or None)
    reported = {"next_cursor": page.next_cursor, "total": page.total, "more": page.more}
    return list(page.items), reported


def say_rest(count: int, rest: dict[str, Any]) -> None:
    """How many of how many are shown, and how the list goes on."""
    cursor = rest["next_cursor"]
    if rest["total"] is None:  # a list that is not counted
        output.say(
            "{count} shown; the next ones: --cursor {cursor}", "dim", count=count, cursor=cursor
        )
        return
    total = f"{rest['total']:,}"
    output.say(
        "{count} more of {total} shown; the next ones: --cursor {cursor}" if _CURSOR.get()
        else "{count} of {total} shown; the next ones: --cursor {cursor}",
        "dim",
        count=count, cursor=cursor,
        total=Text("more than {total}", total=total) if rest["more"] else total,
    )  # fmt: skip


def shown(
    title: str, document: Any, decimals: Decimals | None = None, cells: Columns = NO_CELLS
) -> None:
    """One document as named facts; `decimals` where its amounts are of assets that it names."""
    plain = msgspec.to_builtins(document)
    output.result(plain, lambda: output.facts(title, facts_of(plain, decimals, cells)))


def facts_of(
    plain: dict[str, Any], decimals: Decimals | None = None, cells: Columns = NO_CELLS
) -> dict[str, str]:
    """The fields of a document as people read them; what is empty is left out, as is no cap.

    `cells` say how some are read, by the name of the field.
    """
    return {
        _label(name): cells[name](plain) if name in cells else _fact(name, value, plain, decimals)
        for name, value in plain.items()
        if value not in ("", None, [], {}, ()) and (name, str(value)) != ("supply_cap", "0")
    }


def _label(name: str) -> str:
    """What a field is called on a screen: `registered_at_ms` is registered (UTC)."""
    if name.endswith(("_at_ms", "time_ms")):
        return f"{name.removesuffix('_ms').removesuffix('_at').replace('_', ' ')} (UTC)"
    return name.removesuffix("_minor").replace("_", " ")


def _fact(name: str, value: Any, plain: dict[str, Any], decimals: Decimals | None) -> str:
    """A field's value for people: moments in UTC, amounts in units where their asset is there."""
    asset = plain.get("asset", "")
    if name.endswith("_minor") and decimals is not None and asset:
        return decimals.money(value, asset)
    if name.endswith(("_at_ms", "time_ms")) and isinstance(value, int):
        return moment(value)
    if name.endswith(("_minor", "supply_cap")) and "decimals" in plain and "asset" in plain:
        return f"{amount_text(int(value), plain['decimals'])} {plain['asset']}"
    if isinstance(value, bool):
        return output.text("yes") if value else output.text("no")
    if isinstance(value, str):
        return output.value(name, _words(value))
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return output.value(name, ", ".join(value))
    return _words(value)


def _words(value: Any) -> str:
    """A document within a document: names and values, with blanks at which a line may end."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_words(one) for one in value)
    text = str(value)
    if len(text) > WIDEST and not re.search(r"\s", text):
        return output.text("{count} characters; --json shows them", count=len(text))  # fmt: skip
    return text


def remitted(one: Any) -> str:
    """What a payment is for, in its payer's words: the payee's own reference, then the text."""
    return " ".join(filter(None, (one.creditor_reference, one.remittance)))


def moment(time_ms: int) -> str:
    """Block time in UTC, for people; a dash where only blocks that are not here know it."""
    if not time_ms:
        return "-"
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


class Decimals:
    """How amounts of each asset are written."""

    def __init__(self, ledger: Client) -> None:
        """Ask the ledger once."""
        self._known = decimals_of(ledger)

    def text(self, amount: str | int, asset: str) -> str:
        """An amount of an asset as people write it."""
        return amount_text(int(amount), self._known.get(asset, 0))

    def money(self, amount: str | int, asset: str) -> str:
        """The same with the asset."""
        return f"{self.text(amount, asset)} {asset}"

    def of(self, asset: str) -> int:
        """How many an asset has; ends the command where there is no such asset."""
        if asset not in self._known:
            from difflib import get_close_matches

            near = get_close_matches(asset.upper(), self._known, 3, 0.5)
            more = Text("; did you mean {names}?", names=", ".join(near)) if near else ""
            output.fail("there is no asset {asset}{more}", asset=asset, more=more)
        return self._known[asset]
