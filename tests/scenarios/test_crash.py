"""Acknowledged means durable: kill -9, torn writes, and what stands afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

KILL = Path(__file__).resolve().parents[2] / "benchmarks" / "kill.py"


def test_after_kill_9_nothing_acknowledged_is_lost_and_nothing_half_done_is_visible() -> None:
    done = subprocess.run(
        [sys.executable, str(KILL), "--times", "8", "--seed", "20"],
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert done.stdout, done.stderr.decode()[-2_000:]
    result = json.loads(done.stdout)
    assert result["findings"] == []
    assert result["times"] == 8
    assert result["acknowledged"] > 8
    assert done.returncode == 0
