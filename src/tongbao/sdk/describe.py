"""What an action takes: its fields with types, defaults and meaning, read from its class.

Command line, API description and reference pages are made from this; nobody writes them by hand.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect as shapes

from tongbao.kernel import fields
from tongbao.kernel.records import EventList, Record
from tongbao.kernel.transaction import Transaction


class FieldDescription(NamedTuple):
    """One field of an action or of a value inside it."""

    name: str
    shape: str
    """For people: `text`, `number`, `yes or no`, `bytes`, `list of ...`, or a value's name."""
    required: bool
    default: Any
    meaning: str
    """The docstring under the field."""
    listed: bool
    """Whether it takes several values."""
    kind: str = ""
    """What it is, as in `kernel/fields.py`: `amount`, `moment`, ..."""


class ActionDescription(NamedTuple):
    """A kind of action."""

    tag: str
    code: int
    scope: str
    summary: str
    fields: tuple[FieldDescription, ...]


def describe(kind: type[Transaction]) -> ActionDescription:
    """The description of a kind of action."""
    tag = str(kind.__struct_config__.tag)
    summary = (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")
    return ActionDescription(tag, kind.code, kind.scope, summary, tuple(fields_of(kind)))


def fields_of(kind: type[msgspec.Struct]) -> Iterator[FieldDescription]:
    """The fields of a struct, in order."""
    meanings, hints = meanings_of(kind), fields.fields_of(kind)
    info = shapes.type_info(kind)
    assert isinstance(info, shapes.StructType)
    for field in info.fields:
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        listed = isinstance(field.type, shapes.VarTupleType | shapes.ListType)
        yield FieldDescription(
            field.encode_name, _shape(field.type), field.required,
            None if field.required else default, meanings.get(field.name, ""), listed,
            fields.field_of(hints[field.name]).kind,
        )  # fmt: skip


_NAMES = {
    shapes.StrType: "text", shapes.IntType: "number", shapes.BoolType: "yes or no",
    shapes.BytesType: "bytes", shapes.RawType: "JSON",
}  # fmt: skip


def _shape(found: shapes.Type) -> str:
    if isinstance(found, shapes.Metadata):
        return _shape(found.type)
    if isinstance(found, shapes.VarTupleType | shapes.ListType):
        return f"list of {_shape(found.item_type)}"
    if isinstance(found, shapes.TupleType):
        return "(" + ", ".join(_shape(one) for one in found.item_types) + ")"
    if isinstance(found, shapes.UnionType):
        return " or ".join(dict.fromkeys(_shape(one) for one in found.types))
    if isinstance(found, shapes.StructType):
        return found.cls.__name__
    if isinstance(found, shapes.EnumType):
        return " or ".join(str(one.value) for one in found.cls)
    if isinstance(found, shapes.LiteralType):
        return " or ".join(map(str, found.values))
    return _NAMES.get(type(found), type(found).__name__.removesuffix("Type").lower())


@lru_cache(maxsize=1_024)
def meanings_of(kind: type[Any]) -> dict[str, str]:
    """The docstring under each field, of the class and those it inherits from."""
    found: dict[str, str] = {}
    for cls in reversed(kind.__mro__):
        if not issubclass(cls, msgspec.Struct) or cls.__module__.startswith("msgspec"):
            continue
        [node] = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
        assert isinstance(node, ast.ClassDef)
        for field, below in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
                and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
                and isinstance(below.value.value, str)
            ):  # fmt: skip
                found[field.target.id] = inspect.cleandoc(below.value.value).replace("\n", " ")
    return found


def meanings_in(record: Record | EventList) -> dict[str, str]:
    """What each member of a row means: what is stated of it, then what its kind says."""
    reply = meaning_of_columns(record)
    return {
        one.name: meaning_of(reply.get(one.name) or one.meaning, one.annotation)
        for one in record.members
    }


_UNITS = frozenset(("amount", "whole", "moment", "duration", "hex", "digest"))
"""Kinds of which people have to know the unit, whatever else is stated."""


def meaning_of(reply: str, annotation: Any) -> str:
    """What a field means: what is stated of it, and its unit; else what its kind says."""
    return " ".join(meaning_parts(reply, annotation))


def meaning_parts(reply: str, annotation: Any) -> tuple[str, ...]:
    """The same in its sentences, each with a translation of its own."""
    field = fields.field_of(annotation)
    parts = (reply, field.meaning) if not reply or field.kind in _UNITS else (reply,)
    return tuple(one for one in parts if one)


def label_of(name: str, kind: str) -> str:
    """What a field is called above a column or beside an input."""
    if kind == "moment":
        return name.removesuffix("_ms").removesuffix("_at").replace("_", " ")
    return name.removesuffix("_minor").removesuffix("_ms").replace("_", " ")


def meaning_of_columns(record: Record | EventList) -> dict[str, str]:
    """What the structs of a record say of its members."""
    found: dict[str, str] = {}
    for kind in record.kinds:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found = meanings_of(kind) | found
    return found
