"""Hostile peers and clients, then faults, on one network of four; `make soak` is the long form.

Starting a network anew for each test would take minutes. The tests stand in their order: the last
one stops the network and looks at everything that is left.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.network.faults import checks
from tests.network.faults.double_vote import evidence
from tests.network.faults.flood import Flood, figures, latencies
from tests.network.faults.nemesis import Nemesis
from tests.network.faults.network import Network
from tests.network.faults.processes import AUTHORISATION
from tests.network.faults.report import Run, passed
from tests.network.faults.schedule import Planned

from tongbao.node.comet.rpc import EngineRpc
from tongbao.node.comet.settings import read_settings
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.scenarios.founding import passphrase_of

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]
HOSTILE = 3


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, engine: Path) -> Iterator[Network]:
    """Four nodes of which the last one is hostile, and has the small disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TONGBAO_ENGINE", str(engine))
        made = Network(tmp_path_factory.mktemp("faults") / "net", 4, hostile=[HOSTILE])
        try:
            made.start()
            yield made
        finally:
            made.close()


def rpc_of(network: Network, node: int) -> EngineRpc:
    return EngineRpc(f"http://{read_settings(network.homes[node]).engine.rpc}")


def test_a_flood_of_one_node_does_not_stop_others(network: Network) -> None:
    calm = latencies(network.nodes[1].url, network.chain, 4, "calm")
    rpc = rpc_of(network, 0)
    flood = Flood(network.nodes[0].url, rpc.url, network.chain)
    flood.start()
    try:
        during = latencies(network.nodes[1].url, network.chain, 4, "flooded")
    finally:
        flood.stop()
    reported = figures(calm, during, flood)
    print("flood:", reported)
    assert reported["accepted"] == 0 and reported["flooded"] > 500, reported
    assert reported["worst_s_during"] < 20, reported


def test_who_signs_twice_is_recorded(network: Network) -> None:
    home = NodeHome(network.homes[HOSTILE])
    secret = passphrase_of(home.path)
    key = ValidatorKey.load(home.validator_file, secret)
    rpc = rpc_of(network, 1)
    height = network.nodes[1].height() - 1
    rpc.ask("broadcast_evidence", evidence=evidence(rpc, network.chain, key, height))
    found: list[dict[str, Any]] = []
    until = time.monotonic() + 40
    while not found and time.monotonic() < until:
        found = checks.walk(network.nodes[2], "/v1/evidence")
        time.sleep(0.2)
    [one] = found
    assert (one["kind"], one["height"]) == ("duplicate_vote", height), one
    assert one["party"] == network.homes[HOSTILE].name, one
    url = f"{network.nodes[2].url}/metrics"
    page = httpx.get(url, headers=AUTHORISATION, timeout=10, trust_env=False).text
    assert "\ntongbao_caught_seats 1.0\n" in page  # what the alert reads


def test_hostile_proposals_are_made_and_none_is_taken(network: Network) -> None:
    until = time.monotonic() + 40
    log = network.folder / f"{network.homes[HOSTILE].name}.log"
    kinds: set[str] = set()
    number = 0
    while len(kinds) < 3 and time.monotonic() < until:
        latencies(network.nodes[number % 3].url, network.chain, 1, f"hostile-{number}")
        kinds = set(re.findall(r"hostile proposal: (\w+)", log.read_text(errors="replace")))
        number += 1
    assert len(kinds) >= 3, kinds
    for node in network.nodes[:HOSTILE]:
        lines = checks.walk(node, "/v1/transactions")
        codes = {line["name"] if "name" in line else line["code"] for line in lines}
        assert codes == {0}, codes
        rejected = (network.folder / f"{node.home.name}.log").read_text(errors="replace")
        assert "proposal.rejected" in rejected


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
    network: Network, program: Path
) -> None:
    """Clients retry through any node while the network is cut in halves and healed; then a disk is
    full, a clock wrong, a node paused and the one killed that a client asks, all at once. Where no
    small disk can be mounted the figures say so, and the others overlap without it."""
    network.reform()
    figures = Run(network, program, seed=20_261).play(halves_and_a_storm)
    assert passed(figures) == [], figures
    reported = figures["without_quorum"]
    assert reported["times"] == reported["stood_still"] >= 1, figures
    assert figures["pairs_met"]["met"] >= (4 if network.disk else 2), figures
    assert figures["transfers_settled"] > 20 and figures["reads_marked"] > 5, figures
