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
    command -> record, in the form that follows from the record; `module.record` is another
    module's. Nothing of a module is loaded before."""

    def extend(group: typer.Typer) -> None:
        from tongbao.cli.client.derived import add_lists, add_rows
        from tongbao.cli.client.verbs import add_verbs

        module = _module(name)
        add_verbs(group, module)
        for add, named in ((add_lists, lists), (add_rows, rows)):
            for command, record in named.items():
                home, _, own = record.rpartition(".")
                add(group, _module(home) if home else module, {command: own})

    return typer.Typer(cls=growing(extend), help=summary, no_args_is_help=True)


def _module(name: str) -> Module:
    found: Module = import_module(f"tongbao.modules.{name}").MODULE
    return found
