"""The benchmark beside the engine's own application, as small as it gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.network.conftest import tongbao

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]


def test_settlement_is_measured_beside_the_engine_s_own_application(
    engine: Path,
) -> None:
    reported = tongbao(
        "bench", "settle", "--engine", "cometbft", "--validators", 1, "--accounts", 500,
        "--transactions", 300, "--engine-path", engine,
    )  # fmt: skip
    ours, theirs = reported["tongbao"], reported["kvstore"]
    assert reported["validators"] == 1 and reported["transactions"] == 300
    for one in (ours, theirs):
        assert one["transactions_per_second"] > 0
        assert 0 < one["finality_ms_at_half_load"]["p50"] < 10_000
    assert theirs["cpu_share"]["tongbao"] == 0 < ours["cpu_share"]["tongbao"] < 1
    assert ours["stages"]["execute"] > 0
    ratio = ours["transactions_per_second"] / theirs["transactions_per_second"]
    assert reported["throughput_ratio"] == pytest.approx(ratio, abs=0.01)
