"""Lists: filters, pages, freshness; and the events as a stream."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.gateway.conftest import AS_NODE, Node, new_envelope, start_node, transfer

from tongbao.gateway.bounds.settings import KINDS, Kind, Limits, Settings
from tongbao.modules.payments import CancelScheduled, ScheduleTransfer
from tongbao.node.clock import utc_ms
from tongbao.sdk import Client
from tongbao.sdk.api_codes import GatewayCode


def pages(node: Node, path: str, limit: int, **params: Any) -> list[dict[str, Any]]:
    """Every item of a list, walked by its cursors."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        asked = {**params, "limit": limit, **({"cursor": cursor} if cursor else {})}
        height = {"Tongbao-At-Least-Height": str(node.application.tip.height)}
        page = node.http.get(path, params=asked, headers=height).json()
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


@pytest.mark.parametrize(
    "path",
    [
        "/v1/parties", "/v1/accounts", "/v1/assets", "/v1/transactions", "/v1/blocks",
        "/v1/keys?party=hengtong", "/v1/policies", "/v1/proposals?party=hengtong",
        "/v1/holdings?account=hengtong/main", "/v1/account-limits", "/v1/freezes",
        "/v1/entries?account=hengtong/main", "/v1/holds", "/v1/scheduled-transfers",
    ],
)  # fmt: skip
def test_all_pages_together_are_the_list_whatever_their_size(
    node: Node, client: Client, path: str
) -> None:
    client.submit([new_envelope(transfer(n)) for n in range(1, 5)])
    for _ in range(10):
        whole, small, odd = (pages(node, path, limit) for limit in (1000, 3, 7))
        if pages(node, path, 1000) == whole:  # nothing happened in between
            break
    assert small == whole
    assert odd == whole


def test_a_client_reads_what_it_wrote(client: Client) -> None:
    for amount in range(1, 20):
        result = client.submit_and_wait(new_envelope(transfer(amount)))
        newest = next(iter(client.transactions(party="hengtong")))
        assert (newest.digest, newest.height) == (result.digest, result.height)
        assert newest.types == ("payments.transfer",)


def test_transactions_are_listed_newest_first_and_by_code(client: Client) -> None:
    client.submit([new_envelope(transfer(1)), new_envelope(transfer(10**15))])
    listed = list(client.transactions())
    places = [(one.height, one.position) for one in listed]
    assert places == sorted(places, reverse=True)
    done = list(client.transactions(code=0))
    refused = list(client.transactions(code=4005))
    assert done and refused
    assert {one.code for one in done} == {0}
    assert {one.code for one in refused} == {4005}


def test_filters_narrow_a_list(client: Client) -> None:
    banks = {one.party for one in client.parties.list(role="bank")}
    assert banks == {"bank-north", "bank-south"}
    assert [one.account for one in client.accounts.list(party="mingda")] == ["mingda/main"]
    entries = list(client.accounts.entries(account="mingda/main", asset="CNY", oldest_first=True))
    middle = entries[len(entries) // 2].time_ms
    early = list(client.accounts.entries(account="mingda/main", until_ms=middle, oldest_first=True))
    late = list(client.accounts.entries(account="mingda/main", since_ms=middle, oldest_first=True))
    assert early + late == entries


def test_the_balance_after_each_line_of_an_account_is_its_sum(client: Client) -> None:
    client.submit([new_envelope(transfer(n)) for n in (5, 7)])
    entries = list(client.accounts.entries(account="hengtong/main", oldest_first=True))
    total = 0
    for line in entries:
        total += int(line.amount_minor)
        assert int(line.balance_minor) == total
    [holding] = client.accounts.holdings(account="hengtong/main")
    assert int(holding.posted_minor) == total


@pytest.mark.parametrize("cursor", ["x", "AAAA", "0", "é", "eyJ4IjoxfQ"])
def test_a_cursor_that_no_list_gave_is_a_problem(node: Node, cursor: str) -> None:
    for path in ("/v1/parties", "/v1/transactions", "/v1/entries?account=hengtong/main"):
        answer = node.http.get(path, params={"cursor": cursor})
        assert answer.status_code == 422, (path, answer.text)
        assert answer.json()["code"] in (GatewayCode.BAD_CURSOR, GatewayCode.BAD_PARAMETER)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "code=-1", "code=99999999999"]
)
def test_a_parameter_out_of_range_is_named(node: Node, query: str) -> None:
    answer = node.http.get(f"/v1/transactions?{query}")
    assert answer.json()["code"] == GatewayCode.BAD_PARAMETER
    assert query.partition("=")[0] in answer.json()["errors"][0]["where"]


