"""Faults on a network of four, the short form; `make soak` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.network.faults.nemesis import Nemesis
from tests.network.faults.network import Network
from tests.network.faults.report import Run, passed
from tests.network.faults.schedule import Planned

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]


def halves_and_a_storm(nemesis: Nemesis) -> None:
    """What the tests of the first accidents leave out; the disk fills up first, for its node takes
    longest to come back."""
    nemesis.strike("halves", 4.5, 0, 1)
    nemesis.storm(
        Planned("disk-full", (nemesis.network.small_disk,), 0.0, 3.0),
        Planned("clock", (0,), 0.5, 5.0, -7_200),
        Planned("pause", (1,), 1.5, 2.0),
        Planned("kill-asked", (), 4.0, 1.5, 0),
    )


def test_no_payment_is_lost_or_doubled_and_there_is_one_history_whatever_fails(
    tmp_path: Path, engine: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients retry through any node while the network is cut in halves and healed; then a disk is
    full, a clock wrong, a node paused and the one killed that a client asks, all at once. Where no
    small disk can be mounted the figures say so, and the others overlap without it."""
    monkeypatch.setenv("TONGBAO_ENGINE", str(engine))
    network = Network(tmp_path / "net", 4)
    try:
        figures = Run(network, program, seed=20_261).play(halves_and_a_storm)
    finally:
        network.close()
    assert passed(figures) == [], figures
    told = figures["without_quorum"]
    assert told["times"] == told["stood_still"] >= 1, figures
    assert figures["pairs_met"]["met"] >= (4 if network.disk else 2), figures
    assert figures["transfers_settled"] > 20 and figures["reads_marked"] > 5, figures
