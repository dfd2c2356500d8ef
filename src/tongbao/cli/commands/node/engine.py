"""`tongbao engine`: build the consensus engine from its pinned module, and say what is inside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.node.comet.install import Inside

engine = typer.Typer(help="The consensus engine beside a network node.", no_args_is_help=True)
EnginePath = Annotated[
    Path | None,
    typer.Option("--engine-path", help="The engine's binary; else TONGBAO_ENGINE, PATH, ours."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(engine, name="engine")


def _tell(inside: Inside, **more: str) -> None:
    facts = {**msgspec.to_builtins(inside), **more}
    shown = {name: value for name, value in facts.items() if value}
    title = f"CometBFT {inside.version}"
    output.result(facts, lambda: output.facts(title, shown))


@engine.command("install")
def install(
    version: Annotated[
        str, typer.Option("--version", help="A pinned version; v0.40.0 is the second target.")
    ] = "",
    again: Annotated[bool, typer.Option("--again", help="Build even where it is there.")] = False,
) -> None:
    """Build the pinned engine with Go, every module's checksum compared, and say what is inside."""
    from tongbao.node.comet.install import PINNED, EngineMissing
    from tongbao.node.comet.install import install as build

    wanted = version or PINNED
    output.say("CometBFT {wanted}: building takes a minute or two the first time...", wanted=wanted)
    os.umask(0o022)  # a program, for every user of the machine whom the folder lets in
    try:
        with output.steps() as step:
            step("Building CometBFT {wanted} with Go", wanted=wanted)
            inside = build(wanted if wanted.startswith("v") else "v" + wanted, again=again)
    except EngineMissing as missing:
        output.fail("{fault}", fault=missing)
    _tell(inside)


@engine.command("which")
def which(engine_path: EnginePath = None) -> None:
    """Say which engine a node here would run, and what is inside it."""
    from tongbao.node.comet.install import EngineMissing, find, inspect

    try:
        found = find(engine_path)
        inside = inspect(found.path)
    except EngineMissing as missing:
        output.fail("{fault}", fault=missing)
    _tell(inside, source=found.source)