def test_a_list_that_cannot_be_fresh_in_time_says_so(node: Node) -> None:
    answer = node.http.get("/v1/parties", headers={"tongbao-at-least-height": "99999999"})
    assert (answer.status_code, answer.json()["code"]) == (503, GatewayCode.READ_MODEL_BEHIND)
    assert answer.headers["retry-after"]


@pytest.mark.parametrize(
    ("path", "en", "zh"),
    [
        ("/v1/entries?account=mingda/mian", "account mingda/mian", "账户 mingda/mian"),
        ("/v1/entries?account=mingda/main&asset=CYN", "asset CYN", "资产 CYN"),
        ("/v1/transactions?party=mingdaa", "party mingdaa", "参与方 mingdaa"),
        ("/v1/keys?party=mingdaa", "party mingdaa", "参与方 mingdaa"),
        ("/v1/holds?account=a/b", "account a/b", "账户 a/b"),
        ("/v1/scheduled-transfers?party=x1", "party x1", "参与方 x1"),
        ("/v1/queued-payments?queue=none", "queue none", "队列 none"),
        ("/v1/trades?offer=none", "offer none", "挂单 none"),
    ],
)  # fmt: skip
def test_a_list_about_what_does_not_exist_says_so_in_both_languages(
    node: Node, path: str, en: str, zh: str
) -> None:
    answer = node.http.get(path)
    assert answer.status_code == 404
    reply = answer.json()
    assert (reply["detail"], reply["detail_zh"]) == (f"there is no {en}", f"没有{zh}")


def test_lists_in_the_order_of_time_turn_and_others_say_that_they_do_not(node: Node) -> None:
    node.client().submit([new_envelope(transfer(n)) for n in (1, 2)])
    for path in ("/v1/transactions", "/v1/entries?account=mingda/main"):
        newest, oldest = (
            node.http.get(path, params={"order": order, "limit": 1000}).json()["items"]
            for order in ("newest", "oldest")
        )
        assert newest == oldest[::-1]
        assert newest == node.http.get(path, params={"limit": 1000}).json()["items"]
    answer = node.http.get("/v1/parties", params={"order": "oldest"})
    assert answer.json()["name"] == "BAD_PARAMETER"
    assert "order" in answer.json()["detail"]


def test_a_list_counts_what_it_has_where_it_is_asked_to(node: Node) -> None:
    whole = pages(node, "/v1/transactions", 1000)
    reply = node.http.get("/v1/transactions", params={"count": "true", "limit": 1}).json()
    assert (reply["total"], reply["more"]) == (len(whole), False)
    assert node.http.get("/v1/transactions", params={"limit": 1}).json()["total"] is None


def test_what_waits_for_its_time_is_listed_with_what_becomes_of_it(
    node: Node, client: Client
) -> None:
    later = utc_ms() + 3_600_000
    order = ScheduleTransfer("hengtong/main", "ruifeng/main", "CNY", 7, later, "R-1", "", "rent")
    client.submit_and_wait(new_envelope(order))
    for filters in ({"party": "hengtong"}, {"party": "ruifeng"}, {"account": "ruifeng/main"}):
        [waits] = client.payments.scheduled_transfers(state="waiting", **filters)
        assert (waits.due_at_ms, waits.remittance, waits.amount_minor) == (later, "rent", "7")
    cancel = CancelScheduled(waits.schedule, "no longer")
    client.submit_and_wait(new_envelope(cancel))
    [ended] = client.payments.scheduled_transfers(party="ruifeng")
    assert (ended.state, ended.reason) == ("cancelled", "no longer")
    assert list(client.payments.scheduled_transfers(party="yuntu")) == []


