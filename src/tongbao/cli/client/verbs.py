"""Every action of a module as a command: `tongbao account open`, `tongbao asset issue`, ...

Options, help and types come from the action's class. A list takes its option several times; a
value with fields of its own is given as JSON.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.acting import Sending, act
from tongbao.cli.client.connect import client
from tongbao.cli.client.sending import with_sending
from tongbao.cli.shell.output import output
from tongbao.cli.shell.units import (
    ALL,
    MOVED,
    amount_field,
    fail_zero,
    minor_in,
    minor_of,
    option_of,
    typed_with_asset,
)
from tongbao.cli.shell.wording import (
    AS_JSON,
    IN_UNITS,
    MOMENT,
    ONE_OF,
    SEVERAL,
    SHAPES,
    WITH_ASSET,
)
from tongbao.kernel.wording import Text
from tongbao.sdk.quantities import BadQuantity, parse_moment_ms

if TYPE_CHECKING:
    from tongbao.kernel.registry import Module
    from tongbao.kernel.transaction import Transaction
    from tongbao.sdk.describe import FieldDescription


def add_verbs(group: typer.Typer, module: Module) -> None:
    """Add a command for each action of a module."""
    tags = {str(kind.__struct_config__.tag): kind for kind in module.transactions}
    verbs = {tag.partition(".")[2].replace("_", "-"): kind for tag, kind in tags.items()}
    add_commands(group, verbs)


def add_commands(group: typer.Typer, verbs: Mapping[str, type[Transaction]]) -> None:
    """Add a command for each verb, with an option for each field of its kind of action."""
    from tongbao.sdk.describe import describe

    for verb, kind in verbs.items():
        reported = describe(kind)
        group.command(verb, help=reported.summary)(_command_for(kind, reported.fields))


def _command_for(
    kind: type[Transaction], fields: tuple[FieldDescription, ...]
) -> Callable[..., None]:
    return command_of(fields, lambda values, how: convert(typed(fields, values, how), kind))


def command_of(
    fields: tuple[FieldDescription, ...],
    build: Callable[[dict[str, Any], Sending], Transaction],
) -> Callable[..., None]:
    """A command with an option for each field; `build` makes the action of what was typed."""

    names = [one.name for one in fields]
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [
        inspect.Parameter(f"field_{one.name}", keyword, annotation=_option(one, names),
                          default=_default(one))
        for one in fields
    ]  # fmt: skip

    def body(given: dict[str, Any], how: Sending) -> None:
        values = {name.removeprefix("field_"): value for name, value in given.items()}
        act([build(values, how)], how)

    return with_sending(own, body)


def _option(field: FieldDescription, names: Sequence[str]) -> Any:
    declared = f"--{field.name.replace('_', '-')}"
    meaning = field.meaning
    if field.kind == "amount":
        frame = WITH_ASSET if typed_with_asset(field.name, names) else IN_UNITS
        reported = frame.format(meaning=meaning).strip()
        return Annotated[str, typer.Option(option_of(field.name), help=reported)]
    if field.kind == "moment":
        reported = MOMENT.format(meaning=meaning).strip()
        return Annotated[str, typer.Option(declared.removesuffix("-ms"), help=reported)]
    if field.listed:
        meaning = SEVERAL.format(meaning=meaning).strip()
        return Annotated[list[str], typer.Option(declared, help=meaning)]
    if field.shape == "yes or no":
        return Annotated[bool, typer.Option(f"{declared}/--no{declared[1:]}", help=meaning)]
    kind = int if field.shape == "number" else str
    if words := _words(field.shape):
        meaning = ONE_OF.format(meaning=meaning, names=", ".join(words)).strip()
    elif field.shape not in ("number", "text", "JSON"):
        meaning = AS_JSON.format(meaning=meaning, shape=field.shape).strip()
    return Annotated[kind, typer.Option(declared, help=meaning)]


def _words(shape: str) -> list[str]:
    """The words that a field may have, where it is one of several."""
    parts = shape.split(" or ")
    words = [one for one in parts if one.islower() and one not in (*SHAPES, "none")]
    return words if len(words) == len(parts) > 1 and shape not in SHAPES else []


def _default(field: FieldDescription) -> Any:
    if field.required:
        return inspect.Parameter.empty
    if field.kind in ("amount", "moment"):
        return ""
    if field.listed:
        return []
    return field.default if field.shape in ("yes or no", "number", "text") else ""


def typed(
    fields: tuple[FieldDescription, ...], given: dict[str, Any], how: Sending
) -> dict[str, Any]:
    """What was typed as plain values; those that were left out are not in it."""
    values: dict[str, Any] = {}
    names = [one.name for one in fields]
    for field in fields:
        value = given[field.name]
        if field.kind == "amount" and (value or field.required):
            with client(how.url, how.home) as ledger:
                value = minor_of(field.name, given, names, ledger)
            if not value and (ALL in field.meaning or field.name in MOVED):
                fail_zero(option_of(field.name), left_out=not field.required)
        elif field.kind == "moment" and value:
            value = _moment_ms(value, field.name, how)
        if field.listed:
            shape = field.shape.removeprefix("list of ")
            value = [_in_minor(_value(one, shape, field.name), field.name, how) for one in value]
        elif value == "" and not field.required:
            continue
        else:
            value = _in_minor(_value(value, field.shape, field.name), field.name, how)
        values[field.name] = value
    return values


def _in_minor(value: Any, name: str, how: Sending) -> Any:
    """An object as it was typed: its amounts are in units there, as everywhere (`amount`)."""
    if not isinstance(value, dict) or not any(map(amount_field, value)):
        return value
    with client(how.url, how.home) as ledger:
        return minor_in(value, f"--{name.replace('_', '-')}", ledger)


def convert(values: dict[str, Any], kind: type[Transaction]) -> Transaction:
    """The action of plain values; one that does not fit ends the command."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as fault:
        tag = kind.__struct_config__.tag
        output.fail("{tag}: {fault}", tag=tag, fault=fault)


def _value(given: Any, shape: str, name: str) -> Any:
    if not isinstance(given, str) or shape in ("text", "bytes") or given in shape.split(" or "):
        return given
    try:
        return msgspec.json.decode(given)
    except msgspec.DecodeError as fault:
        option = f"--{name.replace('_', '-')}"
        where = Text("; `tongbao keys show` prints it as `registered`")
        output.fail(
            "{option}: {given} is not JSON of {shape}: {fault}{more}",
            option=option, given=repr(given), shape=shape, fault=fault,
            more=where if shape == "Key" else "",
        )  # fmt: skip


def _moment_ms(given: str, name: str, how: Sending) -> int:
    """A moment as people type it, in UTC milliseconds since 1970; `+12h` is the ledger's time."""
    now_ms = 0
    if given.startswith("+"):
        with client(how.url, how.home) as ledger:
            now_ms = ledger.status().time_ms
    try:
        return parse_moment_ms(given, now_ms)
    except BadQuantity as fault:
        output.fail_quantity(f"--{name.removesuffix('_ms').replace('_', '-')}", fault)
