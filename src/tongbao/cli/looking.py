"""Looking at the ledger of a running node: the options, and how lists and facts are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.expanding import Command, expand
from tongbao.cli.options import decimals_of
from tongbao.cli.output import amount_text, output

if TYPE_CHECKING:
    from tongbao.sdk.client import Client

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="How many rows at most.")]
Columns = dict[str, Callable[[Any], str]]
"""Head of a column -> how it shows a row."""
WHERE = {"home": (Home, DEFAULT_HOME), "url": (Url, "")}


def looks(function: Command) -> Command:
    """Give a command that takes `ledger: Client` the options that say which node's it is."""
    return expand(function, "ledger", WHERE, client)


def listed(title: str, columns: Columns, rows: Iterable[Any], limit: int | None = None) -> None:
    """A list as a table or as `items`; None: all of it."""
    found = list(islice(rows, limit))
    output.result(
        {"items": [msgspec.to_builtins(row) for row in found]},
        lambda: output.table(
            title, list(columns), [[show(row) for show in columns.values()] for row in found]
        ),
    )


def shown(title: str, document: Any) -> None:
    """One document as named facts."""
    plain = msgspec.to_builtins(document)
    facts = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in plain.items()
        if value not in ("", None, [], {})
    }
    output.result(plain, lambda: output.facts(title, facts))


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
            output.fail(f"there is no asset {asset}", f"没有资产 {asset}")
        return self._known[asset]
