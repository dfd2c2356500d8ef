"""The description of the API: whole, readable by generators of clients, amounts of one form."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import Node, new_body, new_envelope, transfer

from tongbao.gateway.encoding import plain, plain_values
from tongbao.gateway.on_demand import every
from tongbao.kernel.codes import Code
from tongbao.kernel.fields import field_of, fields_of
from tongbao.kernel.wording import amounts_of
from tongbao.modules import installed
from tongbao.modules.assets import Issue
from tongbao.modules.exchange import PlaceOffer

PATTERN = "^-?[0-9]+$"
MAPS = {"totals", "bilateral"}
"""Objects from an asset, or an account, to an amount."""
ELSEWHERE = {"DeskPayment": "currency", "DeskBatch": "currency", "DeskLimit": "currency"}
"""What tells a payment file calls the asset as the file does."""
OF_ITS_PART = {
    "ExchangeFillValue", "SettlementInstructionValue", "CorridorsFeeValue", "CorridorsLimitValue",
    "CorridorsThresholdValue",
}  # fmt: skip
"""The hop around it, the step beside it, or the corridor names the asset."""
UNSIGNED = re.compile(r"^([a-z_]+\.\w+|Action|Body|Envelope|Signature)$")
"""Schemas of what is signed, where an amount is a whole number."""


@pytest.fixture(scope="module")
def described(node: Node) -> dict[str, Any]:
    reply: dict[str, Any] = node.http.get("/openapi.json").json()
    return reply


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in described["paths"].items():
        for method, operation in found.items():
            yield path, method, operation


def fields(described: dict[str, Any], *, signed: bool) -> Iterator[tuple[str, str, Any]]:
    for name, schema in described["components"]["schemas"].items():
        if bool(UNSIGNED.match(name)) == signed:
            for field, reported in schema.get("properties", {}).items():
                yield name, field, reported


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, list):
        for one in schema:
            yield from parts(one)
    elif isinstance(schema, dict):
        yield schema
        for one in schema.values():
            yield from parts(one)


def test_every_reference_leads_to_a_schema(described: dict[str, Any]) -> None:
    known = described["components"]["schemas"]
    for one in parts(described):
        if isinstance(one.get("$ref"), str):
            assert one["$ref"].removeprefix("#/components/schemas/") in known


def test_generators_find_no_boolean_schema_no_array_of_nothing_and_no_name_twice(
    described: dict[str, Any],
) -> None:
    schemas = described["components"]["schemas"]
    titles = [one["title"] for one in schemas.values() if "title" in one]
    assert len(set(titles)) == len(titles)
    for one in parts(schemas):
        assert not isinstance(one.get("items"), bool)
        if one.get("type") == "array":
            assert one.keys() & {"items", "prefixItems"}
        if "pattern" in one and one.get("default") is not None:
            assert re.search(one["pattern"], str(one["default"]))


def test_every_operation_tells_what_it_answers_and_that_refusals_are_problems(
    described: dict[str, Any],
) -> None:
    for path, method, operation in operations(described):
        assert operation["summary"], path
        assert operation["tags"], path
        responses = operation["responses"]
        assert "application/problem+json" in responses["default"]["content"]
        for status, reported in responses.items():
            assert all(one["schema"] for one in reported["content"].values()), (
                method,
                path,
                status,
            )


def test_every_route_is_described(node: Node, described: dict[str, Any]) -> None:
    pages = {"/", "/docs", "/openapi.json"}
    for route in every(node.server.app.routes):
        path = re.sub(r":path\}", "}", getattr(route, "path", ""))
        if getattr(route, "include_in_schema", False) and path not in pages:
            assert path in described["paths"], path


def test_an_amount_in_an_answer_is_a_string_of_minor_units_beside_its_asset(
    described: dict[str, Any],
) -> None:
    schemas = described["components"]["schemas"]
    for name, field, reported in fields(described, signed=False):
        if not field.endswith("_minor"):
            continue
        strings = [one for one in parts(reported) if one.get("type") == "string"]
        assert [one.get("pattern") for one in strings] == [PATTERN], (name, field)
        assert not [one for one in parts(reported) if one.get("type") in ("integer", "number")]
        beside = ELSEWHERE.get(name, "asset")
        assets = [one for one in schemas[name]["properties"] if beside in one]
        assert assets or name in OF_ITS_PART, f"{name}.{field}: of which asset?"


def test_nothing_but_what_is_named_minor_has_the_form_of_an_amount(
    described: dict[str, Any],
) -> None:
    for name, field, reported in fields(described, signed=False):
        form = any("Minor units" in str(one.get("description")) for one in parts(reported))
        assert not form or field.endswith("_minor") or field in MAPS, (name, field)
        if re.search(r"amount|balance|available|reserved", field) and not field.endswith("_ms"):
            assert field.endswith("_minor"), (name, field)


def test_an_amount_that_is_signed_is_a_whole_number(described: dict[str, Any]) -> None:
    for name, field, reported in fields(described, signed=True):
        if field.endswith("_minor"):
            assert reported["type"] == "integer", (name, field)


def test_an_amount_in_a_query_is_a_string_of_minor_units(described: dict[str, Any]) -> None:
    found = 0
    for path, _, operation in operations(described):
        for one in operation.get("parameters", ()):
            if re.search(r"amount|minor", one["name"]):
                found += 1
                assert one["name"].endswith("_minor"), (path, one["name"])
                kinds = {part.get("type") for part in parts(one["schema"])} - {None, "null"}
                assert kinds == {"string"}, (path, one["name"])
    assert found >= 4


def test_what_was_signed_and_what_happened_tell_amounts_in_the_form_of_every_answer() -> None:
    offer = PlaceOffer("bank-south/main", "CNY", 100, "HKD", 11, 10)
    reported = plain(offer)
    assert (reported["sell_minor"], reported["price_buy"], reported["price_sell"]) == (
        "100",
        "11",
        "10",
    )
    for module in installed():
        for event in module.events:
            amounts = amounts_of(getattr(event, "says", ("",))[0])
            kinds = {name: field_of(hint).kind for name, hint in fields_of(event).items()}
            assert all(kinds[one] in ("amount", "whole") for one in amounts), event


def test_amounts_among_the_values_of_a_refusal_are_strings_and_counts_are_numbers() -> None:
    class Sample(Code):
        ABOVE = (99_001, "never", "{limit:money} of {asset}, {count} times")

    values = plain_values(Sample.ABOVE, {"limit": 5, "asset": "CNY", "count": 3})
    assert values == {"limit": "5", "asset": "CNY", "count": 3}


def test_a_refusal_a_dry_run_and_a_recorded_transaction_have_amounts_of_one_form(
    node: Node,
) -> None:
    body = new_body(transfer(10**15))
    kind = {"content-type": "application/json"}
    tried = node.http.post("/v1/simulate", content=body, headers=kind).json()
    reply = node.http.post(
        "/v1/transactions", content=new_envelope(transfer(10**15)), headers=kind
    ).json()
    recorded = node.http.get(f"/v1/transactions/{reply['result']['digest']}").json()
    for values in (tried["values"], reply["values"], reply["result"]["values"], recorded["values"]):
        assert values["available"] == tried["values"]["available"]
        assert re.fullmatch(PATTERN, values["available"])
    assert recorded["body"]["actions"][0]["amount_minor"] == str(10**15)
    assert plain(Issue("hengtong/main", "CNY", 5))["amount_minor"] == "5"


@pytest.mark.parametrize(
    ("method", "path", "content", "media", "status"),
    [
        ("GET", "/nothing", b"", "", 404),
        ("DELETE", "/v1/status", b"", "", 405),
        ("OPTIONS", "/v1/status", b"", "", 405),
        ("HEAD", "/v1/events", b"", "", 405),
        ("POST", "/v1/transactions", b"{", "application/json", 400),
        ("POST", "/v1/transactions", b"{}", "text/xml", 415),
        ("POST", "/v1/transactions", b"{" * 2_200_000, "application/json", 413),
        ("POST", "/v1/transactions/batch", b"{}", "application/json", 400),
        ("POST", "/v1/simulate", b"[]", "application/json", 400),
        ("POST", "/v1/accounts/resolve", b"{", "application/json", 400),
        ("GET", "/v1/transactions/xyz", b"", "", 422),
    ],
)
def test_every_refusal_is_a_problem(
    node: Node, method: str, path: str, content: bytes, media: str, status: int
) -> None:
    headers = {"content-type": media} if media else {}
    reply = node.http.request(method, path, content=content or None, headers=headers)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    if method != "HEAD":
        problem = reply.json()
        assert {"type", "title", "status", "detail", "instance", "code", "name"} <= problem.keys()
        assert problem["status"] == status


def test_head_answers_as_get_without_the_content(node: Node) -> None:
    for path in ("/v1/parties", "/livez", "/v1/codes", "/openapi.json"):
        got, head = node.http.get(path), node.http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize(
    "reply", [b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\r\n\r\n"]
)
def test_what_is_no_http_is_refused_with_a_problem_too(node: Node, reply: bytes) -> None:
    with socket.create_connection(("127.0.0.1", node.server.port), timeout=10) as made:
        made.sendall(reply)
        answer = b""
        while part := made.recv(65536):
            answer += part
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json" in head
    assert msgspec.json.decode(content)["status"] == 400


def test_every_operation_has_a_short_name_of_its_own_and_the_title_is_plain(
    described: dict[str, Any],
) -> None:
    """Generators of clients name their functions and their package after them."""
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{2,40}", name) for name in names)
    assert described["info"]["title"].isascii()
    taken = {"quote", "client", "body", "url", "headers", "params", "response"}
    for path, _, operation in operations(described):
        for one in operation.get("parameters", ()):
            assert one["in"] != "path" or one["name"] not in taken, path


def test_every_action_and_row_says_what_its_fields_are_and_whose_row_they_name(
    described: dict[str, Any],
) -> None:
    schemas = described["components"]["schemas"]
    of_action = schemas["payments.PostHold"]["properties"]
    assert of_action["hold"] | {"x-kind": "id", "x-record": "hold"} == of_action["hold"]
    assert of_action["amount_minor"]["x-kind"] == "amount"
    of_row = schemas["QueuedPayment"]["properties"]
    assert (of_row["payer"]["x-record"], of_row["run"]["x-record"]) == ("account", "netting_run")
    for module in installed():
        for kind in module.transactions:
            fields_there = schemas[f"{module.name}.{kind.__name__}"]["properties"]
            assert all("x-kind" in one for name, one in fields_there.items() if name != "type")
