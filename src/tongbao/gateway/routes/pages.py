"""Pages for people: what this node is, and its API described. Plain HTML, no script, no outside."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tongbao import __version__
from tongbao.gateway.gateway import gateway_of, in_thread
from tongbao.kernel.hashing import content_digest

router = APIRouter(include_in_schema=False)
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1f24;background:#fff}code,pre{font:14px/1.5 ui-monospace,monospace}"
    "h2{border-bottom:1px solid #d0d7de;margin-top:2.5rem}table{border-collapse:collapse}"
    "td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}"
    "summary{cursor:pointer;padding:.3rem 0}summary b{display:inline-block;min-width:4rem}"
    "details>div{padding:0 0 1rem 4rem}a{color:#0a58ca}.quiet{color:#57606a}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}a{color:#79b8ff}}"
)
_HASH = b64encode(content_digest(STYLE.encode())).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'none'"
)
"""Nothing runs and nothing is fetched; the one style is the one above."""


def _page(title: str, body: str) -> Response:
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style>{body}</html>"
    )
    return HTMLResponse(html, headers={"content-security-policy": POLICY})


@router.get("/")
async def home(request: Request) -> Response:
    """What this is, and where to go on."""
    application = gateway_of(request).application
    chain, tip = application.genesis.chain, application.tip
    return _page(
        f"Tongbao 通宝: {chain}",
        "<h1>Tongbao 通宝</h1><p>A node of a ledger for regulated finance: payments that settle"
        " with finality and proof.</p>"
        "<p lang='zh'>面向受监管金融的账本节点：付款一经结算即为最终，并可证明。</p>"
        f"<table><tr><th>Chain 链<td>{escape(chain)}<tr><th>Newest block 最新区块<td>{tip.height}"
        f"<tr><th>Version 版本<td>{escape(__version__)}</table><ul>"
        "<li><a href='/console/'>/console/</a>: the ledger in the browser 浏览器控制台"
        "<li><a href='/docs'>/docs</a>: every request of the API 接口文档"
        "<li><a href='/openapi.json'>/openapi.json</a>: the same for programs 机器可读的接口描述"
        "<li><a href='/v1/status'>/v1/status</a>: where the node stands 节点状态"
        "<li><a href='/readyz'>/readyz</a>: whether it is ready 是否就绪</ul>",
    )  # fmt: skip


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The API, request by request."""
    gateway = gateway_of(request)

    def make() -> bytes:
        return "".join(_described(request.app.openapi())).encode()

    body = await in_thread(lambda: gateway.once("docs", make))
    return _page("Tongbao API", body.decode())


def _described(api: dict[str, Any]) -> Iterator[str]:
    info = api["info"]
    yield f"<h1>{escape(info['title'])} <span class=quiet>{escape(info['version'])}</span></h1>"
    for part in info["description"].split("\n\n"):
        yield f"<p>{escape(part).replace('**', '')}</p>"
    yield "<p>For programs: <a href='/openapi.json'>/openapi.json</a>."
    yield " What this node is: <a href='/'>/</a>.</p>"
    operations: dict[str, list[str]] = {}
    for path, methods in api["paths"].items():
        for method, reply in methods.items():
            tag = (reply.get("tags") or ["node"])[0]
            operations.setdefault(tag, []).append("".join(_operation(path, method, reply)))
    for tag in api["tags"]:
        if tag["name"] in operations:
            yield f"<h2 id='{tag['name']}'>{escape(tag['name'].capitalize())}</h2>"
            yield f"<p>{escape(tag['description'])}</p>"
            yield from operations[tag["name"]]
    yield "<h2 id='documents'>Documents</h2>"
    for name, schema in sorted(api["components"]["schemas"].items()):
        yield from _document(name, schema)


def _operation(path: str, method: str, reply: dict[str, Any]) -> Iterator[str]:
    summary = escape(reply.get("summary", ""))
    yield f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
    yield f"<span class=quiet>{summary}</span></summary><div>"
    yield f"<p>{escape(reply.get('description', ''))}</p><table>"
    for one in reply.get("parameters", ()):
        where = escape(one["in"]) + (", required" if one.get("required") else "")
        reported = escape(one.get("description") or _kind(one.get("schema", {})))
        yield f"<tr><td><code>{escape(one['name'])}</code><td class=quiet>{where}<td>{reported}"
    if "requestBody" in reply:
        reported = escape(reply["requestBody"].get("description", ""))
        yield f"<tr><td>body<td class=quiet>{_links(reply['requestBody'])}<td>{reported}"
    for status, answer in reply.get("responses", {}).items():
        reported = escape(answer.get("description", ""))
        yield f"<tr><td>{escape(status)}<td>{_links(answer)}<td>{reported}"
    yield "</table></div></details>"


def _links(part: dict[str, Any]) -> str:
    schemas = [one.get("schema", {}) for one in part.get("content", {}).values()]
    return " ".join(dict.fromkeys(_kind_link(one) for one in schemas))


def _kind_link(schema: dict[str, Any]) -> str:
    name = schema.get("$ref", "").rpartition("/")[2]
    return f"<a href='#{escape(name)}'>{escape(name)}</a>" if name else escape(_kind(schema))


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return " or ".join(dict.fromkeys(_kind(one) for one in options))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items') or {}) or 'values'}"
    return str(schema.get("type", ""))


def _document(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"<details id='{escape(name)}'><summary><code>{escape(name)}</code></summary><div>"
    yield f"<p>{escape(schema.get('description', ''))}</p><table>"
    for field, kind in schema.get("properties", {}).items():
        reported = escape(kind.get("description", ""))
        yield f"<tr><td><code>{escape(field)}</code><td>{_kind_link(kind)}<td>{reported}"
    yield "</table></div></details>"
