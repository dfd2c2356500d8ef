"""The gridlock story: the published exercise to the unit, and the story on a small queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.gateway.conftest import Node, start_node
from tests.scenarios.golden import Silent

from tongbao.modules.settlement.netting import COUNT, OBJECTIVES, VALUE, Unit, in_sequence, net
from tongbao.scenarios.consortium import CHECKER, MAKER, key_of
from tongbao.scenarios.gridlock import draw
from tongbao.scenarios.gridlock_desk import OPERATOR, Desk
from tongbao.scenarios.gridlock_queue import DATA, PUBLISHED, Exercise, generated, published
from tongbao.scenarios.stage import Stage
from tongbao.sdk.wallet import Wallet

there = pytest.mark.skipif(not DATA.is_dir(), reason=f"the exercise is not in {DATA}")


def units(exercise: Exercise) -> tuple[list[int], list[Unit]]:
    place = {bank: number for number, bank in enumerate(exercise.opening)}
    return list(exercise.opening.values()), [
        Unit(((place[line.payer], line.amount_minor), (place[line.payee], -line.amount_minor)), 1,
             line.amount_minor)
        for line in exercise.payments
    ]  # fmt: skip


def closing(opening: list[int], queue: list[Unit], chosen: tuple[int, ...]) -> list[int]:
    held = list(opening)
    for number in chosen:
        for bank, change in queue[number].effects:
            held[bank] -= change
    return held


@there
def test_the_published_exercise_comes_out_to_the_unit() -> None:
    opening, queue = units(published(DATA))
    assert len(queue) == 5_000
    assert len(in_sequence(opening, queue)) == 3_566
    chosen = net(opening, queue, VALUE)
    assert len(chosen) == PUBLISHED["settled"]
    assert closing(opening, queue, chosen) == PUBLISHED["closing"]
    assert sum(queue[number].value for number in chosen) == 31_132_000


@there
def test_by_count_two_payments_more_settle_than_the_published_answer_has() -> None:
    opening, queue = units(published(DATA))
    chosen = net(opening, queue, COUNT)
    assert len(chosen) == 4_502
    assert closing(opening, queue, chosen) == [4_135_000, 1_000, 0, 0]


def test_a_generated_queue_is_a_gridlock_that_netting_resolves_further() -> None:
    opening, queue = units(generated(1_000))
    gross = in_sequence(opening, queue)
    for objective in OBJECTIVES:
        chosen = net(opening, queue, objective)
        assert len(gross) < len(chosen) < len(queue)
        assert min(closing(opening, queue, chosen)) >= 0


# ---- on a node -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    yield from start_node(tmp_path_factory.mktemp("gridlock"))


def test_the_ledger_settles_a_small_gridlock_in_each_way_and_draws_it(
    node: Node, tmp_path: Path
) -> None:
    wallet = Wallet(tmp_path / "wallet", b"open sesame")
    for label in (MAKER, CHECKER):
        wallet.add(OPERATOR, label, key_of(OPERATOR, label))
    stage = Stage(node.client(), wallet, tmp_path, b"", Silent())
    small = generated(20)
    exercise = Exercise(
        small.source, {bank: held // 50 for bank, held in small.opening.items()}, small.payments
    )
    desk = Desk(stage, exercise)
    gross = desk.gross()
    value = desk.queued("value", "value")
    count = desk.queued("count", "count")
    live = desk.queued("live", "value", live=True, net_every=32)
    opening, queue = units(exercise)
    assert gross.settled == len(in_sequence(opening, queue))
    assert value.settled == len(net(opening, queue, VALUE))
    assert value.closing == closing(opening, queue, net(opening, queue, VALUE))
    assert count.settled == len(net(opening, queue, COUNT)) >= gross.settled
    assert value.value_minor >= gross.value_minor
    assert live.settled + live.left == len(queue)
    picture = draw(tmp_path / "queue.svg", (gross, value, count, live), stage)
    root = ElementTree.fromstring(picture.read_text())
    assert root.tag.endswith("svg")
    assert "payments submitted" in picture.read_text()
