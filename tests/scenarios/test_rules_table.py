"""Every row of the table of rules is attacked, and every generator says what it attacks."""

from __future__ import annotations

import re
from pathlib import Path

from tongbao.kernel.generation import rows_attacked
from tongbao.simulator.modules import GENERATORS
from tongbao.simulator.plays import BY_MODULE, PLAYS

TABLE = Path(__file__).parents[2] / "docs" / "concepts" / "rules-of-the-ledger.md"
BY_TESTS = {
    "open-things": "src/tongbao/modules/payments/tests/test_open_things.py",
    "clawback-work": "tests/cases/test_orders_and_limits.py",
    "walk-work": "src/tongbao/modules/exchange/tests/test_walls.py",
}
"""Counts of hundreds and thousands: what a seed draws never comes near them."""


def rows() -> list[str]:
    """The ids in the first column."""
    return re.findall(r"^\| `([a-z-]+)` \|", TABLE.read_text("utf-8"), re.M)


def test_every_row_of_the_table_has_an_id_of_its_own() -> None:
    known = rows()
    assert len(known) > 50
    assert len(set(known)) == len(known)
    rules = TABLE.read_text("utf-8").partition("## What one key can create")[0]
    whole = [line for line in rules.splitlines() if line.startswith("| ")]
    assert len(known) == sum(not line.startswith("| id |") for line in whole)


def test_every_row_of_the_table_is_attacked_by_a_generator_or_held_by_a_named_test() -> None:
    attacked = {row for draw in (*GENERATORS.values(), *PLAYS) for row in rows_attacked(draw)}
    assert sorted(set(rows()) - attacked - BY_TESTS.keys()) == []
    assert sorted(attacked & BY_TESTS.keys()) == []
    assert all((TABLE.parents[2] / path).is_file() for path in BY_TESTS.values())


def test_every_generator_names_rows_that_stand_in_the_table() -> None:
    known = set(rows())
    plays = {play.__name__: play for play in PLAYS}
    for tag, draw in (GENERATORS | plays).items():
        named = rows_attacked(draw)
        assert named, f"{tag} says nothing about what it attacks"
        assert set(named) <= known, f"{tag} names {sorted(set(named) - known)}"


def test_every_play_belongs_to_the_world_of_a_module() -> None:
    assert {play for plays in BY_MODULE.values() for play in plays} == set(PLAYS)
    assert BY_MODULE.keys() <= {tag.partition(".")[0] for tag in GENERATORS}
