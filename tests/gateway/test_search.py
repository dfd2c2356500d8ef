"""Finding things by whatever somebody has of them."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import Node, new_body, new_envelope, sign, transfer

from tongbao.modules.payments import Hold, ScheduleTransfer, Transfer
from tongbao.node.clock import utc_ms

UETR = "7a5628d7-7a36-4c2c-8f67-27f1d0a3c1aa"
REMITTANCE = "Rechnung 4711/B 货款 螺丝 ＮＯ．９"
REFERENCE = "E2E-4711-X"
NAME = "MSG-2026-11/1"


@pytest.fixture(scope="module")
def paid(node: Node) -> dict[str, Any]:
    """One payment with everything that a payment may say, among others."""
    client = node.client()
    reported = Transfer(
        "hengtong/main", "mingda/main", "CNY", 123_457, payee_reference=REFERENCE, uetr=UETR,
        remittance=REMITTANCE,
    )  # fmt: skip
    client.submit([new_envelope(transfer(n)) for n in range(5, 9)])
    envelope = sign(new_body(reported, reference=NAME), "hengtong")
    result = client.submit_and_wait(envelope)
    later = utc_ms() + 3_600_000
    client.submit_and_wait(new_envelope(
        ScheduleTransfer("hengtong/main", "mingda/main", "CNY", 77, later, "SCHED-1")
    ))  # fmt: skip
    client.submit_and_wait(
        new_envelope(
            Hold("hengtong/main", "mingda/main", "CNY", 5, later, payee_reference="HOLD-1")
        )
    )
    assert result.digest == hashlib.sha256(envelope).hexdigest()
    return {"digest": result.digest, "height": result.height}


def found(node: Node, q: str, **params: Any) -> list[dict[str, Any]]:
    """What a search finds, all pages."""
    answer = node.http.get("/v1/search", params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    reply = answer.json()
    items: list[dict[str, Any]] = reply["items"]
    if reply["next_cursor"] is not None:
        items += found(node, q, **{**params, "cursor": reply["next_cursor"]})
    return items


@pytest.mark.parametrize(
    ("q", "matched"),
    [
        (UETR, "uetr"), (UETR.upper(), "uetr"), (f"{{{UETR}}}", "uetr"),
        (UETR.replace("-", ""), "uetr"), ("TB" + UETR.replace("-", ""), "uetr"),
        (f"  {UETR} ", "uetr"),
        (REFERENCE, "payee_reference"), ("1234.57", "amount"), ("1,234.57", "amount"),
        ("1234.57 CNY", "amount"),
        ("CNY 1,234.57", "amount"), ("1,234.57cny", "amount"), ("rechnung", "text"),
        ("Rechnung 4711", "text"), ("4711/B", "text"), ("货款", "text"), ("款 螺丝", "text"),
        ("螺", "text"), ("no.9", "text"), ("e2e-4711-x", "text"),
    ],
)  # fmt: skip
def test_a_payment_is_found_by_any_id_its_amount_and_its_words(
    node: Node, paid: dict[str, Any], q: str, matched: str
) -> None:
    hits = [one for one in found(node, q) if one["digest"] == paid["digest"]]
    payments = [one for one in hits if one["kind"] == "payment"]
    assert [one["matched"] for one in payments] == [matched]
    [one] = payments
    assert (one["payer"], one["payee"]) == ("hengtong/main", "mingda/main")
    assert (one["amount_minor"], one["asset"]) == ("123457", "CNY")
    assert (one["remittance"], one["payee_reference"]) == (REMITTANCE, REFERENCE)
    assert node.http.get(one["path"]).json()["digest"] == paid["digest"]


def test_a_transaction_is_found_by_digest_prefix_name_and_message(
    node: Node, paid: dict[str, Any]
) -> None:
    digest = paid["digest"]
    for q, matched in (
        (digest, "digest"), (digest[:8], "digest"),
        (f"B{paid['height']}/{digest[:12]}/1", "digest"),
        (f"receipt-{digest[:16]}.json", "digest"),
        (NAME, "reference"), (f"hengtong:{NAME}", "reference"), ("MSG-2026-11", "message_id"),
    ):  # fmt: skip
        hits = [one for one in found(node, q) if one["kind"] == "transaction"]
        assert (digest, matched) in [(one["digest"], one["matched"]) for one in hits], q


@pytest.mark.parametrize(
    ("q", "kind", "identity"),
    [
        ("mingda", "party", "mingda"), ("明达", "party", "mingda"), ("明达精密", "party", "mingda"),
        ("mingda/main", "account", "mingda/main"), ("CNY", "asset", "CNY"),
        ("6217880000000000001", "account", "bank-south/6217880000000000001"),
        ("6217 8800 0000 0000 001", "account", "bank-south/6217880000000000001"),
        ("SCHED-1", "scheduled_transfer", ""), ("HOLD-1", "hold", ""),
    ],
)  # fmt: skip
def test_parties_accounts_assets_and_orders_are_found(
    node: Node, paid: dict[str, Any], q: str, kind: str, identity: str
) -> None:
    hits = [one for one in found(node, q) if one["kind"] == kind]
    assert hits
    assert identity in ("", hits[0]["id"])
    assert node.http.get(hits[0]["path"]).status_code == 200


def test_a_day_finds_its_payments_newest_first(node: Node, paid: dict[str, Any]) -> None:
    time_ms = node.http.get(f"/v1/transactions/{paid['digest']}").json()["time_ms"]
    from datetime import UTC, datetime

    day = datetime.fromtimestamp(time_ms / 1000, UTC)
    for q in (f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}", f"{day:%Y%m%d}", f"{day:%Y年%m月%d日}"):
        hits = [one for one in found(node, q) if one["matched"] == "day"]
        assert paid["digest"] in [one["digest"] for one in hits], q
        heights = [one["height"] for one in hits]
        assert heights == sorted(heights, reverse=True)
    assert not [one for one in found(node, "2001-01-01") if one["matched"] == "day"]


def test_pages_of_a_search_are_the_search_and_tell_nothing_twice(
    node: Node, paid: dict[str, Any]
) -> None:
    for q in ("mingda", "1234.57", "INV-1", REFERENCE, paid["digest"][:6], "0.05"):
        whole = found(node, q, limit=1000)
        names = [(one["kind"], one["id"]) for one in whole]
        assert len(names) == len(set(names)), q
        for limit in (1, 2, 3):
            assert found(node, q, limit=limit) == whole, (q, limit)


def test_a_search_comes_in_the_order_that_is_asked_for_page_by_page(
    node: Node, paid: dict[str, Any]
) -> None:
    newest = [one for one in found(node, "INV-1") if one["kind"] == "payment"]
    oldest = [one for one in found(node, "INV-1", order="oldest") if one["kind"] == "payment"]
    assert len(newest) > 2
    assert [one["id"] for one in oldest] == [one["id"] for one in newest][::-1]
    assert found(node, "INV-1", order="newest") == found(node, "INV-1")
    assert found(node, "INV-1", order="oldest", limit=2) == found(node, "INV-1", order="oldest")


def test_blanks_of_other_kinds_find_what_the_common_one_does(
    node: Node, paid: dict[str, Any]
) -> None:
    for q in ("Rechnung\u30004711", "Rechnung\u00a04711", "\u3000Rechnung\u2003 4711"):
        assert paid["digest"] in [one["digest"] for one in found(node, q)], q


@pytest.mark.parametrize("time_ms", [253_402_300_800_000, 2**53, 2**63])
def test_a_moment_after_the_year_9999_is_no_moment_in_any_list(node: Node, time_ms: int) -> None:
    for path in ("/v1/entries", "/v1/accounts/hengtong/main/statement"):
        for name in ("since_ms", "until_ms"):
            answer = node.http.get(path, params={name: str(time_ms)})
            assert (answer.status_code, answer.json()["name"]) == (422, "BAD_PARAMETER")


def test_what_nothing_fits_is_an_empty_page_and_filters_narrow(
    node: Node, paid: dict[str, Any]
) -> None:
    assert found(node, "zzz-nothing-zzz") == []
    assert {one["kind"] for one in found(node, "mingda", kind="account")} == {"account"}
    answer = node.http.get("/v1/search", params={"q": "1234.57", "asset": "XXX"})
    assert (answer.status_code, answer.json()["name"]) == (404, "NOT_FOUND")
    for bad in ({"q": ""}, {"q": "   "}, {"q": "x" * 141}, {}, {"q": "x", "kind": "cheese"}):
        assert node.http.get("/v1/search", params=bad).status_code == 422


@pytest.mark.parametrize("q", ["%", "_", "'", '"', "\\", "a' OR '1'='1", "٣", "²", "🙂", "~"])
def test_signs_that_mean_something_elsewhere_are_text_here(
    node: Node, paid: dict[str, Any], q: str
) -> None:
    assert len(found(node, q)) < 3


def test_a_cursor_of_another_search_is_refused(node: Node, paid: dict[str, Any]) -> None:
    cursor = node.http.get("/v1/search", params={"q": "INV-1", "limit": 1}).json()["next_cursor"]
    answer = node.http.get("/v1/search", params={"q": "INV-2", "cursor": cursor})
    assert answer.json()["name"] == "BAD_CURSOR"
    mark = cursor.partition("~")[0]
    for place in ("9999.", "1.x", ".", "x", "99999.a"):
        answer = node.http.get("/v1/search", params={"q": "INV-1", "cursor": f"{mark}~{place}"})
        assert answer.json()["name"] == "BAD_CURSOR", place


def test_holdings_are_listed_for_all_a_party_and_an_account(node: Node) -> None:
    client = node.client()
    everything = list(client.accounts.holdings())
    assert {one.account for one in client.accounts.holdings(party="mingda")} == {"mingda/main"}
    assert [one.account for one in client.accounts.holdings(account="mingda/main")] == [
        "mingda/main"
    ]
    assert len(everything) > 5
    assert sum(int(one.posted_minor) for one in everything if one.asset == "CNY") == 0
    typed = node.http.get("/v1/holdings", params={"party": "mingdaa"}).json()
    assert typed["detail"] == "there is no party mingdaa"
    assert msgspec.to_builtins(everything[0])["asset"]
