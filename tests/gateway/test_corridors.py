"""Corridors over HTTP: what is asked wrongly is refused with a reason; what is not there is 404."""

from __future__ import annotations

import asyncio

import pytest
from tests.gateway.conftest import TOKEN, Node

from tongbao.sdk import AsyncClient, Problem

UETR = "7d3c1d0a-5f0b-4c7e-9a61-0f7b2a9c5d11"
OPTIONS = "/v1/fx/options?send_asset=CNY&receive_asset=CNY"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/v1/cross-border-payments/{UETR}", 404),
        (f"/v1/cross-border-payments/{UETR}/track", 404),
        ("/v1/cross-border-payments/no-uetr/track", 422),
        ("/v1/corridors/NOWHERE", 404),
        ("/v1/sealing-keys/hengtong", 404),
        (OPTIONS, 422),
        (f"{OPTIONS}&send_minor=5&receive_minor=5", 422),
        (f"{OPTIONS}&send_minor=-5", 422),
        (f"{OPTIONS}&send_minor={2**127}", 422),
        (f"{OPTIONS}&send_minor=5&bearer=OUR", 422),
        ("/v1/fx/options?send_asset=CNY&receive_asset=NOSUCH&send_minor=5", 422),
        ("/v1/corridors?cursor=nonsense", 422),
    ],
)
def test_what_is_asked_wrongly_is_a_problem_with_a_code(node: Node, path: str, status: int) -> None:
    answer = node.http.get(path)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert problem["code"] > 0
    assert problem["detail"]
    assert problem["detail_zh"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/corridors", "/v1/cross-border-payments?state=held",
        "/v1/charges?account=central-bank/main", "/v1/reference-rates?base=CNY",
        f"/v1/screening-results?subject={'0' * 64}", "/v1/payment-steps",
    ],
)  # fmt: skip
def test_a_list_of_what_has_not_happened_is_empty(node: Node, path: str) -> None:
    answer = node.http.get(path)
    assert answer.status_code == 200
    reply = answer.json()
    assert (reply["items"], reply["next_cursor"]) == ([], None)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/corridor-terms?corridor=NOWHERE", "corridor"),
        ("/v1/charges?account=no/body", "account"),
        ("/v1/cross-border-payments?corridor=NOWHERE", "corridor"),
        ("/v1/reference-rates?base=XXX", "asset"),
        ("/v1/cross-border-payments?party=nobody", "party"),
    ],
)  # fmt: skip
def test_a_list_about_what_does_not_exist_says_so(node: Node, path: str, kind: str) -> None:
    answer = node.http.get(path)
    assert (answer.status_code, answer.json()["name"]) == (404, "NOT_FOUND")
    assert answer.json()["values"]["kind"] == kind


def test_an_amount_that_nothing_carries_has_no_options(node: Node) -> None:
    reply = node.http.get(f"{OPTIONS}&send_minor=500").json()
    assert (reply["options"], reply["amount_minor"], reply["exact"]) == ([], "500", "send")


def test_the_asyncio_client_asks_the_same(node: Node) -> None:
    async def ask() -> tuple[int, str]:
        async with AsyncClient(node.url, token=TOKEN) as client:
            found = await client.corridors.options("CNY", "CNY", receive=7)
            listed = [one async for one in client.corridors.cross_border_payments(state="held")]
            listed += [one async for one in client.corridors.list()]  # type: ignore[misc]
            with pytest.raises(Problem) as missing:
                await client.corridors.track(UETR)
            return len(found.options) + len(listed), missing.value.name

    assert asyncio.run(ask()) == (0, "NOT_FOUND")


def test_every_endpoint_of_corridors_is_described(node: Node) -> None:
    paths = node.http.get("/openapi.json").json()["paths"]
    for path in ("/v1/fx/options", "/v1/corridors", "/v1/cross-border-payments/{uetr}/track"):
        answer = paths[path]["get"]["responses"]["200"]["content"]["application/json"]
        assert answer["schema"]
