"""Lists of events: each is a row at its place, found by whom it concerns."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine
from tests.readmodel.conftest import NODE

from tongbao.gateway.described.records import document_of
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Hex, PartyId
from tongbao.kernel.records import EventList
from tongbao.kernel.transaction import Event
from tongbao.readmodel import Viewer
from tongbao.readmodel.mirror import Mirror
from tongbao.readmodel.records import RecordQueries
from tongbao.readmodel.rows import Banks, Rows, Step


class Given(Event, tag="test.given"):
    """Something was given."""

    giver: AccountId
    asset: AssetCode
    amount_minor: Amount
    """How much."""


class Marked(Event, tag="test.marked"):
    """Something was marked."""

    marker: PartyId
    mark: Hex


GIFTS = EventList("gift", (Given, Marked), "Gifts and marks, newest first.")


@pytest.fixture
def asked() -> RecordQueries:
    """Three events in two blocks, the second of them by time."""
    mirror = Mirror((GIFTS,))
    engine = create_engine("sqlite://")
    mirror.metadata.create_all(engine)
    with engine.begin() as connection:
        rows = Rows(connection, Banks())
        step = Step(rows, mirror.tables, 9, 2, 1_000, "firm-a", "r-1", "ab" * 32)
        mirror.reported(step, 0, Given("firm-a/main", "CNY", 2**70), {"firm-a": "named"})
        mirror.reported(
            step, 1, Marked("firm-b", b"\x01\x02"), {"firm-b": "named", "firm-a": "named"}
        )
        later = Step(rows, mirror.tables, 10, -1, 2_000)
        mirror.reported(
            later, 0, Given("firm-c/main", "USD", 5), {"firm-c": "named", "bank": "bank"}
        )
        rows.flush()
    return RecordQueries(SimpleNamespace(mirror=mirror, engine=engine))  # type: ignore[arg-type]


def listed(asked: RecordQueries, **filters: Any) -> list[str]:
    return [row["gift"] for row in asked.list_rows(NODE, "gift", filters, limit=9).items]


def test_rows_stand_in_the_order_of_the_chain_each_at_its_place(asked: RecordQueries) -> None:
    assert listed(asked) == ["10.-1.0", "9.2.1", "9.2.0"]
    assert asked.one_row(NODE, "gift", "9.2.0") == {
        "gift": "9.2.0", "event": "test.given", "giver": "firm-a/main", "asset": "CNY",
        "amount_minor": str(2**70), "marker": "", "mark": "", "time_ms": 1_000,
        "submitted_by": "firm-a", "reference": "r-1", "digest": "ab" * 32, "block_height": 9,
        "position": 2, "number": 0,
    }  # fmt: skip
    assert asked.one_row(NODE, "gift", "9.2.9") is None
    row = asked.one_row(NODE, "gift", "9.2.1")
    assert row is not None and (row["mark"], row["giver"]) == ("0102", "")


def test_rows_are_found_by_whom_and_what_they_concern(asked: RecordQueries) -> None:
    assert GIFTS.filters == ("party", "account", "asset", "event")
    assert listed(asked, party="firm-a") == ["9.2.1", "9.2.0"]
    assert listed(asked, party="firm-b") == ["9.2.1"]
    assert listed(asked, account="firm-c/main") == listed(asked, asset="USD") == ["10.-1.0"]
    assert listed(asked, event="test.marked") == ["9.2.1"]


def test_a_row_is_read_by_whom_it_names_and_by_the_bank_of_an_account(
    asked: RecordQueries,
) -> None:
    def read(viewer: Viewer) -> list[str]:
        page = asked.list_rows(viewer, "gift", {}, limit=9, count=True)
        assert page.total == len(page.items)
        return [row["gift"] for row in page.items]

    assert read(Viewer("firm-b")) == ["9.2.1"]
    assert read(Viewer("bank")) == ["10.-1.0"]
    assert listed(asked, party="bank") == []
    assert read(Viewer("firm-d")) == read(Viewer.nobody()) == []
    assert asked.one_row(Viewer("firm-d"), "gift", "9.2.1") is None
    assert asked.one_row(Viewer("firm-b"), "gift", "9.2.1") is not None


def test_a_page_goes_on_where_the_last_ended(asked: RecordQueries) -> None:
    first = asked.list_rows(NODE, "gift", {}, limit=2)
    rest = asked.list_rows(NODE, "gift", {}, limit=2, cursor=first.next_cursor)
    assert [row["gift"] for row in rest.items] == ["9.2.0"]


def test_the_document_says_what_the_fields_of_the_events_mean() -> None:
    members = dict(document_of(GIFTS).__annotations__)
    assert list(members) == [one.name for one in GIFTS.members]
    assert "How much." in str(members["amount_minor"])


def test_a_field_that_hides_the_place_is_refused() -> None:
    class Placed(Event, tag="test.placed"):
        number: int

    with pytest.raises(ValueError, match="one name"):
        EventList("placed", (Placed,), "")
