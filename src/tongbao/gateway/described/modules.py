"""Modules as they declare themselves: records with members, actions with fields."""

from __future__ import annotations

import inspect
import sys
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from tongbao.kernel.columns import PLACE
from tongbao.kernel.fields import field_of, fields_of
from tongbao.kernel.records import EventList, Record
from tongbao.kernel.registry import Module, Registry
from tongbao.kernel.wording import Translate
from tongbao.sdk.describe import label_of, meaning_of_columns, meaning_parts, meanings_of
from tongbao.sdk.descriptions import (
    ActionDescription,
    FieldDescription,
    ModuleDescription,
    RecordDescription,
)
from tongbao.words import translation

_NOT_SHOWN = {one.name for one in PLACE} | {"created_height", "changed_height"}
MAX_SHOWN = 8


def modules_of(
    registry: Registry, translate: Translate | None = None
) -> tuple[ModuleDescription, ...]:
    """Every module of these rules; `translate` is into Chinese."""
    describing = _Describing(translate or translation("zh"))
    return tuple(describing.module(one) for one in registry.modules.values())


class _Describing:
    """In English and another language."""

    def __init__(self, translate: Translate) -> None:
        self._translate = translate

    def module(self, module: Module) -> ModuleDescription:
        summary = _first(sys.modules[f"tongbao.modules.{module.name}"])
        return ModuleDescription(
            module.name, *self._label(module.name, "module"), *self._both(summary),
            tuple(self._record(one, module.name) for one in module.records),
            tuple(self._action(one, module.name) for one in module.transactions),
        )  # fmt: skip

    def _both(self, *texts: str) -> tuple[str, str]:
        """Sentences, one behind the other, in both languages."""
        sentences = [one for one in texts if one]
        return " ".join(sentences), "".join(self._translate(one, "") for one in sentences)

    def _label(self, name: str, context: str = "") -> tuple[str, str]:
        """`context`: of what it is the name, where a word reads differently elsewhere."""
        words = name.replace("_", " ")
        return words, self._translate(words, context)

    def _record(self, record: Record | EventList, module: str) -> RecordDescription:
        meanings = meaning_of_columns(record)
        members = tuple(
            self._field(one.name, one.annotation, meanings.get(one.name) or one.meaning)
            for one in record.members
        )
        fitting = [
            one.name for one in record.columns
            if one.kind != "nested" and one.name not in _NOT_SHOWN
        ]  # fmt: skip
        return RecordDescription(
            record.name, record.several, record.path, module, *self._label(record.several),
            *self._both(record.meaning), record.public, tuple(one.name for one in record.key),
            members, record.shows or tuple(fitting[:MAX_SHOWN]), record.filters,
            {one: self._translate(one, "state") for one in record.states},
            "" if record.line is None else record.line.of,
        )  # fmt: skip

    def _action(self, kind: Any, module: str) -> ActionDescription:
        tag = str(kind.__struct_config__.tag)
        label = self._label(tag.partition(".")[2])
        return ActionDescription(
            tag, kind.code, kind.scope, module, *label, *self._both(_first(kind)),
            self._fields(kind),
        )  # fmt: skip

    def _fields(self, kind: Any) -> tuple[FieldDescription, ...]:
        hints, docstrings = fields_of(kind), meanings_of(kind)
        return tuple(
            self._field(one.name, hints[one.name], docstrings.get(one.name, ""), one)
            for one in msgspec.structs.fields(kind)
        )

    def _field(
        self, name: str, annotation: Any, docstring: str, given: Any = None
    ) -> FieldDescription:
        """`given` is the field of its struct, with its default."""
        bare = _bare(annotation)
        listed = get_origin(bare) in (tuple, list) and _is_list(bare)
        one = get_args(bare)[0] if listed else annotation
        field = field_of(one) if listed else field_of(annotation)
        return FieldDescription(
            name, field.kind, *self._both(label_of(name, field.kind)),
            *self._both(*meaning_parts(docstring, annotation)), field.record,
            given is None or given.required, None if given is None else _default(given), listed,
            _choices(_bare(one)), *self._inside(_bare(one)),
        )  # fmt: skip

    def _inside(
        self, bare: Any
    ) -> tuple[tuple[FieldDescription, ...], dict[str, tuple[FieldDescription, ...]]]:
        """Fields of a value, or of each kind that it may be of."""
        if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
            return self._fields(bare), {}
        if get_origin(bare) in (Union, UnionType):
            kinds = [one for one in get_args(bare) if isinstance(one, type)]
            return (), {
                str(one.__struct_config__.tag): self._fields(one)
                for one in kinds if issubclass(one, msgspec.Struct)
            }  # fmt: skip
        if get_origin(bare) is tuple and not _is_list(bare):
            parts = enumerate(get_args(bare))
            return tuple(self._field(str(place), one, "") for place, one in parts), {}
        return (), {}


def _first(described: Any) -> str:
    return (inspect.getdoc(described) or "").split("\n\n")[0].replace("\n", " ")


def _bare(annotation: Any) -> Any:
    """The type alone: without what is stated of it, and without None beside it."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        parts = get_args(annotation)
        if get_origin(annotation) is Annotated:
            annotation = parts[0]
            continue
        kinds = [one for one in parts if one is not NoneType]
        if len(kinds) > 1:
            return annotation
        [annotation] = kinds
    return annotation


def _is_list(annotation: Any) -> bool:
    inner = get_args(annotation)
    return len(inner) == 1 or (len(inner) == 2 and inner[1] is Ellipsis)


def _choices(bare: Any) -> tuple[str, ...]:
    if get_origin(bare) is Literal:
        return tuple(map(str, get_args(bare)))
    if isinstance(bare, type) and issubclass(bare, Enum):
        return tuple(str(one.value) for one in bare)
    return ()


def _default(given: Any) -> Any:
    if given.default is not msgspec.NODEFAULT:
        return msgspec.to_builtins(given.default)
    if given.default_factory is not msgspec.NODEFAULT:
        return msgspec.to_builtins(given.default_factory())
    return None
