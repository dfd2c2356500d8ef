"""The wrong clock really is in the votes, and nothing else of them changes."""

from __future__ import annotations

from pathlib import Path

from tests.comet import wire
from tests.network.faults.skewed import WrongClock

from tongbao import _core

CHAIN, TIME = "chain-1", 1_800_000_000_123_456_789


def test_a_wrong_clock_moves_the_time_of_a_vote_and_nothing_else(tmp_path: Path) -> None:
    clock = WrongClock(tmp_path / "clock")
    vote = wire.vote(wire.PRECOMMIT, 5, 0, 3, TIME, CHAIN)
    proposal = wire.proposal(5, 0, 3, TIME, CHAIN)
    assert clock.shifted(vote) == vote
    clock.offset_ns = -7_200 * 10**9
    asked, reported = (_core.signer_read(one)[1] for one in (vote, clock.shifted(vote)))
    assert reported["time_ns"] == asked["time_ns"] - 7_200 * 10**9
    same = ("height", "round", "step", "timeless", "chain_id")
    assert [reported[name] for name in same] == [asked[name] for name in same]
    assert reported["sign_bytes"] != asked["sign_bytes"]
    assert clock.shifted(proposal) == proposal
