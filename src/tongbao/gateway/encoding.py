"""Plain JSON for answers: amounts as decimal strings, bytes as base64, fields by name."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

SAFE_INTEGER = 2**53 - 1
"""Whole numbers beyond it are lost by browsers (I-JSON, RFC 7493)."""
_AMOUNTS = frozenset(("amount", "available", "remaining", "supply_cap", "per_payment", "per_day"))
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
        amount = name.endswith("_minor") or name in _AMOUNTS
        return str(value) if amount or abs(value) > SAFE_INTEGER else value
    if isinstance(value, msgspec.Struct):
        return _struct(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one, str(key)) for key, one in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return [plain(one) for one in value]


def _struct(value: msgspec.Struct) -> dict[str, Any]:
    config = value.__struct_config__
    told: dict[str, Any] = {}
    if config.tag_field is not None:
        told[config.tag_field] = config.tag
    for field in value.__struct_fields__:
        told[field] = plain(getattr(value, field), field)
    return told
