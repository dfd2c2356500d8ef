"""Lists that begin with the state: where older blocks are not in the store, they say the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Table, select
from tests.node.test_membership import Council, admit, rename
from tests.readmodel.conftest import NODE

from tongbao.kernel.identity import Policy
from tongbao.kernel.records import Record
from tongbao.kernel.validators import Misbehavior, address_of
from tongbao.modules import protocols
from tongbao.modules.accounts import (
    CloseAccount,
    FreezeAccount,
    LinkIdentifier,
    OpenAccount,
    SetLimits,
)
from tongbao.modules.assets import FreezeHolding, PauseAsset
from tongbao.modules.governance import OpenVote, Remove, Upgrade, seat_public
from tongbao.modules.parties import Propose, SetPolicy, SuspendParty, UpdateParty
from tongbao.modules.payments import Hold, ScheduleTransfer, Transfer
from tongbao.readmodel import ReadModel, SqlQueries, schema
from tongbao.readmodel.mirror import mirror_of

HOUR = 3_600_000


@pytest.fixture
def council() -> Council:
    """A ledger on which a little of everything happened."""
    council = Council()
    council.do("firm-a", Transfer("firm-a/main", "firm-b/main", "CNY", 123, "INV-1"))
    council.do("firm-a", SetPolicy("firm-a", "payments", Policy(2, 2)))
    council.do("firm-a", Hold("firm-a/main", "firm-b/main", "CNY", 50, council.time_ms + HOUR))
    later = council.time_ms + HOUR
    council.do("firm-a", ScheduleTransfer("firm-a/main", "firm-b/main", "CNY", 7, later, "R-1"))
    council.do("firm-a", LinkIdentifier("firm-a/main", "1234567890"), by=["bank-a"])
    council.do("bank-a", OpenAccount("bank-a/closed"))
    council.do("bank-a", LinkIdentifier("bank-a/closed", "1234567891"))
    council.do("bank-a", CloseAccount("bank-a/closed"))
    council.do("firm-b", SetLimits("firm-b/main", "CNY", 1_000, 5_000), by=["bank-a"])
    council.do("bank-a", FreezeAccount("firm-b/main", "bank-a", "court order 1"))
    council.do("central", FreezeHolding("CNY", "firm-c/main", "court order 2"))
    raw = msgspec.json.encode((UpdateParty("firm-a", "central", "A", ("supplier",)),))
    council.do("firm-a", Propose("firm-a", msgspec.Raw(raw), council.time_ms + HOUR, "please"))
    council.do("watch", SuspendParty("firm-c", "watch", "sanctions"))
    council.decide(Upgrade(2, 900))
    council.decide(admit())
    caught = Misbehavior("duplicate_vote", address_of(seat_public("watch", 0)), 1, 5, 10)
    ask = OpenVote("central", Remove("bank-b"), council.time_ms + HOUR, "why")
    council.do("central", ask, caught=[caught])
    council.do("central", PauseAsset("CNY", "audit"))
    return council


MIRROR = mirror_of(tuple(protocols().newest.records.values()))
LIFE = {"created_at_ms", "created_height", "changed_height"}
"""What only older blocks know."""


@pytest.fixture
def models(council: Council, tmp_path: Path) -> Iterator[tuple[ReadModel, ReadModel]]:
    """One that followed every block, and one that began with the state."""
    followed, began = (
        ReadModel(f"sqlite:///{tmp_path}/{name}.db", protocols(), council.app.genesis.digest())
        for name in ("followed", "began")
    )
    followed.catch_up(council.app)
    began.begin_with_state(council.app)
    yield followed, began
    followed.close()
    began.close()


HAPPENED = (
    "party", "key", "policy", "proposal", "asset", "freeze", "account", "account_limit", "holding",
    "hold", "scheduled_transfer", "vote", "upgrade", "evidence", "seat",
)  # fmt: skip
"""Records that have rows here."""


def rows(model: ReadModel, table: Table) -> list[dict[str, Any]]:
    order = list(table.primary_key.columns)
    with model.engine.connect() as connection:
        found = connection.execute(select(table).order_by(*order)).mappings()
        return [dict(row) for row in found]


@pytest.mark.parametrize(
    "table",
    [schema.account_banks, MIRROR.words.table],
    ids=lambda table: table.name,
)
def test_the_state_tells_the_same_rows_as_the_blocks(
    models: tuple[ReadModel, ReadModel], table: Table
) -> None:
    followed, began = (rows(model, table) for model in models)
    assert followed
    assert began == followed


def test_open_questions_are_told_but_for_the_moments_that_only_blocks_know(
    models: tuple[ReadModel, ReadModel],
) -> None:
    for name in HAPPENED:
        record = MIRROR.records[name]
        assert isinstance(record, Record)
        left_out = LIFE - {"created_at_ms"} if record.since else LIFE
        followed, began = (
            [{k: v for k, v in row.items() if k not in left_out}
             for row in rows(model, MIRROR.tables[name]) if not row.get("ended_at_ms")]
            for model in models
        )  # fmt: skip
        assert followed and began == followed, name


def test_each_holding_begins_with_an_entry_of_what_was_there(
    models: tuple[ReadModel, ReadModel], council: Council
) -> None:
    asked = SqlQueries(models[1])
    [entry] = asked.records.every(NODE, "entry", account="firm-b/main")
    assert (entry["event"], entry["balance_minor"]) == ("ledger.brought_forward", "1000123")
    assert asked.height() == council.app.tip.height


def test_blocks_go_on_from_there(models: tuple[ReadModel, ReadModel], council: Council) -> None:
    council.do("central", rename(7))
    for model in models:
        model.catch_up(council.app)
    followed, began = (
        SqlQueries(model).records.one_row(NODE, "party", "firm-a") for model in models
    )
    assert followed is not None and began is not None
    assert followed | dict.fromkeys(LIFE, 0) == began | dict.fromkeys(LIFE, 0)
    assert began["name"] == "Firm 7"
