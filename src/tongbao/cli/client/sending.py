"""The options of every command that sends something: who names it, who signs, trying it first."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from tongbao.cli.client.acting import Sending
from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url
from tongbao.cli.client.expanding import Command, expand, with_options
from tongbao.cli.client.wallets import PassphraseFile, WalletFolder

HOW: dict[str, tuple[Any, Any]] = {
    "party": (Annotated[str, typer.Option("--as", help="Party that names the transaction.")], ""),
    "reference": (Annotated[str, typer.Option("--tx-reference", help="Its reference.")], ""),
    "memo": (Annotated[str, typer.Option("--tx-memo", help="Words that go with it.")], ""),
    "sign": (
        Annotated[str, typer.Option("--sign", help="Labels of the keys; default: as needed.")], "",
    ),
    "dry_run": (Annotated[bool, typer.Option("--dry-run", help="Try it, change nothing.")], False),
    "propose": (
        Annotated[bool, typer.Option("--propose", help="Lay it before the others.")], False,
    ),
    "out": (
        Annotated[Path | None, typer.Option("--out", help="Write the envelope, send nothing.")],
        None,
    ),
    "home": (Home, DEFAULT_HOME),
    "wallet": (WalletFolder, None),
    "passphrase_file": (PassphraseFile, None),
    "url": (Url, ""),
}  # fmt: skip
"""Field of `Sending` -> annotation and default of its option."""


def with_sending(
    own: list[inspect.Parameter], body: Callable[[dict[str, Any], Sending], None]
) -> Command:
    """A command with options of its own and those of `HOW`."""
    return with_options(own, HOW, lambda given, taken: body(given, Sending(**taken)))


def sends(*without: str) -> Callable[[Command], Command]:
    """Give a command that takes `how: Sending` the options which that is made of.

    `without` names fields of it that the command fills in itself, or has no use for.
    """
    taken = {name: option for name, option in HOW.items() if name not in without}

    def made(**given: Any) -> nullcontext[Sending]:
        return nullcontext(Sending(**given))

    return lambda function: expand(function, "how", taken, made)


signs = sends("party", "reference", "memo", "sign", "dry_run", "propose", "out")
"""The same for a command that has its own ways of sending: which node, and where the keys are."""
