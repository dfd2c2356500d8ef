"""Every receipt of the scenarios is the recorded one, to the byte. `make golden` records anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.scenarios.golden import GOLDEN, STORIES, play

from tongbao.sdk.verifier import verify_file


@pytest.mark.parametrize("story", STORIES)
def test_a_story_leaves_the_recorded_receipts_and_they_verify_offline(
    story: str, tmp_path: Path
) -> None:
    played = play(story, tmp_path)
    recorded = [line for line in GOLDEN.read_text().splitlines() if line.split()[0] == story]
    assert played.lines() == recorded
    for raw in played.receipts[:: max(1, len(played.receipts) // 8)]:
        assert verify_file(raw, played.genesis).grounds is not None
