"""Faults on a network of four, the short form; `make soak` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.network.faults.nemesis import Nemesis
from tests.network.faults.network import Network
from tests.network.faults.report import Run, passed

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]


def one_after_the_other(nemesis: Nemesis) -> None:
    """What the tests of the first accidents leave out."""
    nemesis.strike("halves", 4.5)
    nemesis.strike("clock", 2.0)
    nemesis.strike("pause", 2.0)
    nemesis.strike("kill-ledger", 1.0)


def test_no_payment_is_lost_or_doubled_and_there_is_one_history_whatever_fails(
    tmp_path: Path, engine: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients retry through any node while the network is cut in halves and healed, a clock goes
    wrong, a node is paused and another one loses its ledger's process."""
    monkeypatch.setenv("TONGBAO_ENGINE", str(engine))
    network = Network(tmp_path / "net", 4)
    try:
        figures = Run(network, program, seed=20_261).play(one_after_the_other)
    finally:
        network.close()
    assert passed(figures) == [], figures
    assert figures["without_quorum"]["times"] == figures["without_quorum"]["stood_still"] == 1
    assert figures["transfers_settled"] > 20 and figures["reads_marked"] > 5, figures
