"""What a record says of itself: its filters, and of which asset its amounts are."""

from __future__ import annotations

from typing import Annotated

import pytest

from tongbao.kernel.fields import AccountId, Amount, AssetCode, Field
from tongbao.kernel.records import EventList
from tongbao.kernel.transaction import Event

Rest = Annotated[int, Field("amount", "What is left.", asset="paid_asset")]


class Sold(Event, tag="test.sold"):
    """Two assets change hands."""

    maker: AccountId
    paid_asset: AssetCode
    paid_minor: Amount
    got_asset: AssetCode
    got_minor: Amount
    rest_minor: Rest


class Paid(Event, tag="test.paid"):
    """One asset moves."""

    payer: AccountId
    asset: AssetCode
    amount_minor: Amount


SALES, PAYMENTS = EventList("sale", (Sold,), ""), EventList("payment", (Paid,), "")


@pytest.mark.parametrize(
    ("record", "column", "asset"),
    [
        (SALES, "paid_minor", "paid_asset"), (SALES, "got_minor", "got_asset"),
        (SALES, "rest_minor", "paid_asset"), (PAYMENTS, "amount_minor", "asset"),
    ],
)  # fmt: skip
def test_an_amount_is_of_the_asset_that_its_field_or_its_name_says(
    record: EventList, column: str, asset: str
) -> None:
    [found] = [one for one in record.columns if one.name == column]
    assert record.asset_of(found) == asset


def test_rows_of_two_assets_are_found_by_both_and_rows_of_one_by_that_one() -> None:
    assert SALES.filters == ("party", "account", "asset", "other_asset")
    assert PAYMENTS.filters == ("party", "account", "asset")
