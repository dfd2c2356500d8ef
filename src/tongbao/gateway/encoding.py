"""Plain JSON for answers: amounts as decimal strings, bytes as base64, fields by name."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from tongbao.kernel import fields
from tongbao.kernel.codes import Code, Value
from tongbao.kernel.fields import SAFE_INTEGER
from tongbao.kernel.wording import amounts_of

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
    """A value as plain JSON. Amounts become decimal strings, always: in an action, an event or
    another struct by what its fields say; in a row, which has no types, where it is `*_minor`."""
    kind = type(value)
    if kind is str or value is None or kind is bool or kind is float:
        return value
    if kind is int:
        return str(value) if name.endswith("_minor") or abs(value) > SAFE_INTEGER else value
    if isinstance(value, msgspec.Struct):
        return fields.plain(value, kind)
    if isinstance(value, Mapping):
        return {str(key): plain(one, str(key)) for key, one in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return [plain(one, name) for one in value]


def plain_event(
    row: Mapping[str, Any],
    kinds: Mapping[str, type[Any]],
    seen: Callable[[Any], Any] = lambda event: event,
) -> dict[str, Any]:
    """An event of the read model, its data by what the fields of its kind say; `seen` leaves out
    what its reader does not see."""
    data, kind = row["data"], kinds.get(row["event"])
    if kind is not None:
        reported = fields.plain(seen(msgspec.convert(data, kind)), kind)
        data = {name: reported[name] for name in data}
    reply = {name: value for name, value in row.items() if name not in ("data", "public")}
    return {**plain(reply), "data": data}


def plain_values(code: Code | None, values: Mapping[str, Value]) -> dict[str, Any]:
    """The values of a refusal as plain JSON; which are amounts, its own sentence says."""
    amounts = frozenset[str]() if code is None else amounts_of(code.template)
    return {
        name: str(value) if name in amounts and type(value) is int else plain(value, name)
        for name, value in values.items()
    }
