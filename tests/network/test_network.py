"""Four validators on this machine: what an operator does first, and the first accidents."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.network.attacking import an_attack_is_found_and_stands_on_every_ledger
from tests.network.conftest import Net, tongbao, until
from tests.network.verifying import clients_verify_all_of_it, genesis_of

from tongbao.cli.commands.network.status import collect
from tongbao.kernel.receipts import Receipt, verify_receipt
from tongbao.modules import protocols
from tongbao.modules.governance import (
    CastVote,
    Expel,
    OpenVote,
    Remove,
    RotateSeatKey,
    seat_statement,
)
from tongbao.node.audit import audit
from tongbao.node.home import ValidatorKey
from tongbao.node.opening import open_application
from tongbao.scenarios.founding import passphrase_of
from tongbao.sdk import Problem
from tongbao.sdk.light import GatewayProvider, LightClient, TrustedStore

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]
A, B, C, D = "central-bank", "bank-north", "bank-south", "hengtong"


def test_four_validators_from_payday_through_accidents_to_the_audit(net: Net) -> None:
    """One network, one accident after the other: starting one anew for each would take minutes."""
    keeping = net.home(C) / "node.toml"
    keeping.write_text(keeping.read_text().replace("keep_blocks = 0", "keep_blocks = 20"))
    with net.up("--scenario", "payroll") as reported:
        _payroll_is_settled_and_proven_offline(net, reported)
        _status_tells_of_every_node(net)
        _figures_are_those_of_dashboard_and_alerts(net)
        _a_trace_goes_from_the_request_to_the_line_of_the_block(net)
        clients_verify_all_of_it(net, [A, B, C, D])
        an_attack_is_found_and_stands_on_every_ledger(net, [B, D, A], net.folder)
        _one_killed_continues(net)
        _two_killed_stop_safely_and_resume(net)
        _who_attacked_is_expelled_though_the_window_is_full(net)
        _old_blocks_are_forgotten_where_that_was_asked(net)
        reported = _status(net)
        assert reported["agreed"] and reported["healthy"] and reported["power"] == 30
        assert net.stop(C) == 0
        assert net.running == {} and "Stopped cleanly." in net.log(C)
    assert net.up_status == 1  # two of its nodes did not stop cleanly
    _audits_give_one_root(net, [A, B, C, D])
    _one_byte_altered_is_noticed(net)


def _payroll_is_settled_and_proven_offline(net: Net, reported: dict[str, Any]) -> None:
    assert reported["story"]["settled"] == 300
    assert reported["agreed"] and reported["healthy"] and reported["answering"] == 4
    receipt = net.folder / "files" / "payroll.receipt.json"
    proven = tongbao("verify", receipt, "--trust", net.folder / "genesis.json")
    assert proven["height"] == reported["story"]["block"]


def _status_tells_of_every_node(net: Net) -> None:
    reported = tongbao("network", "status", net.folder)
    assert reported["agreed"] and reported["one_chain"] and reported["answering"] == 4
    assert [one["name"] for one in reported["validators"]] == sorted(net.names)
    for node in reported["nodes"]:
        assert (node["peers"], node["power"], node["agrees"]) == (3, 10, True)
        assert node["role"] == "validator"
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


def _a_trace_goes_from_the_request_to_the_line_of_the_block(net: Net) -> None:
    envelope = net.envelope()
    headers = {"content-type": "application/json", "x-request-id": "payday-17"}
    url = f"{net.entries[B].url}/v1/transactions"
    answer = httpx.post(url, content=envelope, headers=headers, timeout=30, trust_env=False)
    assert (answer.status_code, answer.headers["x-request-id"]) == (200, "payday-17")
    traced = {"trace_id": "payday-17", "digest": hashlib.sha256(envelope).hexdigest()}
    until(lambda: traced in _traces(net, B), "the block's line names the trace", 10)


def _traces(net: Net, name: str) -> list[dict[str, str]]:
    lines = [line for line in net.log(name).splitlines() if '"block.final"' in line]
    return [trace for line in lines for trace in json.loads(line)["traces"]]


def _one_killed_continues(net: Net) -> None:
    net.kill(D)
    paid = [net.pay(name) for name in (A, B, C)]
    assert [(one.code, one.status) for one in paid] == [(0, "recorded")] * 3
    reported = _status(net)
    assert reported["healthy"] and (reported["answering"], reported["silent_power"]) == (3, 10)


def _two_killed_stop_safely_and_resume(net: Net) -> None:
    net.kill(C)
    waiting = net.envelope()
    before = net.height(A)
    assert net.hand_in(A, waiting) == 202
    time.sleep(4)
    assert net.height(A) <= before + 1 and net.height(B) <= before + 1
    reported = _status(net)
    assert reported["agreed"] and not reported["healthy"] and reported["silent_power"] == 20
    net.start(C)
    until(lambda: net.height(C) > before + 1, "three of four go on")
    paid = net.pay(B, waiting)
    assert paid.code == 0 and paid.status in ("recorded", "duplicate")


def _who_attacked_is_expelled_though_the_window_is_full(net: Net) -> None:
    """Evidence leads to the party of the key even where the seat has another one since."""
    home = net.home(D)
    old = ValidatorKey.load(home / "validator.pem", passphrase_of(home))
    new = ValidatorKey.create(home / "next.pem", passphrase_of(home))
    statement = seat_statement(net.map.chain, D, new.public)
    rotate = RotateSeatKey(D, new.public, new.sign(statement), old.sign(statement))
    assert net.act(A, D, rotate).events[0]["how"] == "key"
    week = int(time.time() * 1000) + 7 * 86_400_000
    removal = net.act(A, A, OpenVote(A, Remove(C), week)).events[0]["vote"]
    net.act(A, B, CastVote(B, str(removal), in_favour=True))
    with pytest.raises(Problem) as full:
        net.act(A, C, CastVote(C, str(removal), in_favour=True))
    assert full.value.name == "WINDOW_FULL"
    with net.client(A) as ledger:
        found, *_ = ledger.governance.evidence(party=D)
    expulsion = net.act(A, A, OpenVote(A, Expel(D, found.evidence), week)).events[0]["vote"]
    net.act(A, B, CastVote(B, str(expulsion), in_favour=True))
    decided = net.act(A, C, CastVote(C, str(expulsion), in_favour=True)).events
    assert [(one["party"], one["how"]) for one in decided if "how" in one and "party" in one] == [
        (D, "expelled")
    ]


def _status(net: Net) -> dict[str, Any]:
    entries = net.entries.values()
    return collect([one.url for one in entries], [one.name for one in entries])


def _audits_give_one_root(net: Net, names: list[str]) -> None:
    """Nodes end at different heights; at the last that two have, both had the same root."""
    roots = []
    for name in names:
        app = open_application(net.home(name), protocols())
        report = audit(app)
        assert report.findings == ()
        found = {height: app.block(height) for height in range(report.height + 1)}
        roots.append({h: one.app_hash for h, one in found.items() if one is not None})
        app.state.close()
    # One of them kept its newest blocks alone.
    for one, other in itertools.pairwise(sorted(roots, key=max)):
        common = max(one.keys() & other.keys())
        assert common > 2 and one[common] == other[common]


def _one_byte_altered_is_noticed(net: Net) -> None:
    needle = b"hengtong/main"
    files = [p for p in sorted((net.home(D) / "ledger").rglob("*")) if p.is_file()]
    path = next(p for p in files if needle in p.read_bytes())
    _flip(path, path.read_bytes().index(needle) + 3)
    net.start(D)
    process = net.running.pop(D)
    assert process.process.wait(30) == 3  # nobody may start it again unread
    assert any(word in process.last_words() for word in ("altered", "damaged", "store"))


def _flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def _old_blocks_are_forgotten_where_that_was_asked(net: Net) -> None:
    def oldest() -> int:
        with net.client(C) as node:
            return node.status().oldest_block

    while net.height(C) < 40:
        net.pay(A)
    until(lambda: oldest() > 5, "blocks are pruned", 20)
    [reported] = [
        one for one in tongbao("network", "status", net.folder)["nodes"] if one["name"] == C
    ]
    assert reported["oldest_block"] > 5
    store = TrustedStore.from_genesis(genesis_of(net))
    assert LightClient(store, GatewayProvider(net.entries[C].url)).verify_to().base == 0
    paid = net.pay(C)
    until(lambda: net.height(C) > paid.height + 1, "the block after the payment is signed")
    with net.client(C) as ledger:
        receipt = Receipt.decode(ledger.receipt(paid.digest))
    assert verify_receipt(receipt, genesis_of(net).trust()).height == paid.height
