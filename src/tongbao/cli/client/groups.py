"""Groups of commands that grow by the actions of a module when one of them is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

import typer

from tongbao.cli.shell.contents import growing

if TYPE_CHECKING:
    from tongbao.kernel.registry import Module


def module_group(name: str, summary: str, lists: Mapping[str, str] | None = None) -> typer.Typer:
    """A group with a command for each action of a module, and for `lists`, command -> record, in
    the form that follows from the record; nothing of the module is loaded before."""

    def extend(group: typer.Typer) -> None:
        from tongbao.cli.client.derived import list_of
        from tongbao.cli.client.verbs import add_verbs

        module: Module = import_module(f"tongbao.modules.{name}").MODULE
        add_verbs(group, module)
        records = {one.name: one for one in module.records}
        for command, record in (lists or {}).items():
            group.command(command, help=records[record].meaning)(list_of(records[record]))

    return typer.Typer(cls=growing(extend), help=summary, no_args_is_help=True)
