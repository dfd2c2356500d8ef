"""A node that cannot go on: whoever waits for a block there hears it at once."""

from __future__ import annotations

import pytest
from tests.comet.conftest import Side, pay

from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.node.comet.engine import CometEngine
from tongbao.node.comet.rpc import EngineRpc
from tongbao.node.submissions import NOBODY as NOBODY_SIGNED
from tongbao.node.submissions import TURN_ENVELOPES, Bounds

NOBODY = "http://127.0.0.1:9"


def test_whoever_waits_for_a_block_hears_at_once_that_the_node_halted(side: Side) -> None:
    engine = CometEngine(side.service, EngineRpc(NOBODY, timeout_s=1.0))
    engine.start()
    try:
        raw = side.envelope(pay(5))
        first, again = engine.submit([raw]), engine.submit([raw])
        engine.halt(RuntimeError("the disk is full"))
        for waiting in (first, again):
            with pytest.raises(Refusal) as reported:
                waiting.result(timeout=5)
            assert reported.value.code is KernelCode.NODE_STOPPING
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
        with pytest.raises(Refusal) as reported:
            before.result(timeout=5)
        assert reported.value.code is KernelCode.NODE_STOPPING
    finally:
        engine.stop()


def test_what_comes_as_the_engine_stops_is_answered_or_refused(side: Side) -> None:
    engine = CometEngine(side.service, EngineRpc(NOBODY, timeout_s=1.0))
    left = engine.submit([side.envelope(pay(5))])
    engine.stop()
    with pytest.raises(Refusal):
        left.result(timeout=5)
    with pytest.raises(Refusal):
        engine.submit([side.envelope(pay(7))])


def test_a_submission_that_nobody_known_signed_is_given_up_and_others_are_handed_on(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = CometEngine(side.service, EngineRpc(NOBODY, timeout_s=1.0))
    handed: list[bytes] = []
    monkeypatch.setattr(engine, "_send", handed.extend)
    forged = side.envelope(pay(5)).replace(b'"party":"hengtong"', b'"party":"mingda"')
    sound = side.envelope(pay(6))
    false = engine.submit([forged] * (TURN_ENVELOPES + 50), "stranger")
    true = engine.submit([sound], "payer")
    engine.start()
    try:
        codes = [one.outcome.code for one in false.result(timeout=20)]
        given_up = [code for code in codes if code == KernelCode.GIVEN_UP]
        assert set(codes[: TURN_ENVELOPES - 1]) <= {int(one) for one in NOBODY_SIGNED}
        assert len(given_up) >= 50
        assert handed == [sound]
        assert not true.done()
        assert engine.waiting == 1
    finally:
        engine.stop()


def test_a_client_has_its_own_share_of_the_queue_and_no_more(side: Side) -> None:
    engine = CometEngine(side.service, EngineRpc(NOBODY, timeout_s=1.0))
    engine._submissions.bounds = Bounds(client_waiting=3)
    engine.submit([b"{}"] * 3, "10.0.0.1")
    with pytest.raises(Refusal) as refused:
        engine.submit([b"{}"], "10.0.0.1")
    assert refused.value.code is KernelCode.QUEUE_FULL
    engine.submit([b"{}"] * 3, "10.0.0.2")
    engine.start()
    try:
        assert len(engine.submit([b"{}"] * 3, "10.0.0.3").result(timeout=20)) == 3
        assert engine.waiting == 0
    finally:
        engine.stop()
