"""A chain that goes on from another shows in its lists what stands, and business goes on there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Table, select
from tests.node.business import Business, rules
from tests.readmodel.conftest import NODE

from tongbao.kernel.genesis import GenesisValidator
from tongbao.kernel.records import Record
from tongbao.modules.corridors import RETURNS
from tongbao.modules.exchange import OFFERS, POOLS, QUOTES, SHARES
from tongbao.modules.governance import FoundGovernance, members, seat_public
from tongbao.modules.payments.state import HOLDS
from tongbao.modules.settlement import BATCHES, BILATERAL, LIMITS, QUEUED
from tongbao.modules.settlement.state import RUNS
from tongbao.node import composer
from tongbao.node.application import Application
from tongbao.node.audit import audit
from tongbao.node.home import NodeHome
from tongbao.node.opening import open_application
from tongbao.node.snapshot import continue_chain, export_snapshot, make_ledger
from tongbao.readmodel import ReadModel, SqlQueries, schema
from tongbao.readmodel.mirror import mirror_of

MIRROR = mirror_of(tuple(rules().newest.records.values()))
MIRRORED = {
    MIRROR.tables[name]: one for name, one in MIRROR.records.items() if isinstance(one, Record)
}
LIFE = {"created_at_ms", "created_height", "changed_height"}
"""Of a record's row, what only older blocks know; and what only events bring."""
RUNS_TABLE = MIRROR.tables["netting_run"]
ALL = ("",)
"""Beginnings of the tags of every kind of transaction."""
TRADE = ("exchange.", "settlement.", "corridors.", "payments.")
Row = dict[str, Any]
SAME = (*MIRRORED, MIRROR.words.table)
OPEN = (HOLDS, OFFERS, QUOTES, POOLS, SHARES, BATCHES, QUEUED, LIMITS, BILATERAL, RETURNS)
"""Tables of the state in all of which something stands where the old chain ends."""
FILLED = {
    MIRROR.tables[name] for name in (
        "cross_border_payment", "cross_border_return", "hold", "offer", "pool", "pool_share",
        "quote", "settlement_batch", "queue", "queued_payment", "queue_limit", "bilateral_limit",
    )
}  # fmt: skip
"""Lists that are not empty then, so that comparing them means something."""


def lists(app: Application, file: Path) -> ReadModel:
    """Empty ones."""
    return ReadModel(f"sqlite:///{file}", app.protocols, app.genesis.digest())


def standing(model: ReadModel, table: Table) -> dict[tuple[Any, ...], Row]:
    """Rows that stand, without what only older blocks know, by primary key."""
    keys = [column.name for column in table.primary_key.columns]
    with model.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    unknown: set[str] = set()
    if table in MIRRORED:
        record = MIRRORED[table]
        unknown = {*LIFE, *(one.name for one in record.taken_columns)}
        unknown -= {"created_at_ms"} if record.since else set()
    return {
        tuple(row[key] for key in keys): {k: v for k, v in row.items() if k not in unknown}
        for row in rows
        if not row.get("ended_at_ms")
    }  # fmt: skip


@dataclass
class Both:
    """A busy chain with its lists, and the one that goes on from it, with lists of its own."""

    old: ReadModel
    business: Business
    home: NodeHome
    new: ReadModel
    folder: Path

    def again(self, name: str) -> ReadModel:
        """Other lists of the new chain, that begin with its state now."""
        model = lists(self.business.app, self.folder / name)
        model.begin_with_state(self.business.app)
        return model


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("continued")
    origin = Business.founded(seed=7)
    origin.go_on(60, ("accounts.", "assets.", *TRADE))
    while not all(next(origin.app.view().scan(table), None) for table in OPEN):
        assert origin.app.tip.height < 1_000
        origin.go_on(1, TRADE)
        origin.rest()
    old = lists(origin.app, folder / "old.db")
    old.catch_up(origin.app)
    snapshot, home = folder / "snapshot", NodeHome(folder / "node")
    export_snapshot(origin.app, snapshot)
    seats = tuple(
        GenesisValidator(one.party, seat_public(one.party, 0), 10)
        for one in members(origin.app.view())
    )
    raw = msgspec.Raw(msgspec.json.encode((FoundGovernance(),)))
    after = continue_chain(snapshot, "simulation-2", seats, 0, raw, rules())
    home.path.mkdir()
    home.genesis_file.write_bytes(after.encode())
    shutil.copytree(snapshot, home.origin)
    make_ledger(snapshot, after, home.ledger)
    app = open_application(home.path, rules(), strict=True)
    new = lists(app, folder / "new.db")
    new.begin_with_state(app)
    both = Both(old, Business(app, seed=8), home, new, folder)
    yield both
    old.close()
    new.close()
    app.state.close()
    origin.app.state.close()


