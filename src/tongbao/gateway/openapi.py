"""OpenAPI 3.1 from the same types that the answers are made of."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from tongbao.gateway.described import actions
from tongbao.gateway.encoding import RawJson
from tongbao.gateway.gateway import gateway_of, in_thread
from tongbao.gateway.on_demand import every
from tongbao.sdk import answers, documents

PATH = "/openapi.json"
_REF = "#/components/schemas/{name}"
_DESCRIBED: dict[str, Any] = {"ProblemDocument": answers.ProblemDocument}
"""Every document that some endpoint answers with, by the name of its schema."""
TAGS = [
    {"name": "transactions", "description": "Submit signed transactions; ask what became of them."},
    {"name": "ledger", "description": "Blocks, receipts, genesis, codes: the chain itself."},
    {"name": "proofs", "description": "For those who verify: light blocks, rows with proofs."},
    {"name": "parties", "description": "Who takes part, with which keys and policies."},
    {"name": "accounts", "description": "Accounts, holdings, entries, holds and limits."},
    {"name": "payments", "description": "What is set aside, or ordered for later; search."},
    {"name": "assets", "description": "What is held."},
    {"name": "exchange", "description": "Books, offers, trades, pools, quotes, the best routes."},
    {"name": "governance", "description": "Who signs blocks, what members vote on, upgrades."},
    {"name": "settlement", "description": "Settlement batches; queues, positions, netting runs."},
    {"name": "corridors", "description": "Prices with every cost; cross-border payments."},
    {"name": "desk", "description": "Payment files: checked, repaired, approved, released."},
    {"name": "events", "description": "What happens, as a stream or in pages."},
    {"name": "login", "description": "Log in by a key of the ledger; who asks."},
    {"name": "node", "description": "Health and figures of this node."},
]
DESCRIPTION = """\
The door to one node of a Tongbao (通宝) ledger.

**Amounts** in answers are decimal strings of minor units; times are UTC milliseconds since 1970.
**Errors** are RFC 9457 problems with our `code`, `name`, `retry` and `values`; `detail` follows
Accept-Language (`en`, `zh`) and `detail_zh` is always there. **Retrying** the same bytes is always
safe: a transaction is named by (party, reference) and settles once.
**Who asks** is known by a token (`Authorization: Bearer`); without one only what is public is
shown, and what somebody may not read is answered as what is not there.
**Lists** are paged by cursor, newest first where time orders them (`order=oldest` turns them), and
counted with `count=true`; with `Accept: text/csv` a page is CSV, and headers say where it goes on
(`Tongbao-Next-Cursor`, `Link`). **Fresh**: the answer of a write says its block in
`Tongbao-Height`; a read with `min_height` waits for that block, or is a problem (503) to try again.
"""
_PARTS = frozenset(("desk", "exchange", "governance", "light", "origin"))
EXAMPLE_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
EXAMPLE_ENVELOPE = {
    "body": {
        "chain": "tongbao-demo-1",
        "party": "hengtong",
        "reference": "INV-2026-0042",
        "expires_at_ms": 1_790_000_000_000,
        "actions": [
            {
                "type": "payments.transfer",
                "payer": "hengtong/main",
                "payee": "mingda/main",
                "asset": "CNY",
                "amount_minor": 1_250_000,
                "payee_reference": "INV-2026-0042",
            }
        ],
    },
    "signatures": [
        {"suite": "ed25519", "key": "base64, 32 bytes", "signature": "base64, 64 bytes"}
    ],
}
EXAMPLE_RESULT = {"status": "recorded", "digest": EXAMPLE_DIGEST, "height": 12, "position": 0}
EXAMPLE_PROBLEM = {
    "type": "/v1/codes/4005",
    "title": "Insufficient funds",
    "status": 422,
    "detail": "hengtong/main has 200 of CNY available; 1250000 was to be paid",
    "instance": "/v1/transactions",
    "code": 4005,
    "name": "INSUFFICIENT_FUNDS",
    "retry": "after_change",
    "values": {"account": "hengtong/main", "available": "200", "amount": "1250000"},
    "detail_zh": "hengtong/main 可用 CNY 为 200，需支付 1250000",
    "result": {**EXAMPLE_RESULT, "code": 4005, "name": "INSUFFICIENT_FUNDS"},
}


def ref(name: str) -> dict[str, str]:
    """A reference to a document's schema."""
    return {"$ref": _REF.format(name=name)}


