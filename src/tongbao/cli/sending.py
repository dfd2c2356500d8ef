"""The options of every command that sends something: who names it, who signs, trying it first."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from tongbao.cli.acting import Sending
from tongbao.cli.connect import DEFAULT_HOME, Home, Url
from tongbao.cli.wallets import PassphraseFile, WalletFolder

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
Command = Callable[..., None]


def with_sending(
    own: list[inspect.Parameter], body: Callable[[dict[str, Any], Sending], None], *without: str
) -> Command:
    """A command with options of its own and those of `HOW`, but the ones it goes without."""
    taken = {name: option for name, option in HOW.items() if name not in without}

    def command(**given: Any) -> None:
        how = Sending(**{name: given.pop(f"how_{name}") for name in taken})
        body(given, how)

    keyword = inspect.Parameter.KEYWORD_ONLY
    options = own + [
        inspect.Parameter(f"how_{name}", keyword, annotation=annotation, default=default)
        for name, (annotation, default) in taken.items()
    ]
    command.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in options}
    return command


def sends(*without: str) -> Callable[[Command], Command]:
    """Give a command that takes `how: Sending` the options which that is made of.

    `without` names fields of it that the command fills in itself.
    """

    def expand(function: Command) -> Command:
        known = get_type_hints(function, include_extras=True)
        own = [
            one.replace(annotation=known[name], kind=inspect.Parameter.KEYWORD_ONLY)
            for name, one in inspect.signature(function).parameters.items()
            if name != "how"
        ]
        command = with_sending(own, lambda given, how: function(**given, how=how), *without)
        command.__name__, command.__doc__ = function.__name__, function.__doc__
        return command

    return expand
