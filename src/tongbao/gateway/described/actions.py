"""OpenAPI of what is signed: envelope, body, and every action of every module with its fields."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, get_args

import msgspec

from tongbao.kernel.fields import Field, field_of, fields_of
from tongbao.kernel.transaction import Signature
from tongbao.modules import installed
from tongbao.sdk.describe import meaning_of, meanings_of

_SCHEMAS = "#/components/schemas/"
ENVELOPE: dict[str, str] = {"$ref": f"{_SCHEMAS}Envelope"}
BODY: dict[str, str] = {"$ref": f"{_SCHEMAS}Body"}


@lru_cache(maxsize=1)
def schemas() -> dict[str, Any]:
    """Components: actions and values as `module.Name`, and the envelope around them."""
    found: dict[str, Any] = {}
    mapping: dict[str, str] = {}
    for module in installed():
        template = f"{_SCHEMAS}{module.name}.{{name}}"
        _, parts = msgspec.json.schema_components(module.transactions, ref_template=template)
        for kind in _structs(module.transactions):
            if (part := parts.get(kind.__name__)) is not None:
                _say_meanings(part, kind)
        # Two modules may have a kind of one name: its title is what generators call the class.
        found.update({
            f"{module.name}.{name}": part | {"title": f"{module.name}.{name}"}
            for name, part in parts.items()
        })  # fmt: skip
        for kind in module.transactions:
            tag = str(kind.__struct_config__.tag)
            mapping[tag] = f"{_SCHEMAS}{module.name}.{kind.__name__}"
            found[f"{module.name}.{kind.__name__}"]["x-code"] = kind.code
            found[f"{module.name}.{kind.__name__}"]["x-scope"] = kind.scope
    found["Action"] = {
        "oneOf": [{"$ref": ref} for ref in mapping.values()],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }
    _, parts = msgspec.json.schema_components((Signature,), ref_template=_SCHEMAS + "{name}")
    found.update(parts)
    found["Body"] = _BODY
    found["Envelope"] = _ENVELOPE
    return found


def _structs(kinds: Iterable[Any]) -> set[Any]:
    """These structs, and those in their fields."""
    found: set[Any] = set()
    waiting: list[Any] = list(kinds)
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            if one not in found:
                found.add(one)
                waiting += fields_of(one).values()
        else:
            waiting += get_args(one)
    return found


def extensions(field: Field) -> dict[str, str]:
    """What a program that makes screens wants to know: what it is, and whose row an id names."""
    return {"x-kind": field.kind} | ({"x-record": field.record} if field.record else {})


def _say_meanings(schema: dict[str, Any], kind: Any) -> None:
    """Say what each field means and what it is: `amount`, `account`, `moment`, ..."""
    docstrings, properties = meanings_of(kind), schema.get("properties", {})
    for name, hint in fields_of(kind).items():
        if name not in properties:
            continue
        meaning = meaning_of(docstrings.get(name, ""), hint)
        properties[name] |= {"description": meaning} if meaning else {}
        properties[name] |= extensions(field_of(hint))


_BODY: dict[str, Any] = {
    "type": "object",
    "description": "What is signed. (party, reference) is the transaction's name, used once.",
    "properties": {
        "chain": {"type": "string"},
        "party": {"type": "string", "maxLength": 32},
        "reference": {"type": "string", "maxLength": 64},
        "expires_at_ms": {
            "type": "integer",
            "description": "Block time from which it is refused; at most 24 hours ahead.",
        },
        "actions": {
            "type": "array", "items": {"$ref": f"{_SCHEMAS}Action"}, "minItems": 1, "maxItems": 64,
        },
        "memo": {"type": "string", "maxLength": 280, "default": ""},
    },
    "required": ["chain", "party", "reference", "expires_at_ms", "actions"],
    "additionalProperties": False,
}  # fmt: skip
_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "description": "Spelled in one way: fields in this order, no blanks, defaults left out.",
    "properties": {
        "body": BODY,
        "signatures": {
            "type": "array", "items": {"$ref": f"{_SCHEMAS}Signature"}, "minItems": 1,
            "maxItems": 32,
        },
    },
    "required": ["body", "signatures"],
    "additionalProperties": False,
}  # fmt: skip
