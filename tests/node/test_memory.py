"""Python's search for cycles: rare, and not among what stood at the start."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tongbao.node.memory import THRESHOLDS, search_rarely


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_stands_is_searched_no_more_and_what_comes_still_is() -> None:
    standing = [[n] for n in range(1_000)]
    search_rarely()
    assert gc.isenabled()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > len(standing)
    assert all(one is not standing for one in gc.get_objects())
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1
