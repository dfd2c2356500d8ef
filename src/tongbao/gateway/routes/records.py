"""Lists and single rows of whatever the modules declare as records."""

from __future__ import annotations

from functools import partial
from inspect import Parameter, Signature
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Asked, Filter, Fresh, Freshly, Moment, Paged, Word
from tongbao.gateway.described.modules import modules_of
from tongbao.gateway.described.records import document_of
from tongbao.gateway.encoding import JsonResponse, RawJson
from tongbao.gateway.gateway import gateway_of, in_thread
from tongbao.gateway.on_demand import OnDemand
from tongbao.kernel.codes import refuse
from tongbao.kernel.records import SIDES, EventList, Record
from tongbao.kernel.registry import Registry
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.descriptions import ModuleDescription

InLine = Annotated[
    bool, Query(description="Only what waits, as it comes, with positions; a filter says where.")
]


router = APIRouter(tags=["node"], default_response_class=JsonResponse)


@router.get(
    "/v1/modules",
    summary="What there is to list and to do",
    responses=openapi.many(ModuleDescription, "By module."),
)
async def modules(request: Request) -> Response:
    """Records with their members, actions with their fields, in English and Chinese: enough to make
    a list, a page or a form for each."""
    gateway = gateway_of(request)
    registry = gateway.application.protocols.newest

    def make() -> bytes:
        return msgspec.json.encode(modules_of(registry))

    return RawJson(await in_thread(lambda: gateway.once("modules", make)))


def routes_of(registry: Registry) -> list[OnDemand]:
    """The routes of every record of these rules."""
    return [
        OnDemand(record.path, partial(_router, record, module.name, registry))
        for module in registry.modules.values()
        for record in module.records
    ]


def _router(record: Record | EventList, tag: str, registry: Registry) -> APIRouter:
    router = APIRouter(
        default_response_class=JsonResponse, generate_unique_id_function=openapi.operation_id
    )
    document = document_of(record)
    router.add_api_route(
        record.path, _list_of(record, registry), name=record.several, tags=[tag],
        description=record.meaning, responses=openapi.page(document),
    )  # fmt: skip
    if len(record.key) == 1:
        path = f"{record.path}/{{key:path}}"
        one = record.name if record.name != record.several else f"one_{record.name}"
        router.add_api_route(
            path, _one_of(record), name=one, tags=[tag],
            description=f"One row of {record.path}.", responses=openapi.answer(document),
        )  # fmt: skip
    return router


def _kinds_named(record: Record | EventList, registry: Registry) -> dict[str, str]:
    """Filter -> of what kind the thing is that it names, where it names one."""
    kinds = {one.name: one.kind for one in record.columns}
    found = {name: kinds.get(name, SIDES.get(name, name)) for name in record.filters}
    single = {name for name, one in registry.records.items() if len(one.key) == 1}
    found |= {name: name for name in found if name in single and kinds.get(name, "id") == "id"}
    return {name: kind for name, kind in found.items() if kind in single}


def _list_of(record: Record | EventList, registry: Registry) -> Any:
    line, named_kinds = record.line, _kinds_named(record, registry)

    async def answer(asked: Asked, in_line: bool = False, **filters: Any) -> Response:
        if in_line and line is not None and not filters[line.of]:
            refuse(GatewayCode.BAD_PARAMETER, field=line.of, reason="in_line is of one line")
        named: dict[str, list[str | None]] = {}
        for name, kind in named_kinds.items():
            named.setdefault(kind, []).append(filters[name])
        return await asked.page(
            lambda q, v: q.records.list_rows(v, record.name, filters, in_line=in_line, **asked.at),
            **named,
        )

    keyword = Parameter.KEYWORD_ONLY
    kinds: dict[str, Any] = dict.fromkeys(record.filters, Filter)
    kinds |= {name: Moment for name in record.filters if name in ("since_ms", "until_ms")}
    if record.states:
        kinds["state"] = Literal[record.states] | None
    parameters = [Parameter("asked", keyword, annotation=Paged)]
    if line is not None:
        parameters.append(Parameter("in_line", keyword, default=False, annotation=InLine))
    parameters += [
        Parameter(name, keyword, default=None, annotation=kind) for name, kind in kinds.items()
    ]
    answer.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return answer


def _one_of(record: Record | EventList) -> Any:
    async def answer(asked: Fresh, key: str) -> Response:
        kind = record.name.replace("_", " ")
        return await asked.one(kind, key, lambda q, v: q.records.one_row(v, record.name, key))

    keyword = Parameter.KEYWORD_ONLY
    answer.__signature__ = Signature([  # type: ignore[attr-defined]
        Parameter("asked", keyword, annotation=Freshly), Parameter("key", keyword, annotation=Word)
    ])  # fmt: skip
    return answer
