"""Four validators on this machine: what an operator does first, and the first accidents."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from tests.network.conftest import Net, tongbao, until

A, B, C, D = "central-bank", "bank-north", "bank-south", "hengtong"
pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]


def test_four_validators_settle_the_payroll_story_with_receipts_verified_offline(net: Net) -> None:
    told = tongbao("network", "up", net.folder, "--scenario", "payroll", "--exit",
                   "--engine-path", net.engine)  # fmt: skip
    assert told["story"]["settled"] == 300
    assert told["agreed"] and told["healthy"] and told["answering"] == 4
    receipt = net.folder / "files" / "payroll.receipt.json"
    trust = net.folder / "genesis.json"
    proven = tongbao("verify", receipt, "--trust", trust)
    assert proven["height"] == told["story"]["block"]


def test_accidents(net: Net) -> None:
    """One network, one accident after the other: starting one anew for each would take minutes."""
    net.start()
    net.wait_ready()
    paid = net.pay(A)
    assert (paid.code, paid.status) == (0, "recorded")
    _status_of_all(net)
    _figures_are_those_of_dashboard_and_alerts(net)
    _one_killed_continues(net)
    _two_killed_stop_safely_and_resume(net)
    net.stop_all()
    roots = {
        (found["height"], found["root"], len(found["findings"]))
        for found in (tongbao("audit", "--home", net.home(name)) for name in net.names)
    }
    lowest = min(height for height, _, _ in roots)
    assert all(findings == 0 for _, _, findings in roots)
    assert len({root for height, root, _ in roots if height == lowest}) == 1


def _status_of_all(net: Net) -> None:
    told = tongbao("network", "status", net.folder)
    assert told["agreed"] and told["one_chain"] and told["answering"] == 4
    assert [one["name"] for one in told["validators"]] == sorted(net.names)
    for node in told["nodes"]:
        assert (node["peers"], node["power"], node["agrees"]) == (3, 10, True)
        assert node["engine"].startswith("v0.")


def _figures_are_those_of_dashboard_and_alerts(net: Net) -> None:
    """Every figure that dashboard and alerts ask for is one that a node or its engine gives."""
    entry = net.entries[A]
    given = {"up"}
    for url in (f"{entry.url}/metrics", f"http://{entry.metrics}/metrics"):
        page = httpx.get(url, timeout=10, trust_env=False).text
        given |= set(re.findall(r"^([a-z0-9_]+)(?:\{| )", page, re.MULTILINE))
    asked = (net.folder / "grafana-dashboard.json").read_text()
    asked += (net.folder / "alerts.yml").read_text()
    wanted = set(re.findall(r"\b(?:tongbao|cometbft|process)_[a-z0-9_]+", asked))
    assert len(wanted) > 20 and wanted <= given, wanted - given
    scraped = (net.folder / "prometheus.yml").read_text()
    assert all(one.metrics in scraped for one in net.map.nodes)


def _one_killed_continues(net: Net) -> None:
    net.kill(D)
    paid = [net.pay(name) for name in (A, B, C)]
    assert [one.code for one in paid] == [0, 0, 0]
    told = tongbao("network", "status", net.folder)
    assert told["answering"] == 3 and told["agreed"]


def _two_killed_stop_safely_and_resume(net: Net) -> None:
    net.kill(C)
    waiting = net.envelope()
    before = net.height(A)
    assert net.hand_in(A, waiting) == 202
    time.sleep(4)
    assert net.height(A) <= before + 1 and net.height(B) <= before + 1
    tongbao("network", "status", net.folder, status=1)
    net.start(C)
    until(lambda: net.height(C) > before + 1, "three of four go on")
    paid = net.pay(B, waiting)
    assert paid.code == 0 and paid.status in ("recorded", "duplicate")
    net.start(D)
    net.wait_ready(D)
    until(lambda: net.height(D) >= net.height(A) > 0, "d has caught up")


def test_a_node_whose_state_was_altered_by_one_byte_says_so_and_stops(net: Net) -> None:
    name = D
    needle = b"hengtong/main"
    files = [p for p in sorted((net.home(name) / "ledger").rglob("*")) if p.is_file()]
    path = next(p for p in files if needle in p.read_bytes())
    content = bytearray(path.read_bytes())
    content[content.index(needle) + 3] ^= 1
    path.write_bytes(content)
    net.start(name)
    process = net.running.pop(name)
    assert process.process.wait(30) == 1
    assert any(word in process.last_words() for word in ("altered", "damaged", "store"))
