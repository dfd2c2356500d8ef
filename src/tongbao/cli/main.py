"""`tongbao`: entry point, global options, and the table of commands."""

from __future__ import annotations

import itertools
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import typer

from tongbao import __version__
from tongbao.cli.client import tokens
from tongbao.cli.client.people import AS_VARIABLE
from tongbao.cli.shell import languages
from tongbao.cli.shell.boundary import guarded
from tongbao.cli.shell.contents import ENTRIES, Contents, Growing, prepared
from tongbao.cli.shell.output import output
from tongbao.words import ENGLISH, LANGUAGES, language_of

app = typer.Typer(
    name="tongbao",
    cls=Contents,
    help="Regulated finance on one shared, provable ledger.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_ANYWHERE = ("--json", "--verbose")
_ANYWHERE_WITH_VALUE = ("--lang", "--token-file", "--ca", "--as")


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
    ca: Annotated[
        Path | None,
        typer.Option("--ca", help="Certificates in PEM of who vouches for nodes; default: public."),
    ] = None,
    person: Annotated[
        str,
        typer.Option(
            "--as",
            envvar=AS_VARIABLE,
            help="Ask as PARTY/PERSON, or PARTY; default: the party that the command names, else"
            " the node itself where its folder is yours.",
        ),
    ] = "",
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Say on standard error as whom the node was asked.")
    ] = False,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version."),
    ] = False,
) -> None:
    """Options that every command takes; they may stand anywhere."""
    output.json = as_json
    if lang:
        known = language_of(lang)
        if known is None:
            choices = ", ".join(LANGUAGES)
            raise typer.BadParameter(f"{lang!r} is not one of {choices}.", param_hint="'--lang'")
        output.language = known
    output.verbose = verbose
    tokens.set_up(token_file, person)
    if ca is not None:
        tokens.trust(ca)


@app.command()
def version() -> None:
    """The version of this program, and the versions of the ledger's rules that it knows."""
    from tongbao.modules import protocols

    known = protocols().versions
    rules = ", ".join(map(str, known))
    output.result(
        {"tongbao": __version__, "protocols": known},
        lambda: output.say("{version}, protocol {rules}", version=__version__, rules=rules),
    )  # fmt: skip


def whole_tree() -> Any:
    """Every command with those of all actions, for whoever looks at all of them."""
    tree: Any = typer.main.get_command(app)
    for name in ENTRIES:
        tree.get_command(None, name)
    for _, command in languages.commands_of(tree):
        if isinstance(command, Growing):
            command.grow()
    return tree


@lru_cache(maxsize=len(LANGUAGES))
def _program(language: str) -> Any:
    """The commands in a language, loaded as far as they were asked for."""
    return prepared(typer.main.get_command(app))


def run(arguments: list[str]) -> int:
    """One command line, to its status; the global options are understood wherever they stand."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what cannot be written is written escaped
            stream.reconfigure(errors="backslashreplace")
    output.json = "--json" in arguments
    tokens.words = arguments
    output.language = languages.asked_language(arguments) or languages.environment_language()
    moved, rest = _global_first(arguments)

    def command() -> Any:
        if output.language != ENGLISH:
            languages.speak_typer(output.language)
        return _program(output.language)(
            args=[*moved, *rest], prog_name="tongbao", standalone_mode=False
        )

    before = os.umask(0o077)  # files and folders that a command makes are its user's alone
    try:
        return guarded(command)
    finally:
        os.umask(before)


def main() -> None:
    """Run the command line."""
    # httpx imports its own command line, with rich and pygments, where it can; we have no use for
    # it, and it takes longer than most commands.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    sys.exit(run(sys.argv[1:]))


def _says_who_signs(arguments: list[str]) -> bool:
    """Whether `--as` is the command's own: it then says whose key signs, and who asks as well."""
    command: Any = _program(output.language) if "--as" in arguments else None
    for word in arguments:
        known = getattr(command, "get_command", lambda *_: None)(None, word)
        command = command if known is None else known
    own = () if hasattr(command, "get_command") else getattr(command, "params", ())
    return any("--as" in one.opts for one in own)


def _global_first(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Global options with their values, and everything else in its order; `--as` stays where it is
    the command's own."""
    own = ("--as",) if _says_who_signs(arguments) else ()
    with_value = [one for one in _ANYWHERE_WITH_VALUE if one not in own]
    moved: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, joined, _ = word.partition("=")
        if word == "--":
            rest += [word, *words]
        elif word in _ANYWHERE or (name in with_value and joined):
            moved.append(word)
        elif word in with_value:
            moved += [word, *itertools.islice(words, 1)]
        else:
            rest.append(word)
    return moved, rest
