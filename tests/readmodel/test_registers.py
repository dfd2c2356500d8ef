"""Registers, what time makes of a row, what stands beside it, and the books."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.node.test_membership import Council, rename
from tests.readmodel.conftest import NODE

from tongbao.kernel.identity import Key
from tongbao.kernel.transaction import Transaction
from tongbao.modules import protocols
from tongbao.modules.accounts import DropAsset, HoldAsset, LinkIdentifier, OpenAccount, SetLimits
from tongbao.modules.assets import Issue, PauseAsset, ResumeAsset
from tongbao.modules.parties import AddKey, Propose, ReinstateParty, SuspendParty
from tongbao.modules.payments import BulkTransfer, Line, Transfer
from tongbao.readmodel import ReadModel, SqlQueries

HOUR = 3_600_000
Row = dict[str, Any]


class Lists(Council):
    """A ledger, and lists that follow it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.model = ReadModel(f"sqlite:///{file}", protocols(), self.app.genesis.digest())

    def rows(self, record: str, **filters: Any) -> list[Row]:
        self.model.catch_up(self.app)
        return [dict(one) for one in SqlQueries(self.model).records.every(NODE, record, **filters)]

    def row(self, record: str, key: str) -> Row:
        self.model.catch_up(self.app)
        found = SqlQueries(self.model).records.one_row(NODE, record, key)
        assert found is not None
        return dict(found)


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[Lists]:
    lists = Lists(tmp_path / "lists.db")
    yield lists
    lists.model.close()


def proposed(*actions: Transaction) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(actions))


def test_a_key_whose_time_has_come_reads_as_expired_without_being_written(lists: Lists) -> None:
    until = lists.time_ms + 10_000
    lists.do("firm-a", AddKey("firm-a", Key("ed25519", b"\7" * 32, expires_at_ms=until)))
    [added] = [one for one in lists.rows("key", party="firm-a") if one["expires_at_ms"]]
    assert added["state"] == "live"
    lists.time_ms += HOUR
    lists.do("central", rename())
    [expired] = lists.rows("key", party="firm-a", state="expired")
    assert expired == {**added, "state": "expired"}
    live = lists.rows("key", party="firm-a", state="live")
    assert added["key"] not in [one["key"] for one in live] and live


def test_a_suspended_party_says_why_until_it_is_reinstated_whatever_else_changes(
    lists: Lists,
) -> None:
    lists.do("watch", SuspendParty("firm-a", "watch", "sanctions"))
    lists.do("central", rename(8))
    [one] = lists.rows("party", state="suspended")
    assert (one["party"], one["name"], one["reason"]) == ("firm-a", "Firm 8", "sanctions")
    lists.do("watch", ReinstateParty("firm-a", "watch"))
    one = lists.row("party", "firm-a")
    assert (one["state"], one["reason"]) == ("active", "")


def test_a_paused_asset_says_what_is_outstanding(lists: Lists) -> None:
    before = int(lists.row("asset", "CNY")["supply_minor"])
    lists.do("central", Issue("CNY", "bank-a/main", 500, "more"))
    lists.do("central", PauseAsset("CNY", "audit"))
    paused = lists.row("asset", "CNY")
    assert (paused["state"], paused["reason"]) == ("paused", "audit")
    assert int(paused["supply_minor"]) == before + 500
    lists.do("central", ResumeAsset("CNY"))
    assert lists.rows("asset", state="paused") == []


def test_registers_are_found_by_one_of_several_values_in_any_spelling(lists: Lists) -> None:
    lists.do("firm-a", LinkIdentifier("firm-a/main", "DE89 3704 0044 0532 0130 00"), by=["bank-a"])
    for spelled in ("DE89370400440532013000", "de89 3704 0044 0532 0130 00"):
        [one] = lists.rows("account", identifier=spelled)
        assert one["account"] == "firm-a/main"
    banks = [one["party"] for one in lists.rows("party", role="bank")]
    assert banks == sorted(banks) and "bank-a" in banks and "firm-a" not in banks
    assert lists.rows("party", role="ban") == []


def test_a_limit_says_what_was_paid_today_and_nothing_of_it_tomorrow(lists: Lists) -> None:
    lists.do("firm-b", SetLimits("firm-b/main", "CNY", 1_000, 5_000), by=["bank-a"])
    lists.do("firm-b", Transfer("firm-b/main", "firm-a/main", "CNY", 70))
    [limit] = lists.rows("account_limit", account="firm-b/main")
    assert (limit["per_day"], limit["spent_today_minor"]) == ("5000", "70")
    lists.time_ms += 24 * HOUR
    lists.do("central", rename())
    [limit] = lists.rows("account_limit", account="firm-b/main")
    assert limit["spent_today_minor"] == "0"


def test_actions_of_a_proposal_that_is_applied_at_once_make_their_entries(lists: Lists) -> None:
    bulk = BulkTransfer("firm-a/main", "CNY", (Line("firm-b/main", 3, "E1"),))
    alone = Transfer("firm-a/main", "firm-b/main", "CNY", 4)
    propose = Propose("firm-a", proposed(bulk, alone), lists.time_ms + HOUR)
    lists.do("firm-a", propose, BulkTransfer("firm-a/main", "CNY", (Line("firm-b/main", 5, "E2"),)))
    credited = [
        (one["amount_minor"], one["payee_reference"])
        for one in lists.rows("entry", account="firm-b/main", oldest_first=True)
    ]
    assert credited[-3:] == [("3", "E1"), ("4", ""), ("5", "E2")]
    [done] = lists.rows("proposal", party="firm-a")
    assert (done["state"], done["actions"]) == (
        "executed", ["payments.bulk_transfer", "payments.transfer"],
    )  # fmt: skip


def test_a_holding_that_is_dropped_is_gone_and_held_again_it_is_empty(lists: Lists) -> None:
    lists.do("bank-a", OpenAccount("bank-a/till", assets=("CNY",)))
    lists.do("bank-a", Transfer("bank-a/main", "bank-a/till", "CNY", 9))
    lists.do("bank-a", Transfer("bank-a/till", "bank-a/main", "CNY", 9), DropAsset(
        "bank-a/till", "CNY"
    ))  # fmt: skip
    assert lists.rows("holding", account="bank-a/till") == []
    lists.do(
        "bank-a", HoldAsset("bank-a/till", "CNY"),
        Transfer("bank-a/main", "bank-a/till", "CNY", 2),
    )  # fmt: skip
    [held] = lists.rows("holding", account="bank-a/till")
    assert (held["posted_minor"], held["available_minor"]) == ("2", "2")
    balances = [one["balance_minor"] for one in lists.rows("entry", account="bank-a/till")]
    assert balances == ["2", "0", "9"]
