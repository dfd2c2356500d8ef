"""Search and either side of a party, the same on every database and after a rebuild."""

from __future__ import annotations

from typing import Any

from tests.node.conftest import Ledger
from tests.readmodel.conftest import NODE
from tests.readmodel.test_readmodel import Opened, pay, traffic

from tongbao.readmodel import Page, SqlQueries
from tongbao.readmodel.search import Sought


def found(queries: SqlQueries, text: str, limit: int = 100, **more: Any) -> list[dict[str, Any]]:
    """All pages of a search."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page: Page = queries.finding.search(NODE, Sought(text, **more), limit=limit, cursor=cursor)
        items += [dict(row) for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return items


def test_a_search_finds_the_same_on_every_database_and_after_a_rebuild(
    ledger: Ledger, opened: Opened
) -> None:
    traffic(ledger)
    model, queries = opened()
    model.catch_up(ledger.app)
    digest = queries.transactions(NODE, limit=1, oldest_first=True).items[0]["digest"]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("invoice", {}), ("Invoice 7", {}), ("INV-7", {}), (digest, {}), (digest[:9], {}),
        ("E3", {}), ("mingda", {}), ("明达", {}), ("12.34", {"amounts": [(1234, ("CNY",))]}),
        ("day", {"day": (0, 2**52)}), ("nothing-at-all", {}),
    ]  # fmt: skip
    first = [found(queries, text, **more) for text, more in asked]
    assert [bool(one) for one in first] == [True] * 10 + [False]
    assert [found(queries, text, 1, **more) for text, more in asked] == first
    model.rebuild(ledger.app)
    assert [found(queries, text, **more) for text, more in asked] == first


def test_a_party_finds_what_it_named_and_what_it_was_paid(ledger: Ledger, opened: Opened) -> None:
    traffic(ledger)
    ledger.send("hengtong", pay(77, "ruifeng/main"))
    model, queries = opened()
    model.catch_up(ledger.app)
    paid = queries.transactions(NODE, limit=100, party="ruifeng", count=True)
    assert (len(paid.items), paid.total, paid.more) == (1, 1, False)
    assert paid.items[0]["party"] == "hengtong"
    everything = queries.transactions(NODE, limit=100, count=True)
    named = queries.transactions(NODE, limit=100, party="hengtong")
    assert [row["digest"] for row in named.items] == [
        row["digest"] for row in everything.items if row["height"]
    ]
    held = queries.records.list_rows(NODE, "hold", {"party": "yuntu"}, limit=10)
    assert len(held.items) == 3
    assert queries.records.list_rows(NODE, "hold", {"party": "mingda"}, limit=10).items == []


def test_pages_neither_skip_nor_repeat_while_payments_arrive(
    ledger: Ledger, opened: Opened
) -> None:
    model, queries = opened()
    for amount in range(1, 12):
        ledger.send("hengtong", pay(amount))
    model.catch_up(ledger.app)
    for oldest_first in (False, True):
        at = {"limit": 2, "oldest_first": oldest_first}
        of = {"account": "mingda/main"}
        listed = queries.records.every(NODE, "entry", oldest_first=oldest_first, **of)  # type: ignore[arg-type]
        before = [row["entry"] for row in listed]
        walked: list[str] = []
        cursor: str | None = None
        while True:
            page = queries.records.list_rows(NODE, "entry", of, **at, cursor=cursor)  # type: ignore[arg-type]
            walked += [row["entry"] for row in page.items]
            if page.next_cursor is None or len(walked) > 60:
                break
            cursor = page.next_cursor
            ledger.send("hengtong", pay(500 + len(walked)))
            model.catch_up(ledger.app)
        assert len(walked) == len(set(walked))
        assert walked[: len(before)] == before
        assert oldest_first or walked == before


def test_a_search_by_words_goes_on_by_its_cursor(ledger: Ledger, opened: Opened) -> None:
    model, queries = opened()
    for amount in range(1, 6):
        ledger.send("hengtong", pay(amount, remittance=f"Rechnung 77 {amount}"))
    model.catch_up(ledger.app)
    texts = [row["remittance"] for row in found(queries, "rechnung 77", limit=2)]
    assert texts == [f"Rechnung 77 {amount}" for amount in (5, 4, 3, 2, 1)]
