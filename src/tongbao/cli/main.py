"""`tongbao`: entry point, global options, and the table of commands."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer._click.exceptions import ClickException

from tongbao import __version__
from tongbao.cli import (
    banking,
    bench,
    corridor,
    desk,
    dev,
    doctor,
    engine,
    envelopes,
    exchange,
    fx,
    governance,
    keys,
    languages,
    ledger,
    light,
    network,
    node,
    pay,
    receipts,
    settlement,
    simulate,
    snapshot,
    tokens,
    tracking,
    travel,
    verbs,
)
from tongbao.cli.output import EXIT_REFUSED, EXIT_USAGE, output

app = typer.Typer(
    name="tongbao",
    help="Regulated finance on one shared, provable ledger.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_ANYWHERE = ("--json",)
_ANYWHERE_WITH_VALUE = ("--lang", "--token-file")


def _tell_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit()


@app.callback()
def _global(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON value instead of text.")
    ] = False,
    lang: Annotated[str, typer.Option(help="Language of texts: en or zh.")] = "",
    token_file: Annotated[
        Path | None,
        typer.Option(
            envvar=tokens.FILE_VARIABLE,
            help="Nodes' API tokens: lines of TOKEN, or ADDRESS TOKEN. One alone may stand in"
            f" the variable {tokens.TOKEN_VARIABLE}.",
        ),
    ] = None,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version."),
    ] = False,
) -> None:
    """Options that every command takes; they may stand anywhere."""
    output.json = as_json
    if lang:
        known = languages.language_of(lang)
        if known is None:
            choices = ", ".join(languages.LANGUAGES)
            raise typer.BadParameter(f"{lang!r} is not one of {choices}.", param_hint="'--lang'")
        output.language = known
    tokens.set_up(token_file)


@app.command()
def version() -> None:
    """The version of this program, and the versions of the ledger's rules that it knows."""
    from tongbao.modules import protocols

    known = protocols().versions
    rules = ", ".join(map(str, known))
    output.result(
        {"tongbao": __version__, "protocols": known},
        lambda: output.say(
            f"{__version__}, protocol {rules}", f"{__version__}，协议版本 {rules}"
        ),
    )  # fmt: skip


for module in (
    dev, node, network, engine, pay, fx, exchange, corridor, travel, desk, receipts, light, ledger,
    governance, settlement, keys, doctor, simulate, snapshot, bench,
):  # fmt: skip
    module.register(app)
envelopes.register(ledger.tx)
tracking.register(pay.pay)
banking.register(pay.pay)


_GROUPS = {
    "account": ledger.account, "party": ledger.party, "asset": ledger.asset, "pay": pay.pay,
    "corridor": corridor.corridor,
}  # fmt: skip


def whole_tree() -> Any:
    """Every command with those of all actions, for whoever looks at all of them."""
    for word in typer.main.get_command(app).commands:  # type: ignore[attr-defined]
        verbs.extend(_GROUPS, word)
    return typer.main.get_command(app)


def main() -> None:
    """Run the command line; the global options are understood wherever they stand."""
    arguments = sys.argv[1:]
    output.language = languages.asked_language(arguments) or output.language
    moved, rest = _global_first(arguments)
    asked = next((word for word in rest if not word.startswith("-")), "")
    verbs.extend(_GROUPS, asked)
    command = typer.main.get_command(app)
    if output.language != languages.ENGLISH:
        languages.speak(command, output.language)
    try:
        status = command(args=[*moved, *rest], standalone_mode=False)
    except typer.Abort:
        typer.echo(languages.aborted(output.language), err=True)
        sys.exit(EXIT_REFUSED)
    except ClickException as fault:
        languages.tell(fault, output.language)
        sys.exit(fault.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(EXIT_USAGE)
    sys.exit(status if isinstance(status, int) else 0)


def _global_first(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Global options with their values, and everything else in its order."""
    moved: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, joined, _ = word.partition("=")
        if word == "--":
            rest += [word, *words]
        elif word in _ANYWHERE or (name in _ANYWHERE_WITH_VALUE and joined):
            moved.append(word)
        elif word in _ANYWHERE_WITH_VALUE:
            moved += [word, *itertools.islice(words, 1)]
        else:
            rest.append(word)
    return moved, rest
