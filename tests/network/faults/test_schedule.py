"""Storms come from their seed alone, keep to their bound, and what they leave is judged rightly."""

from __future__ import annotations

import itertools

from tests.network.faults.condition import (
    can_decide,
    combination,
    must_decide,
    parts,
)
from tests.network.faults.schedule import KINDS, LONGEST_S, ONCE, Planned, Storm, storms
from tests.network.faults.watch import LIVES_S, SETTLES_S, WEAK_S, Watch

NODES = 4


def first(count: int, seed: int = 7) -> list[Storm]:
    return list(itertools.islice(storms(seed, NODES, 3), count))


def fault(kind: str, *nodes: int) -> Planned:
    return Planned(kind, nodes, 0.0, 10.0)


def test_a_seed_gives_the_same_storms_again_and_another_one_gives_others() -> None:
    assert first(60) == first(60)
    assert first(60) != first(60, seed=8)


def test_a_storm_is_bounded_and_its_first_two_faults_overlap() -> None:
    for storm in first(300):
        kinds = [one.kind for one in storm.faults]
        assert 2 <= len(kinds) <= 4 and all(kinds.count(one) <= 1 for one in ONCE), kinds
        assert all(0 <= one.at_s < one.ends_s <= LONGEST_S for one in storm.faults), storm
        one, other = storm.faults[:2]
        assert other.at_s < one.ends_s, storm


def test_every_pair_of_kinds_meets_once_before_one_meets_again() -> None:
    pairs = list(itertools.combinations(sorted(KINDS), 2))
    met = [tuple(sorted(one.kind for one in storm.faults[:2])) for storm in first(len(pairs))]
    assert sorted(met) == pairs


def test_cuts_that_overlap_part_whoever_any_of_them_parts() -> None:
    assert parts((), NODES) == [(0, 1, 2, 3)]
    assert parts((fault("halves", 0, 1),), NODES) == [(0, 1), (2, 3)]
    both = fault("halves", 0, 1), fault("isolate", 1)
    assert sorted(parts(both, NODES)) == [(0,), (1,), (2, 3)]


def test_a_quorum_needs_more_than_two_thirds_that_run_and_reach_one_another() -> None:
    assert can_decide((fault("kill", 0),), NODES)
    assert not can_decide((fault("kill", 0), fault("pause", 1)), NODES)
    assert not can_decide((fault("isolate", 3), fault("kill-ledger", 0)), NODES)
    assert can_decide((fault("isolate", 3), fault("kill", 3)), NODES)
    # A full disk may leave the node alive for a while: neither certain to go on nor to stop.
    full = fault("disk-full", 3), fault("kill", 0)
    assert can_decide(full, NODES) and not must_decide(full, NODES, ())
    assert must_decide((fault("clock", 2), fault("kill", 0)), NODES, ())
    assert not must_decide((fault("kill", 0),), NODES, [1])


def test_a_combination_is_named_by_its_kinds() -> None:
    assert combination([fault("kill", 0), fault("halves", 0, 1)]) == "halves+kill"
    assert combination([fault("kill", 0), fault("clock", 1), fault("kill", 2)]) == "clock+2 kill"


def watched(heights: list[int]) -> Watch:
    made = Watch(lambda: heights, NODES)
    made.look()
    return made


def later(watch: Watch, seconds: float) -> None:
    """As if so much time had passed since the last turn."""
    watch._since -= seconds
    watch._grew -= seconds
    if watch._whole_since is not None:
        watch._whole_since -= seconds
    watch._weak = {node: until - seconds for node, until in watch._weak.items()}
    watch.look()


def test_a_new_block_without_a_quorum_is_told_and_the_blocks_under_way_are_not() -> None:
    heights = [10, 10, 10, 10]
    watch = watched(heights)
    watch.turn([fault("halves", 0, 1)])
    heights[2] = 11
    later(watch, SETTLES_S)
    watch.look()
    assert watch.without == 1 and watch.broken == []
    heights[2] = 12
    watch.look()
    assert len(watch.broken) == 1 and "11 to 12" in watch.broken[0]
    watch.turn([])
    assert (watch.without, watch.stood) == (1, 0)


def test_no_block_under_a_whole_quorum_is_told_and_who_has_just_come_back_is_let_be() -> None:
    heights = [10, 10, 10, 10]
    watch = watched(heights)
    watch.turn([fault("kill", 0), fault("pause", 1)])
    watch.turn([fault("kill", 0)])
    later(watch, LIVES_S)  # weak until now: the second node counts from here
    assert watch.broken == []
    later(watch, LIVES_S - 1)
    assert watch.broken == [] and watch.stillest_s >= LIVES_S - 1
    later(watch, 2)
    assert len(watch.broken) == 1 and WEAK_S < LIVES_S
