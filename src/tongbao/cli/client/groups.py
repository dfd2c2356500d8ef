"""Groups of commands that grow by the actions of a module when one of them is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import typer

from tongbao.cli.shell.contents import growing

if TYPE_CHECKING:
    from tongbao.kernel.registry import Module


def module_group(name: str, summary: str) -> typer.Typer:
    """A group with a command for each action of a module; nothing of it is loaded before."""

    def extend(group: typer.Typer) -> None:
        from tongbao.cli.client.verbs import add_verbs

        module: Module = import_module(f"tongbao.modules.{name}").MODULE
        add_verbs(group, module)

    return typer.Typer(cls=growing(extend), help=summary, no_args_is_help=True)
