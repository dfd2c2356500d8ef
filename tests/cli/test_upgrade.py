"""A node that lacks the rules ends its command with one sentence, in the language asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.node.conftest import founded
from tests.node.test_protocol import agree, both, pay_until, version_1

from tongbao.cli.client import connect
from tongbao.cli.commands.node import dev
from tongbao.cli.shell.output import EXIT_HALTED, output
from tongbao.kernel.protocols import UnknownProtocol, as_protocols


@pytest.fixture
def chinese() -> None:
    output.language = "zh"


def test_a_halted_node_says_version_height_and_what_to_install(
    capsys: pytest.CaptureFixture[str], chinese: None
) -> None:
    with pytest.raises(SystemExit) as ended:
        dev.tell_halted(UnknownProtocol(2, 900, (1,)))
    assert ended.value.code == EXIT_HALTED
    reply = capsys.readouterr().err
    assert "节点已停止" in reply
    assert "900" in reply
    with pytest.raises(SystemExit):
        dev.tell_halted(ValueError("a bug"))
    assert "a bug" in capsys.readouterr().err


def test_looking_at_such_a_folder_says_it_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    ledger = founded(home, both())
    ledger.engine.start()
    height = agree(ledger)
    pay_until(ledger, height)
    ledger.engine.stop()
    ledger.app.state.close()
    monkeypatch.setattr("tongbao.modules.protocols", lambda: as_protocols(version_1()))
    with pytest.raises(SystemExit), connect.ledger_files(home):
        pass
    reported = capsys.readouterr().err.replace("\n", " ")
    assert f"block {height} follows protocol version 2" in reported
