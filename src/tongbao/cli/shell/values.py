"""What is typed for an option becomes a text, a whole number or a path, strictly and at once.

typer would build a pydantic adapter for each option, and importing pydantic takes longer than most
commands. Digits are ASCII digits, text is UTF-8, and no path is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_origin

import typer

# typer brings its own click, and exports none of these.
from typer._click.core import Command, Context
from typer._coercion import RuntimeParam
from typer._param_types import coerce_cli_path
from typer.models import ParameterInfo

from tongbao.sdk.quantities import shown

_WHOLE = re.compile(r"-?[0-9]{1,60}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "y": True, "t": True,
           "0": False, "false": False, "no": False, "off": False, "n": False, "f": False,
           "": False}  # fmt: skip
"""Of variables of the environment; on the command line a switch has no value."""


class Light(RuntimeParam):
    """How one option reads what was typed."""

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
        annotation: Any = self.annotation
        if get_origin(annotation) is list:
            return [self._one(each, param, ctx) for each in value]
        return self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            return _READERS[_leaf(self.annotation)](value, self.parameter_info, param, ctx)
        except ValueError as fault:
            raise typer.BadParameter(str(fault), ctx=ctx, param=param) from fault


def lighten(option: Any) -> None:
    """Give an option such a reader, where its kind has one; typer's own otherwise."""
    reported = getattr(option, "type_descriptor", None)
    if (
        reported is not None
        and _leaf(reported.annotation) in _READERS
        and not reported.parameter_info.parser
    ):
        option._runtime_param = Light(reported.parameter_info, reported.annotation)


class Quick(Context):
    """A command's context; its option for help, which is only made here, is read so as well."""

    def __init__(self, command: Command, *arguments: Any, **settings: Any) -> None:
        """Of a command."""
        super().__init__(command, *arguments, **settings)
        lighten(command.get_help_option(self))


def _leaf(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is list else annotation


def _text(value: Any, _: ParameterInfo, param: Any, ctx: Any) -> str:
    text = str(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{shown(text)} is not text in UTF-8.") from None
    # A UUID may be written in capitals (RFC 9562); the ledger and the messages have small letters.
    return text.strip().lower() if str(param.name).endswith("uetr") else text


def _whole(value: Any, info: ParameterInfo, param: Any, ctx: Any) -> int:
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise ValueError("Input should be a valid integer, unable to parse string as an integer")
    return int(_bounded(int(value), info))


def _number(value: Any, info: ParameterInfo, param: Any, ctx: Any) -> float:
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise ValueError("Input should be a valid number, unable to parse string as a number")
    return float(_bounded(float(value), info))


def _bounded(number: float, info: ParameterInfo) -> float:
    if info.min is not None and number < info.min:
        raise ValueError(f"Input should be greater than or equal to {info.min}")
    if info.max is not None and number > info.max:
        raise ValueError(f"Input should be less than or equal to {info.max}")
    return number


def _path(value: Any, info: ParameterInfo, param: Any, ctx: Any) -> Path:
    if not str(value) or "\0" in str(value):
        raise ValueError(f"{shown(str(value))} is not a path.")
    found = coerce_cli_path(Path(value), info, path_type=Path, param=param, ctx=ctx)
    assert isinstance(found, Path)
    return found


def _truth(value: Any, _: ParameterInfo, param: Any, ctx: Any) -> bool:
    found = value if isinstance(value, bool) else _TRUTHS.get(str(value).strip().lower())
    if found is None:
        raise ValueError("Input should be a valid boolean, unable to interpret input")
    return found


_READERS: dict[Any, Callable[[Any, ParameterInfo, Any, Any], Any]] = {
    str: _text, int: _whole, float: _number, Path: _path, bool: _truth,
}  # fmt: skip
