"""A node that other machines would reach, and files that other users could read."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Shell
from typer.testing import CliRunner

from tongbao.cli.main import app


def test_an_address_open_to_others_needs_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TONGBAO_PASSPHRASE", "secret")
    home = ("--home", str(tmp_path / "home"))
    done = CliRunner().invoke(app, ["node", "start", *home, "--host", "0.0.0.0"])
    assert done.exit_code == 2
    assert "--tls-cert" in done.stderr and "--behind-proxy" in done.stderr


def test_what_a_node_writes_is_its_owners_alone(shell: Shell) -> None:
    for one in (shell.home, *shell.home.rglob("*")):
        allowed = 0o700 if one.is_dir() else 0o600
        assert one.stat().st_mode & 0o777 & ~allowed == 0, one
