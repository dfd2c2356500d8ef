"""A cursor goes on in the list that made it, and in no other (case D07)."""

from __future__ import annotations

import base64

import pytest
from tests.gateway.conftest import Node, new_envelope, transfer

from tongbao.sdk.api_codes import GatewayCode

ENTRIES = "/v1/entries"
OF = {"account": "hengtong/main"}


@pytest.fixture(scope="module")
def cursor(node: Node) -> str:
    """A cursor of an account's entries, of one a page."""
    node.client().submit([new_envelope(transfer(n)) for n in range(1, 6)])
    page = node.http.get(ENTRIES, params={**OF, "limit": 1}).json()
    return str(page["next_cursor"])


@pytest.mark.parametrize(
    "path",
    [
        "/v1/entries?account=mingda/main", f"{ENTRIES}?account=hengtong/main&asset=CNY",
        f"{ENTRIES}?account=hengtong/main&since_ms=0", ENTRIES, "/v1/transactions",
        "/v1/transactions?party=hengtong",
        "/v1/parties", "/v1/accounts", "/v1/blocks", "/v1/trades",
        "/v1/settlement-batches", "/v1/queued-payments", "/v1/votes",
    ],
)  # fmt: skip
def test_a_cursor_of_another_list_is_refused_and_skips_nothing(
    node: Node, cursor: str, path: str
) -> None:
    answer = node.http.get(path, params={**dict(_query(path)), "cursor": cursor})
    assert (answer.status_code, answer.json()["name"]) == (422, "BAD_CURSOR"), answer.text
    assert answer.json()["detail"] == "the cursor was not given by this list"


@pytest.mark.parametrize("more", [{"limit": 7}, {"min_height": 0}, {"limit": 1000}])
def test_a_cursor_goes_on_whatever_the_size_of_the_page_and_its_freshness(
    node: Node, cursor: str, more: dict[str, int]
) -> None:
    first = node.http.get(ENTRIES, params={**OF, "limit": 1}).json()["items"][0]["entry"]
    answer = node.http.get(ENTRIES, params={**OF, "cursor": cursor, **more})
    assert answer.status_code == 200
    assert first not in [one["entry"] for one in answer.json()["items"]]


@pytest.mark.parametrize("bad", ["eyJ9", "x", "~", "AAAA~", "", "~eyJ9", "é~1", "a" * 400])
def test_what_no_list_made_is_refused(node: Node, cursor: str, bad: str) -> None:
    mark = cursor.partition("~")[0]
    wider = base64.urlsafe_b64encode(b"[1,2,3,4]").decode().rstrip("=")
    for given in (bad, f"{mark}~{wider}", f"{mark}~", f"{mark}~{bad}"):
        answer = node.http.get(ENTRIES, params={**OF, "cursor": given})
        assert answer.status_code == 422, given
        assert answer.json()["code"] == GatewayCode.BAD_CURSOR


def _query(path: str) -> list[tuple[str, str]]:
    _, _, query = path.partition("?")
    return [tuple(one.split("=", 1)) for one in query.split("&") if one]  # type: ignore[misc]