def test_a_page_as_csv_has_the_members_of_its_rows_and_says_where_it_goes_on(node: Node) -> None:
    as_csv = {"Accept": "text/csv"}
    query = "/v1/transactions?limit=2&count=true"
    answer = node.http.get(query, headers=as_csv)
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    page = node.http.get(query).json()
    assert head == list(page["items"][0])
    assert [row[head.index("digest")] for row in rows] == [one["digest"] for one in page["items"]]
    assert answer.headers["tongbao-next-cursor"] == page["next_cursor"]
    assert answer.headers["tongbao-total"] == str(page["total"])
    assert 'rel="next"' in answer.headers["link"]


def test_numbers_lead_to_accounts(client: Client) -> None:
    known = client.accounts.resolve(["mingda/main", "none/none", "6217880000000000001"])
    assert known == {
        "mingda/main": "mingda/main", "6217880000000000001": "bank-south/6217880000000000001",
    }  # fmt: skip


# ---- events --------------------------------------------------------------------------------------


def test_a_stream_is_resumed_without_a_gap_or_a_repetition(node: Node, client: Client) -> None:
    start = node.http.get("/v1/status").json()["height"]
    results = client.submit([new_envelope(transfer(n)) for n in range(1, 31)])
    wanted = [result.digest for result in results]
    assert {result.height > start for result in results} == {True}
    after = _before(node, results[0].height)
    seen: list[str] = []
    while len(seen) < len(wanted):
        stream = client.events(after, event="payments")
        for item, _ in zip(stream, range(7), strict=False):
            seen.append(item.digest)
            after = item.id
            if len(seen) == len(wanted):
                break
    assert seen == wanted


def _before(node: Node, height: int) -> str:
    """The id of the last event before a block."""
    items = pages_of_events(node)
    return next((one["id"] for one in reversed(items) if one["height"] < height), "0")


def pages_of_events(node: Node) -> list[dict[str, Any]]:
    accept = {"accept": "application/json"}
    items: list[dict[str, Any]] = []
    after = "0"
    while True:
        page = node.http.get("/v1/events", params={"after": after, "limit": 500}, headers=accept)
        reported = page.json()
        items += reported["items"]
        if reported["next_cursor"] is None:
            return items
        after = reported["next_cursor"]


def test_last_event_id_is_the_header_of_the_standard(node: Node) -> None:
    first = pages_of_events(node)[0]["id"]
    headers = {"last-event-id": first, "accept": "text/event-stream"}
    with node.http.stream("GET", "/v1/events", headers=headers) as answer:
        lines = []
        for line in answer.iter_lines():
            lines.append(line)
            if line.startswith("data:"):
                break
    ids = [line for line in lines if line.startswith("id:")]
    assert ids[0].endswith(first)
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_stream_from_nowhere_is_a_problem(node: Node) -> None:
    answer = node.http.get("/v1/events", params={"after": "1.2.3.4.5"})
    assert answer.status_code == 422


def test_streams_that_are_asked_for_at_once_are_no_more_than_may_be_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        idempotency_file=tmp_path / "idempotency.db",
        limits=Limits(kinds={**KINDS, "stream": Kind(2, 9)}),
    )
    running = start_node(tmp_path, settings)
    node = next(running)
    queries = node.server.gateway.services.queries
    assert queries is not None
    listed = queries.events

    def slowly(*which: Any, **more: Any) -> Any:
        time.sleep(0.3)
        return listed(*which, **more)

    monkeypatch.setattr(queries, "events", slowly)
    begun = threading.Barrier(6)

    def ask(_: int) -> int:
        with httpx.stream(
            "GET", f"{node.url}/v1/events?after=0", timeout=30, headers=AS_NODE
        ) as answer:
            begun.wait(30)
            return answer.status_code

    with ThreadPoolExecutor(6) as pool:
        found = Counter(pool.map(ask, range(6)))
    assert found == {200: 2, 503: 4}
    until = time.monotonic() + 20
    while node.server.gateway.metrics.streams and time.monotonic() < until:
        time.sleep(0.05)
    assert node.server.gateway.metrics.streams == 0
    next(running, None)
