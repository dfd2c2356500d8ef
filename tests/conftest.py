"""What holds for every test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest
import structlog

from tongbao.cli.shell.output import output

# What the keys of tests signed is not to be kept by the machine for longer than they run.
os.environ.setdefault("TONGBAO_STATE", tempfile.mkdtemp(prefix="tongbao-state-"))

# Nodes that run in the tests' own process log to the test runner, which shows lines beside what
# failed. Standard output is that of commands, some of which run in this process as well.
structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())


@pytest.fixture(autouse=True)
def plain() -> Iterator[None]:
    """Global options and logs of commands that ran in this process do not outlive a test."""
    before, logs = (output.json, output.language), structlog.get_config()
    yield
    output.json, output.language = before
    structlog.configure(**logs)