GOES_ON = [one for one in SAME if one is not MIRROR.tables["seat"]]
"""A chain that goes on has seats of its own."""


@pytest.mark.parametrize("table", GOES_ON, ids=lambda table: table.name)
def test_what_stands_is_in_the_lists_of_the_chain_that_goes_on(both: Both, table: Table) -> None:
    before, after = standing(both.old, table), standing(both.new, table)
    assert before or table not in FILLED
    assert after == before


def test_business_goes_on_and_the_lists_follow_every_event(both: Both) -> None:
    """At the end the lists that followed say the same as lists that begin with the state then."""
    business = both.business
    before = {table: standing(both.new, table) for table in FILLED}
    business.go_on(45, TRADE)
    business.go_on(6, TRADE, step_ms=1_200_000)  # what is due falls due
    both.new.catch_up(business.app)
    again = both.again("again.db")
    try:
        for table in SAME:
            assert standing(both.new, table) == standing(again, table), table.name
    finally:
        again.close()
    changed = {table for table in FILLED if standing(both.new, table) != before[table]}
    assert changed == FILLED
    assert audit(business.app, origin=both.home.origin).findings == ()


def everything(model: ReadModel) -> dict[str, list[Row]]:
    """Every row there is, whatever list it is of."""
    tables = (*schema.metadata.sorted_tables, *model.mirror.metadata.sorted_tables)
    with model.engine.connect() as connection:
        return {
            table.name: [
                dict(row) for row in connection.execute(
                    select(table).order_by(*table.primary_key.columns)
                ).mappings()
            ]
            for table in tables
        }  # fmt: skip


@pytest.mark.parametrize("seed", [3, 21])
def test_lists_that_followed_were_rebuilt_and_were_filled_agree_for_every_record(
    tmp_path: Path, seed: int
) -> None:
    """Followed block by block, rebuilt in large steps, filled from the state as it stands."""
    business = Business.founded(seed)
    followed, rebuilt, filled = (lists(business.app, tmp_path / name) for name in "abc")
    for _ in range(40):
        business.go_on(1, ALL, size=20)
        followed.catch_up(business.app)
    business.go_on(6, TRADE, step_ms=1_200_000)
    followed.catch_up(business.app)
    try:
        rebuilt.catch_up(business.app)
        one, other = everything(followed), everything(rebuilt)
        for name, rows in one.items():
            assert rows == other[name], name
        filled.begin_with_state(business.app)
        for table in SAME:
            assert standing(filled, table) == standing(followed, table), table.name
        empty = {one.name for table, one in MIRRORED.items() if not standing(followed, table)}
        assert len(empty) <= len(MIRRORED) // 3, empty
    finally:
        for model in (followed, rebuilt, filled):
            model.close()


def test_what_was_there_sorts_before_what_came_and_tells_no_moment_it_does_not_know(
    both: Both,
) -> None:
    asked = SqlQueries(both.new)
    batches = asked.records.list_rows(NODE, "settlement_batch", {}, limit=100).items
    moments = [one["created_at_ms"] for one in batches]
    assert 0 in moments
    assert moments == sorted(moments, reverse=True)


def test_a_run_of_the_netting_under_way_is_told_and_ends_in_the_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside an engine every block is one of its own: there a run may go on after the newest."""
    monkeypatch.setattr(composer, "MAX_SEALS", 1)
    business = Business.founded(seed=7)
    while next(business.app.view().scan(RUNS), None) is None:
        assert business.app.tip.height < 1_000
        business.go_on(1, TRADE)
    followed, began = (lists(business.app, tmp_path / name) for name in ("followed", "began"))
    try:
        followed.catch_up(business.app)
        began.begin_with_state(business.app)
        under_way = standing(began, RUNS_TABLE)
        assert under_way and standing(followed, RUNS_TABLE) == under_way
        height = business.app.tip.height
        monkeypatch.undo()
        business.block(business.app.tip.time_ms + 1, [])
        for model in (followed, began):
            model.catch_up(business.app)
        assert not standing(began, RUNS_TABLE)
        [(run,)] = under_way
        before, after = (
            SqlQueries(model).records.one_row(NODE, "netting_run", run)
            for model in (followed, began)
        )
        assert before is not None and after is not None
        assert before | dict.fromkeys(LIFE, 0) == after | dict.fromkeys(LIFE, 0)
        assert after["state"] == "ended" and height < after["changed_height"]
    finally:
        followed.close()
        began.close()
