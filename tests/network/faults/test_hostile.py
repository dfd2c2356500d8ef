"""Hostile peers and clients on a network of four: they harm nobody but themselves."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.network.faults import checks
from tests.network.faults.double_vote import evidence
from tests.network.faults.flood import Flood, figures, latencies
from tests.network.faults.network import Network

from tongbao.node.comet.rpc import EngineRpc
from tongbao.node.comet.settings import read_settings
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.scenarios.founding import passphrase_of

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]
HOSTILE = 3


@pytest.fixture
def network(tmp_path: Path, engine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Proxies, so that the engines' RPC is in reach; the last node is hostile."""
    monkeypatch.setenv("TONGBAO_ENGINE", str(engine))
    made = Network(tmp_path / "net", 4, "proxies", hostile=[HOSTILE])
    try:
        made.start()
        yield made
    finally:
        made.close()


def rpc_of(network: Network, node: int) -> EngineRpc:
    return EngineRpc(f"http://{read_settings(network.homes[node]).engine.rpc}")


def test_hostile_peers_and_clients_harm_nobody(network: Network) -> None:
    """One network for all of them: starting one anew for each would take minutes."""
    calm = latencies(network.nodes[1].url, network.chain, 4, "calm")
    _a_flood_of_one_node_does_not_stop_others(network, calm)
    _who_signs_twice_is_recorded(network)
    _hostile_proposals_were_made_and_none_was_taken(network)
    heights, histories = checks.two_histories(network.nodes)
    assert heights > 5 and histories == []
    network.stop()
    audits = network.audits()
    assert all(one["clean"] for one in audits) and len({one["root"] for one in audits}) == 1


def _a_flood_of_one_node_does_not_stop_others(network: Network, calm: list[float]) -> None:
    rpc = rpc_of(network, 0)
    flood = Flood(network.nodes[0].url, rpc.url, network.chain)
    flood.start()
    try:
        during = latencies(network.nodes[1].url, network.chain, 4, "flooded")
    finally:
        flood.stop()
    told = figures(calm, during, flood)
    print("flood:", told)
    assert told["accepted"] == 0 and told["flooded"] > 500, told
    assert told["worst_s_during"] < 20, told


def _who_signs_twice_is_recorded(network: Network) -> None:
    home = NodeHome(network.homes[HOSTILE])
    secret = passphrase_of(home.path)
    key = ValidatorKey.load(home.validator_file, secret)
    rpc = rpc_of(network, 1)
    height = network.nodes[1].height() - 1
    rpc.ask("broadcast_evidence", evidence=evidence(rpc, network.chain, key, height))
    found: list[dict[str, Any]] = []
    until = time.monotonic() + 40
    while not found and time.monotonic() < until:
        found = checks.walk(network.nodes[2], "/v1/governance/evidence")
        time.sleep(0.2)
    [one] = found
    assert (one["kind"], one["height"]) == ("duplicate_vote", height), one
    assert one["party"] == network.homes[HOSTILE].name, one


def _hostile_proposals_were_made_and_none_was_taken(network: Network) -> None:
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
