"""Groups of commands that grow by the actions of a module when one of them is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

import typer

from tongbao.cli.shell.contents import growing

if TYPE_CHECKING:
    from tongbao.kernel.registry import Module

NONE: Mapping[str, str] = {}


def module_group(
    name: str,
    summary: str,
    lists: Mapping[str, str] = NONE,
    rows: Mapping[str, str] = NONE,
) -> typer.Typer:
    """A group with a command for each action of a module, and for `lists` and single `rows`,
    command -> record, in the form that follows from the record; nothing of the module is loaded
    before."""

    def extend(group: typer.Typer) -> None:
        from tongbao.cli.client.derived import add_lists, add_rows
        from tongbao.cli.client.verbs import add_verbs

        module: Module = import_module(f"tongbao.modules.{name}").MODULE
        add_verbs(group, module)
        add_lists(group, module, lists)
        add_rows(group, module, rows)

    return typer.Typer(cls=growing(extend), help=summary, no_args_is_help=True)
