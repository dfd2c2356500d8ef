"""Options that many commands take, declared once: a command gets the one value made of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, get_type_hints

Options = Mapping[str, tuple[Any, Any]]
"""Name -> annotation and default of an option."""
Command = Callable[..., None]
_LATER = {"Client": object}
"""What annotations name and what loads only when a command runs."""


def with_options(
    own: Sequence[inspect.Parameter],
    shared: Options,
    body: Callable[[dict[str, Any], dict[str, Any]], None],
) -> Command:
    """A command with options of its own, then the shared ones; `body` gets what each was given."""

    def command(**given: Any) -> None:
        taken = {name: given.pop(f"shared_{name}") for name in shared}
        body(given, taken)

    keyword = inspect.Parameter.KEYWORD_ONLY
    options = [*own] + [
        inspect.Parameter(f"shared_{name}", keyword, annotation=annotation, default=default)
        for name, (annotation, default) in shared.items()
    ]
    command.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in options}
    return command


def expand(
    function: Command,
    parameter: str,
    shared: Options,
    make: Callable[..., AbstractContextManager[Any]],
) -> Command:
    """The command that a function is when options stand in the place of one parameter.

    What is made of them is open while the function runs.
    """
    known = get_type_hints(function, localns=_LATER, include_extras=True)
    own = [
        one.replace(annotation=known[one.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for one in inspect.signature(function).parameters.values()
        if one.name != parameter
    ]

    def body(given: dict[str, Any], taken: dict[str, Any]) -> None:
        with make(**taken) as value:
            function(**given, **{parameter: value})

    command = with_options(own, shared, body)
    command.__name__, command.__doc__ = function.__name__, function.__doc__
    return command
