"""How many envelopes a block takes follows what they cost."""

from __future__ import annotations

from tongbao.node.pace import TARGET_S, Pace

MOST = 4_000


def test_cheap_envelopes_fill_the_block() -> None:
    pace = Pace(MOST)
    for _ in range(10):
        pace.made(pace.bound(), pace.bound() * 1e-5)
    assert pace.bound() == MOST


def test_blocks_become_as_small_as_keeps_each_within_the_time() -> None:
    pace = Pace(MOST)
    for _ in range(12):
        pace.made(pace.bound(), pace.bound() * 0.0004 + 0.005)
    assert 130 <= pace.bound() <= 150
    assert pace.bound() * 0.0004 + 0.005 <= TARGET_S * 1.1


def test_one_envelope_that_takes_seconds_makes_the_next_blocks_small_and_they_grow_again() -> None:
    pace = Pace(MOST)
    pace.made(1, 2.0)
    assert pace.bound() == 1
    blocks = 0
    while pace.bound() < 100:
        pace.made(pace.bound(), pace.bound() * 0.0003 + 0.005)
        blocks += 1
    assert blocks < 40


def test_what_every_block_costs_does_not_make_blocks_smaller_and_smaller() -> None:
    pace = Pace(MOST)
    pace.made(1, 0.2)
    for _ in range(12):
        pace.made(pace.bound(), pace.bound() * 0.008 + 0.02)
    assert 4 <= pace.bound() <= 5


def test_a_small_quick_block_says_nothing_of_what_many_cost() -> None:
    pace = Pace(MOST)
    pace.made(1, 0.01)
    pace.made(0, 5.0)
    assert pace.bound() == MOST
