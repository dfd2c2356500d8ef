"""Prometheus, where `make setup-prometheus` unpacked it or the machine has it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

UNPACKED = Path(__file__).parents[2] / ".tools" / "prometheus" / "usr" / "bin"


def program(name: str) -> Path:
    """`prometheus` or `promtool`; the test is skipped where neither place has it."""
    for place in (UNPACKED / name, Path(shutil.which(name) or "/nowhere")):
        if place.is_file():
            return place
    pytest.skip(f"no {name} here: `make setup-prometheus` (Debian)")


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Prometheus' own checker."""
    return program("promtool")


@pytest.fixture(scope="session")
def prometheus() -> Path:
    """The server."""
    return program("prometheus")
