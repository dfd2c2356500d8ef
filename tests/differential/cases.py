"""Reading the reference data beside the project; absent data skips the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def load_case(name: str) -> Any:
    """One JSON file of the reference data."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the reference data is not here: {name}")
    return json.loads(path.read_text(encoding="utf-8"))


def list_cases(pattern: str) -> list[str]:
    """Names of the files that match."""
    return sorted(path.relative_to(DATA).as_posix() for path in DATA.glob(pattern))
