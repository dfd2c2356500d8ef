"""The netting in the core against its specification: the same choice, unit for unit."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongbao import _core
from tongbao.modules.settlement.netting import COUNT, OBJECTIVES, Unit, approximate, net, spell

AMOUNTS: dict[str, Callable[[random.Random], int]] = {
    "small": lambda rng: rng.randrange(1, 9),
    "equal": lambda rng: 1_000,
    "wide": lambda rng: int(rng.paretovariate(0.7) * 100),
    "huge": lambda rng: rng.randrange(1, 2**96),
}


def queue(rng: random.Random, size: int, banks: int, kind: str) -> tuple[list[int], list[Unit]]:
    """Payments, pairs and limits among some banks, with more owed than held."""
    amount = AMOUNTS[kind]
    capacities = [amount(rng) * rng.randrange(0, 4) for _ in range(2 * banks)]
    units = []
    for _ in range(size):
        effects: dict[int, int] = {}
        payments = 1 if rng.randrange(8) else 2
        value = 0
        for _ in range(payments):
            payer, payee = rng.sample(range(banks), 2)
            one = amount(rng)
            value += one
            touched = [(payer, one), (payee, -one)]
            if not rng.randrange(3):
                touched.append((banks + payer, one))
            for capacity, change in touched:
                effects[capacity] = effects.get(capacity, 0) + change
        units.append(Unit(tuple(effects.items()), payments, value))
    return capacities, units


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32), st.integers(0, 150), st.integers(2, 9),
    st.sampled_from(sorted(AMOUNTS)), st.sampled_from(OBJECTIVES),
)  # fmt: skip
def test_the_core_chooses_what_the_specification_chooses(
    seed: int, size: int, banks: int, kind: str, objective: str
) -> None:
    capacities, units = queue(random.Random(seed), size, banks, kind)
    assert net(capacities, units, objective) == spell(capacities, units, objective)
    forced = _core.net_payments(capacities, units, objective == COUNT, True)
    assert tuple(forced) == approximate(capacities, units, objective)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_thousand_payments_come_out_the_same(objective: str) -> None:
    for kind in sorted(AMOUNTS):
        capacities, units = queue(random.Random(7), 1_000, 12, kind)
        assert net(capacities, units, objective) == spell(capacities, units, objective)


def test_sums_beyond_the_cores_numbers_are_left_to_the_specification() -> None:
    large = 2**125
    units = [Unit(((0, large), (1, -large)), 1, large)] * 3
    with pytest.raises(ValueError, match="127 bits"):
        _core.net_payments([large, 0], units, True, False)
    assert net([large, 0], units, COUNT) == (0,)


def test_the_core_refuses_a_capacity_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="not there"):
        _core.net_payments([5], [(((1, 5),), 1, 5)], True, False)
