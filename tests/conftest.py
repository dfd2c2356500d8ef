"""What holds for every test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest

from tongbao.cli.output import output

# What the keys of tests signed is not to be remembered by the machine for longer than they run.
os.environ.setdefault("TONGBAO_STATE", tempfile.mkdtemp(prefix="tongbao-state-"))


@pytest.fixture(autouse=True)
def plain() -> Iterator[None]:
    """Global options of commands that ran in this process do not outlive a test."""
    before = (output.json, output.language)
    yield
    output.json, output.language = before
