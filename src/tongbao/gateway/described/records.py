"""Schemas of records, from what the fields of their tables say."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from tongbao.gateway.described.actions import extensions
from tongbao.kernel.columns import Column
from tongbao.kernel.fields import field_of, fields_of
from tongbao.kernel.records import EventList, Record
from tongbao.sdk.describe import meanings_in
from tongbao.sdk.documents import Amount, Document, Whole

_EXACT = {"amount": Amount, "whole": Whole}


def document_of(record: Record | EventList) -> type[Any]:
    """The document that a row is answered as."""
    meanings = meanings_in(record)
    fields = [(one.name, _typed(one, meanings[one.name])) for one in record.members]
    name = "".join(part.capitalize() for part in record.name.split("_"))
    return msgspec.defstruct(
        name, fields, bases=(Document,), frozen=True, namespace={"__doc__": record.meaning}
    )


def _typed(column: Column, meaning: str) -> Any:
    shape = shape_of(column.annotation)
    more = extensions(field_of(column.annotation))
    return Annotated[shape, msgspec.Meta(description=meaning, extra_json_schema=more)]


def shape_of(annotation: Any) -> Any:
    """The type of a value in JSON: whole numbers without bound are decimal strings."""
    kind = field_of(annotation).kind
    if kind in _EXACT:
        return _EXACT[kind]
    if kind == "hex":
        return str
    if get_origin(annotation) is Annotated:
        return shape_of(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _value(annotation)
    inner = get_args(annotation)
    if get_origin(annotation) in (Union, UnionType):
        return Union[tuple(shape_of(one) for one in inner)]  # noqa: UP007
    if get_origin(annotation) in (tuple, list) and inner:
        whole = len(inner) == 1 or inner[1] is Ellipsis
        return tuple[shape_of(inner[0]), ...] if whole else tuple[tuple(map(shape_of, inner))]  # type: ignore[misc]
    return annotation


@cache
def _value(kind: Any) -> type[Any]:
    """A struct within a row, called as no row is, and no struct of another module."""
    module = kind.__module__.removeprefix("tongbao.").split(".")[1].capitalize()
    parts = [(name, shape_of(hint)) for name, hint in fields_of(kind).items()]
    config = kind.__struct_config__
    return msgspec.defstruct(
        f"{module}{kind.__name__}Value", parts, bases=(Document,), frozen=True,
        tag=config.tag, tag_field=config.tag_field,
    )  # fmt: skip