def content(schema: dict[str, Any], example: Any = None, media: str = "application/json") -> Any:
    """The `content` of a body or an answer."""
    reply: dict[str, Any] = {"schema": schema}
    if example is not None:
        reply["example"] = example
    return {media: reply}


def answer(
    kind: type[Any], description: str = "The answer.", example: Any = None, status: int = 200
) -> dict[int | str, dict[str, Any]]:
    """`responses` of an endpoint that answers with a document."""
    _DESCRIBED[kind.__name__] = kind
    body = content(ref(kind.__name__), example)
    return {status: {"description": description, "content": body}}


def many(kind: type[Any], description: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """`responses` of an endpoint that answers with an array of documents."""
    _DESCRIBED[kind.__name__] = kind
    schema = {"type": "array", "items": ref(kind.__name__)}
    return {status: {"description": description, "content": content(schema)}}


def document_ref(kind: type[Any]) -> dict[str, str]:
    """A reference to the schema of a document that is sent to us."""
    _DESCRIBED[kind.__name__] = kind
    return ref(kind.__name__)


def page_ref(kind: type[Any]) -> dict[str, str]:
    """A reference to the schema of a page of documents."""
    name = f"Page_{kind.__name__}_"
    _DESCRIBED[name] = documents.Page[kind]  # type: ignore[valid-type]
    return ref(name)


def page(kind: type[Any], description: str = "One page.") -> dict[int | str, dict[str, Any]]:
    """`responses` of a list."""
    forms = content(page_ref(kind)) | content({"type": "string"}, media="text/csv")
    return {200: {"description": description, "content": forms}}


def operation_id(route: APIRoute) -> str:
    """The name of an operation: the endpoint's, behind the part of the API where several have it.

    Generators of clients call their functions so.
    """
    part = route.path.split("/")[2] if route.path.startswith("/v1/") else ""
    own = part in _PARTS and not route.name.startswith(part)
    return f"{part}_{route.name}" if own else route.name


def install(app: FastAPI) -> None:
    """Have the application describe itself."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    async def answer(request: Request) -> Response:
        gateway = gateway_of(request)

        def made() -> bytes:
            return gateway.once("openapi", lambda: msgspec.json.encode(describe()))

        return RawJson(await in_thread(made))

    app.openapi = describe  # type: ignore[method-assign]
    app.add_route(PATH, answer, include_in_schema=False)


def _tidy_media(responses: dict[str, Any]) -> None:
    """Leave out the JSON that FastAPI adds where another form is answered; name what a form is."""
    for reported in responses.values():
        media: dict[str, Any] = reported.get("content", {})
        if len(media) > 1 and not media.get("application/json", {"schema": 1}).get("schema"):
            del media["application/json"]
        for one in media.values():
            one.setdefault("schema", {"type": "string"})


def _for_generators(schema: Any) -> None:
    """Say the same as generators of clients read it.

    `items: false` of a tuple is what its `maxItems` says, and they know no schema that is a
    boolean; an array without `items` is one of anything.
    """
    if isinstance(schema, list):
        for one in schema:
            _for_generators(one)
    elif isinstance(schema, dict):
        if schema.get("items") is False and "maxItems" in schema:
            del schema["items"]
        if schema.get("type") == "array" and not schema.keys() & {"items", "prefixItems"}:
            schema["items"] = {}
        for one in schema.values():
            _for_generators(one)


def _schema(app: FastAPI) -> dict[str, Any]:
    routes = every(app.routes)  # those made on demand bring their schemas
    schema = get_openapi(
        title=app.title, version=app.version, openapi_version="3.1.0",
        description=DESCRIPTION, routes=routes, tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    _, components = msgspec.json.schema_components(_DESCRIBED.values(), ref_template=_REF)
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas.clear()  # FastAPI's own error models: our errors are problems
    schemas.update(components)
    schemas.update(actions.schemas())
    _for_generators(schemas)
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    schema["security"] = [{}, {"token": []}]
    refused = {
        "description": "A problem (RFC 9457).",
        "content": content(ref("ProblemDocument"), EXAMPLE_PROBLEM, "application/problem+json"),
    }
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            _tidy_media(operation["responses"])
            operation["responses"]["default"] = refused
    return schema
