"""What the tests of faults share."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.network.faults.checker import checker

from tongbao.node.comet.install import EngineMissing


@pytest.fixture(scope="session")
def program() -> Path:
    """The checker of linearizability, built where it is not there."""
    try:
        return checker()
    except EngineMissing as missing:
        pytest.skip(f"no checker: {missing}")
    except subprocess.CalledProcessError as fault:
        pytest.skip(f"no checker: Go could not build it: {fault.stderr.decode()[-300:]}")
