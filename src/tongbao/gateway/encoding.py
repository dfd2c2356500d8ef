"""Plain JSON for answers: amounts as decimal strings, bytes as base64, fields by name."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from tongbao.kernel.codes import Code, Value
from tongbao.kernel.wording import amounts_of

SAFE_INTEGER = 2**53 - 1
"""Whole numbers beyond it are lost by browsers (I-JSON, RFC 7493)."""
AMOUNTS = frozenset(
    ("supply_cap", "per_payment", "per_day", "price_buy", "price_sell", "amount_a", "amount_b",
     "shares", "least_shares", "total_shares", "held_shares", "bilateral", "fees", "totals",
     "value")
)  # fmt: skip
"""Fields of actions and events that are amounts, shares or rates without being named `*_minor`:
whole numbers without bound, so strings, always."""
_ENCODE = msgspec.json.Encoder().encode


class JsonResponse(Response):
    """An answer encoded by msgspec."""

    media_type = "application/json"

    def __init__(
        self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """Encode at once."""
        super().__init__(_ENCODE(content), status_code, dict(headers) if headers else None)


class RawJson(JsonResponse):
    """JSON that is bytes already."""

    def __init__(
        self, content: bytes, status_code: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """Pass the bytes on."""
        Response.__init__(self, content, status_code, dict(headers) if headers else None)


def plain(value: Any, name: str = "") -> Any:
    """A value as plain JSON. Amounts (`*_minor` and the like) become decimal strings, always."""
    kind = type(value)
    if kind is str or value is None or kind is bool or kind is float:
        return value
    if kind is int:
        amount = name.endswith("_minor") or name in AMOUNTS
        return str(value) if amount or abs(value) > SAFE_INTEGER else value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, msgspec.Struct):
        return _struct(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one, str(key)) for key, one in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return [plain(one, name) for one in value]


def plain_values(code: Code | None, values: Mapping[str, Value]) -> dict[str, Any]:
    """The values of a refusal as plain JSON; which are amounts, its own sentence says."""
    amounts = frozenset[str]() if code is None else amounts_of(code.template)
    return {
        name: str(value) if name in amounts and type(value) is int else plain(value, name)
        for name, value in values.items()
    }


def _struct(value: msgspec.Struct) -> dict[str, Any]:
    config = value.__struct_config__
    told: dict[str, Any] = {}
    if config.tag_field is not None:
        told[config.tag_field] = config.tag
    for field in value.__struct_fields__:
        told[field] = plain(getattr(value, field), field)
    return told
