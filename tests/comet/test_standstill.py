"""An engine that runs and does nothing: when it is started again, and when it is not."""

from __future__ import annotations

from typing import Any

import pytest

from tongbao.node.comet.rpc import EngineFault
from tongbao.node.comet.standstill import AGAIN_S, STILL_S, Standstill


class Engine:
    """Answers as an engine with peers at some heights does."""

    def __init__(self, *peers: int, syncing: bool = False) -> None:
        self.peers = peers
        self.syncing = syncing
        self.answers = True

    def ask(self, method: str, **_: Any) -> Any:
        if not self.answers:
            raise EngineFault("connection refused")
        if method == "status":
            return {"sync_info": {"catching_up": self.syncing}}
        rounds = [{"round_state": {"height": str(height + 1)}} for height in self.peers]
        return {"peers": [{"peer_state": one} for one in rounds]}


def watch(engine: Engine, height: int = 10) -> tuple[Standstill, float]:
    """A watch that has seen the height, and the moment at which it stood still for long."""
    one = Standstill(engine, lambda: height, lambda: None)
    now = one._since
    assert not one.stands_still(now)
    return one, now + STILL_S + 1


def test_an_engine_that_others_have_left_behind_stands_still() -> None:
    still, late = watch(Engine(30, 30, 30))
    assert not still.stands_still(late - 2)
    assert still.stands_still(late)


@pytest.mark.parametrize(
    "engine",
    [Engine(10, 10, 10), Engine(11, 11, 11), Engine(), Engine(99, 10, 10),
     Engine(99, 99, syncing=True)],
    ids=["no quorum", "one block behind", "no peers", "one peer lies", "still fetching blocks"],
)  # fmt: skip
def test_an_engine_that_waits_for_others_is_left_alone(engine: Engine) -> None:
    still, late = watch(engine)
    assert not still.stands_still(late)


def test_an_engine_that_does_not_answer_is_left_to_the_watch_of_its_process() -> None:
    engine = Engine(30, 30, 30)
    still, late = watch(engine)
    engine.answers = False
    assert not still.stands_still(late)


def test_an_engine_that_was_started_again_is_left_alone_until_it_has_made_a_block() -> None:
    heights = [10]
    still = Standstill(Engine(30, 30, 30), lambda: heights[0], lambda: None)
    now = still._since
    assert not still.stands_still(now)
    still._since = now + AGAIN_S  # as after a restart
    assert not still.stands_still(now + AGAIN_S + STILL_S - 1)
    heights[0] = 11
    assert not still.stands_still(now + 5)
    assert not still.stands_still(now + 5 + STILL_S - 1)
    assert still.stands_still(now + 5 + STILL_S)
