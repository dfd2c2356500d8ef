"""A message's schema as a table, compiled once from the metadata of pyiso20022's dataclasses.

What the metadata does not say, and this module adds (docs/decisions/iso20022-validation.md):
which types are choices (`xs:choice`). In every ISO 20022 schema a type is either one sequence or
one choice; a choice's name says Choice, and in the generation of 2009 the pair Cd/Prtry is one
without saying so.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from xsdata.models.datatype import XmlDate, XmlDateTime, XmlPeriod, XmlTime

from tongbao.iso20022.catalogue import NAMESPACE, metadata_module
from tongbao.iso20022.xml.datatypes import (
    Broken,
    Facets,
    base64_check,
    check_boolean,
    check_date,
    check_datetime,
    check_period,
    check_time,
    decimal_check,
    enumeration_check,
    string_check,
)

Check = Callable[[str], Broken | None]
UNBOUNDED = 2**31


class Slot(NamedTuple):
    """One allowed child of a complex type."""

    place: int
    """Place in the sequence, from 0."""
    name: str
    """Local name."""
    required: bool
    maximum: int
    """How often it may occur."""
    rule: TypeRule


@dataclasses.dataclass(slots=True)
class TypeRule:
    """What one element may hold: text, or children, never both."""

    check: Check | None = None
    """The test of the text, for a simple type."""
    attributes: dict[str, Check] = dataclasses.field(default_factory=dict)
    """Required attributes and their tests."""
    slots: dict[str, Slot] = dataclasses.field(default_factory=dict)
    """Allowed children by qualified tag."""
    required: tuple[Slot, ...] = ()
    """Children that must be there, in order (of a sequence)."""
    choice: bool = False
    """Exactly one of the slots' names."""
    wildcard: str = ""
    """Exactly one foreign element: `##any`, or the namespace it must be in."""


@cache
def schema_of(message: str) -> tuple[str, TypeRule]:
    """The root element's qualified tag and its rule. KeyError for an unknown message."""
    module = metadata_module(message)
    root_name = "AppHdr" if message.startswith("head.") else "Document"
    namespace = NAMESPACE + message
    compiled: dict[type, TypeRule] = {}
    return f"{{{namespace}}}{root_name}", _complex(getattr(module, root_name), namespace, compiled)


def _complex(kind: type, namespace: str, compiled: dict[type, TypeRule]) -> TypeRule:
    """The rule of a dataclass; types refer to each other in circles, so it is kept first."""
    if kind in compiled:
        return compiled[kind]
    rule = compiled[kind] = TypeRule()
    hints = get_type_hints(kind)
    slots: list[Slot] = []
    for field in dataclasses.fields(kind):
        meta = dict(field.metadata)
        if meta.get("type") == "Wildcard":
            rule.wildcard = str(meta["namespace"])
            continue
        inner, many = _unwrap(hints[field.name])
        if meta.get("type") == "Attribute":
            rule.attributes[str(meta["name"])] = _simple(inner, meta)
        elif "name" not in meta:
            rule.check = _simple(inner, meta)
        else:
            slots.append(_slot(len(slots), inner, many, meta, namespace, compiled))
    rule.slots = {f"{{{namespace}}}{slot.name}": slot for slot in slots}
    rule.choice = _is_choice(kind, slots)
    rule.required = () if rule.choice else tuple(slot for slot in slots if slot.required)
    return rule


def _slot(
    index: int,
    inner: Any,
    many: bool,
    meta: dict[str, Any],
    namespace: str,
    compiled: dict[type, TypeRule],
) -> Slot:
    """One child element of a complex type."""
    if dataclasses.is_dataclass(inner) and isinstance(inner, type):
        rule = _complex(inner, namespace, compiled)
    else:
        rule = TypeRule(check=_simple(inner, meta))
    required = bool(meta.get("required")) or int(meta.get("min_occurs", 0)) > 0
    maximum = int(meta.get("max_occurs", UNBOUNDED)) if many else 1
    return Slot(index, str(meta["name"]), required, maximum, rule)


def _is_choice(kind: type, slots: list[Slot]) -> bool:
    """Whether the type is an `xs:choice`: by its name, or as the optional pair Cd/Prtry."""
    if re.search(r"Choice\d*$", kind.__name__):
        return True
    return [(slot.name, slot.required) for slot in slots] == [("Cd", False), ("Prtry", False)]


def _unwrap(hint: Any) -> tuple[Any, bool]:
    """`None | X` and `list[X]` become X, and whether X may repeat."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is list:
        return get_args(hint)[0], True
    return hint, False


def _simple(kind: Any, meta: dict[str, Any]) -> Check:
    """The test of a simple type with its facets."""
    facets = Facets(
        meta.get("pattern"),
        meta.get("min_length"),
        meta.get("max_length"),
        meta.get("total_digits"),
        meta.get("fraction_digits"),
        meta.get("min_inclusive"),
    )
    if isinstance(kind, type) and issubclass(kind, Enum):
        return enumeration_check(tuple(str(member.value) for member in kind))
    if kind is Decimal:
        return decimal_check(facets)
    checks: dict[Any, Check] = {
        bool: check_boolean,
        bytes: base64_check(facets),
        XmlDate: check_date,
        XmlDateTime: check_datetime(facets),
        XmlTime: check_time,
        XmlPeriod: check_period,
        str: string_check(facets),
    }
    return checks[kind]
