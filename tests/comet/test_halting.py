"""A node that cannot go on: whoever waits for a block there hears it at once."""

from __future__ import annotations

import pytest
from tests.comet.conftest import Side, pay

from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.node.comet.engine import CometEngine
from tongbao.node.comet.rpc import EngineRpc

NOBODY = "http://127.0.0.1:9"


def test_whoever_waits_for_a_block_hears_at_once_that_the_node_halted(side: Side) -> None:
    engine = CometEngine(side.service, EngineRpc(NOBODY, timeout_s=1.0))
    engine.start()
    try:
        raw = side.envelope(pay(5))
        first, again = engine.submit([raw]), engine.submit([raw])
        engine.halt(RuntimeError("the disk is full"))
        for waiting in (first, again):
            with pytest.raises(Refusal) as told:
                waiting.result(timeout=5)
            assert told.value.code is KernelCode.NODE_STOPPING
        with pytest.raises(Refusal):
            engine.submit([side.envelope(pay(6))])
    finally:
        engine.stop()


def test_whoever_was_not_taken_up_yet_hears_it_as_well(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the thread that takes envelopes up is the one that fails."""
    engine = CometEngine(side.service, EngineRpc(NOBODY, timeout_s=1.0))

    def broken(envelopes: object) -> list[object]:
        raise RuntimeError("the store cannot be read")

    monkeypatch.setattr(side.service.verified, "open", broken)
    before = engine.submit([side.envelope(pay(5))])
    engine.start()
    try:
        with pytest.raises(Refusal) as told:
            before.result(timeout=5)
        assert told.value.code is KernelCode.NODE_STOPPING
    finally:
        engine.stop()


def test_what_comes_as_the_engine_stops_is_answered_or_refused(side: Side) -> None:
    engine = CometEngine(side.service, EngineRpc(NOBODY, timeout_s=1.0))
    left = engine.submit([side.envelope(pay(5))])
    engine._arrived.put(None)
    behind = engine.submit([side.envelope(pay(6))])
    engine.stop()
    for waiting in (left, behind):
        with pytest.raises(Refusal):
            waiting.result(timeout=5)
    with pytest.raises(Refusal):
        engine.submit([side.envelope(pay(7))])
