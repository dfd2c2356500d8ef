"""Lists and single rows of whatever the modules declare as records."""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Asked, Filter, Fresh, Freshly, Paged, Word
from tongbao.gateway.encoding import JsonResponse
from tongbao.gateway.openapi_records import document_of
from tongbao.kernel.records import Record, Told
from tongbao.kernel.registry import Registry

_NAMED = ("party", "account", "asset")
"""Filters that name something that has to be there."""


def router_of(registry: Registry) -> APIRouter:
    """The routes of every record of these rules."""
    router = APIRouter(default_response_class=JsonResponse)
    for module in registry.modules.values():
        for record in module.records:
            _add(router, record, module.name)
    return router


def _add(router: APIRouter, record: Record | Told, tag: str) -> None:
    document = document_of(record)
    several = record.path.rsplit("/", 1)[1].replace("-", "_")
    router.add_api_route(
        record.path, _list_of(record), name=several, tags=[tag], description=record.meaning,
        responses=openapi.page(document),
    )  # fmt: skip
    if len(record.key) == 1:
        path = f"{record.path}/{{key:path}}"
        router.add_api_route(
            path, _one_of(record), name=record.name, tags=[tag],
            description=f"One row of {record.path}.", responses=openapi.answer(document),
        )  # fmt: skip


def _list_of(record: Record | Told) -> Any:
    async def answer(asked: Asked, **filters: str | None) -> Response:
        named = {name: value for name, value in filters.items() if name in _NAMED}
        return await asked.page(
            lambda q: q.records.list_rows(record.name, filters, **asked.at), **named
        )

    keyword = Parameter.KEYWORD_ONLY
    kinds: dict[str, Any] = dict.fromkeys(record.filters, Filter)
    if record.states:
        kinds["state"] = Literal[record.states] | None
    parameters = [Parameter("asked", keyword, annotation=Paged)]
    parameters += [
        Parameter(name, keyword, default=None, annotation=kind) for name, kind in kinds.items()
    ]
    answer.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return answer


def _one_of(record: Record | Told) -> Any:
    async def answer(asked: Fresh, key: str) -> Response:
        kind = record.name.replace("_", " ")
        return await asked.one(kind, key, lambda q: q.records.one_row(record.name, key))

    keyword = Parameter.KEYWORD_ONLY
    answer.__signature__ = Signature([  # type: ignore[attr-defined]
        Parameter("asked", keyword, annotation=Freshly), Parameter("key", keyword, annotation=Word)
    ])  # fmt: skip
    return answer
