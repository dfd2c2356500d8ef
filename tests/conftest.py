"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tongbao.cli.output import output


@pytest.fixture(autouse=True)
def plain() -> Iterator[None]:
    """Global options of commands that ran in this process do not outlive a test."""
    before = (output.json, output.language)
    yield
    output.json, output.language = before
