"""The netting by itself: units, capacities, and which of them settle together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongbao.modules.settlement.netting import (
    COUNT,
    EXACT,
    OBJECTIVES,
    VALUE,
    Unit,
    approximate,
    excess,
    exhaustive,
    in_sequence,
    net,
    spell,
    weigh,
)


def pay(payer: int, payee: int, amount: int) -> Unit:
    return Unit(((payer, amount), (payee, -amount)), 1, amount)


def swap(one: Unit, other: Unit) -> Unit:
    effects: dict[int, int] = {}
    for capacity, change in (*one.effects, *other.effects):
        effects[capacity] = effects.get(capacity, 0) + change
    return Unit(tuple(effects.items()), 2, one.value + other.value)


BANKS = 5


@st.composite
def queues(draw: st.DrawFn, most: int = 40) -> tuple[list[int], list[Unit]]:
    """Capacities, and payments and pairs among five banks."""
    money = draw(st.lists(st.integers(0, 60), min_size=BANKS, max_size=BANKS))
    payment = st.builds(
        lambda payer, step, amount: pay(payer, (payer + step) % BANKS, amount),
        st.integers(0, BANKS - 1), st.integers(1, BANKS - 1), st.integers(1, 90),
    )  # fmt: skip
    unit = st.one_of(payment, payment, payment, st.builds(swap, payment, payment))
    return money, draw(st.lists(unit, max_size=most))


@settings(max_examples=150, deadline=None)
@given(queues(), st.sampled_from(OBJECTIVES))
def test_a_choice_is_feasible_maximal_and_never_worse_than_in_sequence(
    queue: tuple[list[int], list[Unit]], objective: str
) -> None:
    money, units = queue
    for choose in (net, spell, approximate):
        chosen = choose(money, units, objective)
        assert excess(money, units, chosen) == ()
        assert sorted(set(chosen)) == list(chosen)
        fifo = weigh(units, in_sequence(money, units), objective)
        assert weigh(units, chosen, objective)[0] >= fifo[0]
        for place in set(range(len(units))) - set(chosen):
            alone = (*chosen, place)
            grows = weigh(units, alone, objective) > weigh(units, chosen, objective)
            assert not grows or excess(money, units, alone)
        assert choose(money, units, objective) == chosen


@settings(max_examples=60, deadline=None)
@given(queues(most=EXACT), st.sampled_from(OBJECTIVES))
def test_no_choice_is_better_than_the_exact_one(
    queue: tuple[list[int], list[Unit]], objective: str
) -> None:
    money, units = queue
    best = weigh(units, exhaustive(money, units, objective), objective)
    for mask in range(1 << min(len(units), 8)):
        chosen = [place for place in range(len(units)) if mask >> place & 1]
        assert excess(money, units, chosen) or weigh(units, chosen, objective) <= best
    assert weigh(units, approximate(money, units, objective), objective) <= best


def test_a_ring_of_banks_without_money_settles_whole() -> None:
    ring = [pay(bank, (bank + 1) % 20, 10**9) for bank in range(20)]
    assert net([0] * 20, ring, COUNT) == tuple(range(20))
    assert in_sequence([0] * 20, ring) == ()


def test_a_pair_settles_both_sides_or_none() -> None:
    yuan, dollars = pay(0, 1, 70), pay(3, 2, 10)
    assert net([70, 0, 0, 10], [swap(yuan, dollars)], VALUE) == (0,)
    assert net([70, 0, 0, 9], [swap(yuan, dollars)], VALUE) == ()


def test_the_objective_decides_between_one_large_and_many_small() -> None:
    queue = [pay(0, 1, 100), *(pay(0, 1, 10) for _ in range(9))]
    assert net([100, 0], queue, COUNT) == tuple(range(1, 10))
    assert net([100, 0], queue, VALUE) == (0,)


def test_of_equal_payments_the_earlier_in_the_queue_settle() -> None:
    for size in (EXACT, 3 * EXACT):
        queue = [pay(0, 1, 10)] * size
        assert net([40, 0], queue, COUNT) == (0, 1, 2, 3)


def test_nothing_queued_is_nothing_settled() -> None:
    assert net([], [], COUNT) == approximate([5], [], VALUE) == ()


def exercise(scale: int, objective: str) -> tuple[int, list[int]]:
    """The published exercise, or a smaller one of its kind: count, and closing balances.

    Four banks in a ring; each owes the next one large payment and then many small ones.
    """
    many = 1249 // scale
    large = (5001, 5005, 5006, 5008)
    queue: list[Unit] = []
    for bank in range(4):
        queue.append(pay(bank, (bank + 1) % 4, large[bank] * 1000))
        queue += [pay(bank, (bank + 1) % 4, (bank + 1) * 1000)] * many
    opening = [800_000 // scale, 800_000 // scale, 1_201_000 // scale, 1_335_000 // scale]
    chosen = net(opening, queue, objective)
    closing: Sequence[int] = opening
    for place in chosen:
        closing = [
            held - dict(queue[place].effects).get(bank, 0) for bank, held in enumerate(closing)
        ]
    return len(chosen), list(closing)


def test_the_published_exercise_comes_out_as_published_by_value() -> None:
    assert exercise(1, VALUE) == (4_500, [4_134_000, 1_000, 1_000, 0])


def test_by_count_two_more_settle_than_were_published() -> None:
    assert exercise(1, COUNT) == (4_502, [4_135_000, 1_000, 0, 0])


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_smaller_exercise_leaves_no_bank_with_room_for_another_payment(objective: str) -> None:
    count, closing = exercise(10, objective)
    assert count > 400
    assert min(closing) >= 0
    assert [held < (bank + 1) * 1000 for bank, held in enumerate(closing)][1:] == [True] * 3
